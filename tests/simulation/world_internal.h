/*
 * The simulation, open to its twins of io/ and net/.
 */
#ifndef POSTROOM_TESTS_SIMULATION_WORLD_INTERNAL_H
#define POSTROOM_TESTS_SIMULATION_WORLD_INTERNAL_H

#include "base/heap.h"
#include "base/list.h"
#include "base/random.h"
#include "base/table.h"
#include "tests/simulation/simulation.h"

struct loop;

/* Something that will happen: a member of what it happens to. */
struct occurrence {
    struct heap_node node;
    struct list parked; /* while its loop is stopped */
    const char *what;   /* for the log and the digest */
    unsigned number;    /* of the object, likewise */
    struct loop *loop;  /* NULL: on no loop */
    void (*run)(void *owner);
    void *owner;
};

/* What a machine's death drops, first member of each kind of object. */
struct mortal {
    struct list link; /* in world->living or world->dead */
    int machine;
    unsigned number;
    void (*die)(struct mortal *mortal, enum sim_death death); /* cancels what it awaits */
};

struct simulation {
    int64_t now_us;
    int64_t clock_offset_ms;
    struct heap future; /* of occurrence.node */
    struct random random;
    uint64_t digest;
    uint64_t events;
    bool logging;
    int machine;
    struct loop *serving; /* the one that something happens on; NULL: none */
    unsigned next_number;
    struct list living;
    struct table rules;    /* of the network, see network.c */
    struct list listeners; /* likewise */
    struct table zone;     /* of the resolver, see dns_zone.c */
    struct list http_servers;
    uint16_t next_port;
    int falling_machine; /* it falls */
    int64_t sends_left;  /* after so many sends; 0: it does not */
    bool has_fallen;
    int64_t same_time_us; /* guards against a world that stands still */
    unsigned same_time_events;
};

/* world gives the one simulation. */
struct simulation *world(void);

/* occurrence_init prepares one; occurrence_plan lets it happen in `us` microseconds (a planned one
 * is moved); occurrence_cancel forgets it. */
void occurrence_init(struct occurrence *o, const char *what, struct loop *loop,
                     void (*run)(void *owner), void *owner);
void occurrence_plan(struct occurrence *o, int64_t us);
void occurrence_cancel(struct occurrence *o);
bool occurrence_planned(const struct occurrence *o);

/* mortal_init enters an object into the world, on the machine of its loop (NULL: on the machine at
 * hand); mortal_end takes it out. */
void mortal_init(struct mortal *m, const struct loop *loop,
                 void (*die)(struct mortal *mortal, enum sim_death death));
void mortal_end(struct mortal *m);

/* world_note adds a fact to the digest and the log. */
void world_note(const char *what, unsigned number, uint64_t fact);

/* loop_machine gives the machine a loop is on. */
int loop_machine(const struct loop *loop);

/* loop_is_stopped, loop_park: a stopped loop keeps what would happen on it. */
bool loop_is_stopped(const struct loop *loop);
void loop_park(struct loop *loop, struct occurrence *o);

/* loop_busy_us tells how long a loop is still busy, in microseconds. */
int64_t loop_busy_us(const struct loop *loop);
void loop_be_busy(struct loop *loop, int64_t us);

#endif
