/*
 * A report of what became of a message (RFC 3461, 3462, 3464): a few words for people, the same for
 * programs, and what it is about.
 */
#ifndef POSTROOM_SERVICES_INTAKE_REPORT_TEXT_H
#define POSTROOM_SERVICES_INTAKE_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "domain/settings.h"
#include "protocol/smtp/dsn.h"
#include "store/submission.h"

/* Texts may be empty, and may hold anything. */
struct report_recipient {
    struct span address;
    struct span orcpt; /* as given */
    bool is_relayed;   /* passed on to a server that makes no reports; else it failed */
    const char *status;
    struct span host;       /* what it was last tried at */
    struct span diagnostic; /* the host's own words */
    struct span text;       /* ours, for people */
    int64_t at;
};

struct report {
    const struct settings *settings;
    const struct submission *about;
    enum smtp_return returns;
    struct span content; /* of the message; empty: it is gone */
    const struct report_recipient *recipients;
    size_t count;
};

/* report_text_put appends the message, in lines of ASCII with CRLF. */
void report_text_put(struct buf *to, const struct report *report);

#endif
