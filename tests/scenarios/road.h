/*
 * The whole road of a mail in a simulation: the daemon's parts as `postroom serve` puts them
 * together (ledger, fan-out, composing, delivery engine) on machine 0, its store on a real SQLite
 * file, exchangers and a zone on the other side; one thread, one seed, virtual time. The daemon
 * can end in order, be killed, or lose its power, and start again.
 */
#ifndef POSTROOM_TESTS_SCENARIOS_ROAD_H
#define POSTROOM_TESTS_SCENARIOS_ROAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/delivery.h"
#include "domain/figure.h"
#include "domain/mx_hosts.h"
#include "domain/settings.h"
#include "services/request/request.h"
#include "store/db.h"
#include "tests/scenarios/exchange.h"
#include "tests/simulation/dns.h"
#include "tests/simulation/simulation.h"
#include "tests/support/power_vfs.h"
#include "tests/support/scratch.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

struct road_life;

struct road {
    struct simulation *sim;
    struct exchange *exchange;
    struct scratch scratch;
    char database[320];
    char inbox[320];          /* of an application; empty: there is none */
    bool has_webhooks;        /* somebody tells them */
    struct settings settings; /* may be changed before road_start */
    struct mx_rules rules;
    size_t senders;     /* sender loops of the engine: 2 */
    int64_t sync_us;    /* what a sync of the disk takes: 0 */
    size_t claims_most; /* mails it holds in memory: 0, as many as it likes */
    int64_t retry[3];
    int64_t greylist[2];
    uint64_t seed;
    struct power_vfs *power;
    bool is_tampered_with;  /* the watchdog is to find something */
    struct road_life *life; /* NULL: the daemon is down */
    struct error err;       /* of the last refused question */
    json_t *answer;         /* of the last one */
};

/* road_open makes a world with an empty store, on a disk that can lose its power; nothing runs yet.
 * road_close ends all. */
void road_open(struct road *r, uint64_t seed);
void road_close(struct road *r);

/* cmocka's setup and teardown around a test that opens roads, one after the other, in the struct
 * that is its state; what a failed test left open is dropped. */
int road_setup(void **state);
int road_teardown(void **state);
#define ROAD_TEST(f) cmocka_unit_test_setup_teardown(f, road_setup, road_teardown)

/* road_start starts the daemon, again and again when the power goes meanwhile; road_stop ends it in
 * order. */
void road_start(struct road *r);
void road_stop(struct road *r);

/* road_crash ends it between two events: nothing of it runs again, its peers notice what `death`
 * says; after a power cut the disk holds what was synced, and perhaps more. */
void road_crash(struct road *r, enum sim_death death);

/* road_is_down is true when the disk has lost its power or the machine has fallen at a send: then
 * road_crash is due. */
MUST_USE bool road_is_down(const struct road *r);

/* road_run lets time go by. When the road goes down meanwhile it returns at that event. */
void road_run(struct road *r, int64_t ms);

/* road_run_until lets time go by until `done` is true, for `most_ms` at most; gives what it says
 * then. */
MUST_USE bool road_run_until(struct road *r, bool (*done)(struct road *r), int64_t most_ms);

/* road_try asks a request of the running daemon, its arguments written as JSON in which ' stands
 * for "; false leaves the reason in r->err. road_ask fails the test instead. The answer stays the
 * road's until the next question. */
MUST_USE bool road_try(struct road *r, request_handler *handler, const char *args);
json_t *road_ask(struct road *r, request_handler *handler, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* road_json_text gives JSON written with ' for " as it is meant, freed with alloc_free. */
MUST_USE char *road_json_text(const char *text);

/* road_number reads one number out of the store of a running daemon, road_text a text, "" when it
 * is null, valid until the next call:
 *     road_number(r, SQL("SELECT ... WHERE id = $1"), db_int(id)) */
MUST_USE int64_t road_number_values(struct road *r, const char *sql, const struct db_value *values);
MUST_USE const char *road_text_values(struct road *r, const char *sql,
                                      const struct db_value *values);
#define road_number(r, sql, ...) road_number_values((r), (sql), DB_VALUES(__VA_ARGS__))
#define road_text(r, sql, ...) road_text_values((r), (sql), DB_VALUES(__VA_ARGS__))

/* road_figure gives a gauge or counter of the running delivery engine. */
MUST_USE int64_t road_figure(const struct road *r, enum figure figure);

/* road_delivery gives the latest delivery to an address, 0 when there is none. */
MUST_USE int64_t road_delivery(struct road *r, const char *address);

/* road_expect fails unless a delivery is in that state after so many attempts. */
void road_expect(struct road *r, int64_t delivery, enum delivery_state state, int64_t attempts);

/* road_now gives what the clocks show. */
MUST_USE int64_t road_now(const struct road *r);

#endif
