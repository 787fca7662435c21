/*
 * Reading a field such as Content-Type (RFC 2045 section 5.1): a value and its parameters.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_PARAMETER_LIST_H
#define POSTROOM_PROTOCOL_MAIL_PARAMETER_LIST_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/span.h"
#include "protocol/mail/header.h"

enum { PARAMETER_LIST_MOST = 30 };

struct parameter_list {
    struct span value; /* "text/plain", in lower case */
    struct parameter at[PARAMETER_LIST_MOST];
    size_t n;
};

/* parameter_list_read takes a field's value apart, as well as it can be: what is no parameter is
 * passed over, and so is what is too much. Texts are in the arena. */
void parameter_list_read(struct span value, struct arena *arena, struct parameter_list *ret_list);

/* parameter_list_find gives a parameter's value, empty when there is none of that name. */
MUST_USE struct span parameter_list_find(const struct parameter_list *list, const char *name);

#endif
