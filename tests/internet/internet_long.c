/*
 * The long run: one event for very many watchers, through an internet of 50,000 domains whose
 * providers throttle, greylist, block for a day, go down and come back. It checks the claims of
 * claims.h, and says how long the run took in simulated time and what bound it.
 *
 *     internet_long RECIPIENTS [SEED]
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/text.h"
#include "services/intake/events.h"
#include "tests/internet/claims.h"
#include "tests/internet/long_world.h"
#include "tests/support/cmocka.h"

enum {
    RECIPIENTS = 1000000,
    LONGEST_HOURS = 49, /* then all has expired; what is held waits for ever */
    BINDING = 5         /* receivers that were done last */
};

#define PAGES_MOST ((sqlite3_int64)1 << 38) /* bytes */

static const char *const manner_names[] = { "connections", "mails over a connection",
                                            "mails a minute" };

struct long_run {
    struct road *road;
    struct internet net;
    uint32_t recipients;
    uint64_t seed;
};

static struct long_run chosen;

/* ---- what is said on the way ---- */

static double cpu_seconds(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static long peak_megabytes(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

static uint64_t taken_of(const struct internet *net)
{
    uint64_t taken = 0;

    for (uint32_t i = 0; i < net->receiver_count; i++)
        taken += net->receivers[i].taken;
    return taken;
}

static void say(const struct long_run *run, int64_t waiting)
{
    (void)fprintf(
        stderr, "# %6.2f h: %lld waiting, %llu taken, %u connections; %.0f s of CPU, %ld MB\n",
        (double)sim_time_ms(run->road->sim) / (double)HOUR, (long long)waiting,
        (unsigned long long)taken_of(&run->net), run->net.open, cpu_seconds(), peak_megabytes());
}

/* ---- what bound it ---- */

static int by_last_taken(const void *a, const void *b)
{
    const struct receiver *x = *(const struct receiver *const *)a;
    const struct receiver *y = *(const struct receiver *const *)b;

    return x->last_taken < y->last_taken ? 1 : x->last_taken > y->last_taken ? -1 : 0;
}

static void put_trouble(struct buf *to, const struct receiver *r)
{
    if (r->rate > 0)
        buf_printf(to, " takes %u mails a minute;", r->rate);
    if (r->greylist_ms > 0)
        buf_printf(to, " greylists;");
    if (r->blocked.to > 0)
        buf_printf(to, " blocked until %.1f h;", (double)r->blocked.to / (double)HOUR);
    if (r->down.to > 0)
        buf_printf(to, " was down until %.1f h;", (double)r->down.to / (double)HOUR);
    if (r->no_dns.to > 0)
        buf_printf(to, " had no DNS until %.1f h;", (double)r->no_dns.to / (double)HOUR);
    if (r->end_every > 0)
        buf_printf(to, " loses replies;");
    if (r->delay_ms > 0)
        buf_printf(to, " answers after %.1f s;", (double)r->delay_ms / 1000.0);
    for (int why = REFUSED_CONNECTIONS; why <= REFUSED_RATE; why++)
        if (r->refused[why] > 0)
            buf_printf(to, " refused %llu times for %s;", (unsigned long long)r->refused[why],
                       manner_names[why]);
}

static void say_what_bound(const struct internet *net)
{
    struct receiver **order = alloc_array(net->receiver_count, sizeof(struct receiver *));

    for (uint32_t i = 0; i < net->receiver_count; i++)
        order[i] = &net->receivers[i];
    qsort(order, net->receiver_count, sizeof(struct receiver *), by_last_taken);
    for (uint32_t i = 0; i < BINDING && i < net->receiver_count; i++) {
        const struct receiver *r = order[i];
        struct buf trouble;

        buf_init(&trouble, 1000);
        put_trouble(&trouble, r);
        (void)fprintf(stderr, "# %.2f h: %s receiver %u took the last of its %llu;%s\n",
                      (double)r->last_taken / (double)HOUR, r->kind->name, r->number,
                      (unsigned long long)r->taken, buf_text(&trouble));
        buf_fini(&trouble);
    }
    alloc_free(order);
}

/* When so many of a hundred mails had been taken. */
static void say_quantiles(const struct internet *net)
{
    static const uint64_t parts[] = { 10, 50, 90, 95, 99, 100 };
    uint64_t all = taken_of(net);
    uint64_t done = 0;
    size_t next = 0;

    for (uint32_t minute = 0; minute < net->taken_minutes && all > 0; minute++) {
        done += net->taken_at[minute];
        for (; next < ARRAY_LENGTH(parts) && done * 100 >= parts[next] * all; next++)
            (void)fprintf(stderr, "# %llu of 100 mails were taken after %u minutes\n",
                          (unsigned long long)parts[next], minute + 1);
    }
}

/* ---- the run ---- */

static void let_it_go(struct long_run *run)
{
    int64_t waiting = run->net.told;

    road_ask(run->road, events_add,
             "{'topic': 'project/x', 'kind': 'released', 'title': 'Ready', 'text': 'Out.'}");
    road_ask(run->road, events_add, "{'topic': 'alarm/1', 'kind': 'fire', 'urgent': true}");
    while (sim_time_ms(run->road->sim) < LONGEST_HOURS * HOUR && waiting > 0) {
        road_run(run->road, sim_time_ms(run->road->sim) < 2 * HOUR ? 10 * MINUTE : HOUR);
        waiting = road_number(run->road,
                              SQL("SELECT (SELECT coalesce(sum(waiting), 0) FROM lane) + "
                                  "(SELECT count(*) FROM (SELECT 1 FROM notice WHERE due_at < $1 "
                                  "LIMIT 1) AS n)"),
                              db_int(INT64_C(1) << 61));
        say(run, waiting);
    }
}

static void very_many_recipients_have_an_outcome_that_the_world_gave(void **state)
{
    struct long_run *run = &chosen;
    const struct internet_size size = long_world(run->recipients, run->seed);
    struct claims_tally tally = { 0 };

    run->road = *state;
    road_open(run->road, run->seed);
    power_vfs_serve_one_thread(run->road->power, false);
    run->road->settings.connections = LONG_CONNECTIONS;
    internet_open(&run->net, run->road, &size);
    road_start(run->road);
    internet_people(&run->net);
    say(run, run->net.told);
    let_it_go(run);
    say_quantiles(&run->net);
    say_what_bound(&run->net);
    claims_check(&run->net, &tally);
    claims_say(&tally);
    assert_true(tally.refused_late * 1000 <= tally.asked);
    road_stop(run->road);
    say(run, 0);
    internet_close(&run->net);
    road_close(run->road);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(very_many_recipients_have_an_outcome_that_the_world_gave),
    };

    /* pages are read where they lie, not copied: half of what composing takes */
    (void)sqlite3_config(SQLITE_CONFIG_MMAP_SIZE, PAGES_MOST, PAGES_MOST);
    chosen.recipients = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : RECIPIENTS;
    chosen.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
