/*
 * Where the delivery engine gets its letters from: whoever composes is handed in, for services
 * meet in domain types alone.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_LETTER_SOURCE_H
#define POSTROOM_SERVICES_DELIVERY_LETTER_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/letter.h"

struct db;

struct letter_source {
    /* Each thread that composes makes a worker of its own, and frees it on that thread. */
    void *(*worker_new)(void *context);
    void (*worker_free)(void *worker);

    /* Makes the letter of a delivery, which ends with letter_fini; reads `db` alone. false when
     * the store cannot be read or has no such delivery. */
    bool (*make)(void *worker, struct db *db, const struct letter_order *order,
                 struct letter *ret_letter, struct error *err);

    void *context;
};

#endif
