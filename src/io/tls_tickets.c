/*
 * Servers in a table by key and in a list by age, each with its latest few tickets.
 */
#include "io/tls_tickets.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/table.h"
#include "io/tls_tickets_internal.h"

struct ticket {
    SSL_SESSION *session;
    int64_t since_ms;
};

struct server {
    struct table_node by_key;
    struct list by_age; /* the one that gave one last is the last one */
    struct tls_ticket_key key;
    struct ticket at[TLS_TICKETS_OF_SERVER_MOST]; /* the latest last */
    size_t n;
};

struct tls_tickets {
    struct table by_key;
    struct list by_age;
};

struct tls_tickets *tls_tickets_new(void)
{
    struct tls_tickets *tickets = NEW(struct tls_tickets);

    table_init(&tickets->by_key);
    list_init(&tickets->by_age);
    return tickets;
}

static struct server *oldest(struct tls_tickets *tickets)
{
    return CONTAINER_OF(list_first(&tickets->by_age), struct server, by_age);
}

static void drop(struct tls_tickets *tickets, struct server *server)
{
    for (size_t i = 0; i < server->n; i++)
        SSL_SESSION_free(server->at[i].session);
    table_remove(&tickets->by_key, &server->by_key);
    list_remove(&server->by_age);
    alloc_free(server);
}

void tls_tickets_free(struct tls_tickets *tickets)
{
    while (!list_empty(&tickets->by_age))
        drop(tickets, oldest(tickets));
    table_fini(&tickets->by_key);
    alloc_free(tickets);
}

static struct span span_of_key(const struct tls_ticket_key *key)
{
    return (struct span){ (const char *)key->bytes, sizeof key->bytes };
}

static bool same_key(const struct table_node *node, const void *key)
{
    return memcmp(&CONTAINER_OF(node, const struct server, by_key)->key, key,
                  sizeof(struct tls_ticket_key)) == 0;
}

static struct server *find(const struct tls_tickets *tickets, const struct tls_ticket_key *key)
{
    struct table_node *node =
        table_find(&tickets->by_key, table_hash(span_of_key(key)), same_key, key);

    return node == NULL ? NULL : CONTAINER_OF(node, struct server, by_key);
}

static struct server *find_or_make(struct tls_tickets *tickets, const struct tls_ticket_key *key)
{
    struct server *server = find(tickets, key);

    if (server == NULL) {
        if (tickets->by_key.n >= TLS_TICKETS_SERVERS_MOST)
            drop(tickets, oldest(tickets));
        server = NEW(struct server);
        server->key = *key;
        list_init(&server->by_age);
        table_put(&tickets->by_key, &server->by_key, table_hash(span_of_key(key)));
    }
    list_remove(&server->by_age);
    list_append(&tickets->by_age, &server->by_age);
    return server;
}

static void drop_first(struct server *server)
{
    SSL_SESSION_free(server->at[0].session);
    server->n--;
    memmove(&server->at[0], &server->at[1], server->n * sizeof server->at[0]);
}

void tls_tickets_put(struct tls_tickets *tickets, const struct tls_ticket_key *key,
                     SSL_SESSION *ticket, int64_t now_ms)
{
    struct server *server = find_or_make(tickets, key);

    if (server->n == TLS_TICKETS_OF_SERVER_MOST)
        drop_first(server);
    server->at[server->n++] = (struct ticket){ ticket, now_ms };
}

static bool is_good(const struct ticket *ticket, int64_t now_ms)
{
    return now_ms < ticket->since_ms + TLS_TICKETS_KEPT_MS &&
           SSL_SESSION_is_resumable(ticket->session) == 1;
}

/* Before TLS 1.3 one serves again and again, and nobody who listens learns from that more than from
 * the rest. */
SSL_SESSION *tls_tickets_take(struct tls_tickets *tickets, const struct tls_ticket_key *key,
                              int64_t now_ms)
{
    struct server *server = find(tickets, key);
    SSL_SESSION *session;

    while (server != NULL && server->n > 0 && !is_good(&server->at[server->n - 1], now_ms))
        SSL_SESSION_free(server->at[--server->n].session);
    if (server == NULL || server->n == 0)
        return NULL;
    session = server->at[server->n - 1].session;
    if (SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION)
        (void)SSL_SESSION_up_ref(session);
    else
        server->n--;
    return session;
}

void tls_tickets_forget(struct tls_tickets *tickets, const struct tls_ticket_key *key)
{
    struct server *server = find(tickets, key);

    if (server != NULL)
        drop(tickets, server);
}

struct tls_ticket_key tls_ticket_key_make(const struct tls_peer *peer, const struct endpoint *at)
{
    CLEANUP(buf_fini) struct buf text;
    struct tls_ticket_key key = { { 0 } };

    buf_init(&text, 1024);
    endpoint_put(&text, at);
    buf_printf(&text, " %d %s", peer->must_verify, peer->name);
    digest_sha256(buf_view(&text), key.bytes);
    return key;
}
