/*
 * Orders by hand. Mail that is being sent cannot be stopped any more, and mail that has ended
 * stays so; everything else goes through the one transition that keeps lanes, retry rows,
 * counters and what was heard in step.
 */
#include "services/delivery/queue_orders.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "services/request/answer.h"
#include "services/request/plain_text.h"
#include "store/db.h"
#include "store/delivery.h"
#include "store/delivery_order.h"
#include "store/domain.h"
#include "store/intent.h"
#include "store/lane.h"

enum { DELIVERIES_MOST = 1000, REASON_LIMIT = 300, TEXT_LIMIT = 400 };

#define REASON_BY_HAND "by_hand"
#define REASON_IN_DOUBT "in_doubt"

struct order {
    struct db *db;
    const struct request *request;
    const char *what; /* as delivery_order keeps it */
    struct buf text;  /* "by uid 1000: words" */
};

/* What an order does with one delivery; *ret_changed is false when it was so already. */
typedef bool order_act(const struct order *order, struct delivery_row *row, bool *ret_changed,
                       struct error *err);

static bool refuse(const struct delivery_row *row, const char *what, struct error *err)
{
    return error_set(err, ERROR_CONFLICT, "delivery %lld %s", (long long)row->id, what);
}

static bool refuse_ended(const struct delivery_row *row, struct error *err)
{
    CLEANUP(buf_fini) struct buf at;

    buf_init(&at, 40);
    text_put_time(&at, row->ended_at);
    return error_set(err, ERROR_CONFLICT, "delivery %lld is %s already, since %.19sZ",
                     (long long)row->id, delivery_state_name(row->state), buf_text(&at));
}

/* Whatever it is held for now. */
static bool may_have_arrived(const struct delivery_row *row)
{
    return row->doubts > 0;
}

/* Orders are for what waits. */
static bool check_waits(const struct delivery_row *row, struct error *err)
{
    if (delivery_state_final(row->state))
        return refuse_ended(row, err);
    return row->state != DELIVERY_SENDING || refuse(row, "is being sent at this moment", err);
}

static bool move(const struct order *order, struct delivery_row *row, enum delivery_state to,
                 const char *reason, struct error *err)
{
    const struct delivery_change change = {
        .to = to, .reason = reason, .text = buf_view(&order->text), .now_ms = order->request->now_ms
    };
    bool done;

    return delivery_transition(order->db, row, &change, &done, err);
}

static bool act_now(const struct order *order, struct delivery_row *row, bool *ret_changed,
                    struct error *err)
{
    struct lane_key lane = lane_of_delivery(row);

    if (row->state == DELIVERY_HELD)
        return refuse(row, "is held: `queue release` lets it go", err);
    if (row->state == DELIVERY_IN_DOUBT)
        return refuse(
            row,
            "may have arrived: it is sent again after its full interval; `queue resolve` sends it "
            "now, or takes it for delivered",
            err);
    if (!delivery_hasten(order->db, row, order->request->now_ms, ret_changed, err) ||
        !domain_wake(order->db, span_of(row->domain), err))
        return false;
    lane_urge(order->db, &lane, row->id);
    return true;
}

static bool act_hold(const struct order *order, struct delivery_row *row, bool *ret_changed,
                     struct error *err)
{
    *ret_changed = row->state != DELIVERY_HELD;
    if (!*ret_changed)
        return true;
    return move(order, row, DELIVERY_HELD, REASON_BY_HAND, err);
}

/* Back to where it was held. It has a retry row from then on, since the lane's cursor may have
 * passed it. */
static bool act_release(const struct order *order, struct delivery_row *row, bool *ret_changed,
                        struct error *err)
{
    struct delivery_change change = { .to = DELIVERY_DEFERRED,
                                      .reason = "released",
                                      .text = buf_view(&order->text),
                                      .now_ms = order->request->now_ms };
    struct lane_key lane = lane_of_delivery(row);
    bool done;

