/*
 * Connections: libmicrohttpd's descriptor on our loop, the bounds it does not have, and the end.
 * Its own time-out is about silence, which a client that sends a byte a second never keeps; so
 * each connection has a moment by which its next request must be whole.
 */
#include "net/http_server.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/watcher.h"
#include "net/http_server_internal.h"

enum { SWEEP_MS = 500, LOG_TEXT = 300 };

struct http_daemon {
    struct list link;
    struct http_server *server;
    struct MHD_Daemon *handle;
    struct watcher *watcher; /* of its descriptor */
    bool is_quiet;           /* accepts nobody: what it has is answered to the end */
};

static void work(struct http_server *server);

static void on_ready(void *owner, int what)
{
    const struct http_daemon *daemon = owner;

    (void)what;
    work(daemon->server);
}

static void daemon_close(struct http_daemon *daemon)
{
    list_remove(&daemon->link);
    watcher_free(daemon->watcher);
    MHD_stop_daemon(daemon->handle);
    alloc_free(daemon);
}

static bool is_over(const struct http_daemon *daemon)
{
    const union MHD_DaemonInfo *info;

    if (!daemon->is_quiet || list_first(&daemon->server->daemons) == &daemon->link)
        return false;
    info = MHD_get_daemon_info(daemon->handle, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info->num_connections == 0;
}

static void work(struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG wait;

    LIST_EACH (&server->daemons, link) {
        const struct http_daemon *daemon = (struct http_daemon *)link;

        (void)MHD_run(daemon->handle);
        if (is_over(daemon) || (MHD_get_timeout(daemon->handle, &wait) == MHD_YES && wait == 0))
            timer_start(&server->again, 0);
    }
}

/* Here, where no call of a daemon's watcher is under way, those that are over go. */
static void on_again(void *owner)
{
    struct http_server *server = owner;

    LIST_EACH (&server->daemons, link)
        if (is_over((struct http_daemon *)link))
            daemon_close((struct http_daemon *)link);
    work(server);
}

struct http_connection *http_connection_of(struct MHD_Connection *handle)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info->socket_context;
}

static void hang_up(const struct http_connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection->handle, MHD_CONNECTION_INFO_CONNECTION_FD);

    /* NOLINTNEXTLINE(check-calls): the library has no call that ends a connection at once */
    (void)shutdown(info->connect_fd, SHUT_RDWR);
}

static void on_sweep(void *owner)
{
    struct http_server *server = owner;
    int64_t before = loop_monotonic_ms(server->options.loop) - server->options.patience_ms;

    LIST_EACH (&server->connections, link) {
        const struct http_connection *connection = (struct http_connection *)link;

        if (!connection->asks && connection->since < before)
            hang_up(connection);
    }
    if (!list_empty(&server->connections))
        timer_start(&server->sweep, SWEEP_MS);
}

static struct ip ip_of(const struct sockaddr *address)
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    struct ip ip = { .version = 0 };

    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;

        ip.version = 4;
        memcpy(ip.bytes, &v4->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
        bool is_mapped = memcmp(&v6->sin6_addr, mapped, sizeof(mapped)) == 0;

        ip.version = is_mapped ? 4 : 6;
        memcpy(ip.bytes, (const uint8_t *)&v6->sin6_addr + (is_mapped ? sizeof(mapped) : 0),
               is_mapped ? 4 : 16);
    }
    return ip;
}

bool http_server_is_proxy(const struct http_server *server, const struct ip *ip)
{
    for (size_t i = 0; i < server->options.proxy_count; i++)
        if (ip_equal(&server->options.proxies[i], ip))
            return true;
    return false;
}

/* Who has one IPv6 address has 2^64 of them. */
static bool is_same_house(const struct ip *a, const struct ip *b)
{
    return a->version == b->version && memcmp(a->bytes, b->bytes, a->version == 6 ? 8 : 4) == 0;
}

static enum MHD_Result on_knock(void *owner, const struct sockaddr *address, socklen_t length)
{
    const struct http_server *server = owner;
    struct ip ip = ip_of(address);
    size_t there = 0;

    (void)length;
    if (server->options.address_connections == 0 || http_server_is_proxy(server, &ip))
        return MHD_YES;
    LIST_EACH (&server->connections, link)
        there += is_same_house(&((struct http_connection *)link)->ip, &ip);
    return there < server->options.address_connections ? MHD_YES : MHD_NO;
}

static void connection_begin(struct http_server *server, struct MHD_Connection *handle,
                             void **ret_connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct http_connection *connection = NEW(struct http_connection);

    connection->server = server;
    connection->handle = handle;
    connection->ip = ip_of(info->client_addr);
    connection->since = loop_monotonic_ms(server->options.loop);
    list_append(&server->connections, &connection->link);
    *ret_connection = connection;
    if (!timer_running(&server->sweep))
        timer_start(&server->sweep, SWEEP_MS);
}

