/*
 * Looking at what is no mail yet.
 */
#include "services/inquiry/notices.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "store/digest.h"
#include "store/waiting.h"

enum { LOOKED_AT = 2000, MARK_NUMBERS = 4 };

#define FOR_MAIL "mail"

static void put(json_t *list, const char *waits_for, const struct waiting *waiting)
{
    json_t *object;

    if (waiting->n == 0)
        return;
    object = json_object();
    (void)json_array_append_new(list, object);
    answer_string(object, "waits_for", waits_for);
    answer_number(object, "waiting", waiting->n);
    answer_flag(object, "more", waiting->has_more);
    answer_moment(object, "next_due", waiting->next_at);
}

static bool put_waiting(struct db *db, json_t *list, struct error *err)
{
    struct waiting waiting;

    if (!waiting_in_window(db, &waiting, err))
        return false;
    put(list, notice_wait_name(NOTICE_WAIT_WINDOW), &waiting);
    for (int wait = NOTICE_WAIT_SLIDING; wait <= NOTICE_WAIT_SUSPENDED; wait++) {
        if (!waiting_notices(db, (enum notice_wait)wait, &waiting, err))
            return false;
        put(list, notice_wait_name((enum notice_wait)wait), &waiting);
    }
    if (!waiting_for_mail(db, &waiting, err))
        return false;
    put(list, FOR_MAIL, &waiting);
    return true;
}

static bool put_events(struct db *db, json_t *list, struct error *err)
{
    struct waiting waiting;

    if (!waiting_fan_out(db, &waiting, err))
        return false;
    put(list, "fan_out", &waiting);
    if (!waiting_later(db, &waiting, err))
        return false;
    put(list, "not_before", &waiting);
    if (!waiting_held(db, &waiting, err))
        return false;
    put(list, "release", &waiting);
    return true;
}

bool notices_put(struct db *db, json_t *answer, struct error *err)
{
    json_t *notices = json_array();
    json_t *events = json_array();
    int64_t next = 0;
    bool any;

    answer_take(answer, "notices", notices);
    answer_take(answer, "events", events);
    if (!put_waiting(db, notices, err) || !put_events(db, events, err) ||
        !digest_next_due(db, &next, &any, err))
        return false;
    answer_moment(answer, "next_digest", any ? next : 0);
    return true;
}

/* What is asked. */
struct wish {
    int64_t person; /* 0: all */
    bool has_wait;
    bool for_mail;
    enum notice_wait wait;
    size_t limit;
    struct notice last; /* where the page before ended */
};

static bool is_wanted(const struct wish *wish, const struct notice *notice)
{
    if (!wish->has_wait)
        return true;
    return notice_waits_for_a_mail(notice) ? wish->for_mail
                                           : !wish->for_mail && notice->wait == wish->wait;
}

/* Whether rows are walked as they fall due, one urgency after the other. */
static bool is_by_due(const struct wish *wish)
{
    return wish->person == 0 &&
           (!wish->has_wait || wish->for_mail || wish->wait == NOTICE_WAIT_WINDOW);
}

static bool read_wait(const struct request *request, struct wish *wish, struct error *err)
{
    struct span name;

    if (!request_text(request, "waits_for", &name, err))
        return false;
    wish->has_wait = name.at != NULL;
    wish->for_mail = span_equal(name, SPAN(FOR_MAIL));
    if (!wish->has_wait || wish->for_mail)
        return true;
    for (int wait = NOTICE_WAIT_WINDOW; wait <= NOTICE_WAIT_SUSPENDED; wait++)
        if (span_equal(name, span_of(notice_wait_name((enum notice_wait)wait)))) {
            wish->wait = (enum notice_wait)wait;
            return true;
        }
    return error_set(err, ERROR_INVALID,
                     "waits_for: must be window, sliding, quiet, rate, loop, suspended or mail, "
                     "got \"%.*s\"",
                     SPAN_ARGS(span_first(name, 40)));
}

