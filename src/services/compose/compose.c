/*
 * The way of one letter: gather, judge, write. Everything that could forbid the mail is looked at
 * in the same moment of the store as its content (law 3 of the design); after an attempt in doubt
 * the letter comes out byte for byte as it was, or not at all (law 4).
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "domain/staging.h"
#include "services/compose/composer_internal.h"
#include "services/compose/letter_files.h"
#include "store/db.h"
#include "store/epoch.h"
#include "store/template.h"

/* The kind of event when there is but one, then the kind of topic. */
const struct notice_template *composer_choose(const struct composer_worker *w,
                                              const struct gathered *g)
{
    const struct template_set *set = w->set;
    const struct notice_content *content = &g->threads[0].content;
    const struct notice_thread *thread = g->threads[0].thread;
    struct span names[2];
    struct template_wish wish = { names, 0, g->delivery.languages, g->delivery.language_count };
    const struct notice_event *events = thread->events;
    bool one = content->told_count > 0;

    if (g->is_digest)
        return template_set_digest(set, wish.languages, wish.language_count);
    for (size_t i = 1; i < content->told_count; i++)
        one = one && span_equal(events[content->told[0]].kind, events[content->told[i]].kind);
    if (one)
        names[wish.name_count++] = events[content->told[0]].kind;
    names[wish.name_count++] = thread->topics[thread->topic].kind;
    return template_set_choose(set, &wish);
}

/* A revision that is not in the set any more is made anew from the store. */
static bool fetch_revision(struct composer_worker *w, struct db *db, int64_t id,
                           const struct notice_template **ret_template, struct error *err)
{
    struct template_revision row;
    struct error fault;
    bool found;

    *ret_template = NULL;
    if (w->old != NULL && w->old->revision == id) {
        *ret_template = w->old;
        return true;
    }
    if (!template_revision_load(db, &w->arena, id, &row, &found, err))
        return false;
    notice_template_free(w->old);
    w->old = NULL;
    if (found &&
        notice_template_make(arena_text(&w->arena, row.name), arena_text(&w->arena, row.language),
                             row.source, &w->old, &fault)) {
        w->old->revision = id;
        *ret_template = w->old;
    }
    return true;
}

static bool find_revision(struct composer_worker *w, struct db *db, int64_t id,
                          const struct notice_template **ret_template, struct error *err)
{
    for (const struct notice_template *t = template_set_each(w->set, NULL); t != NULL;
         t = template_set_each(w->set, t)) {
        if (t->revision == id) {
            *ret_template = t;
            return true;
        }
    }
    return fetch_revision(w, db, id, ret_template, err);
}

static bool load_set(struct composer_worker *w, struct db *db, int64_t epoch, struct error *err)
{
    struct template_set *set = NULL;

    if (!template_set_load(w->composer->options.templates, db, &set, err) ||
        !template_set_recall(set, db, err)) {
        template_set_free(set);
        return false;
    }
    template_set_free(w->set);
    w->set = set;
    w->set_epoch = epoch;
    return true;
}

/* The templates are those of the same moment as the content. Files of the folder that were changed
 * and not read anew may keep a set from being made; the one at hand goes on then. */
static bool take_set(struct composer_worker *w, struct db *db, int64_t content_epoch,
                     struct error *err)
{
    int64_t epoch = 0;

    if (w->set != NULL && w->content_epoch == content_epoch)
        return true;
    if (!epoch_read(db, EPOCH_TEMPLATE, &epoch, err))
        return false;
    if ((w->set == NULL || w->set_epoch != epoch) && !load_set(w, db, epoch, err)) {
        if (w->set == NULL)
            return false;
        log_error("templates-kept", log_text("reason", err->text));
    }
    w->content_epoch = content_epoch;
    return true;
}

static bool gather_intent(struct composer_worker *w, struct db *db, struct gathered *g,
                          struct error *err)
{
    if (g->delivery.doubts == 0)
        return true;
    return content_read_intent(db, &w->arena, g->delivery.id, &g->intent, &g->again, err) &&
           (!g->again || find_revision(w, db, g->intent.template_revision, &g->template, err));
}

