/*
 * What of the outside may go into a mail as it is.
 */
#include "services/request/plain_text.h"

#include "base/text.h"

bool plain_line_check(struct span text, const char *field, size_t limit, struct error *err)
{
    if (text.n > limit)
        return error_set(err, ERROR_LIMIT, "%s: at most %zu bytes", field, limit);
    if (!text_is_utf8(text))
        return error_set(err, ERROR_INVALID, "%s: is no UTF-8", field);
    return !text_has_control(text) ||
           error_set(err, ERROR_INVALID, "%s: holds a control character", field);
}

bool plain_url_check(struct span url, const char *field, struct error *err)
{
    if (url.n > URL_LIMIT)
        return error_set(err, ERROR_LIMIT, "%s: at most %d bytes", field, URL_LIMIT);
    if (!span_starts(url, SPAN("http://")) && !span_starts(url, SPAN("https://")))
        return error_set(err, ERROR_INVALID, "%s: must begin with http:// or https://", field);
    if (!text_is_ascii(url) || text_has_control(url) || span_index(url, ' ') < url.n)
        return error_set(err, ERROR_INVALID,
                         "%s: holds a space or a character that must be percent-encoded", field);
    return true;
}
