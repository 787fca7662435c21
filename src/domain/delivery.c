/*
 * The table of delivery states. The only place where a transition is allowed or not; the store
 * does it by compare-and-set.
 */
#include "domain/delivery.h"

static const struct {
    enum delivery_state state;
    const char *name;
} states[] = {
    { DELIVERY_QUEUED, "queued" },
    { DELIVERY_DEFERRED, "deferred" },
    { DELIVERY_SENDING, "sending" },
    { DELIVERY_IN_DOUBT, "in_doubt" },
    { DELIVERY_HELD, "held" },
    { DELIVERY_DELIVERED, "delivered" },
    { DELIVERY_FAILED, "failed" },
    { DELIVERY_EXPIRED, "expired" },
    { DELIVERY_SUPPRESSED, "suppressed" },
    { DELIVERY_CANCELLED, "cancelled" },
};

static const char *const stream_names[] = { "urgent", "notices", "submissions", "mailouts" };

const char *delivery_state_name(enum delivery_state state)
{
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++)
        if (states[i].state == state)
            return states[i].name;
    return "unknown";
}

bool delivery_state_find(struct span name, enum delivery_state *ret_state)
{
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++) {
        if (span_equal(name, span_of(states[i].name))) {
            *ret_state = states[i].state;
            return true;
        }
    }
    return false;
}

bool delivery_state_final(enum delivery_state state)
{
    return state >= DELIVERY_DELIVERED;
}

/* A definite answer without an intent (refused at RCPT, no such domain) leads from the waiting
 * states straight to deferred or failed. */
bool delivery_may_become(enum delivery_state from, enum delivery_state to)
{
    switch (from) {
    case DELIVERY_QUEUED:
    case DELIVERY_DEFERRED:
        return to != DELIVERY_QUEUED && to != DELIVERY_IN_DOUBT && to != DELIVERY_DELIVERED;
    case DELIVERY_SENDING:
        return to == DELIVERY_DELIVERED || to == DELIVERY_DEFERRED || to == DELIVERY_FAILED ||
               to == DELIVERY_IN_DOUBT;
    case DELIVERY_IN_DOUBT:
        return to != DELIVERY_QUEUED && to != DELIVERY_DEFERRED;
    case DELIVERY_HELD:
        return to == DELIVERY_QUEUED || to == DELIVERY_DEFERRED || to == DELIVERY_IN_DOUBT ||
               to == DELIVERY_EXPIRED || to == DELIVERY_SUPPRESSED || to == DELIVERY_CANCELLED;
    case DELIVERY_DELIVERED:
    case DELIVERY_FAILED:
    case DELIVERY_EXPIRED:
    case DELIVERY_SUPPRESSED:
    case DELIVERY_CANCELLED:
        return false;
    }
    return false;
}

const char *stream_name(enum stream_id stream)
{
    return stream_names[stream];
}

bool stream_find(struct span name, enum stream_id *ret_stream)
{
    for (size_t i = 0; i < ARRAY_LENGTH(stream_names); i++) {
        if (span_equal(name, span_of(stream_names[i]))) {
            *ret_stream = (enum stream_id)i;
            return true;
        }
    }
    return false;
}
