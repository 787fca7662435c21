/*
 * The values a template is run against: a small tree, typed by a model that is known before any
 * template is compiled, so that a field's name is looked up once, when the template is taken in,
 * and never while mail is made. Values borrow their texts.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_VALUE_H
#define POSTROOM_SERVICES_COMPOSE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

enum value_type { VALUE_FLAG, VALUE_NUMBER, VALUE_TEXT, VALUE_LIST, VALUE_RECORD };

/* What a record may hold: an array of these, ended by a NULL name. */
struct value_field {
    const char *name;
    enum value_type type;
    const struct value_field *fields; /* of a record, or of a list's items; NULL: items are texts */
    bool whole;       /* a text of many lines: a template must say how to lay it out */
    bool named;       /* a list of records of two texts, a name and a value: a template may ask for
                       * the value of a name, whatever it is: data.price */
    const char *help; /* what it is, a sentence for postroom-template(5) */
};

/* The type of a value is its field's: a value alone does not know it. A zeroed value is an empty
 * text, list or record, false, or 0. */
struct value {
    union {
        bool flag;
        int64_t number;
        struct span text;
        const struct value *fields; /* of a record, in the order of its model; NULL: absent */
        struct {
            const struct value *items; /* records hold `fields`, texts hold `text` */
            size_t count;
        } list;
    };
};

/* value_present tells whether a section over the value is shown: true, not 0, not empty. */
MUST_USE bool value_present(const struct value *value, enum value_type type);

#endif
