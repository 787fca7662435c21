/*
 * What a session with a mail host was made for, and so whose mail it may carry. Domains of one site
 * share sessions; a session made under less than a domain asks for must not carry that domain's
 * mail, whatever site both are on. Today all mail goes by opportunity and without AUTH; policies
 * that domains publish (MTA-STS, DANE) become keys of their own here.
 */
#ifndef POSTROOM_DOMAIN_SESSION_KEY_H
#define POSTROOM_DOMAIN_SESSION_KEY_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/ip.h"

enum session_tls {
    SESSION_TLS_OFFERED, /* TLS if the host offers it, in the clear else */
    SESSION_TLS_VERIFIED /* TLS, with a certificate that is good for the host's name */
};

/* Texts are borrowed. */
struct session_key {
    const char *hosts;   /* names of all hosts it may be with: a site's key (domain/mx_hosts.h) */
    struct ip source_v4; /* to send from; version 0: the system's choice */
    struct ip source_v6;
    enum session_tls tls;
    const char *identity; /* of AUTH; "" for none */
};

/* session_key_serves is true when a session made for `made` may carry mail that wants `wanted`: the
 * same hosts, from the same source, as nobody else or as the same, and no less TLS. Hosts are the
 * same by name: the address behind a name was the DNS's word when the session was made. */
MUST_USE bool session_key_serves(const struct session_key *made, const struct session_key *wanted);

#endif
