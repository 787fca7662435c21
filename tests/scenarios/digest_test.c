/*
 * Digests on the whole road: each mode beside the others, at the reader's hour, one mail whatever
 * the volume, nothing when there is nothing, nothing twice and nothing lost when the mode changes.
 */
#include <stdio.h>
#include <string.h>

#include "base/zone.h"
#include "services/directory/grants.h"
#include "services/directory/lists.h"
#include "services/directory/people.h"
#include "services/directory/topics.h"
#include "services/directory/watches.h"
#include "services/inquiry/why.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

#define DAY (24 * HOUR)

static const char mx1[] = "192.0.2.1";

static void begin(struct road *r, uint64_t seed)
{
    road_open(r, seed);
    road_start(r);
    story_domain(r, "one.example", mx1);
    (void)story_tell(r, "issue/1", "BEFORE");
}

static void add_reader(struct road *r, const char *key, const char *zone)
{
    road_ask(r, people_add, "{'key': '%s', 'address': '%s@one.example', 'timezone': '%s'}", key,
             key, zone);
}

static void watch(struct road *r, const char *key, const char *topic, const char *mode)
{
    road_ask(r, watches_set, "{'person': '%s', 'topic': '%s', 'mode': '%s'}", key, topic, mode);
}

static size_t mails(const struct road *r, const char *key)
{
    char address[60];

    (void)snprintf(address, sizeof address, "%s@one.example", key);
    return exchange_count_to(r->exchange, address);
}

static size_t told(const struct road *r, const char *key, const char *word)
{
    char address[60];

    (void)snprintf(address, sizeof address, "%s@one.example", key);
    return story_times_told(r, address, word);
}

/* The last mail to a reader left at that hour of their clocks, or within the spread after it. */
static void assert_hour(struct road *r, const char *key, const char *zone_name, int hour)
{
    char address[60];
    struct zone *zone = zone_open(span_of(zone_name));
    struct zone_moment m;

    (void)snprintf(address, sizeof address, "%s@one.example", key);
    assert_non_null(zone);
    zone_moment(zone, exchange_last_to(r->exchange, address)->at_ms, &m);
    zone_free(zone);
    assert_int_equal(m.hour, hour);
    assert_true(m.minute <= 10);
}

/* Lets time go by until six minutes after that moment: what is long before it in one leap of the
 * clock, which nobody's digest may fall into but by a test's wish. */
static void go_to(struct road *r, int64_t moment)
{
    int64_t ms = moment - road_now(r);

    if (ms <= 0)
        return;
    road_run(r, MINUTE);
    if (ms > 5 * MINUTE)
        sim_step_clock(r->sim, ms - 3 * MINUTE);
    road_run(r, moment + 6 * MINUTE - road_now(r));
}

/* The same, to the next time the UTC clock shows that hour. */
static void run_to(struct road *r, int hour)
{
    int64_t day = road_now(r) / DAY * DAY;
    int64_t moment = day + hour * HOUR;

    go_to(r, moment > road_now(r) ? moment : moment + DAY);
}

static void each_mode_tells_at_its_own_time(void **state)
{
    struct road *r = *state;

    begin(r, 1);
    run_to(r, 12);
    add_reader(r, "now", "UTC");
    add_reader(r, "hour", "UTC");
    add_reader(r, "day", "UTC");
    add_reader(r, "week", "UTC");
    watch(r, "now", "project/x", "now");
    watch(r, "hour", "project/x", "hourly");
    watch(r, "day", "project/x", "daily");
    watch(r, "week", "project/x", "weekly");
    (void)story_tell(r, "issue/1", "PLUM");
    (void)story_tell(r, "issue/2", "PEAR");
    road_run(r, 10 * MINUTE);
    assert_int_equal(mails(r, "now"), 2);
    assert_int_equal(mails(r, "hour"), 0);
    run_to(r, 13);
    assert_int_equal(mails(r, "hour"), 1);
    assert_hour(r, "hour", "UTC", 13);
    assert_int_equal(told(r, "hour", "PLUM"), 1);
    assert_int_equal(told(r, "hour", "PEAR"), 1);
    assert_int_equal(mails(r, "day"), 0);
    run_to(r, 8);
    assert_int_equal(mails(r, "hour"), 1);
    assert_int_equal(mails(r, "day"), 1);
    assert_hour(r, "day", "UTC", 8);
    assert_int_equal(told(r, "day", "PLUM"), 1);
    for (int day = 0; day < 7; day++)
        run_to(r, 8);
    assert_int_equal(mails(r, "week"), 1);
    assert_hour(r, "week", "UTC", 8);
    assert_int_equal(told(r, "week", "PEAR"), 1);
    assert_int_equal(mails(r, "day"), 1);
    assert_int_equal(told(r, "day", "BEFORE") + told(r, "week", "BEFORE"), 0);
    assert_int_equal(road_number(r, SQL("SELECT count(*) FROM notice WHERE 0 = $1"), db_int(0)), 0);
    road_close(r);
}

