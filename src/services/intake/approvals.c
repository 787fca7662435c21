/*
 * Answers to questions.
 */
#include "services/intake/approvals.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "services/intake/event_take.h"
#include "services/intake/event_wanted.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "services/request/plain_text.h"
#include "store/approval.h"
#include "store/event.h"

static bool put_open(json_t *array, struct db *db, struct arena *arena, int64_t id,
                     struct error *err)
{
    struct event event;
    struct question question;
    json_t *row = json_object();
    bool found;

    (void)json_array_append_new(array, row);
    if (!event_load(db, arena, id, &event, err) ||
        !question_find(db, arena, id, &question, &found, err))
        return false;
    answer_number(row, "event", id);
    answer_moment(row, "at", event.at);
    answer_text(row, "kind", event.kind);
    answer_text(row, "title", event.title);
    answer_text(row, "text", event.text);
    answer_text(row, "url", event.url);
    answer_take(row, "answers", answer_names_json(question.answers));
    answer_moment(row, "until", question.until_ms);
    return answer_topic(row, "topic", db, event.topic, err) &&
           (event.actor == 0 || answer_person(row, "actor", db, event.actor, err));
}

bool approvals_list(struct db *db, const struct request *request, json_t **ret_answer,
                    struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct approval_wanted wanted = { .now_ms = request->now_ms };
    struct approval_list open;
    json_t *array;

    arena_init(&arena);
    if (!request_allow(request, "person after limit", err) ||
        !request_person(db, request, "person", &wanted.person, err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &wanted.page.after, err) ||
        !request_page(request, &wanted.page.limit, err) ||
        !approval_open(db, &arena, &wanted, &open, err))
        return false;
    array = json_array();
    for (size_t i = 0; i < open.n; i++) {
        if (!put_open(array, db, &arena, open.events[i], err)) {
            json_decref(array);
            return false;
        }
    }
    *ret_answer = json_pack("{s:o}", "approvals", array);
    if (open.n == wanted.page.limit)
        answer_number(*ret_answer, "next", open.events[open.n - 1]);
    return true;
}

static bool is_one_of(struct span answers, struct span answer)
{
    while (answers.n > 0)
        if (span_equal(span_take_until(&answers, ','), answer))
            return true;
    return false;
}

/* Says who answered, what and when. */
static bool refuse_closed(struct db *db, const struct question *question, struct error *err)
{
    CLEANUP(buf_fini) struct buf when;
    json_t *names = json_object();
    bool ok;

    buf_init(&when, 100);
    text_put_time(&when, question->closed_at);
    ok = question->person == 0 || answer_person(names, "person", db, question->person, err);
    if (ok && question->person == 0)
        (void)error_set(err, ERROR_CONFLICT, "event: the question was withdrawn at %s",
                        buf_text(&when));
    else if (ok)
        (void)error_set(err, ERROR_CONFLICT, "event: %s answered \"%.*s\" at %s",
                        json_string_value(json_object_get(names, "person")),
                        SPAN_ARGS(question->answer), buf_text(&when));
    json_decref(names);
    return false;
}

static bool check_open(struct db *db, const struct question *question, int64_t person,
                       int64_t now_ms, struct error *err)
{
    bool asked;

    if (!approval_is_asked(db, person, question->event, &asked, err))
        return false;
    if (!asked)
        return error_set(err, ERROR_INVALID, "person: event %lld does not ask them",
                         (long long)question->event);
    if (question->closed_at != 0)
        return refuse_closed(db, question, err);
    return question->until_ms == 0 || question->until_ms > now_ms ||
           error_set(err, ERROR_CONFLICT, "event: the time to answer is over");
}

/* The answer as an event: whoever watches the topic hears of it, and whoever asked. */
static bool build_event(struct db *db, const struct event *event, const struct question *question,
                        json_t *body, struct error *err)
{
    char text[40];

    (void)snprintf(text, sizeof text, "answer/%lld", (long long)event->id);
    answer_string(body, "key", text);
    answer_string(body, "kind", "answered");
    (void)snprintf(text, sizeof text, "#%lld", (long long)question->person);
    answer_string(body, "actor", text);
    answer_text(body, "text", question->text);
    answer_text(body, "label", event->label);
    answer_take(body, "changes",
                json_pack("[{s:s, s:s%}]", "field", "Answer", "new", question->answer.at,
                          question->answer.n));
    answer_take(body, "data", json_pack("{s:I}", "event", (json_int_t)event->id));
    if (event->actor != 0 && event->actor != question->person) {
        (void)snprintf(text, sizeof text, "#%lld", (long long)event->actor);
        answer_take(body, "to", json_pack("[{s:s, s:s}]", "person", text, "reason", "asked"));
    }
    return answer_topic(body, "topic", db, event->topic, err) &&
           answer_topic(body, "thread", db, event->thread, err);
}

static bool take_answer(struct db *db, const struct request *request, const struct event *event,
                        const struct question *question, int64_t *ret_event, struct error *err)
{
    json_t *body = json_object();
    struct request part = request_part(request, body);
    bool ok =
        build_event(db, event, question, body, err) && event_take(db, &part, NULL, ret_event, err);

    json_decref(body);
    return ok;
}

static bool read_question(struct db *db, const struct request *request, struct arena *arena,
                          struct event *event, struct question *question, struct error *err)
{
    struct span answer;
    bool found;

    if (!event_wanted(db, request, arena, event, err) ||
        !request_need_text(request, "answer", &answer, err) ||
        !question_find(db, arena, event->id, question, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_INVALID, "event %lld asks nothing", (long long)event->id);
    if (!is_one_of(question->answers, answer))
        return error_set(err, ERROR_INVALID, "answer: must be one of %.*s",
                         SPAN_ARGS(question->answers));
    return true;
}

bool approvals_answer(struct db *db, const struct request *request, json_t **ret_answer,
                      struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct event event;
    struct question question;
    int64_t person;
    int64_t told;

    arena_init(&arena);
    if (!request_allow(request, "person id key answer text", err) ||
        !request_person(db, request, "person", &person, err) ||
        !read_question(db, request, &arena, &event, &question, err) ||
        !check_open(db, &question, person, request->now_ms, err))
        return false;
    question.person = person;
    if (!request_text(request, "answer", &question.answer, err) ||
        !request_text(request, "text", &question.text, err) ||
        !take_answer(db, request, &event, &question, &told, err) ||
        !question_close(db, &question, request->now_ms, err))
        return false;
    *ret_answer = json_object();
    answer_number(*ret_answer, "event", event.id);
    answer_text(*ret_answer, "answer", question.answer);
    answer_number(*ret_answer, "answered", told);
    return true;
}
