/*
 * data/reactions.txt, as the build embeds it, and its lines.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_REACTIONS_INTERNAL_H
#define POSTROOM_SERVICES_DELIVERY_REACTIONS_INTERNAL_H

#include "base/embedded.h"
#include "base/error.h"
#include "services/delivery/site_signal.h"

/* One file; one without a name ends the list. */
extern const struct embedded_file shipped_reactions[];

/* A line of the table; texts are borrowed from it. */
struct reaction {
    struct span host;  /* suffix, or "any" */
    struct span class; /* "4", "5" or "any" */
    struct span words;
    struct span rest; /* the signal and its keys, not read yet */
};

/* reaction_next takes the next line off `table`; false at its end. */
MUST_USE bool reaction_next(struct span *table, struct reaction *ret_reaction);

/* reaction_read reads what a line asks for. */
MUST_USE bool reaction_read(const struct reaction *reaction, struct site_request *ret_request,
                            struct error *err);

#endif
