/*
 * Endpoints as text and back. No socket is touched here; the system's address structures are
 * socket.c's business.
 */
#include "io/endpoint.h"

#include <string.h>

#include "base/text.h"

struct endpoint endpoint_ip(const struct ip *ip, uint16_t port)
{
    return (struct endpoint){ .ip = *ip, .port = port };
}

bool endpoint_unix(const char *path, struct endpoint *ret_endpoint, struct error *err)
{
    struct endpoint made = { 0 };
    size_t n = strlen(path);

    if (n == 0)
        return error_set(err, ERROR_INVALID, "the path of a Unix socket is empty");
    if (n >= sizeof(made.path))
        return error_set(err, ERROR_LIMIT, "the path of a Unix socket has at most %zu bytes: %s",
                         sizeof(made.path) - 1, path);
    memcpy(made.path, path, n);
    *ret_endpoint = made;
    return true;
}

static bool parse_unix(struct span path, struct endpoint *ret_endpoint, struct error *err)
{
    char copy[sizeof(ret_endpoint->path)] = "";

    if (path.n >= sizeof(copy) || memchr(path.at, '\0', path.n) != NULL)
        return error_set(err, ERROR_INVALID, "no path of a Unix socket: %.*s", SPAN_ARGS(path));
    memcpy(copy, path.at, path.n);
    return endpoint_unix(copy, ret_endpoint, err);
}

/* "[2001:db8::1]:25" or "192.0.2.1:25", split at the last colon. */
static bool split_host_port(struct span text, struct span *ret_host, struct span *ret_port)
{
    size_t colon = span_last_index(text, ':');
    struct span host = span_first(text, colon);

    if (colon == text.n)
        return false;
    if (span_starts(host, SPAN("[")) && span_ends(host, SPAN("]"))) {
        host = (struct span){ host.at + 1, host.n - 2 };
        if (span_index(host, ':') == host.n)
            return false;
    } else if (span_index(host, ':') < host.n) {
        return false;
    }
    *ret_host = host;
    *ret_port = span_rest(text, colon + 1);
    return true;
}

bool endpoint_parse(struct span text, struct endpoint *ret_endpoint, struct error *err)
{
    struct span host;
    struct span port;
    struct ip ip;
    int64_t number;

    if (span_starts(text, SPAN("unix:")))
        return parse_unix(span_rest(text, 5), ret_endpoint, err);
    if (!split_host_port(text, &host, &port) || !ip_parse(host, &ip) ||
        !text_to_integer(port, 0, UINT16_MAX, &number))
        return error_set(err, ERROR_INVALID,
                         "\"%.*s\" is no endpoint such as 127.0.0.1:25, [::1]:25 or unix:/path",
                         SPAN_ARGS(span_first(text, 120)));
    *ret_endpoint = endpoint_ip(&ip, (uint16_t)number);
    return true;
}

void endpoint_put(struct buf *to, const struct endpoint *endpoint)
{
    if (endpoint->ip.version == 0) {
        buf_printf(to, "unix:%s", endpoint->path);
        return;
    }
    if (endpoint->ip.version == 6)
        buf_put_byte(to, '[');
    ip_put(to, &endpoint->ip);
    buf_printf(to, "%s:%u", endpoint->ip.version == 6 ? "]" : "", endpoint->port);
}
