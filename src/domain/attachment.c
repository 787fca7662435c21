/*
 * Names and types of attachments.
 */
#include "domain/attachment.h"

#include <string.h>

bool attachment_name_check(struct span name, struct error *err)
{
    if (name.n == 0)
        return error_set(err, ERROR_INVALID, "name: cannot be empty");
    if (span_index(name, '/') < name.n || span_index(name, '\\') < name.n)
        return error_set(err, ERROR_INVALID, "name: must be that of a file, without its folder");
    return (!span_equal(name, SPAN(".")) && !span_equal(name, SPAN(".."))) ||
           error_set(err, ERROR_INVALID, "name: is that of a folder");
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_restricted_name(struct span name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!is_letter_or_digit(name.at[i]) &&
            (i == 0 || memchr("!#$&-^_.+", name.at[i], strlen("!#$&-^_.+")) == NULL))
            return false;
    return name.n > 0;
}

bool attachment_type_check(struct span type, struct error *err)
{
    size_t slash = span_index(type, '/');

    if (type.n > ATTACHMENT_TYPE_LIMIT)
        return error_set(err, ERROR_LIMIT, "type: at most %d bytes", ATTACHMENT_TYPE_LIMIT);
    if (slash == type.n || !is_restricted_name(span_first(type, slash)) ||
        !is_restricted_name(span_rest(type, slash + 1)))
        return error_set(err, ERROR_INVALID,
                         "type: must be a MIME type such as application/pdf, without parameters");
    return (!span_starts_nocase(type, SPAN("multipart/")) &&
            !span_starts_nocase(type, SPAN("message/"))) ||
           error_set(err, ERROR_INVALID,
                     "type: %.*s cannot be attached as it is; give application/octet-stream",
                     SPAN_ARGS(type));
}
