/*
 * A webhook under power cuts, lost answers and refusals: whatever has happened reaches it, in order
 * and at least once, and what is sent again has the id and the bytes that it had.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "services/directory/watches.h"
#include "services/hooks/webhooks.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/simulation/http.h"
#include "tests/support/cmocka.h"

enum { SEEDS = 15, EVENTS = 25, CALLS_MOST = 400, CUTS_MOST = 3, OPERATIONS = 400 };

static const char url[] = "https://crm.example/in";

struct call {
    char id[100];
    char *body;
};

/* What all runs together saw, so that none of it is idle talk. */
struct tally {
    int cuts;
    int again; /* calls by an id that was there before */
};

struct scene {
    struct road *road;
    struct random chance;
    struct tally *tally;
    struct call calls[CALLS_MOST];
    int call_count;
    bool is_well; /* from now on it takes all */
    int cuts_left;
    bool heard[EVENTS];
    int64_t last_seq; /* of what was heard for the first time */
};

static bool chance(struct scene *s, int of_hundred)
{
    return (int)random_below(&s->chance, 100) < of_hundred;
}

/* Sent again it is the same. */
static void check_call(struct scene *s, struct span id, struct span body)
{
    struct call *call = &s->calls[s->call_count];

    for (int i = 0; i < s->call_count; i++)
        if (span_equal(id, span_of(s->calls[i].id))) {
            assert_true(span_equal(body, span_of(s->calls[i].body)));
            s->tally->again++;
            return;
        }
    assert_in_range(s->call_count, 0, CALLS_MOST - 1);
    span_copy(id, call->id, sizeof(call->id));
    call->body = span_text(body);
    s->call_count++;
}

static void hear(struct scene *s, struct span body)
{
    json_t *json = json_loadb(body.at, body.n, 0, NULL);
    size_t i;
    json_t *change;

    json_array_foreach (json_object_get(json, "changes"), i, change) {
        const char *key =
            json_string_value(json_object_get(json_object_get(change, "event"), "key"));
        int64_t seq = json_integer_value(json_object_get(change, "seq"));
        int n = -1;

        assert_non_null(key);
        assert_int_equal(sscanf(key, "e%d", &n), 1); /* NOLINT(cert-err34-c): our own words */
        assert_in_range(n, 0, EVENTS - 1);
        if (s->heard[n])
            continue;
        assert_true(seq > s->last_seq);
        s->last_seq = seq;
        s->heard[n] = true;
    }
    json_decref(json);
}

static struct sim_http_answer serve(void *owner, const struct sim_http_request *request)
{
    struct scene *s = owner;

    check_call(s, sim_http_field(request, "webhook-id"), request->body);
    if (!s->is_well && chance(s, 20))
        return (struct sim_http_answer){ .status = 503 };
    if (!s->is_well && chance(s, 10))
        return (struct sim_http_answer){ .problem = "connection reset" };
    hear(s, request->body);
    return (struct sim_http_answer){ .status = 200, .lost = !s->is_well && chance(s, 15) };
}

static void start_again(struct scene *s)
{
    s->tally->cuts++;
    road_crash(s->road, SIM_POWER_CUT);
    road_start(s->road);
    if (s->cuts_left-- > 0)
        power_vfs_cut_at(s->road->power, 1 + (int64_t)random_below(&s->chance, OPERATIONS));
}

static void run(struct scene *s, int64_t ms)
{
    road_run(s->road, ms);
    while (road_is_down(s->road))
        start_again(s);
}

/* Whoever had no answer asks again: the key makes it the same event. */
static void tell(struct scene *s, int n)
{
    char event[120];

    (void)snprintf(event, sizeof(event), "{'topic': 'issue/1', 'kind': 'commented', 'key': 'e%d'}",
                   n);
    while (!road_try(s->road, events_add, event)) {
        assert_true(road_is_down(s->road));
        start_again(s);
    }
}

