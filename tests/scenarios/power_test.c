/*
 * Power cuts over the whole road. People watch, things happen, some are redacted, some people say
 * no; exchangers greylist, lose replies, refuse; connections break, the DNS fails; and the disk
 * loses its power at seeded writes, the daemon starts again, and whoever had no answer asks again.
 * In the end nothing is lost, nothing came twice but what was in doubt, nothing came after its
 * deadline or to those who had said no.
 *
 * POSTROOM_SEED and POSTROOM_SEEDS choose the first seed and how many there are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "services/directory/people.h"
#include "services/directory/suppressions.h"
#include "services/directory/watches.h"
#include "services/intake/events.h"
#include "store/notice.h"
#include "tests/scenarios/application.h"
#include "tests/scenarios/story.h"
#include "tests/scenarios/weather.h"
#include "tests/support/cmocka.h"

enum {
    SEEDS = 100,
    DOMAINS = 5,
    WATCHERS = 10,
    ISSUES = 3,
    EVENTS = 14,
    CUTS_MOST = 4,
    OPERATIONS = 700,        /* of the disk in a run, about */
    LOOKS_MOST = 3 * 24 * 12 /* of five minutes, until all is at rest */
};

/* How long a mail that was granted may take until it is taken. */
#define ON_ITS_WAY (2 * MINUTE)

static const struct weather_place places[DOMAINS] = {
    { "d0.example", "192.0.2.1" }, { "d1.example", "192.0.2.2" }, { "d2.example", "192.0.2.3" },
    { "d3.example", "192.0.2.4" }, { "d4.example", "192.0.2.5" },
};

struct watcher {
    char key[20];
    char address[60];
    int64_t no_at;      /* unsubscribed then; 0: no */
    int64_t mute_at[3]; /* of each issue */
    bool is_unknown;    /* to the exchanger */
};

struct event {
    char word[16];
    int issue;
    int64_t id;
    int64_t deadline; /* 0: none */
    int64_t redacted_at;
};

/* What all runs together saw, so that none of it is idle talk. */
struct tally {
    int64_t cuts;
    int64_t mails;
    int64_t doubts;
    int64_t expired;
    int64_t cancelled;
    int64_t suppressed;
};

struct saga {
    struct road *road;
    struct tally tally;
    struct random chance;
    int cuts_left;
    struct watcher watchers[WATCHERS];
    struct event events[EVENTS];
    int event_count;
};

static int below(struct saga *s, int n)
{
    return (int)random_below(&s->chance, (uint64_t)n);
}

/* ---- the world ---- */

static void open_exchangers(struct road *r)
{
    const struct smtp_sink_rule unknown = {
        SMTP_ASK_RCPT, SPAN("w3@*"), 550, { 5, 1, 1 }, "No such user here"
    };

    for (int i = 0; i < DOMAINS; i++) {
        struct smtp_sink_options options = exchange_options();

        story_domain(r, places[i].domain, places[i].ip);
        options.greylist_attempts = i == 1 ? 1 : 0;
        options.lose_every = i == 2 ? 3 : 0;
        options.rules = &unknown;
        options.rule_count = i == 3 ? 1 : 0;
        options.messages_max = i == 0 ? 2 : 0;
        options.delay_ms = i == 4 ? 500 : 0;
        exchange_open(r->exchange, places[i].ip, &options);
    }
}

static void add_watchers(struct saga *s)
{
    for (int i = 0; i < WATCHERS; i++) {
        struct watcher *w = &s->watchers[i];
        const char *domain = places[i % DOMAINS].domain;

        (void)snprintf(w->key, sizeof w->key, "w%d", i);
        (void)snprintf(w->address, sizeof w->address, "w%d@%s", i, domain);
        w->is_unknown = i == 3;
        story_watcher(s->road, w->key, domain);
    }
}

/* ---- power ---- */

static void plan_cut(struct saga *s, int operations)
{
    if (s->cuts_left-- > 0)
        power_vfs_cut_at(s->road->power, 1 + below(s, operations));
}

static bool is_dark(const struct saga *s)
{
    return power_vfs_is_cut(s->road->power);
}

static void light_again(struct saga *s)
{
    s->tally.cuts++;
    road_crash(s->road, SIM_POWER_CUT);
    road_start(s->road);
    plan_cut(s, OPERATIONS / 2);
}

