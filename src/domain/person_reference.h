/*
 * How commands and events name a person: by the application's own key, by an address, or as
 * "#17" by our number, for somebody who has neither to themselves.
 */
#ifndef POSTROOM_DOMAIN_PERSON_REFERENCE_H
#define POSTROOM_DOMAIN_PERSON_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/mail_address.h"

enum { PERSON_KEY_LIMIT = 200 };

struct person_reference {
    struct span text;            /* as given, borrowed */
    int64_t id;                  /* of "#17"; 0 for the other two */
    bool has_address;            /* the text is also an address */
    struct mail_address address; /* then filled */
};

/* person_reference_read reads a reference; fails on an empty, too long or unprintable one. */
MUST_USE bool person_reference_read(struct span text, struct person_reference *ret_reference,
                                    struct error *err);

/* person_key_check fails unless `key` may be a person's key: 1 to PERSON_KEY_LIMIT bytes of UTF-8
 * without control characters, no space at either end, not starting with '#', "list:" or
 * "hook:". */
MUST_USE bool person_key_check(struct span key, struct error *err);

#endif
