/*
 * The recipient domains of one session, for a server that takes only so many (RFC 9422,
 * RCPTDOMAINMAX).
 */
#ifndef POSTROOM_PROTOCOL_SMTP_DOMAIN_SET_H
#define POSTROOM_PROTOCOL_SMTP_DOMAIN_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

enum { SMTP_DOMAIN_SET_MOST = 16 }; /* a session that is allowed more gets along with these */

/* Zero is an empty set. */
struct smtp_domain_set {
    char *names[SMTP_DOMAIN_SET_MOST];
    size_t n;
};

/* smtp_domain_set_admit is true when the domain of `address` is in the set already, or was put
 * into it because it holds fewer than `most`; 0: there is no limit, nothing is kept. */
MUST_USE bool smtp_domain_set_admit(struct smtp_domain_set *set, struct span address,
                                    uint32_t most);

/* smtp_domain_set_fini empties it. */
void smtp_domain_set_fini(struct smtp_domain_set *set);

#endif
