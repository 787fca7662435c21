/*
 * A loop for some questions: first the MX, then the addresses of all hosts at once.
 */
#include "app/route_lookup.h"

#include "base/alloc.h"
#include "base/random.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "net/resolver.h"

struct asking {
    const char *domain;
    const struct mx_rules *rules;
    struct route_lookup *found;
    struct loop *loop;
    struct mailbox *answers;
    struct resolver *resolver;
    struct random chance;
    struct dns_question mx;
    struct dns_question of_hosts[2 * MX_HOSTS_MOST]; /* A and AAAA of each */
    size_t open_n;
};

static void ask(struct asking *a, struct dns_question *question, const char *name,
                enum dns_type type)
{
    *question = (struct dns_question){ .type = type, .answers = a->answers };
    span_copy(span_of(name), question->name, sizeof question->name);
    a->open_n++;
    resolver_ask(a->resolver, question);
}

static void ask_hosts(struct asking *a)
{
    struct route_lookup *found = a->found;

    found->mx = a->mx.answer;
    mx_hosts_find(a->domain, &found->mx, a->rules, &a->chance, &found->hosts);
    for (size_t i = 0; i < found->hosts.count; i++) {
        ask(a, &a->of_hosts[2 * i], found->hosts.host[i].name, DNS_A);
        ask(a, &a->of_hosts[2 * i + 1], found->hosts.host[i].name, DNS_AAAA);
    }
}

static void conclude(struct asking *a)
{
    struct route_lookup *found = a->found;
    struct mx_host_answers answers[MX_HOSTS_MOST];

    for (size_t i = 0; i < found->hosts.count; i++) {
        found->a[i] = a->of_hosts[2 * i].answer;
        found->aaaa[i] = a->of_hosts[2 * i + 1].answer;
        answers[i] = (struct mx_host_answers){ &found->a[i], &found->aaaa[i] };
    }
    mx_plan_make(&found->hosts, answers, a->rules, &a->chance, &found->plan);
    loop_stop(a->loop);
}

static void on_answers(void *owner, struct list *posted)
{
    struct asking *a = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        bool is_mx = item == &a->mx.link;

        list_remove(item);
        a->open_n--;
        if (is_mx)
            ask_hosts(a);
    }
    if (a->open_n == 0)
        conclude(a);
}

static bool ask_dns(struct asking *a, const struct settings *settings, struct error *err)
{
    const struct resolver_options options = { .forward_to = settings->resolver,
                                              .timeout_ms = (int)settings->resolver_timeout };

    a->loop = loop_new("route");
    a->answers = mailbox_new(a->loop, on_answers, a);
    a->resolver = resolver_new(NULL, &options, err);
    if (a->resolver != NULL) {
        ask(a, &a->mx, a->domain, DNS_MX);
        loop_run(a->loop);
        resolver_free(a->resolver);
    }
    mailbox_free(a->answers);
    loop_free(a->loop);
    return a->resolver != NULL || error_wrap(err, "resolver.address");
}

bool route_lookup_run(const struct settings *settings, const struct mx_rules *rules,
                      const char *domain, struct route_lookup *ret_lookup, struct error *err)
{
    struct asking *a;
    bool ok;

    *ret_lookup = (struct route_lookup){ .is_literal = mx_domain_is_literal(domain) };
    if (ret_lookup->is_literal) {
        mx_plan_make_literal(domain, rules, &ret_lookup->plan);
        return true;
    }
    a = NEW(struct asking);
    a->domain = domain;
    a->rules = rules;
    a->found = ret_lookup;
    random_seed(&a->chance, 1); /* which of equal hosts comes first does not matter here */
    ok = ask_dns(a, settings, err);
    alloc_free(a);
    return ok;
}

void route_lookup_fini(struct route_lookup *lookup)
{
    dns_answer_fini(&lookup->mx);
    for (size_t i = 0; i < lookup->hosts.count; i++) {
        dns_answer_fini(&lookup->a[i]);
        dns_answer_fini(&lookup->aaaa[i]);
    }
    mx_plan_fini(&lookup->plan);
}
