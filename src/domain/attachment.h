/*
 * A file that an event brings along: a mail about the event carries it, or names it.
 */
#ifndef POSTROOM_DOMAIN_ATTACHMENT_H
#define POSTROOM_DOMAIN_ATTACHMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

enum {
    ATTACHMENT_NAME_LIMIT = 200, /* bytes */
    ATTACHMENT_TYPE_LIMIT = 100,
    ATTACHMENT_COUNT_LIMIT = 100,            /* of one event: settings stay below these, */
    ATTACHMENTS_SIZE_LIMIT = 5 * 1024 * 1024 /* as do bytes of all together, and of a mail */
};

struct attachment {
    struct span name;
    struct span type;    /* "image/png", without parameters */
    bool is_inline;      /* an image that a page may show */
    int64_t size;        /* bytes */
    struct span content; /* at == NULL: not read */
};

struct attachment_list {
    struct attachment *at;
    size_t n;
};

/* attachment_name_check fails unless `name` is that of a file alone: not empty, without folders,
 * and neither "." nor "..". Lengths and control characters are the caller's affair. */
MUST_USE bool attachment_name_check(struct span name, struct error *err);

/* attachment_type_check fails unless `type` is a MIME type without parameters (RFC 6838 section
 * 4.2) that may be sent as base64, which the composite ones may not (RFC 2045 section 6.4). */
MUST_USE bool attachment_type_check(struct span type, struct error *err);

#endif
