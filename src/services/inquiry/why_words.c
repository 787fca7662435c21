/*
 * The outcome of why in sentences: first what became of it, then what spoke for it.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "domain/settings.h"
#include "services/inquiry/sentences.h"
#include "services/inquiry/why_internal.h"
#include "services/request/answer.h"
#include "store/approval.h"
#include "store/grant.h"
#include "store/kind.h"
#include "store/person.h"
#include "store/topic.h"
#include "store/watch_history.h"

enum { TOPICS_NAMED = 8 };

struct words {
    const struct why *why;
    json_t *sentences;
};

static void say(const struct words *w, struct buf *sentence)
{
    sentence_end(sentence, w->sentences);
}

static bool put_topic(const struct words *w, struct buf *to, int64_t topic, struct error *err)
{
    struct span key;

    if (!topic_key(w->why->db, w->why->arena, topic, &key, err))
        return false;
    buf_put(to, key);
    return true;
}

/* The topic of a watch, and whose it is: "project/x (through list:team)". */
static bool put_watch(const struct words *w, struct buf *to, const struct watch_fact *watch,
                      struct error *err)
{
    if (!put_topic(w, to, watch->topic, err))
        return false;
    if (watch->list == 0)
        return true;
    buf_put_text(to, " (through ");
    if (!person_handle_put(w->why->db, to, who_of_list(watch->list), err))
        return false;
    buf_put_byte(to, ')');
    return true;
}

/* "issue/12, project/x and 3 more" */
static bool put_scopes(const struct words *w, struct buf *to, struct error *err)
{
    const struct scope_list *scopes = &w->why->audience.scopes;

    for (size_t i = 0; i < scopes->n && i < TOPICS_NAMED; i++) {
        if (i > 0)
            buf_put_text(to, ", ");
        if (!put_topic(w, to, scopes->at[i].topic, err))
            return false;
    }
    if (scopes->n > TOPICS_NAMED)
        buf_printf(to, " and %zu more", scopes->n - TOPICS_NAMED);
    return true;
}

/* How a state is told that ends a mail; NULL for the others. */
static const char *words_of_end(enum delivery_state state)
{
    static const char *const words[] = {
        [DELIVERY_DELIVERED] = "was delivered", [DELIVERY_FAILED] = "failed for good",
        [DELIVERY_EXPIRED] = "expired",         [DELIVERY_SUPPRESSED] = "was suppressed",
        [DELIVERY_CANCELLED] = "was cancelled",
    };

    return (size_t)state < ARRAY_LENGTH(words) ? words[state] : NULL;
}

/* What was said of a mail, in brackets: a full stop of its own is not doubled. */
static void put_end_of_sentence(struct buf *s, struct span text)
{
    if (span_ends(text, SPAN(".")))
        text.n--;
    if (text.n > 0)
        buf_printf(s, " (%.*s)", SPAN_ARGS(text));
    buf_put_byte(s, '.');
}

static const struct {
    const char *outcome;
    const char *sentence; /* after the name */
} plain[] = {
    { "silent", "was not told: the event is silent, it only shows in the thread's next mail." },
    { "unsubscribed", "was not told: they unsubscribed." },
    { "suppressed", "was not told: none of their addresses may be mailed." },
    { "no_address", "was not told: there is no address to mail." },
    { "inactive", "was not told: they are inactive." },
    { "expired", "was not told: the deadline had passed." },
    { "redacted", "was not told: the content was redacted before the mail was made." },
    { "undone", "was not told: it was undone before the mail was made." },
    { "muted", "was not told: they muted it before the mail left." },
    { "hidden", "was not told: the application said that they may not see it." },
    { "unanswered", "was not told: the application did not say that they may see it." },
    { "not_needed", "was not told: the application said that they need not be." },
    { "no_permission", "was not told: they may not see it." },
    { "not_watching", "was not told: they did not watch it any more when the mail was due." },
    { "kind_filtered", "was not told: they watched for other kinds of events when the mail was "
                       "due." },
    { "in_digest", "was not told: it had gone to a digest when the mail was due." },
    { "fanning_out", "has no notice yet: the event is still being fanned out." },
    { "not_on_record", "was not told. What stood in the way then is not on record: a suppression, "
                       "a status or a grant that has changed since." },
};

static void say_plain(const struct words *w, struct buf *s)
{
    for (size_t i = 0; i < ARRAY_LENGTH(plain); i++)
        if (strcmp(plain[i].outcome, w->why->outcome) == 0) {
            buf_printf(s, "%.*s %s", SPAN_ARGS(w->why->name), plain[i].sentence);
            say(w, s);
        }
}

