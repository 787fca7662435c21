/*
 * Reading references to people. Whether somebody is meant by it is the store's to say.
 */
#include "domain/person_reference.h"

#include "base/text.h"

bool person_key_check(struct span key, struct error *err)
{
    if (key.n == 0)
        return error_set(err, ERROR_INVALID, "a person's key cannot be empty");
    if (key.n > PERSON_KEY_LIMIT)
        return error_set(err, ERROR_LIMIT, "a person's key has at most %d bytes", PERSON_KEY_LIMIT);
    if (!text_is_utf8(key) || text_has_control(key))
        return error_set(err, ERROR_INVALID,
                         "a person's key is UTF-8 text without control characters");
    if (span_starts(key, SPAN("list:")) || span_starts(key, SPAN("hook:")))
        return error_set(err, ERROR_INVALID,
                         "a person's key starts with neither \"list:\" nor \"hook:\": \"%.*s\"",
                         SPAN_ARGS(key));
    if (span_trim(key).n != key.n || key.at[0] == '#')
        return error_set(err, ERROR_INVALID,
                         "a person's key starts with no \"#\" and has no space at its ends: "
                         "\"%.*s\"",
                         SPAN_ARGS(key));
    return true;
}

bool person_reference_read(struct span text, struct person_reference *ret_reference,
                           struct error *err)
{
    struct person_reference reference = { .text = text };
    struct error no_address;

    if (span_starts(text, SPAN("#"))) {
        if (!text_to_integer(span_rest(text, 1), 1, INT64_MAX, &reference.id))
            return error_set(err, ERROR_INVALID,
                             "\"%.*s\" names nobody: after \"#\" comes a number",
                             SPAN_ARGS(span_first(text, PERSON_KEY_LIMIT)));
        *ret_reference = reference;
        return true;
    }
    reference.has_address = mail_address_read(text, &reference.address, &no_address);
    if (!reference.has_address && !person_key_check(text, err))
        return false;
    *ret_reference = reference;
    return true;
}