static void on_connection(void *owner, struct MHD_Connection *handle, void **connection,
                          enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        connection_begin(owner, handle, connection);
    } else if (*connection != NULL) {
        list_remove(&((struct http_connection *)*connection)->link);
        alloc_free(*connection);
        *connection = NULL;
    }
}

static void on_library_words(void *owner, const char *format, va_list args) PRINTF_LIKE(2, 0);
static void on_library_words(void *owner, const char *format, va_list args)
{
    char text[LOG_TEXT];

    (void)owner;
    (void)vsnprintf(text, sizeof(text), format, args);
    log_debug("http-library", log_span("text", span_trim(span_of(text))));
}

/* Not MHD_OPTION_STRICT_FOR_CLIENT: 0.9.75 then answers a request without a host with the head of
 * its answer twice; http_exchange.c refuses it in a better way. */
static struct MHD_Daemon *start(struct http_server *server, int socket, const char *certificate,
                                const char *key)
{
    const struct http_server_options *o = &server->options;
    bool tls = certificate != NULL;
    struct MHD_OptionItem secrets[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)certificate },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key },
        { MHD_OPTION_END, 0, NULL },
    };

    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (tls ? MHD_USE_TLS : 0), 0,
        on_knock, server, http_exchange_go_on, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_words,
        server, MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_URI_LOG_CALLBACK, http_exchange_begin,
        server, MHD_OPTION_NOTIFY_COMPLETED, http_exchange_end, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HTTP_HEAD_LIMIT, MHD_OPTION_CONNECTION_LIMIT, (unsigned)o->connections,
        MHD_OPTION_ARRAY, tls ? secrets : &secrets[2], MHD_OPTION_END);
}

/* Opens a daemon that accepts from now on. */
static bool daemon_open(struct http_server *server, const char *certificate, const char *key,
                        struct error *err)
{
    /* NOLINTNEXTLINE(check-calls): each server of the library closes its own */
    int socket = dup(server->options.socket);
    struct MHD_Daemon *handle = socket < 0 ? NULL : start(server, socket, certificate, key);
    struct http_daemon *daemon;
    const union MHD_DaemonInfo *info;

    if (handle == NULL) {
        if (socket >= 0)
            (void)close(socket);
        return error_set(err, ERROR_INVALID, "the HTTP server does not start%s",
                         certificate != NULL ? ": are http.certificate and http.key a certificate "
                                               "and its key in PEM?"
                                             : "");
    }
    daemon = NEW(struct http_daemon);
    daemon->server = server;
    daemon->handle = handle;
    info = MHD_get_daemon_info(handle, MHD_DAEMON_INFO_EPOLL_FD);
    daemon->watcher =
        watcher_new(server->options.loop, info->epoll_fd, WATCH_READ, on_ready, daemon);
    list_prepend(&server->daemons, &daemon->link);
    return true;
}

struct http_server *http_server_new(const struct http_server_options *options, struct error *err)
{
    struct http_server *server = NEW(struct http_server);

    server->options = *options;
    list_init(&server->connections);
    list_init(&server->daemons);
    timer_init(&server->again, options->loop, on_again, server);
    timer_init(&server->sweep, options->loop, on_sweep, server);
    if (daemon_open(server, options->certificate, options->key, err))
        return server;
    alloc_free(server);
    return NULL;
}

static void daemon_quiesce(struct http_daemon *daemon)
{
    if (!daemon->is_quiet)
        (void)close(MHD_quiesce_daemon(daemon->handle));
    daemon->is_quiet = true;
}

bool http_server_renew(struct http_server *server, const char *certificate, const char *key,
                       struct error *err)
{
    struct http_daemon *before = (struct http_daemon *)list_first(&server->daemons);

    if (server->is_stopping)
        return true;
    if (!daemon_open(server, certificate, key, err))
        return false;
    daemon_quiesce(before);
    timer_start(&server->again, 0);
    return true;
}

static void tell_stopped(struct http_server *server)
{
    if (server->stopped == NULL || server->waiting > 0)
        return;
    work(server); /* what is answered leaves */
    server->stopped(server->stopped_owner);
    server->stopped = NULL;
}

void http_server_resume(struct http_server *server, struct MHD_Connection *handle)
{
    server->waiting--;
    MHD_resume_connection(handle);
    timer_start(&server->again, 0);
    tell_stopped(server);
}

void http_server_stop(struct http_server *server, void (*done)(void *owner), void *owner)
{
    server->stopped = done;
    server->stopped_owner = owner;
    server->is_stopping = true;
    daemon_quiesce((struct http_daemon *)list_first(&server->daemons));
    tell_stopped(server);
}

void http_server_free(struct http_server *server)
{
    if (server == NULL)
        return;
    timer_stop(&server->again);
    timer_stop(&server->sweep);
    LIST_EACH (&server->daemons, link) {
        (void)MHD_run(((struct http_daemon *)link)->handle);
        daemon_close((struct http_daemon *)link);
    }
    alloc_free(server);
}
