/*
 * One entry a domain, in a hash table: waiting for its turn, in flight (first the MX question,
 * then those for all hosts' addresses at once), or kept until its time is over.
 *
 * The rules of RFC 5321 are domain/mx_plan's; caching of single records is the resolver's.
 */
#include "net/mx_lookup.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "base/table.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "net/resolver.h"

enum { QUESTIONS_MOST = 2 * MX_HOSTS_MOST };

enum entry_state { ENTRY_WAITING, ENTRY_IN_FLIGHT, ENTRY_KEPT };

struct entry;

struct entry_question {
    struct dns_question question;
    struct entry *entry;
};

/* What an entry in flight needs. */
struct flight {
    struct mx_hosts hosts;
    struct entry_question mx;
    struct entry_question addresses[QUESTIONS_MOST]; /* A and AAAA of each host in turn */
    size_t unanswered;
};

struct entry {
    struct table_node node;
    struct list link; /* in `waiting`, `flying` or `kept` */
    enum entry_state state;
    char *domain;
    struct list askers;
    struct flight *flight;
    struct mx_plan plan; /* when kept, */
    int64_t until_ms;    /* and how long, in monotonic time */
};

struct mx_lookup {
    struct mx_lookup_options options;
    struct random random;
    struct mailbox *answers;
    struct table entries; /* by domain */
    struct list waiting;  /* first come, first served */
    struct list flying;
    struct list kept; /* the longest unused first */
    size_t waiting_count;
    size_t flying_count;
    size_t kept_count;
    struct list ready; /* queries whose plan is there */
    struct timer tell;
};

static void tell_ready(void *owner);
static void receive_answers(void *owner, struct list *posted);

struct mx_lookup *mx_lookup_new(const struct mx_lookup_options *options)
{
    struct mx_lookup *l = NEW(struct mx_lookup);

    assert(options->in_flight_most > 0);
    l->options = *options;
    random_seed(&l->random, options->seed);
    l->answers = mailbox_new(options->loop, receive_answers, l);
    table_init(&l->entries);
    list_init(&l->waiting);
    list_init(&l->flying);
    list_init(&l->kept);
    list_init(&l->ready);
    timer_init(&l->tell, options->loop, tell_ready, l);
    return l;
}

static void flight_free(struct flight *flight)
{
    if (flight == NULL)
        return;
    dns_answer_fini(&flight->mx.question.answer);
    for (size_t i = 0; i < QUESTIONS_MOST; i++)
        dns_answer_fini(&flight->addresses[i].question.answer);
    alloc_free(flight);
}

/* Moves an entry from where it stands to `state`'s list; the counts follow. */
static void move_entry(struct mx_lookup *l, struct entry *e, enum entry_state state)
{
    size_t *counts[] = { &l->waiting_count, &l->flying_count, &l->kept_count };
    struct list *lists[] = { &l->waiting, &l->flying, &l->kept };

    if (!list_empty(&e->link))
        --*counts[e->state];
    list_remove(&e->link);
    list_append(lists[state], &e->link);
    ++*counts[state];
    e->state = state;
}

static bool is_of_domain(const struct table_node *node, const void *domain)
{
    return strcmp(CONTAINER_OF(node, struct entry, node)->domain, domain) == 0;
}

static struct entry *entry_find(const struct mx_lookup *l, const char *domain)
{
    struct table_node *node =
        table_find(&l->entries, table_hash(span_of(domain)), is_of_domain, domain);

    return node != NULL ? CONTAINER_OF(node, struct entry, node) : NULL;
}

static struct entry *entry_new(struct mx_lookup *l, const char *domain)
{
    struct entry *e = NEW(struct entry);

    e->domain = alloc_text(domain);
    list_init(&e->link);
    list_init(&e->askers);
    table_put(&l->entries, &e->node, table_hash(span_of(domain)));
    return e;
}

static void entry_free(struct mx_lookup *l, struct entry *e)
{
    size_t *counts[] = { &l->waiting_count, &l->flying_count, &l->kept_count };

    --*counts[e->state];
    list_remove(&e->link);
    table_remove(&l->entries, &e->node);
    flight_free(e->flight);
    mx_plan_fini(&e->plan);
    alloc_free(e->domain);
    alloc_free(e);
}

