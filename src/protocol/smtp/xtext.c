/*
 * The signs that stand for themselves are 33 to 126 without + and =.
 */
#include "protocol/smtp/xtext.h"

#include "base/encodings.h"

static bool is_plain(char c)
{
    return c > ' ' && c <= '~' && c != '+' && c != '=';
}

void xtext_put(struct buf *to, struct span bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        if (is_plain(bytes.at[i]))
            buf_put_byte(to, bytes.at[i]);
        else
            buf_printf(to, "+%02X", (unsigned)(unsigned char)bytes.at[i]);
    }
}

bool xtext_read(struct buf *to, struct span text)
{
    while (text.n > 0) {
        size_t n = 1;

        if (text.at[0] == '+') {
            n = 3;
            if (text.n < n || !hex_read(to, (struct span){ text.at + 1, 2 }))
                return false;
        } else if (is_plain(text.at[0])) {
            buf_put_byte(to, text.at[0]);
        } else {
            return false;
        }
        text = span_rest(text, n);
    }
    return true;
}
