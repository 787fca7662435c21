/*
 * The engine against a simulated internet, by seed: 2,000 recipients in 100 domains, or fewer,
 * behind receivers that throttle, greylist, block, go down and come back, lose replies and stall,
 * with a DNS that fails at times; the daemon is killed in the middle of a send and loses its power
 * in the middle of a write. What must hold is in claims.h.
 *
 * POSTROOM_SEED and POSTROOM_SEEDS choose the first seed and how many there are,
 * POSTROOM_RECIPIENTS the size of the worlds; POSTROOM_CASE one of the cases into which the usual
 * ones, which are small, are dealt, from 0, so that they run side by side.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "services/intake/events.h"
#include "store/notice.h"
#include "tests/internet/claims.h"
#include "tests/support/cmocka.h"

enum {
    SEEDS = 25, /* of a case */
    RECIPIENTS = 2000,
    RECIPIENTS_USUALLY = 300,
    DOMAINS_LEAST = 40, /* besides 3 of 100 recipients */
    URGENT = 40,
    GOOGLE_RATE = 100,
    CRASHES_MOST = 3,
    OPERATIONS = 3000, /* of the disk until most is sent, about, */
    SENDS = 8000,      /* and sends of bytes */
    LOOKS_MOST = 200   /* of half an hour, until all is at rest */
};

#define HEALTHY_MOST (20 * MINUTE) /* until healthy receivers have all of it */

struct run {
    struct road *road;
    struct internet net;
    struct random chance;
    int crashes_left;
    int crashes;
};

static uint32_t below(struct run *run, uint32_t n)
{
    return (uint32_t)random_below(&run->chance, n);
}

static uint64_t number_of(const char *name, uint64_t fallback)
{
    const char *text = getenv(name); /* NOLINT(concurrency-mt-unsafe): tests set nothing */
    int64_t number = 0;

    return text != NULL && text_to_integer(span_of(text), 0, INT64_MAX, &number) ? (uint64_t)number
                                                                                 : fallback;
}

/* The size that is drawn for a seed. */
static struct internet_size size_of(uint64_t seed)
{
    uint32_t recipients = (uint32_t)number_of("POSTROOM_RECIPIENTS", RECIPIENTS_USUALLY);

    return (struct internet_size){ .recipients = recipients,
                                   .domains = DOMAINS_LEAST + recipients * 3 / 100,
                                   .google_rate = GOOGLE_RATE,
                                   .seed = seed };
}

/* ---- crashes ---- */

/* Of what a world of the full size does. */
static uint32_t share_of(const struct run *run, uint32_t most)
{
    return (uint32_t)((uint64_t)most * run->net.size.recipients / RECIPIENTS) + 1;
}

static void plan_crash(struct run *run)
{
    if (run->crashes_left-- <= 0)
        return;
    if (below(run, 2) == 0)
        power_vfs_cut_at(run->road->power, 1 + below(run, share_of(run, OPERATIONS)));
    else
        sim_fall_at_send(run->road->sim, 0, 1 + below(run, share_of(run, SENDS)));
}

static void crash(struct run *run)
{
    bool is_dark = power_vfs_is_cut(run->road->power);

    run->crashes++;
    sim_fall_at_send(run->road->sim, 0, 0);
    power_vfs_cut_at(run->road->power, 0);
    road_crash(run->road, is_dark ? SIM_POWER_CUT : SIM_KILLED);
    internet_died(&run->net);
    road_start(run->road);
    plan_crash(run);
}

static void let_pass(struct run *run, int64_t ms)
{
    int64_t end = sim_time_ms(run->road->sim) + ms;

    while (sim_time_ms(run->road->sim) < end) {
        road_run(run->road, end - sim_time_ms(run->road->sim));
        if (road_is_down(run->road))
            crash(run);
    }
}

/* ---- the run ---- */

/* The power may be lost by the very words, before or after they are in the store: whoever was not
 * answered says them again, with the key by which they are known. */
static void tell(struct run *run, const char *topic, const char *more)
{
    CLEANUP(buf_fini) struct buf event;

    buf_init(&event, 400);
    buf_printf(&event,
               "{'topic': '%s', 'key': '%s', 'kind': 'released', 'title': 'Ready', "
               "'text': 'It is out.'%s}",
               topic, topic, more);
    if (road_try(run->road, events_add, buf_text(&event)))
        return;
    if (!road_is_down(run->road))
        fail_msg("%s refused: %s", buf_text(&event), run->road->err.text);
    crash(run);
    (void)road_ask(run->road, events_add, "%s", buf_text(&event));
}

static void tell_with_deadline(struct run *run)
{
    struct buf text;

    if (below(run, 2) == 0) {
        tell(run, "project/x", "");
        return;
    }
    run->net.deadline = (road_now(run->road) + (1 + below(run, 20)) * HOUR) / SECOND * SECOND;
    buf_init(&text, 200);
    buf_printf(&text, ", 'deadline': '");
    text_put_time(&text, run->net.deadline);
    buf_printf(&text, "'");
    tell(run, "project/x", buf_text(&text));
    buf_fini(&text);
}

static int64_t unfinished(struct road *r)
{
    return road_number(r,
                       SQL("SELECT (SELECT count(*) FROM delivery_state WHERE state < $1 "
                           "AND state <> $2) + (SELECT count(*) FROM notice WHERE due_at < $3)"),
                       db_int(DELIVERY_DELIVERED), db_int(DELIVERY_HELD), db_int(NOTICE_WAITS));
}