/* A year with all its changes of the clocks. */
static void a_digest_comes_at_the_hour_of_its_readers_clocks(void **state)
{
    static const char *const zones[] = { "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                         "Asia/Kathmandu" };
    struct road *r = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(zones); i++) {
        struct zone *zone = zone_open(span_of(zones[i]));

        begin(r, 2 + i);
        add_reader(r, "ann", zones[i]);
        watch(r, "ann", "project/x", "daily");
        for (size_t n = 1; n <= 37; n++) {
            int64_t at = zone_next(zone, road_now(r) + 10 * DAY, 8 * 60);

            go_to(r, at - HOUR);
            (void)story_tell(r, "issue/1", "PLUM");
            go_to(r, at);
            assert_int_equal(mails(r, "ann"), n);
            assert_hour(r, "ann", zones[i], 8);
        }
        zone_free(zone);
        road_close(r);
    }
}

static void a_nearer_watch_and_being_addressed_tell_at_once(void **state)
{
    struct road *r = *state;

    begin(r, 3);
    run_to(r, 12);
    add_reader(r, "ann", "UTC");
    watch(r, "ann", "project/x", "daily");
    watch(r, "ann", "issue/1", "now");
    (void)story_tell(r, "issue/1", "PLUM");
    (void)story_tell(r, "issue/2", "PEAR");
    road_ask(r, events_add,
             "{'topic': 'issue/2', 'kind': 'commented', 'text': 'See FIG, ann.', "
             "'to': [{'person': 'ann', 'reason': 'mentioned'}]}");
    (void)story_tell_urgently(r, "issue/3", "QUINCE");
    road_run(r, 10 * MINUTE);
    assert_int_equal(told(r, "ann", "PLUM"), 1);
    assert_int_equal(told(r, "ann", "FIG"), 1);
    assert_int_equal(told(r, "ann", "PEAR"), 0);
    assert_int_equal(told(r, "ann", "QUINCE"), 0);
    run_to(r, 8);
    assert_int_equal(mails(r, "ann"), 3);
    assert_int_equal(told(r, "ann", "PLUM"), 1);
    assert_int_equal(told(r, "ann", "FIG"), 1);
    assert_int_equal(told(r, "ann", "PEAR"), 1);
    assert_int_equal(told(r, "ann", "QUINCE"), 1);
    road_close(r);
}

static void what_waits_is_told_at_once_when_the_mode_becomes_now(void **state)
{
    struct road *r = *state;

    begin(r, 4);
    run_to(r, 12);
    add_reader(r, "ann", "UTC");
    watch(r, "ann", "project/x", "daily");
    (void)story_tell(r, "issue/1", "PLUM");
    run_to(r, 8);
    assert_int_equal(told(r, "ann", "PLUM"), 1);
    (void)story_tell(r, "issue/1", "PEAR");
    road_run(r, 10 * MINUTE);
    watch(r, "ann", "project/x", "now");
    road_run(r, 10 * MINUTE);
    assert_int_equal(told(r, "ann", "PEAR"), 1);
    assert_int_equal(told(r, "ann", "PLUM"), 1);
    (void)story_tell(r, "issue/1", "FIG");
    run_to(r, 8);
    run_to(r, 8);
    assert_int_equal(told(r, "ann", "FIG"), 1);
    assert_int_equal(told(r, "ann", "PEAR"), 1);
    assert_int_equal(mails(r, "ann"), 3);
    road_close(r);
}

static void what_waits_goes_into_the_digest_when_the_mode_becomes_one(void **state)
{
    struct road *r = *state;

    begin(r, 5);
    run_to(r, 12);
    add_reader(r, "ann", "UTC");
    watch(r, "ann", "project/x", "now");
    watch(r, "ann", "project/y", "daily");
    (void)story_tell(r, "issue/1", "PLUM");
    road_run(r, 10 * MINUTE);
    assert_int_equal(told(r, "ann", "PLUM"), 1);
    (void)story_tell(r, "issue/1", "PEAR");
    road_run(r, MINUTE);
    watch(r, "ann", "project/x", "daily");
    (void)story_tell(r, "issue/1", "FIG");
    road_run(r, 10 * MINUTE);
    assert_int_equal(mails(r, "ann"), 1);
    run_to(r, 8);
    assert_int_equal(mails(r, "ann"), 2);
    assert_hour(r, "ann", "UTC", 8);
    assert_int_equal(told(r, "ann", "PLUM"), 1);
    assert_int_equal(told(r, "ann", "PEAR"), 1);
    assert_int_equal(told(r, "ann", "FIG"), 1);
    run_to(r, 8);
    run_to(r, 8);
    assert_int_equal(mails(r, "ann"), 2);
    road_close(r);
}

