/*
 * Drawing a world. Few receivers serve many domains (large providers, and filters that companies
 * hire), most serve one; half of these have a trouble of their own.
 */
#include "tests/internet/internet.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "services/directory/kinds.h"
#include "services/directory/topics.h"
#include "store/db.h"
#include "store/db_internal.h"
#include "tests/support/cmocka.h"

enum {
    HOSTS_MOST = 4, /* of a receiver: a quarter of its addresses */
    FILTERS = 3,    /* receivers that serve many domains, after the providers */
    MINUTES_COUNTED = 7 * 24 * 60,
    PEOPLE_A_TIME = 100000,
    SYNC_US = 10000, /* of the sender's disk */
    PROVIDERS = 3,   /* google, outlook, yahoo */
    SHARED = PROVIDERS + FILTERS,
    NATURES = 400 /* of so many mailboxes 4 are unknown and 2 are full */
};

static uint32_t below(struct internet *net, uint32_t n)
{
    return (uint32_t)random_below(&net->chance, n);
}

static int64_t minutes(struct internet *net, uint32_t least, uint32_t most)
{
    return (least + below(net, most - least + 1)) * MINUTE;
}

/* ---- receivers ---- */

static struct period some_time(struct internet *net, uint32_t hours_most)
{
    struct period period = { .from = minutes(net, 0, 10) };

    period.to = period.from + minutes(net, 20, hours_most * 60);
    return period;
}

static void limit_rate(struct receiver *r, uint32_t rate)
{
    r->rate = rate;
    r->tokens = rate;
    r->is_sick = r->is_sick || rate > 0;
}

/* One trouble. */
static void make_sick(struct internet *net, struct receiver *r)
{
    r->is_sick = true;
    switch (below(net, 12)) {
    case 0:
        r->connections_max = 2 + below(net, 3);
        break;
    case 1:
        r->messages_max = 1 + below(net, 10);
        break;
    case 2:
        limit_rate(r, (20 + below(net, 60)) * net->size.rate_scale);
        break;
    case 3:
    case 4:
        r->greylist_ms = minutes(net, 1, 10);
        break;
    case 5:
        r->blocked = some_time(net, 24);
        break;
    case 6:
    case 7:
        r->down = some_time(net, 12);
        r->down_is_silent = below(net, 2) == 0;
        break;
    case 8:
        r->delay_ms = 500 + below(net, 5000);
        break;
    case 9:
        r->end = below(net, 2) == 0 ? END_LOSES : END_STALLS;
        r->end_every = 2 + below(net, 5);
        break;
    case 10:
        r->offers_tls = true;
        r->tls_fails = true;
        break;
    default:
        r->no_dns = some_time(net, 12);
        r->is_nowhere = below(net, 4) == 0;
    }
}

static void make_receiver(struct internet *net, uint32_t number, enum receiver_kinds kind)
{
    struct receiver *r = &net->receivers[number];

    *r = (struct receiver){ .number = number,
                            .kind = &receiver_kinds[kind],
                            .hosts = 1 + below(net, HOSTS_MOST - 1),
                            .connections_max = receiver_kinds[kind].connections,
                            .messages_max = receiver_kinds[kind].messages };
    r->offers_tls = below(net, 3) == 0;
    if (kind == RECEIVER_SMALL && number >= SHARED && below(net, 2) == 0)
        make_sick(net, r);
    if (kind == RECEIVER_GOOGLE)
        limit_rate(r, net->size.google_rate);
    if (kind == RECEIVER_YAHOO)
        limit_rate(r, net->size.yahoo_rate);
}

/* Google, Outlook, Yahoo, the filters; and one for each domain that has its own. */
static void make_receivers(struct internet *net)
{
    net->receivers = alloc_array(SHARED + net->size.domains, sizeof(struct receiver));
    for (uint32_t i = 0; i < SHARED; i++)
        make_receiver(net, i, i < PROVIDERS ? (enum receiver_kinds)i : RECEIVER_SMALL);
    net->receiver_count = SHARED;
    for (uint32_t d = 0; d < net->size.domains; d++) {
        uint32_t lot = below(net, 100);

        if (d < PROVIDERS)
            net->domains[d].receiver = d;
        else if (lot < 25)
            net->domains[d].receiver = RECEIVER_GOOGLE;
        else if (lot < 40)
            net->domains[d].receiver = SHARED - FILTERS + below(net, FILTERS);
        else
            net->domains[d].receiver = net->receiver_count++;
        if (d >= PROVIDERS && lot >= 40)
            make_receiver(net, net->receiver_count - 1,
                          lot < 55 ? RECEIVER_MICROSOFT_365 : RECEIVER_SMALL);
    }
}

/* ---- the network and the DNS ---- */

struct ip internet_ip(const struct receiver *r, uint32_t host)
{
    uint32_t place = r->number * HOSTS_MOST + host;

    return (struct ip){
        .version = 4, .bytes = { 11, (uint8_t)(place >> 16), (uint8_t)(place >> 8), (uint8_t)place }
    };
}

