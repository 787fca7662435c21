/*
 * The composer itself makes the mail, of a delivery that does not exist: unsigned, and with tokens
 * of a key that nobody has.
 */
#include "services/compose/template_preview.h"

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "domain/access.h"
#include "services/compose/composer_internal.h"
#include "services/compose/letter_files.h"
#include "services/compose/template_files.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "services/request/sample_events.h"
#include "store/content_thread.h"
#include "store/kind.h"

struct preview_wish {
    struct span name;
    struct span kind;
    struct span language;
    struct span part;
    int64_t event;  /* 0: a sample */
    int64_t person; /* with it */
};

struct preview {
    struct db *db;
    const struct request *request;
    struct preview_wish wish;
    struct settings settings;
    struct template_files files;
    struct composer *composer;
    struct composer_worker *worker;
    struct gathered g;
    struct letter letter;
    json_t *sample;
    const char *untold; /* why a person is not told of the event, or NULL */
};

static const char *const parts[] = { "plain", "html", "headers", "raw" };

static bool read_part(const struct request *request, struct span *ret_part, struct error *err)
{
    if (!request_text(request, "part", ret_part, err))
        return false;
    if (ret_part->at == NULL)
        *ret_part = span_of(parts[0]);
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
        if (span_equal(*ret_part, span_of(parts[i])))
            return true;
    return error_set(err, ERROR_INVALID, "part: must be plain, html, headers or raw, got \"%.*s\"",
                     SPAN_ARGS(span_first(*ret_part, 40)));
}

static bool read_wish(struct preview *p, struct error *err)
{
    const struct request *request = p->request;
    struct preview_wish *w = &p->wish;

    if (!request_allow(request, "name kind language part event person", err) ||
        !request_text(request, "name", &w->name, err) ||
        !request_text(request, "kind", &w->kind, err) ||
        !request_text(request, "language", &w->language, err) ||
        !read_part(request, &w->part, err) ||
        !request_integer(request, "event", 1, INT64_MAX, 0, &w->event, err))
        return false;
    if (w->event == 0 && json_object_get(request->args, "person") != NULL)
        return error_set(err, ERROR_INVALID, "person: goes with an event");
    return w->event == 0 ||
           (request_may_grant(request,
                              access_scope(SPAN("events:read")) | access_scope(SPAN("people:read")),
                              "event", err) &&
            request_person(p->db, request, "person", &w->person, err));
}

/* ---- what the mail tells ---- */

static void watch_it(struct preview *p, struct letter_thread *t)
{
    struct arena *arena = &p->worker->arena;
    struct notice_watch *watch = ARENA_NEW(arena, struct notice_watch);
    bool *granted = ARENA_ARRAY(arena, bool, t->thread->label_count + 1);

    *watch = (struct notice_watch){ .topic = t->thread->topic,
                                    .mode = p->g.mode == WATCH_NOW ? WATCH_NOW : p->g.mode,
                                    .kinds = -1 };
    memset(granted, true, t->thread->label_count);
    t->reader = (struct notice_reader){ .person = p->g.delivery.person,
                                        .self_notify = true,
                                        .watches = watch,
                                        .watch_count = 1,
                                        .granted = granted };
}

