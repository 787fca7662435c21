/*
 * Looking at the ledger.
 */
#include "services/inquiry/mail.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "domain/delivery.h"
#include "domain/mail_address.h"
#include "services/inquiry/delivery_json.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "services/request/site_wish.h"
#include "store/attempt.h"
#include "store/delivery.h"
#include "store/delivery_list.h"
#include "store/delivery_order.h"
#include "store/intent.h"
#include "store/telling.h"

enum {
    HISTORY_MOST = 1000, /* tries and intents shown of one delivery, the last ones */
    EVENTS_MOST = 100
};

static bool read_to(struct db *db, const struct request *request, struct arena *arena,
                    struct delivery_filter *filter, struct error *err)
{
    struct mail_address address;
    struct span to;

    if (!request_text(request, "to", &to, err) || to.at == NULL)
        return to.at == NULL;
    if (span_index(to, '@') == to.n)
        return request_person(db, request, "to", &filter->person, err);
    if (!mail_address_read(to, &address, err))
        return error_wrap(err, "to");
    filter->normal = arena_copy(arena, span_of(address.normal));
    return true;
}

static bool refuse_state(struct span name, struct error *err)
{
    CLEANUP(buf_fini) struct buf known;

    buf_init(&known, 200);
    for (int state = DELIVERY_QUEUED; state <= DELIVERY_CANCELLED; state++)
        if (state <= DELIVERY_HELD || state >= DELIVERY_DELIVERED)
            buf_printf(&known, "%s%s", known.n > 0 ? ", " : "",
                       delivery_state_name((enum delivery_state)state));
    return error_set(err, ERROR_INVALID, "state: there is no state \"%.*s\" (known: %s)",
                     SPAN_ARGS(span_first(name, 40)), buf_text(&known));
}

static bool read_state(const struct request *request, struct delivery_filter *filter,
                       struct error *err)
{
    struct span name;

    if (!request_text(request, "state", &name, err))
        return false;
    filter->has_state = name.at != NULL;
    if (filter->has_state && !delivery_state_find(name, &filter->state))
        return refuse_state(name, err);
    return true;
}

/* A message id may come in its angle brackets. */
static bool read_message_id(const struct request *request, struct delivery_filter *filter,
                            struct error *err)
{
    struct span id;

    if (!request_text(request, "message_id", &id, err))
        return false;
    if (span_starts(id, SPAN("<")) && span_ends(id, SPAN(">")))
        id = span_rest(span_first(id, id.n - 1), 1);
    filter->message_id = id;
    return true;
}

static bool read_site(struct db *db, const struct request *request, struct arena *arena,
                      struct delivery_filter *filter, struct error *err)
{
    return json_object_get(request->args, "site") == NULL ||
           request_site(db, request, "site", arena, &filter->site, err);
}

static bool read_filter(struct db *db, const struct request *request, struct arena *arena,
                        struct delivery_filter *filter, struct error *err)
{
    return request_allow(request,
                         "to message_id subject words state since domain site before limit", err) &&
           read_to(db, request, arena, filter, err) && read_state(request, filter, err) &&
           read_message_id(request, filter, err) &&
           request_domain(request, "domain", arena, &filter->domain, err) &&
           read_site(db, request, arena, filter, err) &&
           request_text(request, "subject", &filter->subject, err) &&
           request_text(request, "words", &filter->words, err) &&
           request_past(request, "since", &filter->since, err) &&
           request_integer(request, "before", 1, INT64_MAX, INT64_MAX, &filter->before, err) &&
           request_page(request, &filter->limit, err);
}

/* The subject is known once an intent fixed it. */
static bool put_subject(struct db *db, struct arena *arena, json_t *object, int64_t delivery,
                        struct error *err)
{
    struct intent_list intents;

    if (!intent_list_read(db, arena, delivery, 1, &intents, err))
        return false;
    if (intents.n > 0)
        answer_text(object, "subject", intents.at[0].subject);
    return true;
}

static bool put_list(struct db *db, const struct delivery_list *list, json_t *answer,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    json_t *array = json_array();

    arena_init(&arena);
    answer_take(answer, "deliveries", array);
    for (size_t i = 0; i < list->n; i++) {
        json_t *object = json_object();

        (void)json_array_append_new(array, object);
        delivery_json_put(object, &list->at[i]);
        if (!put_subject(db, &arena, object, list->at[i].id, err))
            return false;
    }
    if (list->next != 0)
        answer_number(answer, "next", list->next);
    if (list->is_cut)
        answer_flag(answer, "cut", true);
    return true;
}

bool mail_deliveries(struct db *db, const struct request *request, json_t **ret_answer,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct delivery_filter filter = { 0 };
    struct delivery_list list;
    json_t *answer;

    arena_init(&arena);
    if (!read_filter(db, request, &arena, &filter, err) ||
        !delivery_list_read(db, &arena, &filter, &list, err))
        return false;
    answer = json_object();
    answer_filter(answer, request->args);
    if (!put_list(db, &list, answer, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}

/* Which events the mail tells, so that `event show` and `why` go on from here. */
static bool put_events(struct db *db, json_t *answer, int64_t delivery, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct telling_events events;
    json_t *array = json_array();

    arena_init(&arena);
    answer_take(answer, "events", array);
    if (!telling_events_read(db, &arena, delivery, EVENTS_MOST, &events, err))
        return false;
    for (size_t i = 0; i < events.n; i++) {
        json_t *object = json_object();

        (void)json_array_append_new(array, object);
        answer_number(object, "event", events.at[i].id);
        answer_text(object, "topic", events.at[i].topic);
        answer_text(object, "kind", events.at[i].kind);
    }
    return true;
}

static bool put_person(struct db *db, json_t *answer, const struct delivery_row *row,
                       struct error *err)
{
    return row->person == 0 || answer_person(answer, "person", db, row->person, err);
}

static bool put_history(struct db *db, json_t *answer, int64_t delivery, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct intent_list intents;
    struct attempt_list tries;
    struct delivery_order_list orders;
    json_t *intent_array = json_array();
    json_t *try_array = json_array();

    arena_init(&arena);
    answer_take(answer, "intents", intent_array);
    answer_take(answer, "tries", try_array);
    if (!intent_list_read(db, &arena, delivery, HISTORY_MOST, &intents, err) ||
        !attempt_list_read(db, &arena, delivery, HISTORY_MOST, &tries, err) ||
        !delivery_order_list_read(db, &arena, delivery, HISTORY_MOST, &orders, err))
        return false;
    if (orders.n > 0)
        answer_take(answer, "orders", delivery_json_orders(&orders));
    for (size_t i = 0; i < intents.n; i++)
        (void)json_array_append_new(intent_array, delivery_json_intent(&intents.at[i]));
    for (size_t i = 0; i < tries.n; i++)
        (void)json_array_append_new(try_array, delivery_json_try(&tries.at[i]));
    return true;
}

bool mail_trace(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    struct delivery_row row;
    int64_t id;
    bool found;
    json_t *answer;

    if (!request_allow(request, "delivery", err) ||
        !request_integer(request, "delivery", 1, INT64_MAX, 0, &id, err) ||
        !delivery_load(db, id, &row, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "there is no delivery %lld", (long long)id);
    answer = json_object();
    delivery_json_put(answer, &row);
    if (!put_person(db, answer, &row, err) || !put_events(db, answer, id, err) ||
        !put_history(db, answer, id, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