/* ---- the network and the DNS ---- */

static void put_host(const struct receiver *r, uint32_t host, char *name, size_t size)
{
    (void)snprintf(name, size, "mx%u.r%u%s", host, r->number, r->kind->mx);
}

static void set_hosts(struct internet *net, const struct receiver *r)
{
    for (uint32_t host = 0; host < r->hosts; host++) {
        struct ip ip = internet_ip(r, host);
        struct buf text;
        char name[128];

        put_host(r, host, name, sizeof name);
        buf_init(&text, 64);
        ip_put(&text, &ip);
        sim_dns_set(net->road->sim, name, DNS_A, buf_text(&text));
        buf_fini(&text);
        if (net->size.latency_ms > 0)
            sim_net_latency(net->road->sim, &ip, net->size.latency_ms);
        if (r->tls_fails)
            sim_net_tls(net->road->sim, &ip,
                        (struct sim_tls){ .failure = "no shared cipher", .problem = "none" });
    }
}

static void put_domain(uint32_t domain, char *name, size_t size)
{
    (void)snprintf(name, size, "d%05u.example", domain);
}

static void set_domain(struct internet *net, uint32_t domain, bool is_answered)
{
    const struct receiver *r = &net->receivers[net->domains[domain].receiver];
    char name[32];
    struct buf mx;

    put_domain(domain, name, sizeof name);
    buf_init(&mx, 1000);
    for (uint32_t host = 0; host < r->hosts; host++) {
        char host_name[128];

        put_host(r, host, host_name, sizeof host_name);
        buf_printf(&mx, "%s10 %s", host > 0 ? ", " : "", host_name);
    }
    if (r->is_nowhere)
        sim_dns_set(net->road->sim, name, DNS_MX, domain % 2 == 0 ? "0 ." : "nxdomain");
    else
        sim_dns_set(net->road->sim, name, DNS_MX, is_answered ? buf_text(&mx) : "servfail");
    buf_fini(&mx);
}

/* ---- what changes with time ---- */

/* A moment at which something of a domain's receiver begins or ends. */
struct turn {
    struct internet *net;
    uint32_t domain;
    bool begins;
};

static struct receiver *receiver_of_turn(const struct turn *turn)
{
    return &turn->net->receivers[turn->net->domains[turn->domain].receiver];
}

static void turn_dns(void *owner)
{
    const struct turn *turn = owner;

    set_domain(turn->net, turn->domain, !turn->begins);
}

static void turn_hosts(void *owner)
{
    const struct turn *turn = owner;
    const struct receiver *r = receiver_of_turn(turn);
    struct simulation *sim = turn->net->road->sim;

    for (uint32_t host = 0; host < r->hosts; host++) {
        struct ip ip = internet_ip(r, host);

        if (r->down_is_silent)
            sim_net_black_hole(sim, &ip, turn->begins);
        else
            sim_net_refuse(sim, &ip, turn->begins);
        if (turn->begins)
            sim_net_cut(sim, &ip);
    }
}

static void plan_period(struct internet *net, uint32_t domain, const struct period *period,
                        void (*run)(void *owner))
{
    if (period->to == 0)
        return;
    for (int i = 0; i < 2; i++) {
        struct turn *turn = &net->turns[net->turn_count++];

        *turn = (struct turn){ net, domain, i == 0 };
        sim_at(net->road->sim, i == 0 ? period->from : period->to, run, turn);
    }
}

/* Only receivers of one domain have such periods. */
static void plan_turns(struct internet *net)
{
    net->turns = alloc_array((size_t)net->size.domains * 2, sizeof(struct turn));
    for (uint32_t d = 0; d < net->size.domains; d++) {
        const struct receiver *r = &net->receivers[net->domains[d].receiver];

        plan_period(net, d, &r->no_dns, turn_dns);
        plan_period(net, d, &r->down, turn_hosts);
    }
}

/* ---- recipients ---- */

static enum mailbox_nature some_nature(struct internet *net)
{
    uint32_t lot = below(net, NATURES);

    if (lot < 4)
        return MAILBOX_UNKNOWN;
    return lot == 4 ? MAILBOX_FULL : lot == 5 ? MAILBOX_FULL_GOOD : MAILBOX_GOOD;
}

/* The domain of a drawn place in the line of all shares, of which domain d has 1 / (d + 1). */
static uint32_t domain_at(const double *shares, uint32_t domains, double place)
{
    uint32_t first = 0;
    uint32_t last = domains - 1;

    while (first < last) {
        uint32_t middle = (first + last) / 2;

        if (shares[middle] > place)
            last = middle;
        else
            first = middle + 1;
    }
    return first;
}

