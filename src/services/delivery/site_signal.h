/*
 * What a reply tells about the site, beside what it means for the mail: that it wants less of us,
 * or nothing. Careful: what may be about one mail or one mailbox alone is no signal.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_SITE_SIGNAL_H
#define POSTROOM_SERVICES_DELIVERY_SITE_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"
#include "domain/outcome.h"

enum site_signal {
    SIGNAL_NONE,
    SIGNAL_RATE,        /* too many mails for now: go slowly for a while */
    SIGNAL_CONNECTIONS, /* too many connections at a time */
    SIGNAL_MESSAGES,    /* too many mails over one connection */
    SIGNAL_OVERLOADED,  /* the server is short of something: a bit less */
    SIGNAL_BLOCKED      /* it takes nothing from us: stop, and tell the operator */
};

/* What a signal asks for; 0 where it says nothing of the kind. */
struct site_request {
    enum site_signal signal;
    int64_t mails;       /* a minute, at most */
    int64_t connections; /* at a time, at most */
    int64_t for_ms;      /* so long; with SIGNAL_BLOCKED: send nothing so long */
    int64_t pause_ms;    /* before that, nothing at all so long */
    bool about_domain;   /* SIGNAL_BLOCKED: by the recipient domain, not by all of the site */
};

/* site_signal_read reads an outcome whose words are the server's. `host` is its MX name in lower
 * case, which some wordings belong to. */
MUST_USE struct site_request site_signal_read(const struct outcome *outcome, struct span host);

/* site_signal_name gives "none", "rate", "connections", "messages", "overloaded", "blocked". */
MUST_USE const char *site_signal_name(enum site_signal signal);

#endif
