/*
 * A template cut into literal text and tags. Knows the braces and the rule that a section,
 * comment or partial tag alone on its line takes the line with it; knows nothing of fields.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_TEMPLATE_SCAN_H
#define POSTROOM_SERVICES_COMPOSE_TEMPLATE_SCAN_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

enum template_token_type {
    TOKEN_END,
    TOKEN_LITERAL,
    TOKEN_VALUE,    /* {{name}} or {{name|layout}} */
    TOKEN_SECTION,  /* {{#name}} */
    TOKEN_INVERTED, /* {{^name}} */
    TOKEN_CLOSE,    /* {{/name}} */
    TOKEN_PARTIAL   /* {{>name}} */
};

/* A place in a source, from 1; columns count characters. */
struct template_place {
    int line;
    int column;
};

struct template_token {
    enum template_token_type type;
    struct span text;            /* the literal, or the tag's name */
    struct span layout;          /* of a value; at == NULL when the tag names none */
    struct template_place place; /* where it starts */
};

struct template_scan {
    struct span source;
    size_t at;
    struct template_place place; /* of `at` */
};

enum { TEMPLATE_SOURCE_MOST = 256 * 1024 }; /* bytes of one file */

/* template_scan_check tells whether the source is text that a mail can be made of: UTF-8 without
 * controls but TAB and LF, not too long. On failure *ret_place is at fault. */
MUST_USE bool template_scan_check(struct span source, struct template_place *ret_place,
                                  struct error *err);

/* template_scan_init begins at the first line of `source`, which stays the caller's. */
void template_scan_init(struct template_scan *scan, struct span source);

/* template_scan_next gives the next token; an empty literal is never one. Fails on a tag that is
 * not closed, has no sensible name, or is of a kind this language leaves out; scan->place
 * then says where. */
MUST_USE bool template_scan_next(struct template_scan *scan, struct template_token *ret_token,
                                 struct error *err);

#endif
