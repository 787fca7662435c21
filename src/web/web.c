/*
 * From a request to the function of its route.
 */
#include "web/web.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "domain/settings.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "services/intake/submission_pace.h"
#include "store/db.h"
#include "web/answer_http.h"
#include "web/authorization.h"

struct web {
    struct web_options options;
    struct ip *proxies;
    struct token_keys *keys;
    struct pace pace;
    struct db *reader;
    struct http_server *server;
    struct mailbox *answers; /* of the ledger */
};

struct db *web_reader(const struct web *web)
{
    return web->reader;
}

struct loop *web_loop(const struct web *web)
{
    return web->options.loop;
}

const struct settings *web_settings(const struct web *web)
{
    return web->options.settings;
}

const struct request_entry *web_find_request(const struct web *web, const char *name)
{
    return web->options.find_request(name);
}

struct token_keys *web_token_keys(const struct web *web)
{
    return web->keys;
}

struct pace *web_pace(struct web *web)
{
    return &web->pace;
}

int64_t web_submission_wait_ms(const struct web_call *call)
{
    const struct web_options *options = &call->web->options;

    return submission_paces_take(options->paces, call->caller.by,
                                 options->settings->submission.rate,
                                 loop_monotonic_ms(options->loop));
}

int64_t web_now_ms(const struct web *web)
{
    return loop_now_ms(web->options.loop);
}

void web_submit(struct web *web, struct web_job *job)
{
    job->web = web;
    job->job.rank = LEDGER_REQUEST;
    job->job.answers = web->answers;
    ledger_submit(web->options.ledger, &job->job);
}

static void on_ledger(void *owner, struct list *posted)
{
    (void)owner;
    LIST_EACH (posted, link) {
        struct web_job *job = (struct web_job *)link;

        list_remove(link);
        job->done(job);
    }
}

static void tell_allowed(struct web_call *call)
{
    CLEANUP(buf_fini) struct buf allowed;
    bool asked = call->request->method == HTTP_OPTIONS;
    struct http_field fields[] = { { "Allow", NULL }, { NULL, NULL } };

    buf_init(&allowed, 100);
    route_put_allowed(&allowed, call->match.allowed);
    fields[0].value = buf_text(&allowed);
    if (asked)
        web_answer(call, 204, NULL, SPAN(""), fields);
    else
        web_refuse(call, 405, "this address does not know that method", fields);
}

static void on_asked(void *owner, struct http_exchange *exchange)
{
    struct web *web = owner;
    struct arena *arena = http_exchange_arena(exchange);
    struct web_call *call = ARENA_NEW(arena, struct web_call);

    call->web = web;
    call->exchange = exchange;
    call->request = http_exchange_request(exchange);
    call->match =
        route_find(web->options.tables, call->request->method, call->request->path, arena);
    if (call->match.allowed == 0)
        web_refuse(call, 404, "there is nothing at this address", NULL);
    else if (call->match.route == NULL)
        tell_allowed(call);
    else if (call->match.is_broken)
        web_refuse(call, 400, "a part of the address is no percent-encoded UTF-8", NULL);
    else if (web_authorize(call))
        call->match.route->answer(call);
}

static void on_refused(void *owner, struct http_exchange *exchange, int status, const char *why)
{
    static const struct http_field closing[] = { { "Connection", "close" }, { NULL, NULL } };

    (void)owner;
    http_exchange_refuse(exchange, status, why, closing);
}

/* What the table of keys has checked is an address. */
static size_t read_proxies(struct web *web)
{
    const struct text_list *list = &web->options.settings->http.trusted_proxies;

    web->proxies = alloc_array(list->count, sizeof(struct ip));
    for (size_t i = 0; i < list->count; i++) {
        bool parsed = ip_parse(span_of(list->at[i]), &web->proxies[i]);

        assert(parsed);
        (void)parsed;
    }
    return list->count;
}

static size_t part_of(int whole, size_t share)
{
    size_t part = ((size_t)whole + share - 1) / share;

    return part > 0 ? part : 1;
}

struct web *web_new(const struct web_options *options, struct error *err)
{
    const struct http_settings *http = &options->settings->http;
    struct web *web = NEW(struct web);
    struct http_server_options server = {
        .loop = options->loop,
        .socket = options->socket,
        .asked = on_asked,
        .refused = on_refused,
        .owner = web,
        .body_limit = http->body_size,
        .connections = part_of(http->connections, options->share),
        .address_connections = part_of(http->address_connections, options->share),
        .patience_ms = http->patience,
        .certificate = options->certificate,
        .key = options->key,
    };

    web->options = *options;
    server.proxy_count = read_proxies(web);
    server.proxies = web->proxies;
    web->keys = token_keys_of(options->keys);
    web->answers = mailbox_new(options->loop, on_ledger, web);
    if (db_open(options->settings->database, DB_READ, &web->reader, err))
        web->server = http_server_new(&server, err);
    if (web->server != NULL)
        return web;
    web_free(web);
    return NULL;
}

bool web_renew(struct web *web, const char *certificate, const char *key, struct error *err)
{
    return http_server_renew(web->server, certificate, key, err);
}

void web_stop(struct web *web, void (*done)(void *owner), void *owner)
{
    http_server_stop(web->server, done, owner);
}

void web_free(struct web *web)
{
    if (web == NULL)
        return;
    mailbox_flush(web->answers);
    http_server_free(web->server);
    mailbox_free(web->answers);
    db_close(web->reader);
    token_keys_free(web->keys);
    alloc_free(web->proxies);
    alloc_free(web);
}
