/*
 * Threads that compose letters for a sender, each with a connection to the store for reading.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_COMPOSING_H
#define POSTROOM_SERVICES_DELIVERY_COMPOSING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "services/delivery/engine.h"

struct composing;
struct loop;

/* composing_pool_new starts the threads; the state of their work is a struct composing *.
 * `options` is borrowed. */
MUST_USE struct worker_pool *composing_pool_new(struct loop *loop,
                                                const struct delivery_engine_options *options);

/* composing_letter makes a letter on such a thread; as letter_source's `make`. LETTER_ASKS is left
 * to the caller when the application is not asked on the spot; when it cannot be, the letter
 * waits. */
MUST_USE bool composing_letter(struct composing *composing, const struct letter_order *order,
                               struct letter *ret_letter, struct error *err);

/* composing_blind makes it a letter that waits, since the application does not say who may see
 * what: `problem` says why not. */
void composing_blind(struct letter *letter, const struct error *problem, int64_t now_ms);

#endif
