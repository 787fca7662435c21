/*
 * What of the outside may go into a mail as it is.
 */
#include "services/request/plain_text.h"

#include "base/text.h"

static bool has_control(struct span text, bool many_lines)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.at[i];
        bool line_end = c == '\n' || c == '\r' || c == '\t';

        if (((unsigned char)c < 32 || c == 127) && !(many_lines && line_end))
            return true;
    }
    return false;
}

static bool check(struct span text, const char *field, size_t limit, bool many_lines,
                  struct error *err)
{
    if (text.n > limit)
        return error_set(err, ERROR_LIMIT, "%s: at most %zu bytes", field, limit);
    if (!text_is_utf8(text))
        return error_set(err, ERROR_INVALID, "%s: is no UTF-8", field);
    return !has_control(text, many_lines) ||
           error_set(err, ERROR_INVALID, "%s: holds a control character", field);
}

bool plain_line_check(struct span text, const char *field, size_t limit, struct error *err)
{
    return check(text, field, limit, false, err);
}

bool plain_text_check(struct span text, const char *field, size_t limit, struct error *err)
{
    return check(text, field, limit, true, err);
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
