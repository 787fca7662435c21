/*
 * The world in one thread: every loop, timer, mailbox, worker and connection of a test runs on one
 * virtual clock, and one seed decides delays, how bytes are cut into pieces and which of two
 * simultaneous events comes first. The same seed gives the same run, event for event.
 *
 * The code under test sees io/, net/resolver.h and net/http_client.h as ever; this header is for
 * who drives it. The clock of base/clock.h and the secrets of base/random.h come from here too.
 *
 * Only one simulation exists at a time.
 */
#ifndef POSTROOM_TESTS_SIMULATION_SIMULATION_H
#define POSTROOM_TESTS_SIMULATION_SIMULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/ip.h"

struct simulation;

MUST_USE struct simulation *sim_new(uint64_t seed);

/* sim_free ends the world; what still lives in it is dropped as by sim_crash. */
void sim_free(struct simulation *sim);

/* Time. */

/* sim_time_ms gives virtual milliseconds since sim_new; sim_utc_ms what the clocks show. */
MUST_USE int64_t sim_time_ms(const struct simulation *sim);
MUST_USE int64_t sim_utc_ms(const struct simulation *sim);

/* sim_step_clock moves the clocks, not the monotonic time. */
void sim_step_clock(struct simulation *sim, int64_t ms);

/* sim_run_for serves `ms` milliseconds of events. */
void sim_run_for(struct simulation *sim, int64_t ms);

/* sim_run_until serves events until `done` is true (looked at after each event), nothing is left
 * to happen, or `most_ms` are over; gives what `done` says then. */
MUST_USE bool sim_run_until(struct simulation *sim, bool (*done)(void *owner), void *owner,
                            int64_t most_ms);

/* sim_step serves one event; false when nothing is left to happen. */
bool sim_step(struct simulation *sim);

/* sim_at calls `run` in `ms` milliseconds. */
void sim_at(struct simulation *sim, int64_t ms, void (*run)(void *owner), void *owner);

/* sim_busy says that the loop on which something happens now works for `us` microseconds more: what
 * is to happen on it waits until then, and what it posts leaves then. */
void sim_busy(struct simulation *sim, int64_t us);

/* sim_digest gives a hash over all events so far: equal runs have equal digests. sim_events counts
 * them. */
MUST_USE uint64_t sim_digest(const struct simulation *sim);
MUST_USE uint64_t sim_events(const struct simulation *sim);

/* sim_log writes each event to standard error from now on, for people. */
void sim_log(struct simulation *sim, bool on);

/* Machines: what is made from now on belongs to machine `number` (0 at first). */

void sim_use_machine(struct simulation *sim, int number);

/* What the peers of a machine that died notice. */
enum sim_death {
    SIM_KILLED,   /* its kernel resets the connections */
    SIM_POWER_CUT /* nothing: the connections are silent */
};

/* sim_crash drops all loops, timers, mailboxes, workers, listeners, streams and resolvers of a
 * machine between two events. None of their callbacks is called again; they must not be freed or
 * used any more. Memory that hangs on them stays reachable, so it is no leak. The states of workers
 * are freed, because they may hold files, which a kernel closes. */
void sim_crash(struct simulation *sim, int machine, enum sim_death death);

/* sim_fall_at_send lets a machine fall at its n-th send of bytes from now, 1 being the next; 0
 * takes the plan back. A seeded part of that send leaves, and nothing after it; whoever drives the
 * world looks at sim_has_fallen after each event, and crashes the machine. */
void sim_fall_at_send(struct simulation *sim, int machine, int64_t n);
MUST_USE bool sim_has_fallen(const struct simulation *sim);

/* The network: faults of a server's address. Connections find listeners by endpoint; where nobody
 * listens they are refused. */

/* sim_net_latency sets how long bytes travel to and from `ip`, one way, besides the jitter. */
void sim_net_latency(struct simulation *sim, const struct ip *ip, int64_t ms);

/* sim_net_black_hole lets all that travels to and from `ip` vanish while it is on. */
void sim_net_black_hole(struct simulation *sim, const struct ip *ip, bool on);

/* sim_net_refuse lets connections to `ip` be refused while it is on, though somebody listens. */
void sim_net_refuse(struct simulation *sim, const struct ip *ip, bool on);

/* sim_net_reset_after resets the next connections to `ip` once so many bytes have arrived at the
 * server, or at the client; negative: never (again). */
void sim_net_reset_after(struct simulation *sim, const struct ip *ip, int64_t at_server,
                         int64_t at_client);

/* sim_net_cut resets all connections to `ip` that stand now. */
void sim_net_cut(struct simulation *sim, const struct ip *ip);

/* How TLS with a server goes. Texts are kept by pointer. */
struct sim_tls {
    const char *failure; /* the handshake fails so; NULL: it does not */
    const char *problem; /* what is wrong with the certificate; NULL: nothing, it verifies */
};

/* sim_net_tls scripts the handshakes with `ip`; unscripted ones find a self-signed certificate. */
void sim_net_tls(struct simulation *sim, const struct ip *ip, struct sim_tls tls);

/* sim_net_connects counts the connections that were tried to `ip`. */
MUST_USE uint64_t sim_net_connects(const struct simulation *sim, const struct ip *ip);

#endif