static bool gather_thread(struct composer_worker *w, struct db *db, int64_t now_ms,
                          struct gathered *g, struct error *err)
{
    struct letter_thread *t = ARENA_ARRAY(&w->arena, struct letter_thread, 1);

    t->part = (struct content_part){ g->delivery.thread, g->delivery.from_seq, g->delivery.to_seq,
                                     g->delivery.last_message_id, g->delivery.owed };
    g->threads = t;
    g->thread_count = 1;
    if (!thread_cache_read(w->threads, db, &g->delivery, now_ms, &t->thread, &g->generation, err) ||
        !content_read_reader(db, &w->arena, &g->delivery, t->thread, now_ms, &t->reader, err))
        return false;
    gather_judge(g, now_ms, &w->arena);
    return letter_files_read(w, db, g, err);
}

/* What a digest's reader is still asked, as of the mail's date. */
static bool gather_questions(struct composer_worker *w, struct db *db, int64_t now_ms,
                             struct gathered *g, struct error *err)
{
    const struct approval_wanted wanted = { .person = g->delivery.person,
                                            .now_ms = letter_date(g, now_ms),
                                            .page = { .limit = QUESTIONS_MOST } };

    return approval_waiting(db, &w->arena, &wanted, &g->waiting, err);
}

static bool gather_content(struct composer_worker *w, struct db *db, int64_t now_ms,
                           struct gathered *g, struct error *err)
{
    g->mode = WATCH_NOW;
    g->is_digest = g->delivery.cause == CAUSE_DIGEST;
    if (!g->is_digest)
        return g->delivery.thread == 0 || gather_thread(w, db, now_ms, g, err);
    g->mode = (enum watch_mode)g->delivery.cause_id;
    return gather_digest(w, db, now_ms, g, err) &&
           (g->mode == WATCH_NOW || g->verdict != LETTER_READY ||
            gather_questions(w, db, now_ms, g, err));
}

/* Fills `g` but for the threads when there is nobody to tell. */
static bool gather(struct composer_worker *w, struct db *db, int64_t delivery, int64_t now_ms,
                   struct gathered *g, struct error *err)
{
    bool found;

