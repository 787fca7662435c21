/*
 * Telling webhooks: on a loop of its own, each webhook in its order and by itself, so that one that
 * is slow or down holds up none of the others.
 */
#ifndef POSTROOM_SERVICES_HOOKS_HOOK_SENDER_H
#define POSTROOM_SERVICES_HOOKS_HOOK_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct db;
struct hook_sender;
struct ledger;
struct loop;
struct settings;

struct hook_sender_options {
    struct loop *loop;
    struct ledger *ledger;
    struct db *db; /* a reader, the sender's alone while it lives; stays the caller's */
    const struct settings *settings;
    int64_t poll_ms; /* how often it looks for changes */
    uint64_t seed;   /* of the jitter */
};

/* hook_sender_new makes one that begins when its loop runs. */
MUST_USE struct hook_sender *hook_sender_new(const struct hook_sender_options *options);

/* hook_sender_stop breaks off what is under way, which is sent again some day, and calls `done`
 * when the ledger has answered. From the loop's thread. */
void hook_sender_stop(struct hook_sender *s, void (*done)(void *owner), void *owner);

/* hook_sender_free frees a stopped one, after its loop has ended. */
void hook_sender_free(struct hook_sender *s);

/* hook_client_internal tells whether the settings let calls go to addresses of our own network: as
 * they do for mail. */
MUST_USE bool hook_client_internal(const struct settings *settings);

#endif