static void begin(struct scene *s, struct road *r, uint64_t seed, struct tally *tally)
{
    *s = (struct scene){ .road = r, .tally = tally, .cuts_left = CUTS_MOST };
    random_seed(&s->chance, seed);
    road_open(r, seed);
    r->has_webhooks = true;
    sim_http_serve(r->sim, url, serve, s);
    road_start(r);
    road_ask(r, webhooks_add, "{'name': 'crm', 'url': '%s'}", url);
    road_ask(r, watches_set, "{'person': 'hook:crm', 'topic': 'project/x'}");
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/2', 'parents': ['project/y']}, 'kind': 'commented'}");
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/1', 'parents': ['project/x']}, 'kind': 'commented', "
             "'key': 'e0'}");
    power_vfs_cut_at(r->power, 1 + (int64_t)random_below(&s->chance, OPERATIONS));
}

static void end(struct scene *s)
{
    power_vfs_cut_at(s->road->power, 0);
    s->is_well = true;
    run(s, 3 * HOUR);
    for (int n = 0; n < EVENTS; n++)
        if (!s->heard[n])
            fail_msg("event e%d was lost", n);
    for (int i = 0; i < s->call_count; i++)
        alloc_free(s->calls[i].body);
    road_close(s->road);
}

static void nothing_is_lost_and_what_comes_again_is_the_same(void **state)
{
    struct road *r = *state;
    struct tally tally = { 0 };

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct scene s;

        begin(&s, r, seed, &tally);
        for (int n = 1; n < EVENTS; n++) {
            tell(&s, n);
            run(&s, (int64_t)random_below(&s.chance, 20 * SECOND));
        }
        end(&s);
    }
    assert_in_range(tally.cuts, SEEDS / 2, SEEDS * (CUTS_MOST + 1));
    assert_true(tally.again > SEEDS);
}

/* A host with webhooks, each at a path of its own. */
enum { PATHS = 6 };

struct host {
    struct sim_http_answer answer;
    int64_t times[CALLS_MOST]; /* of calls */
    int calls;
    char body[4000]; /* of the last one */
    struct road *road;
};

static const char *const paths[PATHS] = {
    "https://crm.example/1", "https://crm.example/2", "https://crm.example/3",
    "https://crm.example/4", "https://crm.example/5", "https://crm.example/6",
};

static struct sim_http_answer serve_host(void *owner, const struct sim_http_request *request)
{
    struct host *host = owner;

    assert_in_range(host->calls, 0, CALLS_MOST - 1);
    host->times[host->calls++] = road_now(host->road);
    span_copy(request->body, host->body, sizeof(host->body));
    return host->answer;
}

static void begin_host(struct host *host, struct road *r, int hooks)
{
    host->road = r;
    road_open(r, 1);
    r->has_webhooks = true;
    for (int i = 0; i < hooks; i++)
        sim_http_serve(r->sim, paths[i], serve_host, host);
    road_start(r);
    for (int i = 0; i < hooks; i++)
        road_ask(r, webhooks_add, "{'name': 'h%d', 'url': '%s', 'kinds': ['event']}", i + 1,
                 paths[i]);
}

static const char *show(struct road *r, const char *field)
{
    return json_string_value(json_object_get(road_ask(r, webhooks_show, "{'name': 'h1'}"), field));
}

/* Its patience ends before two calls after each other would. */
static void a_slow_host_is_not_called_oftener_than_it_has_connections(void **state)
{
    struct host host = { .answer = { .status = 200, .delay_ms = 10 * SECOND } };
    struct road *r = *state;
    int at_once = 0;

    begin_host(&host, r, PATHS);
    road_ask(r, events_add, "{'topic': 'issue/1', 'kind': 'commented'}");
    road_run(r, MINUTE);
    assert_int_equal(host.calls, PATHS);
    for (int i = 0; i < host.calls; i++)
        at_once += host.times[i] < host.times[0] + 5 * SECOND;
    assert_int_equal(at_once, 4);
    assert_true(host.times[4] >= host.times[0] + 10 * SECOND);
    road_close(r);
}

