/*
 * Looking at borrowed bytes. Nothing here allocates but span_text.
 */
#include "base/span.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"

struct span span_of(const char *text)
{
    return (struct span){ text, text != NULL ? strlen(text) : 0 };
}

bool span_empty(struct span s)
{
    return s.n == 0;
}

bool span_equal(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

char span_lower(char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return (char)(byte - 'A' + 'a');
    return byte;
}

bool span_equal_nocase(struct span a, struct span b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (span_lower(a.at[i]) != span_lower(b.at[i]))
            return false;
    return true;
}

bool span_starts(struct span s, struct span part)
{
    return s.n >= part.n && span_equal(span_first(s, part.n), part);
}

bool span_starts_nocase(struct span s, struct span part)
{
    return s.n >= part.n && span_equal_nocase(span_first(s, part.n), part);
}

bool span_ends(struct span s, struct span part)
{
    return s.n >= part.n && span_equal(span_rest(s, s.n - part.n), part);
}

size_t span_index(struct span s, char byte)
{
    const char *found = s.n > 0 ? memchr(s.at, byte, s.n) : NULL;

    return found != NULL ? (size_t)(found - s.at) : s.n;
}

size_t span_last_index(struct span s, char byte)
{
    const char *found = s.n > 0 ? memrchr(s.at, byte, s.n) : NULL;

    return found != NULL ? (size_t)(found - s.at) : s.n;
}

size_t span_find(struct span s, struct span part)
{
    const char *found;

    if (part.n == 0)
        return 0;
    found = s.n >= part.n ? memmem(s.at, s.n, part.at, part.n) : NULL;
    return found != NULL ? (size_t)(found - s.at) : s.n;
}

size_t span_find_nocase(struct span s, struct span part)
{
    for (size_t i = 0; i + part.n <= s.n; i++)
        if (span_starts_nocase(span_rest(s, i), part))
            return i;
    return s.n;
}

struct span span_first(struct span s, size_t n)
{
    return (struct span){ s.at, n < s.n ? n : s.n };
}

struct span span_rest(struct span s, size_t n)
{
    if (n >= s.n)
        return (struct span){ s.at != NULL ? s.at + s.n : NULL, 0 };
    return (struct span){ s.at + n, s.n - n };
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
    while (s.n > 0 && is_blank(s.at[0]))
        s = span_rest(s, 1);
    while (s.n > 0 && is_blank(s.at[s.n - 1]))
        s.n--;
    return s;
}

struct span span_take_until(struct span *s, char byte)
{
    size_t at = span_index(*s, byte);
    struct span head = span_first(*s, at);

    *s = span_rest(*s, at < s->n ? at + 1 : at);
    return head;
}

void span_copy(struct span s, char *to, size_t room)
{
    size_t n = s.n < room ? s.n : room - 1;

    while (n < s.n && n > 0 && ((unsigned char)s.at[n] & 0xC0) == 0x80)
        n--;
    if (n > 0)
        memmove(to, s.at, n);
    to[n] = '\0';
}

char *span_text(struct span s)
{
    char *text = alloc_zeroed(s.n + 1);

    if (s.n > 0)
        memcpy(text, s.at, s.n);
    return text;
}
