/*
 * Virtual time and what happens in it.
 */
#include "tests/simulation/simulation.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "io/timer_internal.h"
#include "tests/simulation/dns_zone_internal.h"
#include "tests/simulation/http_servers_internal.h"
#include "tests/simulation/network_internal.h"
#include "tests/simulation/world_internal.h"

enum {
    CHANCES = 1024, /* places among simultaneous events */
    STANDSTILL = 1000000
};

/* 2026-01-05T09:00:00Z, a Monday */
static const int64_t start_utc_ms = 1767603600000;

static struct simulation *the_world;

/* What died: it stays reachable, and with it all that its owners never freed. */
static struct list dead = { &dead, &dead };

struct simulation *world(void)
{
    assert(the_world != NULL);
    return the_world;
}

struct simulation *sim_new(uint64_t seed)
{
    struct simulation *sim = NEW(struct simulation);

    assert(the_world == NULL);
    the_world = sim;
    heap_init(&sim->future);
    random_seed(&sim->random, seed);
    sim->digest = 0xcbf29ce484222325U;
    sim->next_number = 1;
    sim->next_port = 20000;
    list_init(&sim->living);
    table_init(&sim->rules);
    list_init(&sim->listeners);
    table_init(&sim->zone);
    list_init(&sim->http_servers);
    return sim;
}

static void die_all(struct simulation *sim, bool whatever_machine, int machine,
                    enum sim_death death)
{
    LIST_EACH (&sim->living, link) {
        struct mortal *m = CONTAINER_OF(link, struct mortal, link);

        if (!whatever_machine && m->machine != machine)
            continue;
        list_remove(link);
        list_append(&dead, link);
        m->die(m, death);
    }
}

void sim_crash(struct simulation *sim, int machine, enum sim_death death)
{
    world_note("crash", (unsigned)machine, (uint64_t)death);
    die_all(sim, false, machine, death);
    if (sim->has_fallen && sim->falling_machine == machine)
        sim->has_fallen = false;
}

void sim_fall_at_send(struct simulation *sim, int machine, int64_t n)
{
    sim->falling_machine = machine;
    sim->sends_left = n;
}

bool sim_has_fallen(const struct simulation *sim)
{
    return sim->has_fallen;
}

/* A call that sim_at planned. */
struct appointment {
    struct mortal mortal;
    struct occurrence occurrence;
    void (*run)(void *owner);
    void *owner;
};

static void appointment_die(struct mortal *mortal, enum sim_death death)
{
    (void)death;
    occurrence_cancel(&CONTAINER_OF(mortal, struct appointment, mortal)->occurrence);
}

static void keep_appointment(void *owner)
{
    struct appointment *a = owner;

    mortal_end(&a->mortal);
    a->run(a->owner);
    alloc_free(a);
}

void sim_at(struct simulation *sim, int64_t ms, void (*run)(void *owner), void *owner)
{
    struct appointment *a = NEW(struct appointment);

    mortal_init(&a->mortal, NULL, appointment_die);
    a->mortal.machine = -1; /* the script's own: survives the machines */
    occurrence_init(&a->occurrence, "appointment", NULL, keep_appointment, a);
    a->run = run;
    a->owner = owner;
    occurrence_plan(&a->occurrence, ms * 1000);
    (void)sim;
}

void sim_free(struct simulation *sim)
{
    if (sim == NULL)
        return;
    die_all(sim, true, 0, SIM_POWER_CUT);
    network_free(sim);
    dns_zone_free(sim);
    http_servers_free(sim);
    heap_fini(&sim->future);
    the_world = NULL;
    alloc_free(sim);
}

int64_t sim_time_ms(const struct simulation *sim)
{
    return sim->now_us / 1000;
}

int64_t sim_utc_ms(const struct simulation *sim)
{
    return start_utc_ms + sim->clock_offset_ms + sim->now_us / 1000;
}

void sim_step_clock(struct simulation *sim, int64_t ms)
{
    sim->clock_offset_ms += ms;
}

void sim_use_machine(struct simulation *sim, int number)
{
    sim->machine = number;
}

void sim_busy(struct simulation *sim, int64_t us)
{
    if (sim->serving != NULL)
        loop_be_busy(sim->serving, us);
}

uint64_t sim_digest(const struct simulation *sim)
{
    return sim->digest;
}

uint64_t sim_events(const struct simulation *sim)
{
    return sim->events;
}

void sim_log(struct simulation *sim, bool on)
{
    sim->logging = on;
}

static void digest_number(struct simulation *sim, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        sim->digest = (sim->digest ^ (number >> (8 * i) & 0xff)) * 0x100000001b3U;
}

void world_note(const char *what, unsigned number, uint64_t fact)
{
    struct simulation *sim = world();

    digest_number(sim, (uint64_t)sim->now_us);
    for (const char *c = what; *c != '\0'; c++)
        sim->digest = (sim->digest ^ (unsigned char)*c) * 0x100000001b3U;
    digest_number(sim, number);
    digest_number(sim, fact);
    if (sim->logging)
        (void)fprintf(stderr, "%10.3f ms %s %u %llu\n", (double)sim->now_us / 1000, what, number,
                      (unsigned long long)fact);
}