static void say_mail(const struct words *w, struct buf *s)
{
    const struct telling *telling = w->why->telling;
    const char *end = words_of_end(telling->state);

    buf_printf(s, "%.*s: mail %lld to %.*s ", SPAN_ARGS(w->why->name), (long long)telling->delivery,
               SPAN_ARGS(telling->address));
    if (end != NULL)
        buf_put_text(s, end);
    else
        buf_printf(s, "is %s", delivery_state_name(telling->state));
    if (telling->ended_at != 0) {
        buf_put_text(s, " at ");
        sentence_put_moment(s, telling->ended_at);
    }
    put_end_of_sentence(s, span_first(telling->text, 300));
    say(w, s);
    say_plain(w, s);
    if (telling->from_seq < telling->to_seq && w->why->decision.verdict == VERDICT_TOLD) {
        buf_put_text(s, "The mail also tells of other events of the same thread.");
        say(w, s);
    }
}

/* Not of a mail under way, which begins with it, nor of changes that are no more. */
static void say_owed(const struct words *w, struct buf *s)
{
    const struct why *why = w->why;

    if (why->heard.missed_from == 0 || why->heard.missed_from > why->event.seq ||
        !delivery_state_final(why->telling->state) ||
        span_equal(why->telling->reason, SPAN("undone")))
        return;
    buf_put_text(s, "It stays owed: the next mail of this thread begins with it.");
    say(w, s);
}

/* Why the window is longer than the common one. */
static bool say_busy(const struct words *w, struct buf *s, struct error *err)
{
    const struct why *why = w->why;
    const struct settings *settings = why->settings;
    int64_t began = 0;
    bool has_common_window;

    if (why->notice.wait != NOTICE_WAIT_WINDOW || why->notice.urgent ||
        why->notice.due_at == NOTICE_WAITS || why->heard.left_at == 0 ||
        settings->busy_window <= settings->window || settings->window == 0)
        return true;
    if (!notice_slides(why->db, &why->notice, &began, &has_common_window, err))
        return false;
    if (!has_common_window || why->heard.left_at <= began - settings->busy_time)
        return true;
    buf_put_text(s, "A mail of this thread left for them at ");
    sentence_put_moment(s, why->heard.left_at);
    buf_put_text(s, ", so that the next one waits longer (watching.busy_window).");
    say(w, s);
    return true;
}

static bool say_notice(const struct words *w, struct buf *s, struct error *err)
{
    const struct why *why = w->why;

    buf_printf(s, "%.*s will be told ", SPAN_ARGS(why->name));
    if (why->notice.wait == NOTICE_WAIT_SUSPENDED)
        buf_put_text(s, "in a summary");
    else if (why->notice.due_at == NOTICE_WAITS)
        buf_put_text(s, "when the unfinished mail of this thread has ended");
    else {
        buf_put_text(s, "at ");
        sentence_put_moment(s, why->notice.due_at);
    }
    buf_put_text(s, why->notice.first_seq < why->event.seq
                        ? ", in one mail with earlier events of the thread."
                        : ".");
    say(w, s);
    if (!notice_waits_for_a_mail(&why->notice) &&
        notice_wait_sentence(why->notice.wait)[0] != '\0') {
        buf_put_text(s, notice_wait_sentence(why->notice.wait));
        say(w, s);
    }
    return say_busy(w, s, err);
}

static bool say_kinds(const struct words *w, struct buf *s, const struct watch_fact *watch,
                      struct error *err)
{
    buf_printf(s, "%.*s watches ", SPAN_ARGS(w->why->name));
    if (!put_watch(w, s, watch, err))
        return false;
    buf_put_text(s, ", which is nearest, only for: ");
    if (!kind_mask_put(w->why->db, s, watch->kinds, err))
        return false;
    buf_printf(s, "; this was %.*s.", SPAN_ARGS(w->why->event.kind));
    say(w, s);
    return true;
}

enum { CHANGES_LOOKED_AT = 20 };

