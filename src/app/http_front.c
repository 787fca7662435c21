/*
 * A loop a thread; all accept from one socket, so that the kernel hands a connection to whoever is
 * free.
 */
#include "app/http_front.h"

#include <unistd.h>

#include "app/loop_call.h"
#include "app/pem_file.h"
#include "app/requests.h"
#include "base/alloc.h"
#include "base/log.h"
#include "crypto/secret.h"
#include "domain/settings.h"
#include "io/endpoint.h"
#include "io/listener.h"
#include "io/loop.h"
#include "web/api/routes.h"
#include "web/health.h"
#include "web/web.h"

static const struct http_route *const tables[] = { health_routes, api_routes, NULL };

struct place {
    struct loop *loop;
    struct loop_caller *caller;
    struct web *web;
};

struct http_front {
    const struct settings *settings;
    struct ledger *ledger;
    int socket; /* -1: none */
    char *certificate;
    char *key;
    struct place *places;
    size_t place_count;
};

static bool read_secrets(struct http_front *front, struct error *err)
{
    const struct http_settings *http = &front->settings->http;

    if ((http->certificate == NULL) != (http->key == NULL))
        return error_set(err, ERROR_INVALID,
                         "http.certificate and http.key go together: one is missing");
    return http->certificate == NULL ||
           (pem_file_read(http->certificate, &front->certificate, err) &&
            pem_file_read(http->key, &front->key, err));
}

static bool place_open(struct http_front *front, struct place *place, struct error *err)
{
    struct web_options web = { .settings = front->settings,
                               .ledger = front->ledger,
                               .socket = front->socket,
                               .tables = tables,
                               .find_request = requests_find,
                               .certificate = front->certificate,
                               .key = front->key,
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
    if (!read_secrets(front, err))
        return false;
    front->place_count = (size_t)front->settings->http.threads;
    front->places = alloc_array(front->place_count, sizeof(struct place));
    for (size_t i = 0; i < front->place_count; i++)
        if (!place_open(front, &front->places[i], err))
            return false;
    return true;
}

struct http_front *http_front_new(const struct settings *settings, struct ledger *ledger,
                                  struct error *err)
{
    struct http_front *front = NEW(struct http_front);

    front->settings = settings;
    front->ledger = ledger;
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
                 log_text("tls", front->certificate != NULL ? "yes" : "no"));
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
    if (front->key != NULL)
        secret_wipe(front->key, span_of(front->key).n);
    alloc_free(front->key);
    alloc_free(front->certificate);
    alloc_free(front->places);
    alloc_free(front);
}
