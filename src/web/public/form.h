/*
 * What a form sends, in either of its encodings: application/x-www-form-urlencoded and
 * multipart/form-data (RFC 7578). Mail providers press our buttons in both (RFC 8058).
 */
#ifndef POSTROOM_WEB_PUBLIC_FORM_H
#define POSTROOM_WEB_PUBLIC_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/span.h"

enum { FORM_FIELDS_MOST = 32, FORM_BYTES_MOST = 16 * 1024 };

struct form_field {
    struct span name;
    struct span value;
};

struct form {
    struct form_field at[FORM_FIELDS_MOST];
    size_t n;
};

/* form_read takes a body of that Content-Type apart. Texts are UTF-8 without NUL, in the arena or
 * the body; false when one is not, when there are too many fields or bytes, or when the body is no
 * form. */
MUST_USE bool form_read(struct span type, struct span body, struct arena *arena,
                        struct form *ret_form);

/* form_find gives the value of the first field of a name; absent: at == NULL. */
MUST_USE struct span form_find(const struct form *form, const char *name);

#endif