/* "1.1790000000000.5.7": urgency, due, person, thread. */
static bool read_mark(const struct request *request, struct wish *wish, struct error *err)
{
    int64_t numbers[MARK_NUMBERS] = { 1, 0, 0, 0 };
    struct span mark;

    if (!request_text(request, "after", &mark, err))
        return false;
    for (size_t i = 0; mark.at != NULL && i < MARK_NUMBERS; i++)
        if (!text_to_integer(span_take_until(&mark, '.'), 0, INT64_MAX, &numbers[i]))
            return error_set(err, ERROR_INVALID, "after: must be a mark that a page ended with");
    wish->last = (struct notice){ .urgent = numbers[0] != 0,
                                  .due_at = numbers[1],
                                  .person = numbers[2],
                                  .thread = numbers[3],
                                  .wait = wish->wait };
    return true;
}

static bool read_wish(struct db *db, const struct request *request, struct wish *wish,
                      struct error *err)
{
    *wish = (struct wish){ 0 };
    if (!request_allow(request, "person waits_for after limit", err) ||
        !request_page(request, &wish->limit, err) || !read_wait(request, wish, err) ||
        !read_mark(request, wish, err))
        return false;
    return json_object_get(request->args, "person") == NULL ||
           request_person(db, request, "person", &wish->person, err);
}

/* What follows wish->last, of whom it is about. */
static bool read_page(struct db *db, struct wish *wish, struct notice *rows, size_t *ret_count,
                      struct error *err)
{
    if (wish->person != 0) {
        wish->last.person = wish->person;
        return waiting_list_person(db, &wish->last, LOOKED_AT, rows, ret_count, err);
    }
    if (!is_by_due(wish))
        return waiting_list_of(db, &wish->last, LOOKED_AT, rows, ret_count, err);
    if (wish->for_mail && wish->last.due_at < NOTICE_WAITS)
        wish->last.due_at = NOTICE_WAITS - 1;
    return waiting_list_due(db, &wish->last, LOOKED_AT, rows, ret_count, err);
}

static bool put_row(struct db *db, json_t *list, const struct notice *notice, struct error *err)
{
    json_t *object = json_object();

    (void)json_array_append_new(list, object);
    if (!answer_person(object, "person", db, notice->person, err) ||
        !answer_topic(object, "topic", db, notice->thread, err))
        return false;
    answer_string(object, "waits_for",
                  notice_waits_for_a_mail(notice) ? FOR_MAIL : notice_wait_name(notice->wait));
    answer_flag(object, "urgent", notice->urgent);
    answer_moment(object, "due", notice->due_at < NOTICE_WAITS ? notice->due_at : 0);
    return true;
}

static void put_mark(json_t *answer, const struct notice *last)
{
    char mark[100];

    (void)snprintf(mark, sizeof mark, "%d.%lld.%lld.%lld", last->urgent, (long long)last->due_at,
                   (long long)last->person, (long long)last->thread);
    answer_string(answer, "next", mark);
}

/* One range of an index, to its end unless the page is full before. */
static bool walk(struct db *db, struct wish *wish, struct notice *rows, json_t *answer,
                 struct error *err)
{
    json_t *list = json_object_get(answer, "notices");
    size_t n;

    if (!read_page(db, wish, rows, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (json_array_size(list) == wish->limit) {
            put_mark(answer, &wish->last);
            return true;
        }
        if (is_wanted(wish, &rows[i]) && !put_row(db, list, &rows[i], err))
            return false;
        wish->last = rows[i];
    }
    if (n == LOOKED_AT)
        put_mark(answer, &wish->last);
    return true;
}

static bool walk_all(struct db *db, struct wish *wish, struct notice *rows, json_t *answer,
                     struct error *err)
{
    bool has_another = is_by_due(wish) && wish->last.urgent;

    if (!walk(db, wish, rows, answer, err))
        return false;
    if (!has_another || json_object_get(answer, "next") != NULL)
        return true;
    wish->last = (struct notice){ .urgent = false };
    return walk(db, wish, rows, answer, err);
}

bool notices_list(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct wish wish;
    json_t *answer;

    arena_init(&arena);
    if (!read_wish(db, request, &wish, err))
        return false;
    answer = json_object();
    answer_filter(answer, request->args);
    answer_take(answer, "notices", json_array());
    if (!walk_all(db, &wish, ARENA_ARRAY(&arena, struct notice, LOOKED_AT), answer, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
