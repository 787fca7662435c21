/*
 * A loop a thread; all accept from one socket, so that the kernel hands a connection to whoever is
 * free.
 */
#include "app/http_front.h"

#include <unistd.h>

#include "app/key_pair.h"
#include "app/loop_call.h"
#include "app/requests.h"
#include "base/alloc.h"
#include "base/log.h"
#include "domain/settings.h"
#include "io/endpoint.h"
#include "io/listener.h"
#include "io/loop.h"
#include "web/api/routes.h"
#include "web/health.h"
#include "web/public/public_routes.h"
#include "web/web.h"

static const struct http_route *const tables[] = { health_routes, public_routes, api_routes, NULL };

struct place {
    struct loop *loop;
    struct loop_caller *caller;
    struct web *web;
};

struct http_front {
    const struct settings *settings;
    struct ledger *ledger;
    struct submission_paces *paces;
    struct token_key_list keys;
    int socket; /* -1: none */
    struct key_pair pair;
    struct place *places;
    size_t place_count;
};

static bool read_pair(const struct http_front *front, struct key_pair *ret_pair, struct error *err)
{
    const struct http_settings *http = &front->settings->http;

    return key_pair_read("http", http->certificate, http->key, ret_pair, err);
}

static bool place_open(struct http_front *front, struct place *place, struct error *err)
{
    struct web_options web = { .settings = front->settings,
                               .ledger = front->ledger,
                               .socket = front->socket,
                               .tables = tables,
                               .find_request = requests_find,
                               .paces = front->paces,
                               .keys = front->keys,
                               .certificate = front->pair.certificate,
                               .key = front->pair.key,
                               .share = front->place_count };

    place->loop = loop_new("http");
    place->caller = loop_caller_new(place->loop);
    web.loop = place->loop;
    place->web = web_new(&web, err);
    return place->web != NULL;
}

static bool open_all(struct http_front *front, struct error *err)
{
    struct endpoint at;

    if (!endpoint_parse(span_of(front->settings->http.listen), &at, err) ||
        !listener_socket(&at, &front->socket, err))
        return error_wrap(err, "http.listen");
    if (!read_pair(front, &front->pair, err))
        return false;
    front->place_count = (size_t)front->settings->http.threads;
    front->places = alloc_array(front->place_count, sizeof(struct place));
    for (size_t i = 0; i < front->place_count; i++)
        if (!place_open(front, &front->places[i], err))
            return false;
    return true;
}

struct http_front *http_front_new(const struct settings *settings, struct ledger *ledger,
                                  struct submission_paces *paces, struct token_key_list keys,
                                  struct error *err)
{
    struct http_front *front = NEW(struct http_front);

    front->settings = settings;
    front->ledger = ledger;
    front->paces = paces;
    front->keys = keys;
    front->socket = -1;
    if (settings->http.listen == NULL || open_all(front, err))
        return front;
    http_front_free(front);
    return NULL;
}

void http_front_start(struct http_front *front)
{
    for (size_t i = 0; i < front->place_count; i++)
        loop_start(front->places[i].loop);
    if (front->place_count > 0)
        log_info("http-listening", log_text("at", front->settings->http.listen),
                 log_text("tls", front->pair.certificate != NULL ? "yes" : "no"));
}

struct renewal {
    struct place *place;
    const struct key_pair *pair;
    bool good;
    struct error *err;
};

static void renew_place(void *owner)
{
    struct renewal *renewal = owner;

    renewal->good = web_renew(renewal->place->web, renewal->pair->certificate, renewal->pair->key,
                              renewal->err);
}

/* What was tried is kept even if it is no good, so that it is not tried for ever. */
bool http_front_renew(struct http_front *front, struct error *err)
{
    struct key_pair pair;
    bool good = true;

    if (front->pair.certificate == NULL)
        return true;
    if (!read_pair(front, &pair, err))
        return false;
    if (key_pair_equal(&pair, &front->pair)) {
        key_pair_wipe(&pair);
        return true;
    }
    key_pair_wipe(&front->pair);
    front->pair = pair;
    for (size_t i = 0; good && i < front->place_count; i++) {
        struct renewal renewal = { .place = &front->places[i], .pair = &pair, .err = err };

        loop_call(front->places[i].caller, renew_place, &renewal);
        good = renewal.good;
    }
    if (good)
        log_info("certificate-renewed", log_text("of", "http"));
    return good;
}

static void end_loop(void *owner)
{
    loop_stop(owner);
}

static void stop_place(void *owner)
{
    struct place *place = owner;

    web_stop(place->web, end_loop, place->loop);
}

void http_front_stop(struct http_front *front)
{
    for (size_t i = 0; i < front->place_count; i++)
        loop_call(front->places[i].caller, stop_place, &front->places[i]);
    for (size_t i = 0; i < front->place_count; i++)
        loop_join(front->places[i].loop);
}

static void place_close(struct place *place)
{
    if (place->loop == NULL)
        return;
    web_free(place->web);
    loop_caller_free(place->caller);
    loop_free(place->loop);
}

void http_front_free(struct http_front *front)
{
    if (front == NULL)
        return;
    for (size_t i = 0; i < front->place_count; i++)
        place_close(&front->places[i]);
    if (front->socket >= 0)
        (void)close(front->socket);
    key_pair_wipe(&front->pair);
    alloc_free(front->places);
    alloc_free(front);
}
