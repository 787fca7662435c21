/*
 * Erasing a person: what says who they are goes, what is counted stays.
 */
#ifndef POSTROOM_STORE_ERASURE_H
#define POSTROOM_STORE_ERASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;

/* What was done. */
struct erasure {
    int64_t addresses;
    int64_t watches;
    int64_t lists;     /* that they were on */
    int64_t mails;     /* of the record, which stay without address and texts */
    int64_t cancelled; /* of them: that had not ended */
};

/* erasure_of_person removes name, key, addresses, attributes and grants of a person, ends their
 * watches and memberships, cancels mail that has not ended, in doubt or not, and takes address and
 * texts out of the record. Addresses nobody else has are never mailed again (store/erased.h). The
 * person stays as a number. ERROR_TEMPORARY while a mail to them is being sent. */
MUST_USE bool erasure_of_person(struct db *db, int64_t person, int64_t now_ms,
                                struct erasure *ret_done, struct error *err);

#endif