static const char *const fruit[] = { "PLUM", "PEAR", "FIG", "QUINCE", "APPLE", "CHERRY" };

/* Each fruit is told of by another mode than the one before, some hours later. */
static void change_modes(struct road *r, uint64_t seed)
{
    static const char *const modes[] = { "weekly", "daily", "hourly" };
    static const char *const others[] = { "project/a", "project/b", "project/c" };

    for (size_t m = 0; m < 3; m++)
        watch(r, "ann", others[m], modes[m]);
    for (size_t i = 0; i < ARRAY_LENGTH(fruit); i++) {
        watch(r, "ann", "project/x", modes[(seed + i * (1 + seed % 2)) % 3]);
        (void)story_tell(r, i % 2 == 0 ? "issue/1" : "issue/2", fruit[i]);
        go_to(r, road_now(r) + (int64_t)(1 + seed * 5 * (i + 1) % 40) * HOUR);
    }
}

static void what_is_owed_and_came_to_nothing_is_owed_once(void **state)
{
    struct road *r = *state;
    int64_t event;

    begin(r, 14);
    run_to(r, 12);
    add_reader(r, "ann", "UTC");
    watch(r, "ann", "project/x", "now");
    event = story_tell(r, "issue/1", "PLUM");
    watch(r, "ann", "project/x", "daily");
    road_run(r, 10 * MINUTE);
    road_ask(r, events_redact, "{'id': %lld}", (long long)event);
    for (int day = 0; day < 4; day++)
        run_to(r, 9);
    assert_int_equal(mails(r, "ann"), 0);
    assert_in_range(
        road_number(r, SQL("SELECT count(*) FROM delivery WHERE cause = $1"), db_int(CAUSE_DIGEST)),
        0, 1);
    (void)story_tell(r, "issue/1", "PEAR");
    run_to(r, 9);
    assert_int_equal(told(r, "ann", "PEAR"), 1);
    road_close(r);
}

static void from_one_digest_to_another_nothing_is_lost_or_told_twice(void **state)
{
    struct road *r = *state;

    for (uint64_t seed = 1; seed <= 12; seed++) {
        begin(r, seed);
        run_to(r, 12);
        add_reader(r, "ann", "UTC");
        change_modes(r, seed);
        for (int day = 0; day < 8; day++)
            run_to(r, 8);
        for (size_t i = 0; i < ARRAY_LENGTH(fruit); i++)
            if (told(r, "ann", fruit[i]) != 1)
                fail_msg("seed %d: %s was told %zu times", (int)seed, fruit[i],
                         told(r, "ann", fruit[i]));
        road_close(r);
    }
}

static void mute_and_unwatch_take_away_what_waits(void **state)
{
    struct road *r = *state;

    begin(r, 6);
    run_to(r, 12);
    add_reader(r, "ann", "UTC");
    add_reader(r, "bob", "UTC");
    watch(r, "ann", "project/x", "daily");
    watch(r, "bob", "project/x", "daily");
    (void)story_tell(r, "issue/1", "PLUM");
    (void)story_tell(r, "issue/2", "PEAR");
    watch(r, "ann", "issue/1", "mute");
    road_ask(r, watches_remove, "{'person': 'bob', 'topic': 'project/x'}");
    run_to(r, 8);
    assert_int_equal(told(r, "ann", "PLUM"), 0);
    assert_int_equal(told(r, "ann", "PEAR"), 1);
    assert_int_equal(mails(r, "bob"), 0);
    assert_int_equal(road_number(r, SQL("SELECT count(*) FROM digest WHERE mode = $1"), db_int(3)),
                     1);
    road_close(r);
}

static void a_lists_digest_is_its_members(void **state)
{
    struct road *r = *state;

    begin(r, 11);
    run_to(r, 12);
    add_reader(r, "ann", "UTC");
    add_reader(r, "bob", "UTC");
    road_ask(r, lists_new, "{'list': 'team'}");
    road_ask(r, lists_add, "{'list': 'team', 'people': ['ann']}");
    watch(r, "list:team", "project/x", "daily");
    road_ask(r, lists_add, "{'list': 'team', 'people': ['bob']}");
    (void)story_tell(r, "issue/1", "PLUM");
    run_to(r, 8);
    assert_int_equal(told(r, "ann", "PLUM"), 1);
    assert_int_equal(told(r, "bob", "PLUM"), 1);
    run_to(r, 8);
    assert_int_equal(mails(r, "ann") + mails(r, "bob"), 2);
    road_close(r);
}

