/*
 * The simulated HTTP client: a call takes a moment to its server (simulation/http.h) and its answer
 * one back, so that a machine can die between the two. Connections and certificates are not part of
 * this world.
 */
#include "net/http_client.h"

#include <stdio.h>

#include "base/alloc.h"
#include "tests/simulation/http_servers_internal.h"
#include "tests/simulation/world_internal.h"

enum { WAY_LEAST_US = 500, WAY_MORE_US = 20000 };

struct http_client {
    struct mortal mortal;
    struct loop *loop;
    struct list transfers;
};

struct http_transfer {
    struct list link;
    struct http_client *client;
    struct http_call *call;
    struct occurrence request; /* arrives at the server */
    struct occurrence answer;  /* arrives at the client, or its time is over */
    struct sim_http_answer given;
    bool is_answered;
};

static void transfer_free(struct http_transfer *t)
{
    list_remove(&t->link);
    occurrence_cancel(&t->request);
    occurrence_cancel(&t->answer);
    t->call->transfer = NULL;
    alloc_free(t);
}

static int64_t way_us(void)
{
    return WAY_LEAST_US + (int64_t)random_below(&world()->random, WAY_MORE_US);
}

static void on_answer(void *owner)
{
    struct http_transfer *t = owner;
    struct http_call *call = t->call;
    struct http_answer answer = { 0 };
    char problem[64];

    (void)snprintf(problem, sizeof(problem), "no answer within %lld ms",
                   (long long)call->timeout_ms);
    if (!t->is_answered) {
        answer.problem = problem;
    } else if (t->given.problem != NULL) {
        answer.problem = t->given.problem;
    } else {
        answer.status = t->given.status;
        answer.body = span_of(t->given.body);
        answer.retry_after_s = t->given.retry_after_s;
    }
    if (answer.body.n > call->answer_limit) {
        (void)snprintf(problem, sizeof(problem), "the answer is larger than %zu bytes",
                       call->answer_limit);
        answer = (struct http_answer){ .problem = problem };
    }
    transfer_free(t);
    call->done(call->owner, &answer);
}

static void on_request(void *owner)
{
    struct http_transfer *t = owner;
    const struct http_call *call = t->call;
    struct sim_http_request request = { call->method, call->fields, call->body };
    int64_t back_us;

    t->given = http_servers_ask(call->url, &request);
    back_us = way_us() + t->given.delay_ms * 1000;
    if (t->given.lost || back_us >= call->timeout_ms * 1000)
        return; /* the answer that is planned already says that time is over */
    t->is_answered = true;
    occurrence_plan(&t->answer, back_us);
}

static void client_die(struct mortal *mortal, enum sim_death death)
{
    (void)death;
    LIST_EACH (&CONTAINER_OF(mortal, struct http_client, mortal)->transfers, link) {
        struct http_transfer *t = CONTAINER_OF(link, struct http_transfer, link);

        occurrence_cancel(&t->request);
        occurrence_cancel(&t->answer);
    }
}

struct http_client *http_client_new(const struct http_client_options *options)
{
    struct http_client *c = NEW(struct http_client);

    mortal_init(&c->mortal, options->loop, client_die);
    c->loop = options->loop;
    list_init(&c->transfers);
    return c;
}

void http_client_free(struct http_client *c)
{
    if (c == NULL)
        return;
    LIST_EACH (&c->transfers, link) {
        transfer_free(CONTAINER_OF(link, struct http_transfer, link));
    }
    mortal_end(&c->mortal);
    alloc_free(c);
}

void http_client_call(struct http_client *c, struct http_call *call)
{
    struct http_transfer *t = NEW(struct http_transfer);

    t->client = c;
    t->call = call;
    call->transfer = t;
    list_append(&c->transfers, &t->link);
    occurrence_init(&t->request, "http request", NULL, on_request, t);
    occurrence_init(&t->answer, "http answer", c->loop, on_answer, t);
    occurrence_plan(&t->request, way_us());
    occurrence_plan(&t->answer, call->timeout_ms * 1000);
}

void http_call_cancel(struct http_call *call)
{
    if (call->transfer != NULL)
        transfer_free(call->transfer);
}
