/*
 * Where a socket is: an IP address with a port, or the path of a Unix socket.
 */
#ifndef POSTROOM_IO_ENDPOINT_H
#define POSTROOM_IO_ENDPOINT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/ip.h"

struct endpoint {
    struct ip ip; /* version 0 for a Unix socket */
    uint16_t port;
    char path[108]; /* of a Unix socket, ends in NUL */
};

/* endpoint_ip makes one from an address and a port, endpoint_unix from a path (false: too long). */
MUST_USE struct endpoint endpoint_ip(const struct ip *ip, uint16_t port);
MUST_USE bool endpoint_unix(const char *path, struct endpoint *ret_endpoint, struct error *err);

/* endpoint_parse reads "127.0.0.1:25", "[::1]:25" or "unix:/path". */
MUST_USE bool endpoint_parse(struct span text, struct endpoint *ret_endpoint, struct error *err);

/* endpoint_put writes the same forms. */
void endpoint_put(struct buf *to, const struct endpoint *endpoint);

#endif