    if (row->state != DELIVERY_HELD)
        return refuse(row, "is not held", err);
    if (may_have_arrived(row))
        change.to = DELIVERY_IN_DOUBT;
    else if (row->attempts == 0)
        change.to = DELIVERY_QUEUED;
    change.due_at = row->due_at > change.now_ms ? row->due_at : change.now_ms;
    if (!delivery_transition(order->db, row, &change, &done, err))
        return false;
    lane_tell(order->db, &lane);
    *ret_changed = true;
    return true;
}

static bool act_cancel(const struct order *order, struct delivery_row *row, bool *ret_changed,
                       struct error *err)
{
    *ret_changed = true;
    return move(order, row, DELIVERY_CANCELLED, "cancelled", err);
}

/* ---- what is in doubt ---- */

/* What was held is in doubt again first. */
static bool need_doubt(const struct order *order, struct delivery_row *row, struct error *err)
{
    struct delivery_change change = { .to = DELIVERY_IN_DOUBT,
                                      .reason = REASON_IN_DOUBT,
                                      .text = buf_view(&order->text),
                                      .due_at = order->request->now_ms,
                                      .now_ms = order->request->now_ms };
    bool done;

    if (row->state == DELIVERY_HELD && may_have_arrived(row))
        return delivery_transition(order->db, row, &change, &done, err);
    return row->state == DELIVERY_IN_DOUBT || refuse(row, "is not in doubt", err);
}

/* The subject that went out, which the thread goes on with. */
static bool read_subject(const struct order *order, int64_t delivery, struct arena *arena,
                         struct span *ret_subject, struct error *err)
{
    struct intent_list intents;

    if (!intent_list_read(order->db, arena, delivery, 1, &intents, err))
        return false;
    *ret_subject = intents.n > 0 ? intents.at[0].subject : (struct span){ NULL, 0 };
    return true;
}

static bool act_delivered(const struct order *order, struct delivery_row *row, bool *ret_changed,
                          struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct delivery_change change = { .to = DELIVERY_DELIVERED,
                                      .reason = REASON_BY_HAND,
                                      .text = buf_view(&order->text),
                                      .now_ms = order->request->now_ms };

    arena_init(&arena);
    return need_doubt(order, row, err) &&
           read_subject(order, row->id, &arena, &change.subject, err) &&
           delivery_transition(order->db, row, &change, ret_changed, err);
}

static bool act_resend(const struct order *order, struct delivery_row *row, bool *ret_changed,
                       struct error *err)
{
    const struct delivery_change change = { .to = DELIVERY_IN_DOUBT,
                                            .reason = REASON_IN_DOUBT,
                                            .text = buf_view(&order->text),
                                            .due_at = order->request->now_ms,
                                            .now_ms = order->request->now_ms };
    struct lane_key lane = lane_of_delivery(row);

    if (!need_doubt(order, row, err) ||
        !delivery_transition(order->db, row, &change, ret_changed, err) ||
        !domain_wake(order->db, span_of(row->domain), err))
        return false;
    lane_urge(order->db, &lane, row->id);
    return true;
}

/* ---- all of them ---- */

static void put_row(json_t *array, const struct delivery_row *row, bool changed)
{
    json_t *object = json_object();

    answer_number(object, "delivery", row->id);
    answer_string(object, "to", row->address);
    answer_string(object, "state", delivery_state_name(row->state));
    answer_number(object, "attempts", row->attempts);
    if (!delivery_state_final(row->state))
        answer_moment(object, "due", row->due_at);
    answer_flag(object, "changed", changed);
    (void)json_array_append_new(array, object);
}

static bool keep_order(const struct order *order, int64_t delivery, struct error *err)
{
    const struct delivery_order kept = { order->request->now_ms, span_of(order->what),
                                         buf_view(&order->text) };

    return delivery_order_add(order->db, delivery, &kept, err);
}

static bool run_one(const struct order *order, int64_t id, order_act *act, json_t *array,
                    struct error *err)
{
    struct delivery_row row;
    bool found;
    bool changed = false;