static void come_to_rest(struct run *run)
{
    for (int look = 0; look < LOOKS_MOST; look++) {
        let_pass(run, 30 * MINUTE);
        if (unfinished(run->road) == 0)
            break;
    }
    if (unfinished(run->road) > 0)
        fail_msg("not at rest after %d looks: %s", LOOKS_MOST,
                 road_text(run->road,
                           SQL("SELECT coalesce(max(address || ' ' || state || ' ' || attempts || "
                               "' ' || (due_at / 1000) || ' ' || coalesce(text, '')), 'notices') "
                               "FROM delivery JOIN delivery_state ON delivery = id "
                               "WHERE state < $1 AND state <> $2"),
                           db_int(DELIVERY_DELIVERED), db_int(DELIVERY_HELD)));
}

/* Mail is tried for two days, or for a part of one: most of what a seed costs is waiting. */
static void choose_expiry(struct run *run, struct road *r)
{
    static const int64_t hours[] = { 6, 12, 12, 48 };
    int64_t lot = hours[below(run, ARRAY_LENGTH(hours))];

    for (int stream = STREAM_URGENT; stream <= STREAM_MAILOUTS; stream++)
        r->settings.streams[stream].expire_after = lot * HOUR;
}

static void begin(struct run *run, struct road *r, const struct internet_size *size)
{
    *run = (struct run){ .road = r };
    random_seed(&run->chance, size->seed + 1);
    road_open(r, size->seed);
    choose_expiry(run, r);
    power_vfs_serve_one_thread(r->power, true);
    internet_open(&run->net, r, size);
    road_start(r);
    internet_people(&run->net);
}

static void end(struct run *run)
{
    road_stop(run->road);
    internet_close(&run->net);
    road_close(run->road);
}

static uint64_t play(struct road *r, uint64_t seed, struct claims_tally *tally)
{
    struct internet_size size = size_of(seed);
    struct run run;
    uint64_t digest;

    size.urgent = URGENT;
    begin(&run, r, &size);
    run.crashes_left = (int)below(&run, CRASHES_MOST + 1);
    tell_with_deadline(&run);
    plan_crash(&run);
    let_pass(&run, 2 * MINUTE + below(&run, 60) * SECOND);
    tell(&run, "alarm/1", ", 'urgent': true");
    come_to_rest(&run);
    claims_check(&run.net, tally);
    digest = sim_digest(r->sim);
    end(&run);
    return digest;
}

/* ---- the tests ---- */

static void every_recipient_has_an_outcome_that_the_world_gave(void **state)
{
    uint64_t first = number_of("POSTROOM_SEED", 1 + number_of("POSTROOM_CASE", 0) * SEEDS);
    uint64_t count = number_of("POSTROOM_SEEDS", SEEDS);
    struct claims_tally tally = { 0 };

    for (uint64_t seed = first; seed < first + count; seed++)
        (void)play(*state, seed, &tally);
    claims_say(&tally);
    assert_true(tally.refused_late * 1000 <= tally.asked);
}

/* The last mail that a healthy receiver took, in ms after the event's window. */
static int64_t healthy_end(const struct internet *net)
{
    int64_t end = 0;

    for (uint32_t i = 0; i < net->receiver_count; i++)
        if (!net->receivers[i].is_sick && net->receivers[i].last_taken > end)
            end = net->receivers[i].last_taken;
    return end - net->road->settings.window;
}

static int64_t play_in_peace(struct road *r, uint64_t seed, bool healthy_only)
{
    struct internet_size size = size_of(seed);
    struct run run;
    int64_t end_ms;

    size.healthy_only = healthy_only;
    begin(&run, r, &size);
    tell(&run, "project/x", "");
    let_pass(&run, HEALTHY_MOST);
    end_ms = healthy_end(&run.net);
    end(&run);
    return end_ms;
}

/* Beside receivers that are slow, silent, down or throttle, the others take no longer than alone,
 * but for what the machine has to do besides. */
static void healthy_sites_are_served_as_if_alone(void **state)
{
    uint64_t seed = number_of("POSTROOM_SEED", 1 + number_of("POSTROOM_CASE", 0));
    int64_t alone = play_in_peace(*state, seed, true);
    int64_t beside = play_in_peace(*state, seed, false);

    if (beside > 2 * alone)
        fail_msg("seed %llu: healthy sites were done after %lld ms, alone after %lld",
                 (unsigned long long)seed, (long long)beside, (long long)alone);
}

static void a_run_repeats(void **state)
{
    uint64_t seed = number_of("POSTROOM_SEED", 1 + number_of("POSTROOM_CASE", 0));
    struct claims_tally tally = { 0 };
    uint64_t first = play(*state, seed, &tally);

    assert_int_equal(play(*state, seed, &tally), first);
}

static int say_how_to_repeat(void **state)
{
    const struct road *r = *state;

    if (r->sim != NULL)
        (void)fprintf(stderr, "again: script/simulate --seeds 1 --first %llu --recipients %llu\n",
                      (unsigned long long)r->seed,
                      (unsigned long long)number_of("POSTROOM_RECIPIENTS", RECIPIENTS_USUALLY));
    return road_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_recipient_has_an_outcome_that_the_world_gave,
                                        road_setup, say_how_to_repeat),
        cmocka_unit_test_setup_teardown(healthy_sites_are_served_as_if_alone, road_setup,
                                        say_how_to_repeat),
        cmocka_unit_test_setup_teardown(a_run_repeats, road_setup, say_how_to_repeat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
