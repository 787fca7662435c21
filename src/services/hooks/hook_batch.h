/*
 * What a webhook is to be told next.
 */
#ifndef POSTROOM_SERVICES_HOOKS_HOOK_BATCH_H
#define POSTROOM_SERVICES_HOOKS_HOOK_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "services/hooks/hook_signature.h"

struct db;
struct webhook_row;

enum {
    HOOK_BATCH_ROWS = 500,         /* of the outbox looked at at once */
    HOOK_BATCH_CHANGES = 100,      /* told at once */
    HOOK_BATCH_BYTES = 256 * 1024, /* but for one change that is larger */
    HOOK_BODY_LIMIT = 80 << 20     /* above what one event can be */
};

struct hook_batch {
    int64_t through; /* all rows up to here are in it, or are not for this webhook */
    size_t count;    /* 0: none was for it */
    int64_t dropped; /* it was too late for all up to here that it was not told; 0: for none */
    bool is_begun;   /* its end was fixed before, */
    char id[HOOK_ID_ROOM];
    struct buf body; /* JSON */
};

void hook_batch_init(struct hook_batch *batch);
void hook_batch_fini(struct hook_batch *batch);

/* hook_batch_read fills an initialised batch with what follows `after`. One that was begun, which
 * hook->sending_seq tells, is read after hook->through_seq and has the same end and id again. */
MUST_USE bool hook_batch_read(struct db *db, const struct webhook_row *hook, int64_t after,
                              int64_t now_ms, struct hook_batch *batch, struct error *err);

/* hook_secrets gives what signs at `now_ms`, for hook_sign, to be freed by the caller. */
MUST_USE char *hook_secrets(const struct webhook_row *hook, int64_t now_ms);

/* hook_batch_ping fills it with a ping. */
void hook_batch_ping(const struct webhook_row *hook, int64_t now_ms, struct hook_batch *batch);

#endif