static void forget_queries(struct list *queries)
{
    LIST_EACH (queries, link) {
        mx_lookup_cancel(CONTAINER_OF(link, struct mx_query, link));
    }
}

/* Ends all entries that stand in `list`. */
static void entries_free(struct mx_lookup *l, struct list *list)
{
    LIST_EACH (list, link) {
        struct entry *e = CONTAINER_OF(link, struct entry, link);

        forget_queries(&e->askers);
        entry_free(l, e);
    }
}

void mx_lookup_free(struct mx_lookup *l)
{
    if (l == NULL)
        return;
    timer_stop(&l->tell);
    forget_queries(&l->ready);
    entries_free(l, &l->waiting);
    entries_free(l, &l->flying);
    entries_free(l, &l->kept);
    table_fini(&l->entries);
    mailbox_free(l->answers);
    alloc_free(l);
}

/* Calls back those whose plan is there now; who becomes ready meanwhile waits for the next turn. */
static void tell_ready(void *owner)
{
    struct mx_lookup *l = owner;
    struct list now = l->ready;

    if (list_empty(&l->ready))
        return;
    now.next->prev = &now;
    now.prev->next = &now;
    list_init(&l->ready);
    while (!list_empty(&now)) {
        struct mx_query *query = CONTAINER_OF(list_first(&now), struct mx_query, link);
        struct mx_plan plan = query->plan;

        list_remove(&query->link);
        query->plan = (struct mx_plan){ 0 };
        query->done(query->owner, &plan);
    }
}

static void make_ready(struct mx_lookup *l, struct mx_query *query)
{
    list_append(&l->ready, &query->link);
    timer_start(&l->tell, 0);
}

static void hand_out(struct mx_lookup *l, struct entry *e, struct mx_query *query)
{
    mx_plan_copy(&e->plan, &query->plan);
    mx_plan_shuffle(&query->plan, &l->random);
    make_ready(l, query);
}

static void ask(struct mx_lookup *l, struct entry *e, struct entry_question *to, const char *name,
                enum dns_type type)
{
    to->entry = e;
    to->question = (struct dns_question){ .type = type, .answers = l->answers };
    (void)snprintf(to->question.name, sizeof(to->question.name), "%s", name);
    e->flight->unanswered++;
    resolver_ask(l->options.resolver, &to->question);
}

/* Lets those go whose turn it is. */
static void start_waiting(struct mx_lookup *l)
{
    while (l->flying_count < l->options.in_flight_most && !list_empty(&l->waiting)) {
        struct entry *e = CONTAINER_OF(list_first(&l->waiting), struct entry, link);

        move_entry(l, e, ENTRY_IN_FLIGHT);
        e->flight = NEW(struct flight);
        ask(l, e, &e->flight->mx, e->domain, DNS_MX);
    }
}

/* The least time to live of what the plan rests on; what got no answer is worth asking soon. */
static uint32_t flight_ttl(const struct flight *flight)
{
    uint32_t ttl = flight->mx.question.answer.ttl_s;

    for (size_t i = 0; i < 2 * flight->hosts.count; i++) {
        const struct dns_answer *answer = &flight->addresses[i].question.answer;
        uint32_t own = dns_answer_is_soft(answer) ? MX_KEPT_LEAST_S : answer->ttl_s;

        if (own < ttl)
            ttl = own;
    }
    return ttl;
}

static int64_t kept_ms(const struct mx_plan *plan, uint32_t ttl)
{
    uint32_t most = plan->finding.verdict == MX_FAILED ? MX_FAILURE_KEPT_MOST_S : MX_KEPT_MOST_S;

    if (plan->finding.verdict == MX_DEFERRED)
        return MX_DEFERRAL_KEPT_S * 1000;
    if (ttl == 0)
        return 0;
    ttl = ttl > MX_KEPT_LEAST_S ? ttl : MX_KEPT_LEAST_S;
    return (int64_t)(ttl < most ? ttl : most) * 1000;
}

static void drop_surplus(struct mx_lookup *l)
{
    while (l->kept_count > l->options.kept_most)
        entry_free(l, CONTAINER_OF(list_first(&l->kept), struct entry, link));
}

