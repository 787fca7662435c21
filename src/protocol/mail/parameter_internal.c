/*
 * Parameters (RFC 2045 section 5.1), in other scripts or too long for a line by RFC 2231, never by
 * encoded-words.
 */
#include "protocol/mail/parameter_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/mail/clean.h"

enum { VALUE_MOST = 1000, PLAIN_MOST = 50, SECTION_MOST = 48 };

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_token(struct span value)
{
    for (size_t i = 0; i < value.n; i++)
        if (!is_letter_or_digit(value.at[i]) && strchr("!#$&+-.^_`{|}~", value.at[i]) == NULL)
            return false;
    return value.n > 0;
}

static bool is_attribute_char(char c)
{
    return is_letter_or_digit(c) || strchr("!#$&+-.^_`{|}~", c) != NULL;
}

static void put_plain(struct fold *f, const char *name, struct span value)
{
    CLEANUP(buf_fini) struct buf word;
    bool quoted = !is_token(value);

    buf_init(&word, 3 * VALUE_MOST);
    buf_printf(&word, "%s=", name);
    if (quoted)
        buf_put_byte(&word, '"');
    for (size_t i = 0; i < value.n; i++) {
        if (value.at[i] == '"' || value.at[i] == '\\')
            buf_put_byte(&word, '\\');
        buf_put_byte(&word, value.at[i]);
    }
    if (quoted)
        buf_put_byte(&word, '"');
    fold_attach(f, SPAN(";"));
    fold_word(f, buf_view(&word));
}

/* Python takes a value with apostrophes for one by RFC 2231, and so may others. */
static bool may_stand_plain(struct span value)
{
    return text_is_ascii(value) && value.n <= PLAIN_MOST && span_index(value, '\'') == value.n &&
           span_find(value, SPAN("=?")) == value.n;
}

/* Appends whole characters of `value`, percent-encoded, while the section has room. */
static void put_section(struct buf *word, struct span *value)
{
    size_t start = word->n;

    while (value->n > 0) {
        struct span letter = span_first(*value, text_utf8_length(*value, NULL));
        size_t length = letter.n == 1 && is_attribute_char(letter.at[0]) ? 1 : 3 * letter.n;

        if (word->n - start + length > SECTION_MOST)
            return;
        if (length == 1)
            buf_put_byte(word, letter.at[0]);
        for (size_t i = 0; length > 1 && i < letter.n; i++)
            buf_printf(word, "%%%02X", (unsigned)(unsigned char)letter.at[i]);
        *value = span_rest(*value, letter.n);
    }
}

static void put_extended(struct fold *f, const char *name, struct span value)
{
    CLEANUP(buf_fini) struct buf first;
    CLEANUP(buf_fini) struct buf word;

    buf_init(&first, 3 * VALUE_MOST);
    buf_init(&word, 3 * VALUE_MOST);
    put_section(&first, &value);
    buf_printf(&word, value.n > 0 ? "%s*0*=utf-8''" : "%s*=utf-8''", name);
    buf_put(&word, buf_view(&first));
    for (int section = 1;; section++) {
        fold_attach(f, SPAN(";"));
        fold_word(f, buf_view(&word));
        if (value.n == 0)
            return;
        buf_clear(&word);
        buf_printf(&word, "%s*%d*=", name, section);
        put_section(&word, &value);
    }
}

void parameter_put(struct fold *f, const struct parameter *parameter)
{
    CLEANUP(buf_fini) struct buf line;
    struct span value = parameter->value;

    buf_init(&line, 3 * VALUE_MOST);
    clean_put_line(&line, span_first(value, value.n < VALUE_MOST ? value.n : VALUE_MOST));
    value = buf_view(&line);
    if (may_stand_plain(value))
        put_plain(f, parameter->name, value);
    else
        put_extended(f, parameter->name, value);
}
