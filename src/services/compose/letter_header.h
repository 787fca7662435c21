/*
 * The header of a notice or digest: who writes, to whom, what thread it belongs to, what filters
 * can go by.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_LETTER_HEADER_H
#define POSTROOM_SERVICES_COMPOSE_LETTER_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/settings.h"
#include "services/compose/digest_values.h"
#include "store/content.h"

/* What a header says. */
struct letter_header {
    const struct content_delivery *delivery;
    const struct digest_material *material;
    bool is_digest; /* of several threads: it belongs to none of them */
    struct span sender_name;
    struct span sender_address;
    struct span reply_to;    /* empty: none */
    struct span unsubscribe; /* URL of what one click does; empty: none */
    struct span subject;
    int64_t date_ms;
    struct span domain; /* ours: identities are made in it */
    enum deliver_mode deliver;
};

/* letter_header_put appends all fields but the MIME ones; fails when an address is none. */
MUST_USE bool letter_header_put(struct buf *to, const struct letter_header *header,
                                struct arena *arena, struct error *err);

/* letter_header_put_staging says, in each mail of an installation that is being tried out, that it
 * is, and whom the mail would have gone to. */
void letter_header_put_staging(struct buf *to, enum deliver_mode deliver, struct span address);

#endif