static void who_may_not_see_it_any_more_is_not_told(void **state)
{
    struct road *r = *state;

    begin(r, 7);
    run_to(r, 12);
    add_reader(r, "ann", "UTC");
    add_reader(r, "bob", "UTC");
    road_ask(r, topics_set, "{'key': 'project/x', 'label': 'staff'}");
    road_ask(r, grants_add, "{'label': 'staff', 'person': 'ann'}");
    road_ask(r, grants_add, "{'label': 'staff', 'person': 'bob'}");
    watch(r, "ann", "project/x", "daily");
    watch(r, "bob", "project/x", "daily");
    (void)story_tell(r, "issue/1", "PLUM");
    road_ask(r, grants_remove, "{'label': 'staff', 'person': 'bob'}");
    run_to(r, 8);
    assert_int_equal(told(r, "ann", "PLUM"), 1);
    assert_int_equal(mails(r, "bob"), 0);
    road_close(r);
}

static void after_downtime_there_is_one_digest(void **state)
{
    struct road *r = *state;

    begin(r, 8);
    run_to(r, 12);
    add_reader(r, "ann", "UTC");
    add_reader(r, "hal", "UTC");
    watch(r, "ann", "project/x", "daily");
    watch(r, "hal", "project/x", "hourly");
    (void)story_tell(r, "issue/1", "PLUM");
    road_run(r, MINUTE);
    road_stop(r);
    road_run(r, 5 * DAY);
    road_start(r);
    road_run(r, 10 * MINUTE);
    assert_int_equal(mails(r, "ann"), 1);
    assert_int_equal(mails(r, "hal"), 1);
    road_stop(r);
    road_start(r);
    (void)story_tell(r, "issue/1", "PEAR");
    road_run(r, MINUTE);
    road_stop(r);
    road_run(r, 30 * DAY);
    road_start(r);
    (void)story_tell(r, "issue/1", "FIG");
    run_to(r, 8);
    run_to(r, 8);
    assert_int_equal(told(r, "ann", "PEAR"), 0);
    assert_int_equal(told(r, "ann", "FIG"), 1);
    road_close(r);
}

static void expect_why(struct road *r, const char *key, int64_t event, const char *outcome,
                       const char *words)
{
    json_t *answer =
        road_ask(r, why_person, "{'person': '%s', 'event': %lld}", key, (long long)event);
    const char *sentence =
        json_string_value(json_array_get(json_object_get(answer, "sentences"), 0));

    assert_string_equal(json_string_value(json_object_get(answer, "outcome")), outcome);
    if (strstr(sentence, words) == NULL)
        fail_msg("\"%s\" does not hold \"%s\"", sentence, words);
}

static void why_tells_when_the_digest_comes_and_which_mail_it_was(void **state)
{
    struct road *r = *state;
    int64_t event;

    begin(r, 13);
    run_to(r, 12);
    add_reader(r, "ann", "UTC");
    watch(r, "ann", "project/x", "daily");
    event = story_tell(r, "issue/1", "PLUM");
    road_run(r, MINUTE);
    expect_why(r, "ann", event, "in_digest", "in the daily digest, due at ");
    expect_why(r, "ann", event, "in_digest", "T08:0");
    road_ask(r, people_set, "{'person': 'ann', 'timezone': 'Asia/Kathmandu'}");
    road_run(r, MINUTE);
    expect_why(r, "ann", event, "in_digest", "T02:1");
    go_to(r, road_now(r) / DAY * DAY + DAY + 2 * HOUR + 15 * MINUTE);
    expect_why(r, "ann", event, "told", "in the daily digest.");
    road_close(r);
}

static void a_digest_that_failed_is_owed(void **state)
{
    struct smtp_sink_rule rule = {
        SMTP_ASK_CONTENT, SPAN("*"), 554, { 5, 7, 1 }, "We do not like this message"
    };
    const struct smtp_sink_options well = exchange_options();
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;

    begin(r, 9);
    run_to(r, 12);
    add_reader(r, "ann", "UTC");
    watch(r, "ann", "project/x", "daily");
    options.rules = &rule;
    options.rule_count = 1;
    exchange_open(r->exchange, mx1, &options);
    (void)story_tell(r, "issue/1", "PLUM");
    run_to(r, 8);
    assert_int_equal(mails(r, "ann"), 0);
    exchange_open(r->exchange, mx1, &well);
    run_to(r, 8);
    assert_int_equal(told(r, "ann", "PLUM"), 1);
    run_to(r, 8);
    run_to(r, 8);
    assert_int_equal(mails(r, "ann"), 1);
    road_close(r);
}

