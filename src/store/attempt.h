/*
 * Attempts: what came of each try, in the server's own words. Append-only.
 */
#ifndef POSTROOM_STORE_ATTEMPT_H
#define POSTROOM_STORE_ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/delivery.h"
#include "domain/outcome.h"

struct db;

/* Texts may be NULL: not known, or it did not come so far. */
struct attempt {
    int64_t delivery;
    int64_t intent; /* 0: no leave to send was asked for */
    int64_t at;     /* when it ended */
    const char *host;
    const char *ip;
    const char *source;
    const char *tls; /* "TLSv1.3 TLS_AES_256_GCM_SHA384, certificate good"; NULL: in the clear */
    int64_t ms;      /* how long it took */
    const struct outcome *outcome;
    enum delivery_state led_to;
    bool led_on;            /* to the next host in the same pass instead: `led_to` says nothing */
    struct span dialogue;   /* packed (protocol/smtp/dialogue.h); n == 0: none is kept, */
    int64_t dialogue_until; /* else until then */
};

/* attempt_add writes one, and its dialogue. */
MUST_USE bool attempt_add(struct db *db, const struct attempt *attempt, struct error *err);

/* attempt_count_broken counts the passes in which the connection was lost, or ended by 421, in the
 * midst of the mail. */
MUST_USE bool attempt_count_broken(struct db *db, int64_t delivery, int64_t *ret_count,
                                   struct error *err);

/* One as it is on record. Absent texts have at == NULL. */
struct attempt_row {
    int64_t id;
    int64_t intent; /* 0: no leave to send was asked for */
    int64_t at;
    struct span host;
    struct span ip;
    struct span source;
    struct span tls;
    struct span stage;
    int64_t code; /* 0: none */
    struct span status;
    struct span text;
    int64_t ms;
    enum delivery_state led_to;
    bool led_on;          /* to the next host in the same pass instead: `led_to` says nothing */
    bool local;           /* we said it, not the server */
    struct span dialogue; /* packed; n == 0: none is kept */
};

struct attempt_list {
    struct attempt_row *at;
    size_t n;
};

/* attempt_list_read reads the last `most` tries of a delivery, in their order. */
MUST_USE bool attempt_list_read(struct db *db, struct arena *arena, int64_t delivery, size_t most,
                                struct attempt_list *ret_list, struct error *err);

#endif
