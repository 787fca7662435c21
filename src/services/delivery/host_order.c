/*
 * Preference orders hosts that are well (RFC 5321 section 5.1); one that was down a moment ago
 * costs the next mail a timeout, so the less preferred one is asked before it.
 */
#include "services/delivery/host_order.h"

static bool is_down(const struct host_place *place)
{
    return place->marks.has[HOST_DOWN];
}

static void add(struct host_order *order, const struct mx_target *target, struct host_marks marks)
{
    if (order->count < MX_TARGETS_MOST)
        order->places[order->count++] = (struct host_place){
            .host = target->host, .ip = target->ip, .preference = target->preference, .marks = marks
        };
}

static void take(struct host_order *order, const struct host_marks *marks, size_t probe, bool down)
{
    for (size_t i = 0; i < order->plan.count; i++)
        if (i != probe && marks[i].has[HOST_DOWN] == down)
            add(order, &order->plan.targets[i], marks[i]);
}

/* The target to look after, before the first that is well; plan->count: none. */
static size_t find_probe(const struct mx_plan *plan, const struct host_marks *marks,
                         struct host_memory *memory, int64_t now_ms)
{
    for (size_t i = 0; i < plan->count && marks[i].has[HOST_DOWN]; i++)
        if (host_memory_probe(memory, &plan->targets[i].ip, now_ms))
            return i;
    return plan->count;
}

void host_order_make(const struct mx_plan *plan, struct host_memory *memory, int64_t now_ms,
                     struct random *chance, struct host_order *ret_order)
{
    struct host_marks marks[MX_TARGETS_MOST] = { { { false } } };
    size_t probe;

    *ret_order = (struct host_order){ .count = 0 };
    mx_plan_copy(plan, &ret_order->plan);
    mx_plan_shuffle(&ret_order->plan, chance);
    for (size_t i = 0; memory != NULL && i < plan->count; i++)
        marks[i] = host_memory_marks(memory, &ret_order->plan.targets[i].ip, now_ms);
    probe = find_probe(&ret_order->plan, marks, memory, now_ms);
    if (probe < plan->count) {
        marks[probe].has[HOST_DOWN] = false;
        add(ret_order, &ret_order->plan.targets[probe], marks[probe]);
        ret_order->places[0].is_probe = true;
    }
    take(ret_order, marks, probe, false);
    take(ret_order, marks, probe, true);
}

void host_order_fini(struct host_order *order)
{
    mx_plan_fini(&order->plan);
    order->count = 0;
}

/* One that is looked after races with the best of those that are well. */
static bool is_alike(const struct host_place *a, const struct host_place *b)
{
    return is_down(a) == is_down(b) && (a->is_probe || a->preference == b->preference);
}

/* One that turned out to be slow in this pass is down, too. */
static size_t first_of(const struct host_order *order, bool down)
{
    size_t i = 0;

    while (i < order->count && (order->places[i].is_tried || is_down(&order->places[i]) != down))
        i++;
    return i;
}

size_t host_order_next(const struct host_order *order, size_t ret_places[static HOST_RACE_MOST])
{
    size_t room = HOST_PASS_MOST - order->tried_n;
    size_t first = first_of(order, false);
    size_t like;
    size_t n = 0;

    if (first == order->count)
        first = first_of(order, true);
    like = first;
    if (room > HOST_RACE_MOST)
        room = HOST_RACE_MOST;
    for (size_t i = first; i < order->count && n < room; i++)
        if (!order->places[i].is_tried && is_alike(&order->places[like], &order->places[i])) {
            ret_places[n++] = i;
            like = i;
        }
    return n;
}

void host_order_tried(struct host_order *order, size_t place)
{
    if (order->places[place].is_tried)
        return;
    order->places[place].is_tried = true;
    order->tried_n++;
}

void host_order_begin(struct host_order *order)
{
    for (size_t i = 0; i < order->count; i++)
        order->places[i].is_tried = false;
    order->tried_n = 0;
}
