/*
 * Cells. Widths are counted in characters, which for the scripts we meet is near enough.
 */
#include "app/show_cell.h"

#include "base/text.h"

#define ELLIPSIS "…"

static void put_list(struct buf *to, const json_t *list)
{
    size_t i;
    json_t *item;

    json_array_foreach (list, i, item) {
        buf_put_text(to, i > 0 ? ", " : "");
        cell_put_json(to, item);
    }
}

static void put_object(struct buf *to, const json_t *object)
{
    const char *key;
    json_t *item;
    bool first = true;

    json_object_foreach ((json_t *)object, key, item) {
        buf_printf(to, "%s%s=", first ? "" : " ", key);
        cell_put_json(to, item);
        first = false;
    }
}

/* A cell is one line; control bytes from elsewhere must not drive the terminal. */
void cell_put_text(struct buf *to, struct span text)
{
    while (text.n > 0) {
        uint32_t rune = 0;
        size_t n = text_utf8_length(text, &rune);
        bool bad = n == 0 || rune < 32 || (rune >= 0x7f && rune < 0xa0);

        if (bad)
            buf_put_byte(to, ' ');
        else
            buf_put(to, span_first(text, n));
        text = span_rest(text, n > 0 ? n : 1);
    }
}

void cell_put_json(struct buf *to, const json_t *value)
{
    if (json_is_string(value))
        cell_put_text(to, (struct span){ json_string_value(value), json_string_length(value) });
    else if (json_is_integer(value))
        buf_printf(to, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        buf_printf(to, "%g", json_real_value(value));
    else if (json_is_boolean(value))
        buf_put_text(to, json_is_true(value) ? "yes" : "no");
    else if (json_is_array(value))
        put_list(to, value);
    else if (json_is_object(value))
        put_object(to, value);
}

size_t cell_width(struct span text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.n; i++)
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return count;
}

bool cell_is_moment(struct span text)
{
    static const char shape[] = "0000-00-00T00:00:00.000Z";

    if (text.n != sizeof shape - 1)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (shape[i] == '0' ? text.at[i] < '0' || text.at[i] > '9' : text.at[i] != shape[i])
            return false;
    return true;
}

void cell_put_moment(struct buf *to, struct span moment, bool is_short)
{
    enum { TO_MINUTE = sizeof "2026-11-24T18:00" - 1, TO_SECOND = TO_MINUTE + 3 };

    buf_put(to, span_first(moment, is_short ? TO_MINUTE : TO_SECOND));
    buf_put_byte(to, 'Z');
}

/* Where the n-th character begins. */
static size_t offset_of(struct span text, size_t n)
{
    size_t count = 0;
    size_t i = 0;

    for (; i < text.n; i++) {
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
        if (count > n)
            break;
    }
    return i;
}

void cell_put_cut(struct buf *to, struct span text, size_t most)
{
    size_t width = cell_width(text);
    bool is_name = span_index(text, ' ') == text.n;
    size_t tail = is_name && most > 0 ? (most - 1) / 2 : 0;

    if (width <= most || most == 0) {
        buf_put(to, text);
        return;
    }
    buf_put(to, span_first(text, offset_of(text, most - 1 - tail)));
    buf_put_text(to, ELLIPSIS);
    buf_put(to, span_rest(text, offset_of(text, width - tail)));
}

struct span cell_take_line(struct span *text, size_t most)
{
    size_t end = offset_of(*text, most);
    size_t at = end;
    struct span line;

    if (end < text->n) {
        while (at > 0 && text->at[at] != ' ')
            at--;
        end = at > 0 ? at : end;
    }
    line = span_first(*text, end);
    *text = span_rest(*text, end);
    while (text->n > 0 && text->at[0] == ' ')
        *text = span_rest(*text, 1);
    return line;
}