static bool read_real(struct preview *p, struct error *err)
{
    struct gathered *g = &p->g;
    struct arena *arena = &p->worker->arena;
    struct notice_thread *thread = ARENA_NEW(arena, struct notice_thread);
    bool found;

    if (!content_read_imagined(p->db, arena, p->wish.event, p->wish.person, &g->delivery, &found,
                               err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "event: there is no event %lld",
                         (long long)p->wish.event);
    g->threads = ARENA_NEW(arena, struct letter_thread);
    g->thread_count = 1;
    g->threads->thread = thread;
    g->threads->part = (struct content_part){ .thread = g->delivery.thread,
                                              .from_seq = g->delivery.from_seq,
                                              .to_seq = g->delivery.to_seq };
    return content_read_thread(p->db, arena, &g->delivery, thread, err) &&
           content_read_reader(p->db, arena, &g->delivery, thread, p->request->now_ms,
                               &g->threads->reader, err);
}

static bool find_sample(struct preview *p, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct kind kind = { .of = KIND_OF_EVENT };
    bool found = false;

    arena_init(&arena);
    kind.name = p->wish.kind.at != NULL ? p->wish.kind : p->wish.name;
    if (kind.name.at != NULL && !kind_find(p->db, &arena, &kind, &found, err))
        return false;
    if (kind.name.at != NULL && (!found || kind.sample.n == 0)) {
        kind.of = KIND_OF_TOPIC;
        if (!kind_find(p->db, &arena, &kind, &found, err))
            return false;
    }
    p->sample = found && kind.sample.n > 0 ? json_loadb(kind.sample.at, kind.sample.n, 0, NULL)
                                           : json_loads(template_files_sample(), 0, NULL);
    return true;
}

static void make_reader_up(struct preview *p)
{
    struct content_delivery *d = &p->g.delivery;

    *d = (struct content_delivery){
        .cause = CAUSE_THREAD,
        .address = SPAN("reader@example.org"),
        .normal = SPAN("reader@example.org"),
        .domain = SPAN("example.org"),
        .name = SPAN("Robin Reader"),
        .person = 1,
        .has_address = true,
    };
}

/* Of a notice the first thread, of a digest all. */
static bool read_sample(struct preview *p, struct error *err)
{
    struct gathered *g = &p->g;
    struct arena *arena = &p->worker->arena;
    struct sample_threads sample;

    if (!find_sample(p, err) || !sample_events_read(p->request, p->sample, arena, &sample, err))
        return false;
    make_reader_up(p);
    g->thread_count = g->is_digest ? sample.n : 1;
    g->threads = ARENA_ARRAY(arena, struct letter_thread, g->thread_count);
    for (size_t i = 0; i < g->thread_count; i++) {
        g->threads[i].thread = &sample.at[i];
        g->threads[i].part.thread = (int64_t)i + 1;
        watch_it(p, &g->threads[i]);
    }
    return true;
}

/* Whoever is not told of it is shown what those get who are. */
static bool gather(struct preview *p, struct error *err)
{
    struct gathered *g = &p->g;

    g->is_digest = span_equal(p->wish.name, SPAN(TEMPLATE_NAME_DIGEST));
    g->mode = g->is_digest ? WATCH_DAILY : WATCH_NOW;
    if (!(p->wish.event != 0 ? read_real(p, err) : read_sample(p, err)))
        return false;
    if (p->wish.language.at != NULL) {
        g->delivery.languages[0] = p->wish.language;
        g->delivery.language_count = 1;
    }
    g->delivery.message_id = SPAN("preview@example.org");
    gather_judge(g, p->request->now_ms, &p->worker->arena);
    if (g->verdict != LETTER_READY) {
        p->untold = g->reason;
        g->thread_count = 1;
        watch_it(p, g->threads);
        gather_judge(g, p->request->now_ms, &p->worker->arena);
    }
    if (g->verdict != LETTER_READY)
        return error_set(err, ERROR_CONFLICT, "event: there is nothing to tell of it: %s",
                         g->reason);
    return p->wish.event == 0 || letter_files_read(p->worker, p->db, g, err);
}

/* ---- how ---- */

static bool start(struct preview *p, struct error *err)
{
    static const char nobodys[TOKEN_KEY_SIZE];
    static const struct token_key key = { 1, { nobodys, TOKEN_KEY_SIZE } };
    const struct composer_options options = { &p->settings, &p->files, { &key, 1 } };

    p->settings = *p->request->settings;
    p->settings.dkim_key_file = NULL;
    p->settings.deliver = DELIVER_ALL;
    if (!template_files_read(&p->files, p->settings.template_folder, err))
        return false;
    p->composer = composer_new(&options);
    p->worker = composer_worker_new(p->composer);
    return template_set_load(&p->files, p->db, &p->worker->set, err);
}

static bool choose(struct preview *p, struct error *err)
{
    const struct content_delivery *d = &p->g.delivery;
    const struct template_wish named = { &p->wish.name, 1, d->languages, d->language_count };
    const struct template_wish of_kind = { &p->wish.kind, 1, d->languages, d->language_count };

    if (p->wish.name.at == NULL && p->wish.kind.at == NULL) {
        p->g.template = composer_choose(p->worker, &p->g);
        return true;
    }
    if (p->g.is_digest) {
        p->g.template = template_set_digest(p->worker->set, d->languages, d->language_count);
        return true;
    }
    p->g.template =
        template_set_choose(p->worker->set, p->wish.name.at != NULL ? &named : &of_kind);
    return p->wish.name.at == NULL || span_equal(span_of(p->g.template->name), p->wish.name) ||
           error_set(err, ERROR_NOT_FOUND,
                     "there is no template \"%.*s\"; `postroom template list` names all",
                     SPAN_ARGS(span_first(p->wish.name, TEMPLATE_NAME_MOST)));
}

static bool put_content(struct preview *p, json_t *answer, struct error *err)
{
    CLEANUP(buf_fini) struct buf part;
    struct span all = buf_view(&p->letter.bytes);

    buf_init(&part, LETTER_MOST);
    if (span_equal(p->wish.part, SPAN("raw")))
        answer_text(answer, "content", all);
    else if (span_equal(p->wish.part, SPAN("headers")))
        answer_text(answer, "content", span_first(all, span_find(all, SPAN("\r\n\r\n")) + 2));
    else if (!letter_write_part(p->worker, &p->g, &p->letter,
                                span_equal(p->wish.part, SPAN("html")), &part, err))
        return false;
    else
        answer_text(answer, "content", buf_view(&part));
    return true;
}

static bool write_answer(struct preview *p, json_t *answer, struct error *err)
{
    buf_init(&p->letter.bytes, LETTER_MOST);
    letter_write(p->worker, &p->g, p->request->now_ms, &p->letter);
    if (p->letter.verdict != LETTER_READY)
        return error_set(err, ERROR_INVALID, "%s", p->letter.problem);
    answer_string(answer, "template", p->g.template->name);
    answer_string(answer, "language", p->g.template->language);
    if (p->wish.event != 0)
        answer_number(answer, "event", p->wish.event);
    if (p->untold != NULL)
        answer_string(answer, "because", p->untold);
    answer_string(answer, "subject", p->letter.subject);
    return put_content(p, answer, err);
}

static void preview_fini(struct preview *p)
{
    letter_fini(&p->letter);
    json_decref(p->sample);
    composer_worker_free(p->worker);
    composer_free(p->composer);
    template_files_fini(&p->files);
}

bool template_preview(struct db *db, const struct request *request, json_t **ret_answer,
                      struct error *err)
{
    CLEANUP(preview_fini) struct preview p = { .db = db, .request = request };
    json_t *answer = json_object();

    if (!read_wish(&p, err) || !start(&p, err) || !gather(&p, err) || !choose(&p, err) ||
        !write_answer(&p, answer, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
