/*
 * A number that one thread writes and any other may read at any time, without a lock: what is read
 * may be a moment old. Costs its writer no more than a plain variable.
 */
#ifndef POSTROOM_BASE_SHARED_NUMBER_H
#define POSTROOM_BASE_SHARED_NUMBER_H

#include <stdatomic.h>
#include <stdint.h>

struct shared_number {
    _Atomic int64_t value;
};

/* shared_number_read gives it, from any thread. */
static inline int64_t shared_number_read(const struct shared_number *number)
{
    return atomic_load_explicit(&number->value, memory_order_relaxed);
}

/* shared_number_set and shared_number_add change it, on its writer's thread. */
static inline void shared_number_set(struct shared_number *number, int64_t value)
{
    atomic_store_explicit(&number->value, value, memory_order_relaxed);
}

static inline void shared_number_add(struct shared_number *number, int64_t n)
{
    shared_number_set(number, shared_number_read(number) + n);
}

#endif