/* All is answered: makes the plan, keeps it, and hands it out. */
static void land(struct mx_lookup *l, struct entry *e)
{
    struct flight *flight = e->flight;
    struct mx_host_answers answers[MX_HOSTS_MOST];

    for (size_t i = 0; i < flight->hosts.count; i++)
        answers[i] = (struct mx_host_answers){ &flight->addresses[2 * i].question.answer,
                                               &flight->addresses[2 * i + 1].question.answer };
    mx_plan_make(&flight->hosts, answers, l->options.rules, &l->random, &e->plan);
    e->until_ms = loop_monotonic_ms(l->options.loop) + kept_ms(&e->plan, flight_ttl(flight));
    flight_free(flight);
    e->flight = NULL;
    LIST_EACH (&e->askers, link) {
        list_remove(link);
        hand_out(l, e, CONTAINER_OF(link, struct mx_query, link));
    }
    move_entry(l, e, ENTRY_KEPT);
    drop_surplus(l);
    start_waiting(l);
}

/* The MX are known: asks for the addresses of all hosts at once. */
static void ask_addresses(struct mx_lookup *l, struct entry *e)
{
    struct flight *flight = e->flight;

    mx_hosts_find(e->domain, &flight->mx.question.answer, l->options.rules, &l->random,
                  &flight->hosts);
    for (size_t i = 0; i < flight->hosts.count; i++) {
        ask(l, e, &flight->addresses[2 * i], flight->hosts.host[i].name, DNS_A);
        ask(l, e, &flight->addresses[2 * i + 1], flight->hosts.host[i].name, DNS_AAAA);
    }
}

static void receive_answer(struct mx_lookup *l, struct entry_question *answered)
{
    struct entry *e = answered->entry;

    e->flight->unanswered--;
    if (answered == &e->flight->mx)
        ask_addresses(l, e);
    if (e->flight->unanswered == 0)
        land(l, e);
}

static void receive_answers(void *owner, struct list *posted)
{
    LIST_EACH (posted, link) {
        struct dns_question *question = CONTAINER_OF(link, struct dns_question, link);

        list_remove(link);
        receive_answer(owner, CONTAINER_OF(question, struct entry_question, question));
    }
}

/* What needs no DNS: an address literal, or what cannot be a domain at all. */
static bool plan_without_dns(struct mx_lookup *l, const char *domain, struct mx_plan *ret_plan)
{
    size_t n = strlen(domain);

    if (mx_domain_is_literal(domain)) {
        mx_plan_make_literal(domain, l->options.rules, ret_plan);
        return true;
    }
    if (n > 0 && n < sizeof(((struct dns_question *)NULL)->name))
        return false;
    *ret_plan = (struct mx_plan){ 0 };
    mx_finding_set(&ret_plan->finding, MX_FAILED, "5.1.2", "\"%.80s\" is no domain name", domain);
    return true;
}

void mx_lookup_ask(struct mx_lookup *l, const char *domain, struct mx_query *query)
{
    struct entry *e = entry_find(l, domain);

    list_init(&query->link);
    query->plan = (struct mx_plan){ 0 };
    if (plan_without_dns(l, domain, &query->plan)) {
        make_ready(l, query);
        return;
    }
    if (e != NULL && e->state == ENTRY_KEPT && e->until_ms > loop_monotonic_ms(l->options.loop)) {
        hand_out(l, e, query);
        move_entry(l, e, ENTRY_KEPT); /* used last */
        return;
    }
    if (e == NULL)
        e = entry_new(l, domain);
    list_append(&e->askers, &query->link);
    if (list_empty(&e->link) || e->state == ENTRY_KEPT) {
        mx_plan_fini(&e->plan);
        move_entry(l, e, ENTRY_WAITING);
        start_waiting(l);
    }
}

void mx_lookup_cancel(struct mx_query *query)
{
    list_remove(&query->link);
    mx_plan_fini(&query->plan);
}

void mx_lookup_forget(struct mx_lookup *l, const char *domain)
{
    struct entry *e = entry_find(l, domain);

    if (e != NULL && e->state == ENTRY_KEPT)
        entry_free(l, e);
}

size_t mx_lookup_in_flight(const struct mx_lookup *l)
{
    return l->flying_count;
}

size_t mx_lookup_waiting(const struct mx_lookup *l)
{
    return l->waiting_count;
}