    if (!delivery_load(order->db, id, &row, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "there is no delivery %lld", (long long)id);
    if (!check_waits(&row, err) || !act(order, &row, &changed, err) || !keep_order(order, id, err))
        return false;
    put_row(array, &row, changed);
    return true;
}

static bool run_all(const struct order *order, order_act *act, json_t *array, struct error *err)
{
    const json_t *ids = json_object_get(order->request->args, "deliveries");
    size_t i;
    json_t *id;

    if (!json_is_array(ids) || json_array_size(ids) == 0)
        return error_set(err, ERROR_INVALID, "deliveries: must be a list of numbers");
    if (json_array_size(ids) > DELIVERIES_MOST)
        return error_set(err, ERROR_LIMIT, "deliveries: at most %d at once", DELIVERIES_MOST);
    json_array_foreach (ids, i, id) {
        if (!json_is_integer(id) || json_integer_value(id) < 1)
            return error_set(err, ERROR_INVALID, "deliveries: must be a list of numbers");
        if (!run_one(order, json_integer_value(id), act, array, err))
            return false;
    }
    return true;
}

static bool read_text(struct order *order, struct error *err)
{
    struct span reason;

    if (!request_text(order->request, "reason", &reason, err) ||
        !plain_line_check(reason, "reason", REASON_LIMIT, err))
        return false;
    buf_printf(&order->text, "by %s", order->request->by);
    if (reason.n > 0)
        buf_printf(&order->text, ": %.*s", SPAN_ARGS(reason));
    return true;
}

/* An order and its word. */
struct verb {
    const char *what;
    order_act *act;
};

static bool do_order(struct db *db, const struct request *request, const struct verb *verb,
                     json_t **ret_answer, struct error *err)
{
    struct order order = { .db = db, .request = request, .what = verb->what };
    json_t *array = json_array();
    bool ok;

    buf_init(&order.text, TEXT_LIMIT);
    ok = read_text(&order, err) && run_all(&order, verb->act, array, err);
    buf_fini(&order.text);
    if (!ok) {
        json_decref(array);
        return false;
    }
    *ret_answer = json_object();
    answer_take(*ret_answer, "deliveries", array);
    return true;
}

static bool give_order(struct db *db, const struct request *request, struct verb verb,
                       json_t **ret_answer, struct error *err)
{
    return request_allow(request, "deliveries reason", err) &&
           do_order(db, request, &verb, ret_answer, err);
}

bool queue_orders_now(struct db *db, const struct request *request, json_t **ret_answer,
                      struct error *err)
{
    return give_order(db, request, (struct verb){ "now", act_now }, ret_answer, err);
}

bool queue_orders_hold(struct db *db, const struct request *request, json_t **ret_answer,
                       struct error *err)
{
    return give_order(db, request, (struct verb){ "hold", act_hold }, ret_answer, err);
}

bool queue_orders_release(struct db *db, const struct request *request, json_t **ret_answer,
                          struct error *err)
{
    return give_order(db, request, (struct verb){ "release", act_release }, ret_answer, err);
}

bool queue_orders_cancel(struct db *db, const struct request *request, json_t **ret_answer,
                         struct error *err)
{
    return give_order(db, request, (struct verb){ "cancel", act_cancel }, ret_answer, err);
}

bool queue_orders_resolve(struct db *db, const struct request *request, json_t **ret_answer,
                          struct error *err)
{
    struct span as;

    if (!request_allow(request, "deliveries as reason", err) ||
        !request_need_text(request, "as", &as, err))
        return false;
    if (span_equal(as, SPAN("delivered")))
        return do_order(db, request, &(struct verb){ "delivered", act_delivered }, ret_answer, err);
    if (span_equal(as, SPAN("resend")))
        return do_order(db, request, &(struct verb){ "resend", act_resend }, ret_answer, err);
    return error_set(err, ERROR_INVALID, "as: must be delivered or resend");
}