static void let_pass(struct saga *s, int64_t ms)
{
    int64_t end = sim_time_ms(s->road->sim) + ms;

    while (sim_time_ms(s->road->sim) < end) {
        road_run(s->road, end - sim_time_ms(s->road->sim));
        if (is_dark(s))
            light_again(s);
    }
}

/* Asks until there is an answer, as an application does. */
static json_t *insist(struct saga *s, request_handler *handler, const char *args)
{
    while (!road_try(s->road, handler, args)) {
        if (!is_dark(s))
            fail_msg("%s refused: %s", args, s->road->err.text);
        light_again(s);
    }
    if (is_dark(s))
        light_again(s);
    return s->road->answer;
}

/* ---- what people do ---- */

static void leave_in_inbox(struct saga *s, const char *event)
{
    while (!application_insert(s->road, event)) {
        light_again(s);
        if (application_has(s->road, event))
            return;
    }
    if (is_dark(s))
        light_again(s);
}

static void tell(struct saga *s)
{
    static const char *const deadlines[] = { "", "", "", ", 'deadline': '%s'" };
    struct event *e = &s->events[s->event_count];
    int64_t patience = (1 + below(s, 20)) * MINUTE;
    const char *deadline = deadlines[below(s, ARRAY_LENGTH(deadlines))];
    char args[500];
    char limit[60] = "";
    char key[40] = "";
    bool asks = below(s, 2) == 0;
    struct buf moment;

    (void)snprintf(e->word, sizeof e->word, "WORD%02d", s->event_count++);
    e->issue = below(s, ISSUES);
    if (*deadline != '\0') {
        e->deadline = (road_now(s->road) + patience) / SECOND * SECOND;
        buf_init(&moment, 50);
        text_put_time(&moment, e->deadline);
        (void)snprintf(limit, sizeof limit, ", 'deadline': '%s'", buf_text(&moment));
        buf_fini(&moment);
    }
    if (asks) /* it may have to ask again */
        (void)snprintf(key, sizeof key, ", 'key': '%s'", e->word);
    (void)snprintf(args, sizeof args,
                   "{'topic': {'key': 'issue/%d', 'parents': ['project/x']}, 'kind': 'commented', "
                   "'text': 'It says %s today.', 'urgent': %s%s%s}",
                   e->issue, e->word, below(s, 3) == 0 ? "true" : "false", limit, key);
    if (asks)
        e->id = json_integer_value(json_object_get(insist(s, events_add, args), "event"));
    else
        leave_in_inbox(s, args);
}

static void redact(struct saga *s)
{
    struct event *e = &s->events[below(s, s->event_count > 0 ? s->event_count : 1)];
    char args[100];

    if (s->event_count == 0 || e->redacted_at != 0 || e->id == 0)
        return;
    (void)snprintf(args, sizeof args, "{'id': %lld}", (long long)e->id);
    (void)insist(s, events_redact, args);
    e->redacted_at = road_now(s->road);
}

static void mute(struct saga *s)
{
    struct watcher *w = &s->watchers[below(s, WATCHERS)];
    int issue = below(s, ISSUES);
    char args[200];

    if (w->mute_at[issue] != 0)
        return;
    (void)snprintf(args, sizeof args, "{'person': '%s', 'topic': 'issue/%d', 'mode': 'mute'}",
                   w->key, issue);
    (void)insist(s, watches_set, args);
    w->mute_at[issue] = road_now(s->road);
}

static void unsubscribe(struct saga *s)
{
    struct watcher *w = &s->watchers[below(s, WATCHERS)];
    char args[200];

    if (w->no_at != 0)
        return;
    (void)snprintf(args, sizeof args, "{'target': '%s', 'reason': 'unsubscribed'}", w->address);
    (void)insist(s, suppressions_add, args);
    w->no_at = road_now(s->road);
}

static void die_and_return(struct saga *s)
{
    let_pass(s, below(s, 100));
    road_crash(s->road, SIM_KILLED);
    road_start(s->road);
}

static void act(struct saga *s)
{
    int lot = below(s, 24);

    if (lot == 0)
        unsubscribe(s);
    else if (lot < 3)
        mute(s);
    else if (lot < 5)
        redact(s);
    else if (lot < 7)
        die_and_return(s);
    else if (lot < 10)
        weather_turn(s->road, places[below(s, DOMAINS)], &s->chance);
    else
        tell(s);
}

