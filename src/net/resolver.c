/*
 * The real resolver: libunbound on a loop and thread of its own, the only ones that touch it. It
 * resolves from the roots and validates, or asks one forwarder.
 *
 * Each question has a timer of ours: whatever libunbound does, it is answered in time. An answer
 * that comes later still fills the cache.
 *
 * Order matters to libunbound: zone_remove and zone_add end its configuration; an option set after
 * them is lost without a word. And its context may never be asked for threads: Debian's forks.
 */
#include "net/resolver.h"

#include <stdio.h>
#include <unbound-event.h>
#include <unbound.h>
#include <unistd.h>

#include "base/alloc.h"
#include "domain/dns_message.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "net/unbound_events_internal.h"

enum { CLASS_IN = 1, VERDICT_BOGUS = 1, VERDICT_SECURE = 2 };

#define TRUST_ANCHOR_FILE "/usr/share/dns/root.key" /* of the package dns-root-data */

struct resolver {
    struct loop *loop;
    struct mailbox *inbox; /* of dns_question.link, at last `farewell` */
    struct list farewell;
    struct ub_event_base *events;
    struct ub_ctx *context;
    struct list asks; /* open ones */
    int timeout_ms;
};

/* A question that libunbound works on; it outlives the question when that timed out. */
struct ask {
    struct list link;
    struct resolver *resolver;
    struct dns_question *question; /* NULL once it is answered */
    struct timer timer;
};

static void answer(struct ask *ask, const struct dns_answer *with)
{
    struct dns_question *question = ask->question;

    timer_stop(&ask->timer);
    ask->question = NULL;
    question->answer = *with;
    mailbox_post(question->answers, &question->link);
}

static void answer_failure(struct ask *ask, enum dns_status status, const char *problem)
{
    struct dns_answer failure = { .status = status };

    (void)snprintf(failure.canonical, sizeof(failure.canonical), "%s", ask->question->name);
    (void)snprintf(failure.problem, sizeof(failure.problem), "%s", problem);
    answer(ask, &failure);
}

static void ask_free(struct ask *ask)
{
    timer_stop(&ask->timer);
    list_remove(&ask->link);
    alloc_free(ask);
}

static void on_timeout(void *owner)
{
    struct ask *ask = owner;
    char problem[64];

    (void)snprintf(problem, sizeof(problem), "no answer within %d ms", ask->resolver->timeout_ms);
    answer_failure(ask, DNS_TIMEOUT, problem);
}

/* libunbound's callback: `verdict` is 0 insecure, 1 bogus, 2 secure. */
/* NOLINTBEGIN(readability-function-size, readability-non-const-parameter): the type is theirs */
static void on_answer(void *owner, int rcode, void *packet, int packet_n, int verdict,
                      char *why_bogus, int was_limited)
/* NOLINTEND(readability-function-size, readability-non-const-parameter) */
{
    struct ask *ask = owner;

    (void)was_limited;
    if (ask->question == NULL) {
        /* it timed out */
    } else if (verdict == VERDICT_BOGUS) {
        answer_failure(ask, DNS_SERVFAIL, why_bogus != NULL ? why_bogus : "bogus by DNSSEC");
    } else if (rcode != 0 || packet == NULL) {
        answer_failure(ask, DNS_SERVFAIL, "no server gave a usable answer");
    } else {
        struct dns_answer read;

        dns_message_read((struct span){ packet, (size_t)packet_n }, ask->question->name,
                         ask->question->type, &read);
        read.secure = verdict == VERDICT_SECURE;
        answer(ask, &read);
    }
    ask_free(ask);
}

static void start(struct resolver *r, struct dns_question *question)
{
    struct ask *ask = NEW(struct ask);
    int result;

    ask->resolver = r;
    ask->question = question;
    list_append(&r->asks, &ask->link);
    timer_init(&ask->timer, r->loop, on_timeout, ask);
    timer_start(&ask->timer, r->timeout_ms);
    /* what is cached is answered, and `ask` gone, before this returns */
    result = ub_resolve_event(r->context, question->name, (int)question->type, CLASS_IN, ask,
                              on_answer, NULL);
    if (result != 0) {
        answer_failure(ask, DNS_SERVFAIL, ub_strerror(result));
        ask_free(ask);
    }
}

static void receive(void *owner, struct list *posted)
{
    struct resolver *r = owner;

    LIST_EACH (posted, link) {
        list_remove(link);
        if (link == &r->farewell)
            loop_stop(r->loop);
        else
            start(r, CONTAINER_OF(link, struct dns_question, link));
    }
}

struct setting {
    const char *name;
    const char *value;
};