static void a_digest_due_while_one_waits_joins_it(void **state)
{
    const struct smtp_sink_options well = exchange_options();
    struct road *r = *state;

    begin(r, 10);
    run_to(r, 12);
    add_reader(r, "ann", "UTC");
    watch(r, "ann", "project/x", "hourly");
    exchange_close(r->exchange, mx1);
    (void)story_tell(r, "issue/1", "PLUM");
    run_to(r, 13);
    (void)story_tell(r, "issue/2", "PEAR");
    run_to(r, 14);
    exchange_open(r->exchange, mx1, &well);
    road_run(r, 4 * HOUR);
    assert_int_equal(told(r, "ann", "PLUM"), 1);
    assert_int_equal(told(r, "ann", "PEAR"), 1);
    assert_int_equal(mails(r, "ann"), 1);
    road_close(r);
}

enum { READERS = 12 };

static const char *reader_name(int i)
{
    static char name[20];

    (void)snprintf(name, sizeof name, "r%d", i);
    return name;
}

/* Three times; gives how many of the cuts were reached. */
static int run_through_cuts(struct road *r, uint64_t seed)
{
    int cuts = 0;

    for (int cut = 0; cut < 3; cut++) {
        power_vfs_cut_at(r->power, (int64_t)(2 + seed * 7 % 60));
        road_run(r, 4 * MINUTE);
        if (!road_is_down(r)) {
            power_vfs_cut_at(r->power, 0);
            continue;
        }
        cuts++;
        road_crash(r, SIM_POWER_CUT);
        road_start(r);
    }
    return cuts;
}

static void expect_each_told(struct road *r, uint64_t seed)
{
    int64_t doubts = road_number(
        r, SQL("SELECT coalesce(sum(doubts), 0) FROM delivery_state WHERE 0 = $1"), db_int(0));

    for (int i = 0; i < READERS; i++) {
        const char *name = reader_name(i);

        if (told(r, name, "PLUM") < 1 || told(r, name, "PEAR") < 1)
            fail_msg("seed %d: %s was not told", (int)seed, name);
        if (told(r, name, "PLUM") > 1 && doubts == 0)
            fail_msg("seed %d: %s was told twice", (int)seed, name);
    }
}

/* The power goes at a seeded write around the hour of digests, again and again. */
static void power_cuts_tell_nobody_twice_and_lose_nothing(void **state)
{
    struct road *r = *state;
    int cuts = 0;

    for (uint64_t seed = 1; seed <= 25; seed++) {
        begin(r, seed);
        for (int i = 0; i < READERS; i++) {
            add_reader(r, reader_name(i), "UTC");
            watch(r, reader_name(i), "project/x", i % 3 == 0 ? "hourly" : "daily");
        }
        run_to(r, 7);
        (void)story_tell(r, "issue/1", "PLUM");
        (void)story_tell(r, "issue/2", "PEAR");
        road_run(r, 53 * MINUTE);
        cuts += run_through_cuts(r, seed);
        run_to(r, 8);
        run_to(r, 8);
        expect_each_told(r, seed);
        road_close(r);
    }
    assert_true(cuts > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(each_mode_tells_at_its_own_time),
        ROAD_TEST(a_digest_comes_at_the_hour_of_its_readers_clocks),
        ROAD_TEST(a_nearer_watch_and_being_addressed_tell_at_once),
        ROAD_TEST(what_waits_is_told_at_once_when_the_mode_becomes_now),
        ROAD_TEST(what_waits_goes_into_the_digest_when_the_mode_becomes_one),
        ROAD_TEST(what_is_owed_and_came_to_nothing_is_owed_once),
        ROAD_TEST(from_one_digest_to_another_nothing_is_lost_or_told_twice),
        ROAD_TEST(mute_and_unwatch_take_away_what_waits),
        ROAD_TEST(a_lists_digest_is_its_members),
        ROAD_TEST(who_may_not_see_it_any_more_is_not_told),
        ROAD_TEST(after_downtime_there_is_one_digest),
        ROAD_TEST(why_tells_when_the_digest_comes_and_which_mail_it_was),
        ROAD_TEST(a_digest_that_failed_is_owed),
        ROAD_TEST(a_digest_due_while_one_waits_joins_it),
        ROAD_TEST(power_cuts_tell_nobody_twice_and_lose_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