void mortal_init(struct mortal *m, const struct loop *loop,
                 void (*die)(struct mortal *mortal, enum sim_death death))
{
    struct simulation *sim = world();

    list_init(&m->link);
    list_append(&sim->living, &m->link);
    m->machine = loop != NULL ? loop_machine(loop) : sim->machine;
    m->number = sim->next_number++;
    m->die = die;
}

void mortal_end(struct mortal *m)
{
    list_remove(&m->link);
}

void occurrence_init(struct occurrence *o, const char *what, struct loop *loop,
                     void (*run)(void *owner), void *owner)
{
    *o = (struct occurrence){ .what = what, .loop = loop, .run = run, .owner = owner };
    o->number = world()->next_number++;
    list_init(&o->parked);
}

/* Simultaneous ones happen in an order drawn by lot. */
void occurrence_plan(struct occurrence *o, int64_t us)
{
    struct simulation *sim = world();
    int64_t lot = (int64_t)random_below(&sim->random, CHANCES);

    assert(us >= 0);
    list_remove(&o->parked);
    heap_put(&sim->future, &o->node, (sim->now_us + us) * CHANCES + lot);
}

void occurrence_cancel(struct occurrence *o)
{
    list_remove(&o->parked);
    if (heap_contains(&o->node))
        heap_remove(&world()->future, &o->node);
}

bool occurrence_planned(const struct occurrence *o)
{
    return heap_contains(&o->node) || !list_empty(&o->parked);
}

static void guard_against_standstill(struct simulation *sim)
{
    if (sim->same_time_us != sim->now_us) {
        sim->same_time_us = sim->now_us;
        sim->same_time_events = 0;
    }
    if (++sim->same_time_events < STANDSTILL)
        return;
    (void)fprintf(stderr, "simulation: a million events and no time goes by\n");
    abort();
}

/* What is made on the way belongs to the machine on which it happens. */
static void serve(struct simulation *sim, struct occurrence *o, struct loop *loop)
{
    int machine = sim->machine;
    struct loop *outer = sim->serving;

    if (loop != NULL)
        sim->machine = loop_machine(loop);
    sim->serving = loop;
    o->run(o->owner);
    if (loop != NULL)
        loop_settle(loop);
    sim->serving = outer;
    sim->machine = machine;
}

bool sim_step(struct simulation *sim)
{
    struct heap_node *first = heap_first(&sim->future);
    struct occurrence *o;
    struct loop *loop;

    if (first == NULL)
        return false;
    o = CONTAINER_OF(first, struct occurrence, node);
    loop = o->loop;
    heap_remove(&sim->future, first);
    if (first->key / CHANCES > sim->now_us)
        sim->now_us = first->key / CHANCES;
    guard_against_standstill(sim);
    if (loop != NULL && loop_is_stopped(loop)) {
        loop_park(loop, o);
        return true;
    }
    if (loop != NULL && loop_busy_us(loop) > 0) {
        occurrence_plan(o, loop_busy_us(loop));
        return true;
    }
    sim->events++;
    world_note(o->what, o->number, 0);
    serve(sim, o, loop);
    return true;
}

/* Serves what happens up to a moment, and is at that moment then unless `done` came before. */
static bool run_up_to(struct simulation *sim, int64_t until_us, bool (*done)(void *owner),
                      void *owner)
{
    for (;;) {
        struct heap_node *first = heap_first(&sim->future);

        if (done != NULL && done(owner))
            return true;
        if (first == NULL || first->key / CHANCES > until_us)
            break;
        (void)sim_step(sim);
    }
    return false;
}

void sim_run_for(struct simulation *sim, int64_t ms)
{
    int64_t until_us = sim->now_us + ms * 1000;

    (void)run_up_to(sim, until_us, NULL, NULL);
    if (sim->now_us < until_us)
        sim->now_us = until_us;
}

bool sim_run_until(struct simulation *sim, bool (*done)(void *owner), void *owner, int64_t most_ms)
{
    return run_up_to(sim, sim->now_us + most_ms * 1000, done, owner);
}

/* The linker lets all callers of these come here (see meson.build). */

int64_t wrapped_utc_ms(void) __asm__("__wrap_clock_utc_ms");
int64_t wrapped_monotonic_us(void) __asm__("__wrap_clock_monotonic_us");
void wrapped_secret(void *to, size_t n) __asm__("__wrap_random_secret");

int64_t wrapped_utc_ms(void)
{
    return the_world != NULL ? sim_utc_ms(the_world) : start_utc_ms;
}

int64_t wrapped_monotonic_us(void)
{
    return the_world != NULL ? the_world->now_us : 0;
}

void wrapped_secret(void *to, size_t n)
{
    unsigned char *bytes = to;

    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)random_below(&world()->random, 256);
}