static void play(struct saga *s)
{
    while (s->event_count < EVENTS) {
        act(s);
        let_pass(s, below(s, 3) == 0 ? below(s, 10000) : (int64_t)below(s, 5) * MINUTE);
    }
}

/* A mail that is held, in doubt for the third time, and the news that wait for it, are a person's
 * to see to. */
static int64_t unfinished(struct road *r)
{
    return road_number(r,
                       SQL("SELECT (SELECT count(*) FROM delivery_state WHERE state < $1 "
                           "AND state <> $2) + (SELECT count(*) FROM notice WHERE due_at < $3)"),
                       db_int(DELIVERY_DELIVERED), db_int(DELIVERY_HELD), db_int(NOTICE_WAITS));
}

static void come_to_rest(struct saga *s)
{
    for (int i = 0; i < DOMAINS; i++)
        weather_clear(s->road, places[i]);
    power_vfs_cut_at(s->road->power, 0);
    road_run(s->road, MINUTE); /* what is in the inbox is taken */
    for (int look = 0; look < LOOKS_MOST && unfinished(s->road) > 0; look++)
        road_run(s->road, 5 * MINUTE);
    assert_int_equal(unfinished(s->road), 0);
}

/* ---- what must hold ---- */

static int64_t of_address(struct road *r, const char *sql, const char *address)
{
    return road_number_values(r, sql, DB_VALUES(db_string(address)));
}

static bool has_held(struct road *r, const struct watcher *w)
{
    return of_address(r,
                      SQL("SELECT count(*) FROM delivery JOIN delivery_state ON delivery = id "
                          "WHERE address = $1 AND state = 4"),
                      w->address) > 0;
}

static void check_pair(struct saga *s, const struct watcher *w, const struct event *e)
{
    struct road *r = s->road;
    size_t told = story_times_told(r, w->address, e->word);
    int64_t doubts = of_address(r,
                                SQL("SELECT coalesce(sum(doubts), 0) FROM delivery JOIN "
                                    "delivery_state ON delivery = id WHERE address = $1"),
                                w->address);
    bool may_miss = w->no_at != 0 || w->mute_at[e->issue] != 0 || w->is_unknown ||
                    e->deadline != 0 || e->redacted_at != 0 || has_held(r, w);

    if (told == 0 && !may_miss)
        fail_msg("%s never heard of %s", w->address, e->word);
    if (told > 1 + (size_t)doubts)
        fail_msg("%s heard %zu times of %s, with %lld doubts", w->address, told, e->word,
                 (long long)doubts);
}

static bool is_later(int64_t at_ms, int64_t limit)
{
    return limit != 0 && at_ms > limit + ON_ITS_WAY;
}

static void check_mail_of(const struct saga *s, const struct exchange_mail *mail,
                          const struct watcher *w)
{
    if (strcmp(mail->to, w->address) != 0)
        return;
    if (w->is_unknown || is_later(mail->at_ms, w->no_at))
        fail_msg("%s had said no and got mail", w->address);
    for (int i = 0; i < s->event_count; i++) {
        const struct event *e = &s->events[i];

        if (!story_tells(mail, e->word))
            continue;
        if (is_later(mail->at_ms, w->mute_at[e->issue]))
            fail_msg("%s had muted what %s is about", w->address, e->word);
        if (is_later(mail->at_ms, e->deadline))
            fail_msg("%s came to %s after its deadline", e->word, w->address);
        if (is_later(mail->at_ms, e->redacted_at))
            fail_msg("%s came to %s after it was redacted", e->word, w->address);
    }
}

static void check_mails(const struct saga *s)
{
    for (size_t i = 0; i < exchange_count(s->road->exchange); i++) {
        const struct exchange_mail *mail = exchange_mail(s->road->exchange, i);

        assert_false(mail->violated);
        for (int w = 0; w < WATCHERS; w++)
            check_mail_of(s, mail, &s->watchers[w]);
    }
}