static void make_recipients(struct internet *net)
{
    double *shares = alloc_array(net->size.domains, sizeof(double));
    double sum = 0.0;

    for (uint32_t d = 0; d < net->size.domains; d++) {
        sum += 1.0 / (d + 1);
        shares[d] = sum;
    }
    net->recipients = alloc_array(net->size.recipients, sizeof(struct recipient));
    for (uint32_t i = 0; i < net->size.recipients; i++) {
        double place = (double)below(net, UINT32_MAX) / UINT32_MAX * sum;
        uint32_t domain = domain_at(shares, net->size.domains, place);

        net->recipients[i].domain = domain;
        net->recipients[i].nature = (uint8_t)some_nature(net);
        net->domains[domain].recipients++;
    }
    alloc_free(shares);
}

struct receiver *internet_receiver_of(const struct internet *net, uint32_t recipient)
{
    return &net->receivers[net->domains[net->recipients[recipient].domain].receiver];
}

bool internet_recipient_of(const struct internet *net, struct span address, uint32_t *ret_recipient)
{
    struct span local = span_take_until(&address, '@');
    int64_t number = 0;

    if (!span_starts(local, SPAN("p")) ||
        !text_to_integer(span_rest(local, 1), 0, net->size.recipients - 1, &number))
        return false;
    *ret_recipient = (uint32_t)number;
    return true;
}

/* ---- into the store ---- */

static bool is_told(const struct internet *net, uint32_t i)
{
    return !net->size.healthy_only || !internet_receiver_of(net, i)->is_sick;
}

static bool add_person(const struct internet *net, struct db *db, uint32_t i, int64_t topic,
                       struct error *err)
{
    const int64_t id = 1000 + (int64_t)i;
    char address[64];
    char domain[32];

    put_domain(net->recipients[i].domain, domain, sizeof domain);
    (void)snprintf(address, sizeof address, "p%08u@%s", i, domain);
    return db_run(db, err, SQL("INSERT INTO person (id, made_at) VALUES ($1, 0)"), db_int(id)) &&
           db_run(db, err,
                  SQL("INSERT INTO person_address (person, position, address, normal, domain) "
                      "VALUES ($1, 0, $2, $2, $3)"),
                  db_int(id), db_string(address), db_string(domain)) &&
           db_run(db, err, SQL("INSERT INTO watch (topic, who, mode, since) VALUES ($1, $2, 1, 0)"),
                  db_int(topic), db_int(id));
}

static int64_t topic_of(struct road *r, const char *key)
{
    road_ask(r, topics_add, "{'key': '%s'}", key);
    return road_number(r, SQL("SELECT id FROM topic WHERE key = $1"), db_string(key));
}

void internet_people(struct internet *net)
{
    struct road *r = net->road;
    int64_t alarm = topic_of(r, "alarm/1");
    int64_t project = topic_of(r, "project/x");
    struct db *db = NULL;
    struct error err;
    bool ok;

    road_ask(r, kinds_add, "{'name': 'released', 'stream': 'mailouts'}");
    ok = db_open(r->database, DB_WRITE, &db, &err) && db_begin(db, &err);
    for (uint32_t i = 0; ok && i < net->size.recipients; i++) {
        if (!is_told(net, i))
            continue;
        ok = add_person(net, db, i, i < net->size.urgent ? alarm : project, &err);
        if (ok && ++net->told % PEOPLE_A_TIME == 0) /* the log is in memory */
            ok = db_commit(db, &err) && db_checkpoint(db, &err) && db_begin(db, &err);
    }
    ok = ok && db_commit(db, &err);
    db_close(db);
    if (!ok)
        fail_msg("people: %s", err.text);
}

/* ---- the whole ---- */

void internet_draw(struct internet *net, const struct internet_size *size)
{
    *net = (struct internet){ .size = *size };
    net->size.rate_scale = size->rate_scale > 0 ? size->rate_scale : 1;
    random_seed(&net->chance, size->seed);
    net->domains = alloc_array(size->domains, sizeof(struct internet_domain));
    make_receivers(net);
    make_recipients(net);
}

void internet_erase(struct internet *net)
{
    alloc_free(net->receivers);
    alloc_free(net->domains);
    alloc_free(net->recipients);
    alloc_free(net->turns);
    alloc_free(net->taken_at);
}

void internet_open(struct internet *net, struct road *road, const struct internet_size *size)
{
    internet_draw(net, size);
    net->road = road;
    road->sync_us = SYNC_US;
    road->settings.streams[STREAM_MAILOUTS].in_doubt = DOUBT_RESEND;
    for (uint32_t i = 0; i < net->receiver_count; i++)
        set_hosts(net, &net->receivers[i]);
    for (uint32_t d = 0; d < size->domains; d++)
        set_domain(net, d, true);
    net->taken_minutes = MINUTES_COUNTED;
    net->taken_at = alloc_array(MINUTES_COUNTED, sizeof(uint32_t));
    internet_listen(net);
    plan_turns(net);
}

void internet_close(struct internet *net)
{
    internet_hang_up(net);
    internet_erase(net);
}

void internet_died(struct internet *net)
{
    net->life++;
    net->died_at = sim_time_ms(net->road->sim);
    net->open = 0;
    for (uint32_t i = 0; i < net->receiver_count; i++)
        net->receivers[i].open = 0;
}