    if (!content_read_delivery(db, &w->arena, delivery, &g->delivery, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "there is no delivery %lld", (long long)delivery);
    return g->delivery.person == 0 ||
           (take_set(w, db, g->delivery.content_epoch, err) && gather_intent(w, db, g, err) &&
            gather_content(w, db, now_ms, g, err));
}

static bool gather_at_once(struct composer_worker *w, struct db *db, int64_t delivery,
                           int64_t now_ms, struct gathered *g, struct error *err)
{
    bool fine;

    if (!db_begin(db, err))
        return false;
    fine = gather(w, db, delivery, now_ms, g, err);
    db_rollback(db);
    return fine || error_wrap(err, "composing delivery %lld", (long long)delivery);
}

void letter_conclude(struct letter *letter, enum letter_verdict verdict, const char *reason)
{
    static const struct {
        const char *reason;
        const char *sentence;
    } sentences[] = {
        { "hidden", "The application says that the person may not see it." },
        { "unanswered", "The application did not say that the person may see it." },
        { "not_needed", "The application says that the person need not be told." },
        { "put_off", "The application wants it told later." },
        { "hidden_in_doubt", "The person may not see part of the mail any more, after an attempt "
                             "that may have arrived: it is not sent again." },
        { "undone", "All changes were undone before the mail was made." },
        { "redacted", "All that the mail was to tell has been redacted." },
        { "told", "There is nothing left to tell." },
        { "expired", "All that the mail was to tell is past its deadline." },
        { "no_permission", "The person may not see what the mail was to tell." },
        { "muted", "The person has muted it." },
        { "not_watching", "The person does not watch it any more." },
        { "kind_filtered", "The person does not watch for this kind of event any more." },
        { "in_digest", "The person gets this in a digest now." },
        { "actor", "The person did it themselves." },
        { "unsubscribed", "The person has unsubscribed." },
        { "suppressed", "Mail to the address is suppressed." },
        { "inactive", "The person is inactive or suspended." },
        { "no_address", "The address is not the person's any more." },
        { STAGING_REASON, STAGING_SENTENCE },
        { "redacted_in_doubt", "Part of the mail was redacted after an attempt that may have "
                               "arrived: it is not sent again." },
    };

    letter->verdict = verdict;
    (void)snprintf(letter->reason, sizeof(letter->reason), "%s", reason);
    for (size_t i = 0; i < ARRAY_LENGTH(sentences); i++)
        if (strcmp(sentences[i].reason, reason) == 0)
            (void)snprintf(letter->problem, sizeof(letter->problem), "%s", sentences[i].sentence);
}

void letter_breaks_as(struct letter *letter, const char *sentence)
{
    struct error err;

    (void)error_set(&err, ERROR_CONFLICT, "%s", sentence);
    letter_breaks(letter, &err);
}

/* True when there is a letter to write. */
static bool judge(const struct gathered *g, const struct settings *settings, struct letter *letter)
{
    if (g->threads == NULL || g->reason == NULL)
        letter_breaks_as(letter, "The delivery names no thread and person to tell of it.");
    else if (g->verdict != LETTER_READY)
        letter_conclude(letter, g->verdict, g->reason);
    else if (!g->delivery.has_address)
        letter_conclude(letter, LETTER_FORBIDDEN, "no_address");
    else if (!staging_allows(settings, g->delivery.normal, g->delivery.domain))
        letter_conclude(letter, LETTER_FORBIDDEN, STAGING_REASON);
    else if (g->delivery.doubts > 0 && !g->again)
        letter_breaks_as(letter,
                         "An attempt is in doubt, but nothing is on record of what it sent.");
    else if (g->again && (g->template == NULL || g->intent.seed.n != LETTER_SEED_SIZE))
        letter_breaks_as(letter, "An attempt is in doubt, and the template it used cannot be had.");
    else
        return true;
    return false;
}

/* A resend that came out otherwise is none: the recipient might get two different mails. */
static void hold_against_intent(const struct gathered *g, struct letter *letter)
{
    struct span digest = { (const char *)letter->digest, sizeof(letter->digest) };

    if (letter->verdict != LETTER_READY || span_equal(digest, g->intent.digest))
        return;
    if (g->any_redacted)
        letter_conclude(letter, LETTER_NOTHING, "redacted_in_doubt");
    else
        letter_breaks_as(letter,
                         "An attempt is in doubt, and the mail does not come out as it was: what "
                         "it tells of, or whom, has changed since.");
}

static void set_facts(const struct gathered *g, struct letter *letter)
{
    letter->epoch = g->delivery.epoch;
    letter->person_version = g->delivery.person_version;
    letter->content_epoch = g->delivery.content_epoch;
    letter->deadline_ms = g->delivery.deadline;
}

bool compose_letter(struct composer_worker *worker, struct db *db, const struct letter_order *order,
                    struct letter *ret_letter, struct error *err)
{
    struct gathered g = { .threads = NULL };
    struct letter letter = { .delivery = order->delivery, .verdict = LETTER_READY };

    arena_reset(&worker->arena);
    if (!gather_at_once(worker, db, order->delivery, order->now_ms, &g, err))
        return false;
    set_facts(&g, &letter);
    if (g.delivery.cause == CAUSE_SUBMISSION) {
        if (!submitted_letter_make(worker, db, &g.delivery, &letter, err))
            return false;
        *ret_letter = letter;
        return true;
    }
    buf_init(&letter.bytes, LETTER_MOST);
    if (judge(&g, worker->composer->options.settings, &letter) &&
        gather_sight(worker, &g, order, &letter)) {
        if (!g.again)
            g.template = composer_choose(worker, &g);
        letter_write(worker, &g, order->now_ms, &letter);
        if (g.again)
            hold_against_intent(&g, &letter);
    }
    *ret_letter = letter;
    return true;
}
