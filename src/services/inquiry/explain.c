/*
 * What the store knows of a mail that waits. Nobody is asked but the store, and the lock beside it
 * about the daemon: so the answer is the same with the daemon up or down, and leaves no trace.
 */
#include "services/inquiry/explain.h"

#include <string.h>

#include "base/cleanup.h"
#include "domain/retry_end.h"
#include "domain/sight.h"
#include "domain/staging.h"
#include "services/inquiry/delivery_json.h"
#include "services/inquiry/explain_internal.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "services/request/topic_wish.h"
#include "store/fan.h"
#include "store/suppression.h"
#include "store/topic.h"

enum { ORDERS_SHOWN = 3 }; /* by hand; trace has all */

static const char *waits_for_name(enum waits_for waits_for)
{
    switch (waits_for) {
    case WAITS_NOT:
        break;
    case WAITS_DUE:
        return "due";
    case WAITS_RETRY:
        return "retry";
    case WAITS_GREYLISTING:
        return "greylisting";
    case WAITS_APPLICATION:
        return "application";
    case WAITS_DOUBT:
        return "doubt";
    case WAITS_DOMAIN:
        return "domain";
    case WAITS_SITE:
        return "site";
    case WAITS_TURN:
        return "turn";
    case WAITS_ANSWER:
        return "answer";
    case WAITS_OPERATOR:
        return "operator";
    case WAITS_END:
        return "end";
    case WAITS_DAEMON:
        return "daemon";
    case WAITS_WINDOW:
        return "window";
    case WAITS_FAN_OUT:
        return "fan_out";
    }
    return NULL;
}

static bool look_for_daemon(struct explain *e, struct error *err)
{
    struct store_lock_holder holder;

    if (!store_lock_look(e->settings->database, &holder, err))
        return false;
    e->has_daemon = holder.held && strcmp(holder.who, STORE_LOCK_DAEMON) == 0;
    return true;
}

static bool read_names(struct explain *e, struct error *err)
{
    CLEANUP(buf_fini) struct buf handle;

    buf_init(&handle, PERSON_HANDLE_LIMIT);
    if (!person_handle_put(e->db, &handle, e->person, err) ||
        !topic_key(e->db, e->arena, e->thread, &e->topic, err))
        return false;
    e->name = arena_copy(e->arena, buf_view(&handle));
    return true;
}

/* What the person is to hear of the thread. */
static bool read_thread(struct explain *e, struct error *err)
{
    return read_names(e, err) &&
           notice_find(e->db, e->person, e->thread, &e->notice, &e->has_notice, err) &&
           heard_find(e->db, e->person, e->thread, &e->heard, &e->has_heard, err);
}

static void pick_stop(struct explain *e, const struct site_word_list *words)
{
    struct span stream = span_of(stream_name(e->row.stream));

    for (size_t i = 0; i < words->n; i++)
        if (e->stop == NULL && (span_equal(words->at[i].about, SPAN(SITE_WORD_PAUSE)) ||
                                span_equal(words->at[i].about, stream)))
            e->stop = &words->at[i]; /* a pause comes first */
}

/* What the site said, as far as the lane has come to one. */
static bool read_site(struct explain *e, struct error *err)
{
    if (!e->has_lane || e->lane.site[0] == '\0')
        return true;
    if (!site_word_list_read(e->db, e->arena, span_of(e->lane.site), e->now_ms, &e->words, err) ||
        !site_bounds_read(e->db, e->settings, span_of(e->lane.site), &e->bounds, err))
        return false;
    e->has_bounds = true;
    pick_stop(e, &e->words);
    return true;
}

/* What was said for the domain alone. */
static bool read_domain_stop(struct explain *e, struct error *err)
{
    const char *key = arena_printf(e->arena, "@%s", e->row.domain);
    struct site_word_list words;

    if (!site_word_list_read(e->db, e->arena, span_of(key), e->now_ms, &words, err))
        return false;
    pick_stop(e, &words);
    return true;
}

static bool read_way(struct explain *e, struct error *err)
{
    struct span domain = span_of(e->row.domain);

    return lane_find_all(e->db, e->row.stream, domain, &e->lane, &e->has_lane, err) &&
           read_site(e, err) && read_domain_stop(e, err) &&
           domain_find(e->db, domain, &e->domain, &e->has_domain, err) &&
           suppression_bars(e->db, span_of(e->row.normal), domain, e->now_ms, &e->is_barred, e->bar,
                            sizeof e->bar, err) &&
           attempt_list_read(e->db, e->arena, e->row.id, 1, &e->tries, err) &&
           intent_list_read(e->db, e->arena, e->row.id, 1, &e->intents, err) &&
           delivery_order_list_read(e->db, e->arena, e->row.id, ORDERS_SHOWN, &e->orders, err);
}