/* Who pressed a button may have forgotten it. */
static bool put_muted_by(const struct words *w, struct buf *s, struct error *err)
{
    const struct watch watch = { .topic = w->why->decision.deciding->topic, .who = w->why->person };
    struct watch_history last;
    size_t i = 0;

    if (w->why->decision.deciding->list != 0)
        return true;
    if (!watch_history_last(w->why->db, w->why->arena, &watch, CHANGES_LOOKED_AT, &last, err))
        return false;
    while (i < last.n && last.at[i].at > w->why->event.taken_at)
        i++;
    if (i == last.n || !span_equal(last.at[i].cause, SPAN("page")))
        return true;
    buf_put_text(s, " by a page of a mail, at ");
    sentence_put_moment(s, last.at[i].at);
    return true;
}

static bool say_muted(const struct words *w, struct buf *s, struct error *err)
{
    buf_printf(s, "%.*s had muted ", SPAN_ARGS(w->why->name));
    if (!put_watch(w, s, w->why->decision.deciding, err) || !put_muted_by(w, s, err))
        return false;
    buf_put_text(s, ", and no nearer watch speaks for telling.");
    say(w, s);
    return true;
}

/* Whether the label has not been named before. */
static bool is_first_of(const struct audience_event *audience, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (span_equal(audience->labels[k], audience->labels[i]))
            return false;
    return true;
}

static bool say_labels(const struct words *w, struct buf *s, struct error *err)
{
    const struct why *why = w->why;
    bool any = false;

    buf_printf(s, "%.*s may not see it: ", SPAN_ARGS(why->name));
    for (size_t i = 0; i < AUDIENCE_LABELS; i++) {
        struct span label = why->audience.labels[i];
        bool granted;

        if (!grant_exists(why->db, label, why->person, &granted, err))
            return false;
        if (granted || !is_first_of(&why->audience, i))
            continue;
        buf_printf(s, "%s\"%.*s\"", any ? " and " : "no grant of the label ", SPAN_ARGS(label));
        any = true;
    }
    buf_put_text(s, any ? "." : "no grant of the label of what they watch.");
    say(w, s);
    return true;
}

/* When the digest comes, or the mail that it was. */
static bool say_digest(const struct words *w, struct buf *s, struct error *err)
{
    const struct why *why = w->why;
    const struct digest_row *digest = &why->digest;

    buf_printf(s, "%.*s has ", SPAN_ARGS(why->name));
    if (!put_watch(w, s, why->decision.deciding, err))
        return false;
    buf_printf(s, ", which is nearest, in the %s digest",
               watch_mode_name(why->decision.deciding->mode));
    if (why->telling == NULL && why->has_digest && digest->next_at > 0 &&
        digest->through_seq < why->event.seq) {
        buf_put_text(s, ", due at ");
        sentence_put_moment(s, digest->next_at);
    }
    buf_put_byte(s, '.');
    say(w, s);
    if (why->telling != NULL)
        say_mail(w, s);
    return true;
}

/* What the watches themselves said against it. */
static bool say_against(const struct words *w, struct buf *s, struct error *err)
{
    const struct why *why = w->why;

    switch (why->decision.verdict) {
    case VERDICT_NOT_WATCHING:
        buf_printf(s, "%.*s watched none of: ", SPAN_ARGS(why->name));
        if (!put_scopes(w, s, err))
            return false;
        buf_put_text(s, "; and was not addressed.");
        say(w, s);
        return true;
    case VERDICT_MUTED:
        return say_muted(w, s, err);
    case VERDICT_KIND_FILTERED:
        return say_kinds(w, s, why->decision.deciding, err);
    case VERDICT_IN_DIGEST:
        return say_digest(w, s, err);
    case VERDICT_ACTOR:
        buf_printf(s, "%.*s did it, and is not told of what they do themselves.",
                   SPAN_ARGS(why->name));
        say(w, s);
        return true;
    case VERDICT_NO_PERMISSION:
        return say_labels(w, s, err);
    case VERDICT_TOLD:
    case VERDICT_UNSUBSCRIBED:
    case VERDICT_SUPPRESSED:
    case VERDICT_INACTIVE:
        return true;
    }
    return true;
}

/* Of an event that nobody is told of yet. */
static void say_not_yet(const struct words *w, struct buf *s)
{
    const struct event *event = &w->why->event;

    if (event->fan_state == FAN_HELD)
        buf_printf(s,
                   "Nobody is told yet: it would reach very many people at once and is held until "
                   "postroom event release %lld.",
                   (long long)event->id);
    else if (event->fan_state == FAN_LATER) {
        buf_put_text(s, "Nobody is told yet: its time is ");
        sentence_put_moment(s, event->not_before);
        buf_put_text(s, ", and those are told who watch then.");
    } else
        buf_put_text(s, "Nobody was told: it was redacted before its time.");
    say(w, s);
}

