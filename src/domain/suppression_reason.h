/*
 * Why an address is not mailed, and which reason outweighs which when two are given for the same:
 * the recipient's own word, then the operator's, then what a machine found out.
 */
#ifndef POSTROOM_DOMAIN_SUPPRESSION_REASON_H
#define POSTROOM_DOMAIN_SUPPRESSION_REASON_H

#include "base/compiler.h"
#include "base/span.h"

enum suppression_weight {
    SUPPRESSION_FOUND,   /* by a machine: an unknown user, a mailbox that bounces */
    SUPPRESSION_DECIDED, /* by the operator, in a word of their own */
    SUPPRESSION_ASKED    /* by the recipient: unsubscribed, complaint, objection */
};

/* suppression_weigh gives the weight of a reason. */
MUST_USE enum suppression_weight suppression_weigh(struct span reason);

#endif
