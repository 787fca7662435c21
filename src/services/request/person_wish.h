/*
 * A person as a request or an event describes them: what to make of the JSON, and doing it.
 */
#ifndef POSTROOM_SERVICES_REQUEST_PERSON_WISH_H
#define POSTROOM_SERVICES_REQUEST_PERSON_WISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/mail_address.h"
#include "services/request/request.h"
#include "store/person.h"

struct db;

#define PERSON_WISH_FIELDS                                                                         \
    "key address addresses name language languages timezone attributes status self_notify quiet "  \
    "auto_watch"

enum { PERSON_NAME_LIMIT = 200, PERSON_ATTRIBUTES_LIMIT = 16384, PERSON_LANGUAGES_LIMIT = 8 };

/* What is to become of a person. A text that is absent (at == NULL) stays as it was, an empty one
 * is cleared. Texts borrow from the request or the arena. */
struct person_wish {
    struct span key;
    struct span name;
    struct span languages; /* a JSON array */
    struct span timezone;
    struct span attributes; /* a JSON object */
    bool has_auto_watch;
    struct span auto_watch; /* absent: all rules */
    bool has_status;
    enum person_status status;
    int self_notify;
    bool has_quiet;
    struct quiet_hours quiet;
    bool has_addresses;
    struct mail_address addresses[PERSON_ADDRESSES_LIMIT];
    size_t address_count;
};

/* person_wish_read reads the PERSON_WISH_FIELDS of a request; failures name the field. */
MUST_USE bool person_wish_read(const struct request *request, struct arena *arena,
                               struct person_wish *ret_wish, struct error *err);

/* person_wish_apply changes `person` (as loaded, or zeroed for a new one) and stores them. */
MUST_USE bool person_wish_apply(struct db *db, const struct person_wish *wish,
                                struct person *person, int64_t now_ms, struct error *err);

/* person_ensure finds whom a reference means, or makes them of nothing but their key or
 * address. */
MUST_USE bool person_ensure(struct db *db, const struct person_reference *reference, int64_t now_ms,
                            int64_t *ret_id, bool *ret_made, struct error *err);

/* request_person reads a field that names a person and finds them; it must be there. */
MUST_USE bool request_person(struct db *db, const struct request *request, const char *field,
                             int64_t *ret_id, struct error *err);

#endif