/* A server that is silent is given up after some 2 s. */
static const struct setting settings[] = {
    { "do-not-query-localhost:", "no" }, /* the forwarder may be there */
    { "msg-cache-size:", "64m" },
    { "rrset-cache-size:", "64m" },
    { "cache-max-negative-ttl:", "240" }, /* what is not there is looked for again before long */
    { "unknown-server-time-limit:", "300" },
    { "outbound-msg-retry:", "2" },
    { "num-queries-per-thread:", "4096" },
    { "outgoing-range:", "8192" },
    { "prefetch:", "yes" },
    { "rrset-roundrobin:", "no" }, /* chance is the caller's, with a seed */
};

/* One of a zone's servers that is silent is avoided for a while. */
static const struct setting settings_with_roots[] = {
    { "infra-cache-max-rtt:", "1000" },
};

/* A forwarder that is silent about some names is asked about all others as before: it is the only
 * one, and libunbound would soon take it to be down and ask it nothing at all. */
static const struct setting settings_with_forwarder[] = {
    { "infra-cache-max-rtt:", "120000" },
    { "infra-host-ttl:", "2" },
};

/* The names that libunbound answers itself with "no such name", unless told otherwise. */
static const char *const builtin_zones[] = { "test.", "invalid.", "home.arpa." };

static int use_forwarder(struct ub_ctx *context, const char *forwarder)
{
    int result = ub_ctx_set_fwd(context, forwarder);

    for (size_t i = 0; result == 0 && i < ARRAY_LENGTH(builtin_zones); i++) {
        result = ub_ctx_zone_remove(context, builtin_zones[i]);
        if (result == 0)
            result = ub_ctx_zone_add(context, builtin_zones[i], "nodefault");
    }
    return result;
}

static int use_roots(struct ub_ctx *context)
{
    if (access(TRUST_ANCHOR_FILE, R_OK) != 0)
        return 0;
    return ub_ctx_add_ta_file(context, TRUST_ANCHOR_FILE);
}

static int apply(struct ub_ctx *context, const struct setting *setting, size_t n)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < n; i++)
        result = ub_ctx_set_option(context, setting[i].name, setting[i].value);
    return result;
}

static bool set_up(struct ub_ctx *context, const struct resolver_options *options,
                   struct error *err)
{
    int result = ub_ctx_debugout(context, NULL); /* it would write to standard error */

    if (result == 0)
        result = apply(context, settings, ARRAY_LENGTH(settings));
    if (result == 0 && options->forward_to == NULL)
        result = apply(context, settings_with_roots, ARRAY_LENGTH(settings_with_roots));
    if (result == 0 && options->forward_to != NULL)
        result = apply(context, settings_with_forwarder, ARRAY_LENGTH(settings_with_forwarder));
    if (result != 0)
        return error_set(err, ERROR_INTERNAL, "setting up the resolver: %s", ub_strerror(result));
    if (options->forward_to == NULL)
        result = use_roots(context);
    else
        result = use_forwarder(context, options->forward_to);
    if (result != 0)
        return error_set(err, ERROR_INVALID, "resolver %s: %s",
                         options->forward_to != NULL ? options->forward_to : TRUST_ANCHOR_FILE,
                         ub_strerror(result));
    return true;
}

static void free_all(struct resolver *r)
{
    if (r->context != NULL)
        ub_ctx_delete(r->context);
    unbound_events_free(r->events);
    mailbox_free(r->inbox);
    loop_free(r->loop);
    alloc_free(r);
}

struct resolver *resolver_new(struct loop *loop, const struct resolver_options *options,
                              struct error *err)
{
    struct resolver *r = NEW(struct resolver);

    (void)loop;
    list_init(&r->asks);
    list_init(&r->farewell);
    r->timeout_ms = options->timeout_ms;
    r->loop = loop_new("dns");
    r->inbox = mailbox_new(r->loop, receive, r);
    r->events = unbound_events_new(r->loop);
    r->context = ub_ctx_create_ub_event(r->events);
    if (r->context == NULL) {
        (void)error_set(err, ERROR_INTERNAL, "libunbound makes no context");
        free_all(r);
        return NULL;
    }
    if (!set_up(r->context, options, err)) {
        free_all(r);
        return NULL;
    }
    loop_start(r->loop);
    return r;
}

void resolver_ask(struct resolver *r, struct dns_question *question)
{
    mailbox_post(r->inbox, &question->link);
}

/* Deleting the context calls back for what is open: the asks are freed there or here. */
void resolver_free(struct resolver *r)
{
    if (r == NULL)
        return;
    mailbox_post(r->inbox, &r->farewell);
    loop_join(r->loop);
    LIST_EACH (&r->asks, link) {
        struct ask *ask = CONTAINER_OF(link, struct ask, link);

        if (ask->question != NULL)
            answer_failure(ask, DNS_TIMEOUT, "the resolver ends");
    }
    ub_ctx_delete(r->context);
    r->context = NULL;
    LIST_EACH (&r->asks, link) {
        ask_free(CONTAINER_OF(link, struct ask, link));
    }
    free_all(r);
}
