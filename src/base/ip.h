/*
 * An IP address as a value, without a port.
 */
#ifndef POSTROOM_BASE_IP_H
#define POSTROOM_BASE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

struct ip {
    uint8_t version;   /* 4 or 6; 0 means none */
    uint8_t bytes[16]; /* network order, the first 4 for version 4 */
};

/* ip_parse reads "192.0.2.1" or "2001:db8::1" (no brackets, no zone); false for anything else. */
MUST_USE bool ip_parse(struct span text, struct ip *ret_ip);

/* ip_put writes the usual text form. */
void ip_put(struct buf *to, const struct ip *ip);

MUST_USE bool ip_equal(const struct ip *a, const struct ip *b);

/* ip_is_loopback: 127/8, ::1 and their v4-mapped forms. */
MUST_USE bool ip_is_loopback(const struct ip *ip);

/* ip_is_internal: what no public mail host has: loopback, "this network", RFC 1918, link-local,
 * shared (RFC 6598), unique local, multicast, unspecified, and v4-mapped forms of these. */
MUST_USE bool ip_is_internal(const struct ip *ip);

/* A network such as 192.0.2.0/24. */
struct ip_network {
    struct ip ip;
    unsigned bits;
};

/* ip_network_parse reads one, or an address, which is a network of one; bits of the host must be
 * zero. */
MUST_USE bool ip_network_parse(struct span text, struct ip_network *ret_network);

MUST_USE bool ip_network_holds(const struct ip_network *network, const struct ip *ip);

#endif
