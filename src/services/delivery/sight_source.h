/*
 * Where the delivery engine has the application's answers from about who may see what: one of the
 * two, or neither.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_SIGHT_SOURCE_H
#define POSTROOM_SERVICES_DELIVERY_SIGHT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/sight.h"

struct sight_source {
    /* Answers on the thread that composes; false when it cannot. NULL: it is asked for. */
    bool (*see)(void *context, struct sight_sheet *sheet, int64_t now_ms, struct error *err);

    /* Has the sheet answered, and posts the ask to its mailbox then, soon and in any case; until
     * then both are left alone. NULL: there is `see`, or nobody to ask. From any thread. */
    void (*ask)(void *context, struct sight_ask *ask);

    void *context;
};

#endif