static void what_is_not_kept_any_more_is_not_passed_over_in_silence(void **state)
{
    struct host host = { .answer = { .status = 200 } };
    struct road *r = *state;
    int64_t dropped;

    begin_host(&host, r, 1);
    r->settings.changes.keep = HOUR;
    road_ask(r, webhooks_disable, "{'name': 'h1'}");
    road_ask(r, events_add, "{'topic': 'issue/1', 'kind': 'commented'}");
    road_ask(r, events_add, "{'topic': 'issue/1', 'kind': 'commented'}");
    road_run(r, 2 * HOUR);
    dropped = json_integer_value(
        json_object_get(road_ask(r, webhooks_enable, "{'name': 'h1'}"), "dropped"));
    assert_int_equal(dropped, 2);
    road_run(r, MINUTE);
    assert_string_equal(host.body, "{\"webhook\":\"h1\",\"changes\":[],\"dropped\":2}");
    assert_int_equal(host.calls, 1);
    assert_null(json_object_get(road_ask(r, webhooks_show, "{'name': 'h1'}"), "dropped"));
    road_ask(r, events_add, "{'topic': 'issue/1', 'kind': 'commented'}");
    road_run(r, MINUTE);
    assert_null(strstr(host.body, "dropped"));
    assert_int_equal(host.calls, 2);
    road_close(r);
}

/* It heard of nothing since nothing was for it, whatever was dropped since and who died. */
static void who_missed_nothing_is_not_told_that_something_is_missing(void **state)
{
    struct host host = { .answer = { .status = 200 } };
    struct road *r = *state;

    begin_host(&host, r, 1);
    r->settings.changes.keep = HOUR;
    road_ask(r, webhooks_remove, "{'name': 'h1'}");
    road_ask(r, webhooks_add, "{'name': 'h1', 'url': '%s'}", paths[0]);
    road_ask(r, events_add, "{'topic': 'issue/1', 'kind': 'commented'}");
    road_run(r, 2 * HOUR);
    road_crash(r, SIM_POWER_CUT);
    road_start(r);
    road_run(r, MINUTE);
    road_ask(r, watches_set, "{'person': 'hook:h1', 'topic': 'issue/1'}");
    road_ask(r, events_add, "{'topic': 'issue/1', 'kind': 'commented'}");
    road_run(r, MINUTE);
    assert_int_equal(host.calls, 1);
    assert_null(strstr(host.body, "dropped"));
    road_close(r);
}

static void one_that_is_removed_while_it_is_called_raises_no_alarm(void **state)
{
    struct host host = { .answer = { .status = 410, .delay_ms = 10 * SECOND } };
    struct road *r = *state;

    begin_host(&host, r, 1);
    road_ask(r, events_add, "{'topic': 'issue/1', 'kind': 'commented'}");
    road_run(r, 5 * SECOND);
    assert_int_equal(host.calls, 1);
    assert_string_equal(show(r, "state"), "well");
    road_ask(r, webhooks_remove, "{'name': 'h1'}");
    road_run(r, MINUTE);
    assert_int_equal(road_number(r, SQL("SELECT count(*) FROM alarm WHERE cause = $1"),
                                 db_string("webhook-disabled h1")),
                     0);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(nothing_is_lost_and_what_comes_again_is_the_same),
        ROAD_TEST(a_slow_host_is_not_called_oftener_than_it_has_connections),
        ROAD_TEST(what_is_not_kept_any_more_is_not_passed_over_in_silence),
        ROAD_TEST(who_missed_nothing_is_not_told_that_something_is_missing),
        ROAD_TEST(one_that_is_removed_while_it_is_called_raises_no_alarm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