static void check_store(struct road *r, int events)
{
    assert_int_equal(road_number(r, SQL("SELECT count(*) FROM event WHERE id > $1"), db_int(0)),
                     events);
    assert_string_equal(road_text_values(r, SQL_SQLITE("PRAGMA integrity_check"), NULL), "ok");
    assert_int_equal(road_number(r,
                                 SQL("SELECT coalesce(sum(waiting), 0) - (SELECT count(*) FROM "
                                     "delivery_state WHERE state < $1) FROM lane"),
                                 db_int(DELIVERY_DELIVERED)),
                     0);
    assert_int_equal(road_number(r,
                                 SQL("SELECT count(*) FROM intent WHERE NOT EXISTS (SELECT 1 FROM "
                                     "attempt WHERE attempt.intent = intent.id) AND id > $1"),
                                 db_int(0)),
                     0);
    assert_int_equal(road_number(r,
                                 SQL("SELECT count(*) FROM intent JOIN delivery ON delivery.id = "
                                     "intent.delivery WHERE intent.at > delivery.deadline "
                                     "AND delivery.deadline > $1"),
                                 db_int(0)),
                     0);
}

static void check(struct saga *s)
{
    for (int w = 0; w < WATCHERS; w++)
        for (int e = 0; e < s->event_count; e++)
            check_pair(s, &s->watchers[w], &s->events[e]);
    check_mails(s);
    check_store(s->road, s->event_count);
}

/* ---- the test ---- */

static int64_t count_state(struct road *r, enum delivery_state state)
{
    return road_number(r, SQL("SELECT count(*) FROM delivery_state WHERE state = $1"),
                       db_int(state));
}

static void add_up(struct saga *s, struct tally *sum)
{
    struct road *r = s->road;

    sum->cuts += s->tally.cuts;
    sum->mails += (int64_t)exchange_count(r->exchange);
    sum->doubts += road_number(
        r, SQL("SELECT coalesce(sum(doubts), 0) FROM delivery_state WHERE delivery > $1"),
        db_int(0));
    sum->expired += count_state(r, DELIVERY_EXPIRED);
    sum->cancelled += count_state(r, DELIVERY_CANCELLED);
    sum->suppressed += count_state(r, DELIVERY_SUPPRESSED);
}

static uint64_t run(struct road *r, uint64_t seed, struct tally *sum)
{
    struct saga s = { .road = r };
    uint64_t digest;

    road_open(r, seed);
    random_seed(&s.chance, seed);
    s.cuts_left = below(&s, CUTS_MOST + 1);
    application_begin(r);
    road_start(r);
    open_exchangers(r);
    add_watchers(&s);
    plan_cut(&s, OPERATIONS);
    play(&s);
    come_to_rest(&s);
    check(&s);
    add_up(&s, sum);
    digest = sim_digest(r->sim);
    road_close(r);
    return digest;
}

static uint64_t number_of(const char *name, uint64_t fallback)
{
    const char *text = getenv(name); /* NOLINT(concurrency-mt-unsafe): tests set nothing */
    int64_t number = 0;

    return text != NULL && text_to_integer(span_of(text), 0, INT64_MAX, &number) ? (uint64_t)number
                                                                                 : fallback;
}

static void nothing_is_lost_and_nothing_comes_twice_but_what_was_in_doubt(void **state)
{
    uint64_t first = number_of("POSTROOM_SEED", 1);
    uint64_t count = number_of("POSTROOM_SEEDS", SEEDS);

    struct tally sum = { 0 };

    for (uint64_t seed = first; seed < first + count; seed++)
        (void)run(*state, seed, &sum);
    if (count < SEEDS)
        return;
    assert_true(sum.cuts > (int64_t)count / 2);
    assert_true(sum.mails > (int64_t)count * WATCHERS);
    assert_true(sum.doubts > (int64_t)count);
    assert_true(sum.expired > 0 && sum.cancelled > 0 && sum.suppressed > 0);
}

static void a_run_with_power_cuts_repeats(void **state)
{
    uint64_t seed = number_of("POSTROOM_SEED", 7);

    struct tally sum = { 0 };

    assert_int_equal(run(*state, seed, &sum), run(*state, seed, &sum));
}

static int say_how_to_repeat(void **state)
{
    const struct road *r = *state;

    if (r->sim != NULL)
        (void)fprintf(stderr, "again: script/simulate 1 %llu\n", (unsigned long long)r->seed);
    return road_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            nothing_is_lost_and_nothing_comes_twice_but_what_was_in_doubt, road_setup,
            say_how_to_repeat),
        cmocka_unit_test_setup_teardown(a_run_with_power_cuts_repeats, road_setup,
                                        say_how_to_repeat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
