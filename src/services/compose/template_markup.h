/*
 * Where in a HTML page one stands: in text, inside a tag, in the value of which attribute. Fed
 * with a template's literal text, so that each value can be escaped for the very place it goes
 * to. Not a parser of HTML: the pages are the operator's own, only the values are foreign, and
 * what this cannot judge safely is refused when the template is taken in.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_TEMPLATE_MARKUP_H
#define POSTROOM_SERVICES_COMPOSE_TEMPLATE_MARKUP_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "services/compose/template_escape.h"

enum markup_state {
    MARKUP_TEXT,
    MARKUP_OPEN,      /* after "<" */
    MARKUP_NAME,      /* in a tag's name */
    MARKUP_TAG,       /* between attributes */
    MARKUP_ATTRIBUTE, /* in an attribute's name */
    MARKUP_EQUALS,    /* after "=" */
    MARKUP_BARE,      /* in a value without quotes */
    MARKUP_DOUBLE,    /* in "..." */
    MARKUP_SINGLE,    /* in '...' */
    MARKUP_COMMENT,
    MARKUP_RAW /* in <style> or <script> */
};

struct template_markup {
    enum markup_state state;
    char name[16];      /* of the tag, lower case, cut */
    char attribute[16]; /* lower case, cut */
    bool begun;         /* the attribute's value has bytes already */
    bool closing;       /* in "</name" */
    char tail[9];       /* the last bytes, to see the end of comments and raw text */
};

/* template_markup_init begins in text. */
void template_markup_init(struct template_markup *markup);

/* template_markup_feed goes over literal text. */
void template_markup_feed(struct template_markup *markup, struct span literal);

/* template_markup_value tells how a value at this place must be escaped, and goes over it; fails
 * where no value can stand safely: names of tags and attributes, values without quotes, style
 * sheets, scripts, comments, attributes that hold code. */
MUST_USE bool template_markup_value(struct template_markup *markup,
                                    enum template_escape *ret_escape, struct error *err);

/* template_markup_same tells whether two places are alike, as both ends of a section must be. */
MUST_USE bool template_markup_same(const struct template_markup *a,
                                   const struct template_markup *b);

#endif