static bool is_asleep(const struct explain *e)
{
    return e->has_domain && e->domain.asleep_until > e->now_ms;
}

static bool is_domain_paused(const struct explain *e)
{
    return e->has_domain && e->domain.paused_until > e->now_ms;
}

/* It was not tried: the application has not said yet who may see what, or wants it told later. */
static bool waits_for_application(const struct explain *e)
{
    return strcmp(e->row.reason, "blind") == 0 ||
           strcmp(e->row.reason, sight_reason(SIGHT_LATER)) == 0;
}

static enum waits_for of_time(const struct explain *e)
{
    if (waits_for_application(e))
        return WAITS_APPLICATION;
    if (e->row.state == DELIVERY_IN_DOUBT)
        return WAITS_DOUBT;
    if (e->row.state == DELIVERY_QUEUED)
        return WAITS_DUE;
    return strcmp(e->row.reason, "greylisted") == 0 ? WAITS_GREYLISTING : WAITS_RETRY;
}

/* What keeps a mail that is due, or will be before that ends. */
static bool is_kept(struct explain *e)
{
    int64_t paused = is_domain_paused(e) ? e->domain.paused_until : 0;
    int64_t asleep =
        is_asleep(e) && e->domain.asleep_until > paused ? e->domain.asleep_until : paused;
    int64_t stopped = e->stop != NULL ? e->stop->until : 0;
    int64_t until = asleep > stopped ? asleep : stopped;

    if (e->stop != NULL && e->stop->until == 0) { /* a pause, until it is ended */
        e->waits_for = WAITS_SITE;
        e->until = 0;
        return true;
    }
    if (until <= e->row.due_at || until <= e->now_ms)
        return false;
    e->waits_for = asleep > stopped ? WAITS_DOMAIN : WAITS_SITE;
    e->until = until == DOMAIN_PAUSED_FOR_GOOD ? 0 : until;
    return true;
}

/* Of all that must come to pass the last thing. */
static void conclude_waiting(struct explain *e)
{
    bool is_due = e->row.due_at <= e->now_ms;

    e->until = is_due ? 0 : e->row.due_at;
    if (e->is_barred || e->is_left_out || e->now_ms > e->gives_up) {
        e->waits_for = WAITS_END;
    } else if (is_kept(e)) {
        return;
    } else if (!is_due) {
        e->waits_for = of_time(e);
    } else {
        e->waits_for = e->has_daemon ? WAITS_TURN : WAITS_DAEMON;
    }
}

static void conclude(struct explain *e)
{
    switch (e->row.state) {
    case DELIVERY_QUEUED:
    case DELIVERY_DEFERRED:
    case DELIVERY_IN_DOUBT:
        conclude_waiting(e);
        break;
    case DELIVERY_SENDING:
        e->waits_for = e->has_daemon ? WAITS_ANSWER : WAITS_DAEMON;
        break;
    case DELIVERY_HELD:
        e->waits_for = WAITS_OPERATOR;
        break;
    case DELIVERY_DELIVERED:
    case DELIVERY_FAILED:
    case DELIVERY_EXPIRED:
    case DELIVERY_SUPPRESSED:
    case DELIVERY_CANCELLED:
        e->waits_for = WAITS_NOT;
        break;
    }
}

