/*
 * The simulated resolver: answers from the zone in memory (simulation/dns.h), each after its
 * delay, so in any order.
 */
#include "net/resolver.h"

#include <stdio.h>

#include "base/alloc.h"
#include "io/mailbox.h"
#include "tests/simulation/dns_zone_internal.h"
#include "tests/simulation/world_internal.h"

enum { DELAY_MOST_US = 20000 };

struct resolver {
    struct mortal mortal;
    int timeout_ms;
    struct list asks;
};

struct ask {
    struct list link;
    struct dns_question *question;
    struct resolver *resolver;
    bool late;
    struct occurrence answer;
};

static void give(struct ask *ask, const struct dns_answer *answer)
{
    struct dns_question *question = ask->question;

    list_remove(&ask->link);
    occurrence_cancel(&ask->answer);
    question->answer = *answer;
    alloc_free(ask);
    mailbox_post(question->answers, &question->link);
}

static void give_timeout(struct ask *ask)
{
    struct dns_answer answer = { .status = DNS_TIMEOUT };

    (void)snprintf(answer.canonical, sizeof(answer.canonical), "%s", ask->question->name);
    (void)snprintf(answer.problem, sizeof(answer.problem), "no answer within %d ms",
                   ask->resolver->timeout_ms);
    give(ask, &answer);
}

static void give_answer(void *owner)
{
    struct ask *ask = owner;
    struct dns_answer answer = dns_zone_answer(ask->question->name, ask->question->type);

    if (ask->late || answer.status == DNS_TIMEOUT) {
        dns_answer_fini(&answer);
        give_timeout(ask);
    } else {
        give(ask, &answer);
    }
}

static void resolver_die(struct mortal *mortal, enum sim_death death)
{
    (void)death;
    LIST_EACH (&CONTAINER_OF(mortal, struct resolver, mortal)->asks, link) {
        occurrence_cancel(&CONTAINER_OF(link, struct ask, link)->answer);
    }
}

struct resolver *resolver_new(struct loop *loop, const struct resolver_options *options,
                              struct error *err)
{
    struct resolver *r = NEW(struct resolver);

    (void)err;
    mortal_init(&r->mortal, loop, resolver_die);
    r->timeout_ms = options->timeout_ms;
    list_init(&r->asks);
    return r;
}

void resolver_ask(struct resolver *r, struct dns_question *question)
{
    const struct zone_entry *entry = dns_zone_ask(question->name, question->type);
    int64_t timeout_us = (int64_t)r->timeout_ms * 1000;
    int64_t delay_us = entry->delay_ms >= 0
                           ? entry->delay_ms * 1000
                           : (int64_t)random_below(&world()->random, DELAY_MOST_US);
    struct dns_answer now = dns_zone_answer(question->name, question->type);
    struct ask *ask = NEW(struct ask);

    ask->late = now.status == DNS_TIMEOUT || delay_us >= timeout_us;
    dns_answer_fini(&now);
    ask->question = question;
    ask->resolver = r;
    list_append(&r->asks, &ask->link);
    occurrence_init(&ask->answer, "answer", NULL, give_answer, ask);
    occurrence_plan(&ask->answer, ask->late ? timeout_us : delay_us);
}

void resolver_free(struct resolver *r)
{
    if (r == NULL)
        return;
    LIST_EACH (&r->asks, link) {
        give_timeout(CONTAINER_OF(link, struct ask, link));
    }
    mortal_end(&r->mortal);
    alloc_free(r);
}
