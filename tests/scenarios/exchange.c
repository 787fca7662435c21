/*
 * Sinks by address, and the mails they took in the order in which they came.
 */
#include "tests/scenarios/exchange.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "io/loop.h"
#include "tests/simulation/simulation.h"
#include "tests/support/cmocka.h"

enum { MACHINE = 1, PORT = 25, EXCHANGERS_MOST = 300 };

struct exchanger {
    char ip[48];
    struct smtp_sink *sink; /* NULL: does not listen */
    uint64_t most_open;
    struct exchange *exchange;
};

struct exchange {
    struct simulation *sim;
    struct loop *loop;
    struct tls_context *tls;
    struct exchanger exchangers[EXCHANGERS_MOST];
    size_t exchanger_count;
    uint64_t most_open; /* of all together */
    struct exchange_mail *mails;
    size_t count;
    size_t room;
};

struct exchange *exchange_new(struct simulation *sim)
{
    struct exchange *x = NEW(struct exchange);
    struct error err;

    x->sim = sim;
    sim_use_machine(sim, MACHINE);
    x->loop = loop_new("exchange");
    sim_use_machine(sim, 0);
    x->tls = tls_server_context_new(SPAN(""), SPAN(""), &err);
    return x;
}

void exchange_free(struct exchange *x)
{
    for (size_t i = 0; i < x->exchanger_count; i++)
        if (x->exchangers[i].sink != NULL)
            smtp_sink_close(x->exchangers[i].sink);
    loop_free(x->loop);
    tls_context_free(x->tls);
    for (size_t i = 0; i < x->count; i++)
        alloc_free(x->mails[i].content);
    alloc_free(x->mails);
    alloc_free(x);
}

struct smtp_sink_options exchange_options(void)
{
    struct smtp_sink_options options = smtp_sink_options_default();

    options.name = "mx.example";
    return options;
}

struct ip exchange_ip(const char *text)
{
    struct ip ip = { 0 };

    if (!ip_parse(span_of(text), &ip))
        fail_msg("%s is no address", text);
    return ip;
}

static void put_ip(char *to, size_t room, const struct ip *ip)
{
    struct buf text;

    buf_init(&text, room - 1);
    ip_put(&text, ip);
    (void)snprintf(to, room, "%s", buf_text(&text));
    buf_fini(&text);
}

static struct exchange_mail *add_mail(struct exchange *x)
{
    if (x->count == x->room) {
        x->room = x->room > 0 ? x->room * 2 : 16;
        x->mails = alloc_grow(x->mails, x->room * sizeof(struct exchange_mail));
    }
    x->mails[x->count] = (struct exchange_mail){ 0 };
    return &x->mails[x->count++];
}

static void on_taken(void *owner, const struct smtp_sink_message *message)
{
    const struct exchanger *e = owner;
    struct exchange_mail *mail = add_mail(e->exchange);

    mail->at_ms = message->at_ms;
    mail->connection = message->connection;
    (void)snprintf(mail->exchanger, sizeof mail->exchanger, "%s", e->ip);
    put_ip(mail->peer, sizeof mail->peer, &message->peer.ip);
    span_copy(message->envelope->from, mail->from, sizeof mail->from);
    span_copy(message->envelope->to[0], mail->to, sizeof mail->to);
    mail->content = span_text(message->content);
    span_copy(message->envelope->envid, mail->envid, sizeof mail->envid);
    mail->deliver_by_s = message->envelope->deliver_by_s;
    mail->secure = message->tls != NULL;
    mail->violated = smtp_violations_any(message->violations);
    assert_int_equal(message->envelope->to_count, 1);
}

static struct exchanger *find(const struct exchange *x, const char *ip)
{
    for (size_t i = 0; i < x->exchanger_count; i++)
        if (strcmp(x->exchangers[i].ip, ip) == 0)
            return (struct exchanger *)&x->exchangers[i];
    return NULL;
}

static struct exchanger *obtain(struct exchange *x, const char *ip)
{
    struct exchanger *e = find(x, ip);

    if (e != NULL)
        return e;
    assert_true(x->exchanger_count < EXCHANGERS_MOST);
    e = &x->exchangers[x->exchanger_count++];
    (void)snprintf(e->ip, sizeof e->ip, "%s", ip);
    e->exchange = x;
    return e;
}

void exchange_close(struct exchange *x, const char *ip)
{
    struct exchanger *e = obtain(x, ip);

    if (e->sink != NULL)
        smtp_sink_close(e->sink);
    e->sink = NULL;
}

void exchange_open(struct exchange *x, const char *ip, const struct smtp_sink_options *options)
{
    struct exchanger *e = obtain(x, ip);
    struct endpoint at = { .ip = exchange_ip(ip), .port = PORT };
    struct smtp_sink_options mine = *options;
    struct error err;

    exchange_close(x, ip);
    mine.listen = &at;
    mine.listen_count = 1;
    mine.tls = x->tls;
    mine.taken = on_taken;
    mine.owner = e;
    e->sink = smtp_sink_open(x->loop, &mine, &err);
    if (e->sink == NULL)
        fail_msg("%s", err.text);
}

const struct smtp_sink_counts *exchange_counts(const struct exchange *x, const char *ip)
{
    const struct exchanger *e = find(x, ip);

    assert_true(e != NULL && e->sink != NULL);
    return smtp_sink_counts(e->sink);
}

void exchange_watch(struct exchange *x)
{
    uint64_t all = 0;

    for (size_t i = 0; i < x->exchanger_count; i++) {
        struct exchanger *e = &x->exchangers[i];
        uint64_t open = e->sink != NULL ? smtp_sink_counts(e->sink)->open : 0;

        if (open > e->most_open)
            e->most_open = open;
        all += open;
    }
    if (all > x->most_open)
        x->most_open = all;
}

uint64_t exchange_most_open(const struct exchange *x, const char *ip)
{
    const struct exchanger *e = ip != NULL ? find(x, ip) : NULL;

    if (ip == NULL)
        return x->most_open;
    return e != NULL ? e->most_open : 0;
}

size_t exchange_count(const struct exchange *x)
{
    return x->count;
}

const struct exchange_mail *exchange_mail(const struct exchange *x, size_t i)
{
    assert_true(i < x->count);
    return &x->mails[i];
}

size_t exchange_count_to(const struct exchange *x, const char *to)
{
    size_t count = 0;

    for (size_t i = 0; i < x->count; i++)
        count += strcmp(x->mails[i].to, to) == 0 ? 1 : 0;
    return count;
}

const struct exchange_mail *exchange_last_to(const struct exchange *x, const char *to)
{
    for (size_t i = x->count; i-- > 0;)
        if (strcmp(x->mails[i].to, to) == 0)
            return &x->mails[i];
    fail_msg("no mail came to %s", to);
    return NULL;
}
