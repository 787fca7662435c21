/*
 * What the files of repair share: one field, one entity.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_REPAIR_INTERNAL_H
#define POSTROOM_PROTOCOL_MAIL_REPAIR_INTERNAL_H

#include "protocol/mail/address.h"
#include "protocol/mail/field.h"
#include "protocol/mail/repair.h"

/* What a field holds. */
enum repair_class {
    REPAIR_TEXT,
    REPAIR_ADDRESSES,
    REPAIR_STRUCTURED,
    REPAIR_PARAMETERS,
    REPAIR_DROPPED /* never leaves */
};

/* repair_field_class tells what a field of that name holds; *ret_single: at most one may stand. */
MUST_USE enum repair_class repair_field_class(struct span name, bool *ret_single);

/* repair_as_utf8 gives a text as UTF-8: bytes that are none are taken for Latin-1. */
MUST_USE struct span repair_as_utf8(struct arena *arena, struct span text);

/* repair_lines_are_fine is true when no byte is above 127 and no line too long. */
MUST_USE bool repair_lines_are_fine(struct span text);

/* repair_field appends one field but for its addresses as it may stand in any header. */
MUST_USE bool repair_field(const struct field *field, struct arena *arena, struct buf *to,
                           struct error *err);

/* A field of addresses on its way. */
struct repair_addresses {
    const char *name;
    struct span value;  /* folded */
    struct span domain; /* of addresses without one */
    struct arena *arena;
};

/* repair_addresses appends the field; the first address goes to ret_first, whose local part is
 * empty when there is none. */
MUST_USE bool repair_addresses(const struct repair_addresses *field, struct buf *to,
                               struct address *ret_first, bool *ret_utf8, struct error *err);

/* repair_address reads one, giving it a domain when it has none. */
MUST_USE bool repair_address(struct span text, struct span domain, struct address *ret_address,
                             struct error *err);

/* repair_entity appends a header, whose fields have been repaired, and the body in lines and seven
 * bits that fit any road, and says so in the header. */
struct repair_entity {
    struct span header;
    struct span body;
    struct arena *arena;
    int depth;
    int *parts;           /* so far, of the whole message */
    struct span boundary; /* of what is around it; empty: nothing */
};
MUST_USE bool repair_entity(const struct repair_entity *entity, struct buf *to, struct error *err);

#endif