static bool explain_delivery(struct explain *e, int64_t id, struct error *err)
{
    bool found;

    if (!delivery_load(e->db, id, &e->row, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "there is no delivery %lld", (long long)id);
    e->gives_up = retry_end(e->settings, e->row.stream, e->row.first_due, e->row.deadline);
    if (e->person == 0 && e->row.cause == CAUSE_THREAD) {
        e->person = e->row.person;
        e->thread = e->row.cause_id;
    }
    e->is_left_out = !staging_allows(e->settings, span_of(e->row.normal), span_of(e->row.domain));
    if (!read_way(e, err) || (e->person != 0 && !read_thread(e, err)))
        return false;
    conclude(e);
    return true;
}

/* The unfinished mail of the thread, or the notice that will become one. */
static bool explain_thread(struct explain *e, struct error *err)
{
    bool is_open = false;

    if (!read_thread(e, err))
        return false;
    if (e->has_heard && e->heard.delivery != 0)
        return explain_delivery(e, e->heard.delivery, err);
    if (!e->has_notice && !fan_waits(e->db, e->thread, &is_open, err))
        return false;
    if (is_open) {
        e->waits_for = WAITS_FAN_OUT;
        return true;
    }
    if (!e->has_notice)
        return error_set(err, ERROR_NOT_FOUND,
                         "nothing waits to tell %.*s of %.*s; `postroom why` says what became of "
                         "an event",
                         SPAN_ARGS(e->name), SPAN_ARGS(e->topic));
    e->waits_for = WAITS_WINDOW;
    e->until = e->notice.due_at == NOTICE_WAITS ? 0 : e->notice.due_at;
    return true;
}

static bool find_out(struct explain *e, const struct request *request, struct error *err)
{
    int64_t delivery;

    if (!request_allow(request, "delivery person topic", err) ||
        !request_integer(request, "delivery", 1, INT64_MAX, 0, &delivery, err) ||
        !look_for_daemon(e, err))
        return false;
    if (delivery != 0)
        return explain_delivery(e, delivery, err);
    return request_person(e->db, request, "person", &e->person, err) &&
           request_topic(e->db, request, "topic", &e->thread, err) && explain_thread(e, err);
}

static json_t *words_json(const struct site_word_list *words)
{
    json_t *array = json_array();

    for (size_t i = 0; i < words->n; i++) {
        const struct site_word *word = &words->at[i];
        json_t *object = json_object();

        (void)json_array_append_new(array, object);
        answer_text(object, "about", word->about);
        answer_text(object, "by", word->by);
        answer_number(object, "most", word->most);
        answer_moment(object, "since", word->since);
        answer_moment(object, "until", word->until);
        answer_text(object, "text", word->text);
    }
    return array;
}

static void put_way(json_t *answer, const struct explain *e)
{
    if (e->has_lane) {
        json_t *lane = json_object();

        answer_take(answer, "lane", lane);
        answer_number(lane, "waiting", e->lane.waiting);
        if (e->lane.site[0] != '\0')
            answer_string(lane, "site", e->lane.site);
    }
    if (e->words.n > 0)
        answer_take(answer, "site_words", words_json(&e->words));
    if (e->has_domain) {
        json_t *domain = json_object();

        answer_take(answer, "domain", domain);
        answer_string(domain, "name", e->domain.name);
        answer_number(domain, "failures", e->domain.failures);
        answer_moment(domain, "asleep_until", e->domain.asleep_until);
        if (e->domain.text[0] != '\0')
            answer_string(domain, "text", e->domain.text);
    }
}

static void put_mail(json_t *answer, const struct explain *e)
{
    if (e->row.id == 0)
        return;
    delivery_json_put(answer, &e->row);
    if (delivery_state_final(e->row.state))
        return;
    answer_moment(answer, "gives_up", e->gives_up);
    if (e->is_barred)
        answer_string(answer, "suppressed_by", e->bar);
    put_way(answer, e);
}

static void put_notice(json_t *answer, const struct explain *e)
{
    json_t *newer;

    if (!e->has_notice)
        return;
    newer = json_object();
    answer_take(answer, "newer", newer);
    if (e->notice.due_at == NOTICE_WAITS)
        answer_string(newer, "waits_for",
                      notice_waits_for_a_mail(&e->notice) ? "mail"
                                                          : notice_wait_name(e->notice.wait));
    else
        answer_moment(newer, "due", e->notice.due_at);
}

static json_t *answer_of(const struct explain *e)
{
    json_t *answer = json_object();
    json_t *daemon = json_object();

    put_mail(answer, e);
    if (e->tries.n > 0)
        answer_take(answer, "last_try", delivery_json_try(&e->tries.at[0]));
    if (e->orders.n > 0)
        answer_take(answer, "orders", delivery_json_orders(&e->orders));
    if (e->person != 0) {
        answer_text(answer, "person", e->name);
        answer_text(answer, "topic", e->topic);
    }
    put_notice(answer, e);
    answer_string(answer, "waits_for",
                  e->waits_for == WAITS_WINDOW ? notice_wait_name(e->notice.wait)
                                               : waits_for_name(e->waits_for));
    answer_moment(answer, "until", e->until);
    answer_flag(daemon, "running", e->has_daemon);
    answer_take(answer, "daemon", daemon);
    explain_put_sentences(answer, e);
    return answer;
}

bool explain_show(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct explain *e;
    bool ok;

    arena_init(&arena);
    e = ARENA_NEW(&arena, struct explain);
    e->db = db;
    e->arena = &arena;
    e->settings = request->settings;
    e->now_ms = request->now_ms;
    ok = find_out(e, request, err);
    if (ok)
        *ret_answer = answer_of(e);
    if (e->has_bounds)
        site_bounds_fini(&e->bounds);
    return ok;
}
