/*
 * Message identities: made by the strict grammar of RFC 5322, and read by it too, since what we
 * read goes into References again.
 */
#include "protocol/mail/message_id.h"

#include <string.h>

#include "protocol/mail/atom.h"

static bool is_literal(struct span s)
{
    if (s.n < 2 || s.at[0] != '[' || s.at[s.n - 1] != ']')
        return false;
    for (size_t i = 1; i + 1 < s.n; i++)
        if (s.at[i] < 33 || s.at[i] > 126 || strchr("[]\\<>", s.at[i]) != NULL)
            return false;
    return true;
}

bool message_id_is_valid(struct span id)
{
    struct span left;
    struct span right;

    if (id.n < 5 || id.n > MESSAGE_ID_MOST || id.at[0] != '<' || id.at[id.n - 1] != '>')
        return false;
    right = span_rest(span_first(id, id.n - 1), 1);
    if (span_index(right, '@') == right.n)
        return false;
    left = span_take_until(&right, '@');
    return atom_is_dotted(left) && (atom_is_dotted(right) || is_literal(right));
}

bool message_id_take(struct span *text, struct span *ret_id)
{
    for (;;) {
        struct span id = span_rest(*text, span_index(*text, '<'));
        size_t end = span_index(id, '>');

        if (end == id.n) {
            *text = span_rest(id, id.n);
            return false;
        }
        /* A second "<" before the ">" starts anew: the first one was never closed. */
        id = span_first(id, end + 1);
        id = span_rest(id, span_last_index(id, '<'));
        *text = span_rest(*text, (size_t)(id.at + id.n - text->at));
        if (message_id_is_valid(id)) {
            *ret_id = id;
            return true;
        }
    }
}

void message_id_put(struct buf *to, struct span left, struct span domain)
{
    char before = '.';

    buf_put_byte(to, '<');
    for (size_t i = 0; i < left.n; i++) {
        bool last = i + 1 == left.n;
        bool good = left.at[i] == '.' ? before != '.' && !last : atom_has(left.at[i]);

        before = (char)(good ? left.at[i] : '-');
        buf_put_byte(to, before);
    }
    buf_put_byte(to, '@');
    buf_put(to, domain);
    buf_put_byte(to, '>');
}
