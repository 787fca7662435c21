/*
 * What may stand in a path: RFC 5321, 4.1.2, as far as it can do harm.
 */
#include "protocol/smtp/path.h"

#include "base/text.h"

static bool is_special(char c)
{
    return c == ' ' || c == '<' || c == '>' || c == ',' || c == '"' || c == '\\';
}

/* Length of the quoted string at the start of `s`, or 0 when it does not end. */
static size_t quoted_length(struct span s)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.at[i] == '\\')
            i++;
        else if (s.at[i] == '"')
            return i + 1;
    }
    return 0;
}

static bool is_plain(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (is_special(s.at[i]))
            return false;
    return true;
}

bool smtp_path_safe(struct span address)
{
    struct span rest = address;
    size_t quoted = 0;
    size_t at;

    if (address.n < 3 || address.n > SMTP_PATH_MAX || text_has_control(address) ||
        !text_is_utf8(address))
        return false;
    if (address.at[0] == '"') {
        quoted = quoted_length(address);
        if (quoted == 0)
            return false;
        rest = span_rest(address, quoted);
    }
    at = span_index(rest, '@');
    return at < rest.n - 1 && rest.n > 0 && at + quoted > 0 && (quoted == 0 || at == 0) &&
           is_plain(rest);
}