/* Which watches spoke for it then, and when they ended. */
static bool say_ended(const struct words *w, struct buf *s, struct error *err)
{
    const struct why *why = w->why;

    for (size_t i = 0; i < why->facts.n; i++) {
        const struct watch_fact *fact = &why->facts.at[i];
        int64_t at = 0;
        bool found;

        if (!watch_matches(&why->question, fact, WATCH_NOW))
            continue;
        if (!watch_end_find(why->db, why->person, fact, why->event.seq, &at, &found, err))
            return false;
        if (!found)
            continue;
        buf_printf(s, "The watch of %.*s on ", SPAN_ARGS(why->name));
        if (!put_watch(w, s, fact, err))
            return false;
        buf_put_text(s, " was ended at ");
        sentence_put_moment(s, at);
        buf_put_byte(s, '.');
        say(w, s);
    }
    return true;
}

static bool say_outcome(const struct words *w, struct buf *s, struct error *err)
{
    const struct why *why = w->why;

    if (why->event.seq < 0) {
        say_not_yet(w, s);
        return true;
    }
    if (why->decision.verdict != VERDICT_TOLD)
        return say_against(w, s, err);
    if (why->telling != NULL) {
        say_mail(w, s);
        say_owed(w, s);
    } else if (strcmp(why->outcome, "coalesced") == 0 || strcmp(why->outcome, "waiting") == 0) {
        return say_notice(w, s, err);
    } else {
        say_plain(w, s);
    }
    return strcmp(why->outcome, watch_verdict_name(VERDICT_NOT_WATCHING)) != 0 ||
           say_ended(w, s, err);
}

static bool say_addressed(const struct words *w, struct buf *s, struct error *err)
{
    const struct why *why = w->why;
    struct event_direct_list directs;

    if (why->question.direct_rank == 0)
        return true;
    if (!event_directs(why->db, why->arena, why->event.seq, &directs, err))
        return false;
    for (size_t i = 0; i < directs.n; i++)
        if (directs.at[i].person == why->person)
            buf_printf(s, "%.*s was addressed directly: %.*s.", SPAN_ARGS(why->name),
                       SPAN_ARGS(directs.at[i].reason));
    say(w, s);
    return true;
}

/* Of those who were asked alone. */
static bool say_question(const struct words *w, struct buf *s, struct error *err)
{
    const struct why *why = w->why;
    struct question question;
    bool is_asked;
    bool found;

    if (!approval_is_asked(why->db, why->person, why->event.id, &is_asked, err) ||
        !question_find(why->db, why->arena, why->event.id, &question, &found, err))
        return false;
    if (!is_asked || !found)
        return true;
    buf_printf(s, "%.*s is asked for an answer, ", SPAN_ARGS(why->name));
    if (question.closed_at == 0) {
        buf_put_text(s, "which nobody has given yet.");
    } else if (question.person == 0) {
        buf_put_text(s, "but the question was withdrawn.");
    } else {
        buf_put_text(s, "which was given by ");
        if (!person_handle_put(why->db, s, question.person, err))
            return false;
        buf_printf(s, ": %.*s.", SPAN_ARGS(question.answer));
    }
    say(w, s);
    return true;
}

/* "ann watched project/x (1 above); ..." */
static bool say_matching(const struct words *w, struct buf *s, struct error *err)
{
    const struct why *why = w->why;
    bool any = false;

    for (size_t i = 0; i < why->facts.n; i++) {
        const struct watch_fact *fact = &why->facts.at[i];

        if (!watch_matches(&why->question, fact, WATCH_NOW))
            continue;
        if (any)
            buf_put_text(s, " and ");
        else
            buf_printf(s, "%.*s watched ", SPAN_ARGS(why->name));
        if (!put_watch(w, s, fact, err))
            return false;
        if (fact->distance > 0)
            buf_printf(s, " (%d above)", fact->distance);
        any = true;
    }
    if (!any)
        return true;
    buf_put_byte(s, '.');
    say(w, s);
    return true;
}

bool why_put_sentences(json_t *answer, const struct why *why, struct error *err)
{
    struct words words = { why, json_array() };
    CLEANUP(buf_fini) struct buf sentence;

    buf_init(&sentence, SENTENCE_LIMIT);
    answer_take(answer, "sentences", words.sentences);
    return say_outcome(&words, &sentence, err) && say_addressed(&words, &sentence, err) &&
           say_question(&words, &sentence, err) && say_matching(&words, &sentence, err);
}
