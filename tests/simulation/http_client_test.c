/*
 * The simulated HTTP client and its web servers.
 */
#include "net/http_client.h"

#include <string.h>

#include "io/loop.h"
#include "tests/simulation/http.h"
#include "tests/simulation/simulation.h"
#include "tests/support/cmocka.h"

enum { PATIENCE_MS = 5000 };

static const char *const url = "https://hooks.example/in";

struct scene {
    struct simulation *sim;
    struct loop *loop;
    struct http_client *client;
    struct http_call call;
    struct sim_http_answer given;
    int asked;
    bool done;
    int status;
    char problem[80];
};

static struct sim_http_answer serve(void *owner, const struct sim_http_request *request)
{
    struct scene *s = owner;

    s->asked++;
    assert_true(span_equal(request->body, SPAN("hello")));
    assert_true(span_equal(sim_http_field(request, "webhook-id"), SPAN("7")));
    return s->given;
}

static void on_done(void *owner, const struct http_answer *answer)
{
    struct scene *s = owner;

    assert_false(s->done);
    s->done = true;
    s->status = answer->status;
    span_copy(span_of(answer->problem), s->problem, sizeof(s->problem));
}

static bool is_done(void *owner)
{
    return ((const struct scene *)owner)->done;
}

static void begin(struct scene *s, struct sim_http_answer given)
{
    static const char *const fields[] = { "Webhook-Id: 7", NULL };
    struct http_client_options options = { .connections = 1, .host_connections = 1 };

    *s = (struct scene){ .sim = sim_new(3), .given = given };
    options.loop = s->loop = loop_new("hooks");
    loop_start(s->loop);
    s->client = http_client_new(&options);
    sim_http_serve(s->sim, url, serve, s);
    s->call = (struct http_call){ .method = "POST",
                                  .url = url,
                                  .fields = fields,
                                  .body = SPAN("hello"),
                                  .timeout_ms = PATIENCE_MS,
                                  .answer_limit = 10,
                                  .done = on_done,
                                  .owner = s };
}

static void end(struct scene *s)
{
    http_client_free(s->client);
    loop_free(s->loop);
    sim_free(s->sim);
}

static void each_call_is_answered_once(void **state)
{
    static const struct {
        struct sim_http_answer given;
        int status;
        const char *problem;
    } cases[] = {
        { { .status = 204 }, 204, "" },
        { { .status = 500, .delay_ms = 4000 }, 500, "" },
        { { .status = 200, .delay_ms = 6000 }, 0, "no answer within 5000 ms" },
        { { .status = 200, .lost = true }, 0, "no answer within 5000 ms" },
        { { .problem = "reset" }, 0, "reset" },
        { { .status = 200, .body = "longer than ten" }, 0, "the answer is larger than 10 bytes" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct scene s;

        begin(&s, cases[i].given);
        http_client_call(s.client, &s.call);
        assert_true(sim_run_until(s.sim, is_done, &s, PATIENCE_MS + 1));
        assert_int_equal(s.asked, 1);
        assert_int_equal(s.status, cases[i].status);
        assert_string_equal(s.problem, cases[i].problem);
        sim_run_for(s.sim, PATIENCE_MS * 2);
        end(&s);
    }
}

static void where_nobody_serves_a_call_is_refused(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, (struct sim_http_answer){ 0 });
    s.call.url = "https://hooks.example/out";
    http_client_call(s.client, &s.call);
    assert_true(sim_run_until(s.sim, is_done, &s, PATIENCE_MS));
    assert_string_equal(s.problem, "connection refused");
    end(&s);
}

static void a_cancelled_call_and_one_of_a_dead_machine_are_forgotten(void **state)
{
    struct scene s;
    struct http_call cancelled;

    (void)state;
    begin(&s, (struct sim_http_answer){ .status = 200, .delay_ms = 1000 });
    cancelled = s.call;
    http_client_call(s.client, &cancelled);
    http_client_call(s.client, &s.call);
    http_call_cancel(&cancelled);
    sim_run_for(s.sim, 500);
    assert_int_equal(s.asked, 1);
    sim_crash(s.sim, 0, SIM_KILLED);
    sim_run_for(s.sim, PATIENCE_MS);
    assert_false(s.done);
    sim_free(s.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_is_answered_once),
        cmocka_unit_test(where_nobody_serves_a_call_is_refused),
        cmocka_unit_test(a_cancelled_call_and_one_of_a_dead_machine_are_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
