/*
 * Columns are as wide as their widest cell, measured in characters. On a terminal the widest ones
 * give way until a row fits in a line; what goes elsewhere is whole.
 */
#include "app/show.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/span.h"
#include "base/text.h"

enum { COLUMNS_LIMIT = 16, CELL_LIMIT = 4096, WIDTH_LIMIT = 60 };

struct column {
    struct span field;
    struct span title;
    size_t width;
    bool is_cut; /* no cell may be wider */
};

static void put_json(struct buf *to, const json_t *value);

static void put_list(struct buf *to, const json_t *list)
{
    size_t i;
    json_t *item;

    json_array_foreach (list, i, item) {
        buf_put_text(to, i > 0 ? ", " : "");
        put_json(to, item);
    }
}

static void put_object(struct buf *to, const json_t *object)
{
    const char *key;
    json_t *item;
    bool first = true;

    json_object_foreach ((json_t *)object, key, item) {
        buf_printf(to, "%s%s=", first ? "" : " ", key);
        put_json(to, item);
        first = false;
    }
}

/* A cell is one line; control bytes from elsewhere must not drive the terminal. */
static void put_clean(struct buf *to, struct span text)
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

static void put_json(struct buf *to, const json_t *value)
{
    if (json_is_string(value))
        put_clean(to, (struct span){ json_string_value(value), json_string_length(value) });
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

static const json_t *member(const json_t *object, struct span field)
{
    char name[64];

    (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARGS(field));
    return json_object_get(object, name);
}

static size_t characters(struct span text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.n; i++)
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return count;
}

static size_t read_columns(const char *columns, struct column *ret_columns)
{
    struct span rest = span_of(columns);
    size_t count = 0;

    while (rest.n > 0 && count < COLUMNS_LIMIT) {
        struct span title = span_take_until(&rest, ' ');
        struct span field = span_take_until(&title, ':');

        ret_columns[count] = (struct column){ .field = field };
        ret_columns[count].title = title.n > 0 ? title : field;
        ret_columns[count].width = characters(ret_columns[count].title);
        count++;
    }
    return count;
}

static void put_cell(struct buf *to, const json_t *row, const struct column *column)
{
    const json_t *value = member(row, column->field);

    put_json(to, value);
    if (to->n == 0)
        buf_put_byte(to, '-');
}

static void measure(const json_t *rows, struct column *columns, size_t count)
{
    size_t i;
    json_t *row;

    json_array_foreach (rows, i, row) {
        for (size_t c = 0; c < count; c++) {
            CLEANUP(buf_fini) struct buf cell;
            size_t width;

            buf_init(&cell, CELL_LIMIT);
            put_cell(&cell, row, &columns[c]);
            width = characters(buf_view(&cell));
            if (width > columns[c].width)
                columns[c].width = width < WIDTH_LIMIT ? width : WIDTH_LIMIT;
        }
    }
}

enum { GAP = 2, NARROWEST = 8, TERMINAL_WIDTH = 80 };

/* How many characters a line holds; 0: any number. */
static size_t line_width(FILE *out)
{
    struct winsize size = { 0 };
    int terminal = fileno(out);

    if (terminal < 0 || isatty(terminal) != 1)
        return 0;
    return ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                      : TERMINAL_WIDTH;
}

static struct column *widest_of(struct column *columns, size_t count)
{
    struct column *widest = columns;

    for (size_t c = 1; c < count; c++)
        if (columns[c].width > widest->width)
            widest = &columns[c];
    return widest;
}

static void fit(struct column *columns, size_t count, size_t line)
{
    size_t all = GAP * (count - 1);

    for (size_t c = 0; c < count; c++) {
        all += columns[c].width;
        columns[c].is_cut = line > 0;
    }
    for (; line > 0 && all > line; all--) {
        struct column *widest = widest_of(columns, count);

        if (widest->width <= NARROWEST)
            return;
        widest->width--;
    }
}

/* The beginning of a text, of so many characters. */
static struct span cut(struct span text, size_t most)
{
    size_t n = 0;
    size_t count = 0;

    for (; n < text.n; n++) {
        count += ((unsigned char)text.at[n] & 0xc0) != 0x80;
        if (count > most)
            break;
    }
    return span_first(text, n);
}

static void print_padded(FILE *out, struct span text, size_t width, bool last)
{
    size_t long_as = characters(text);

    (void)fprintf(out, "%.*s", SPAN_ARGS(text));
    if (!last)
        (void)fprintf(out, "%*s", (int)(long_as < width ? width - long_as + 2 : 2), "");
}

static void print_row(FILE *out, const json_t *row, const struct column *columns, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        CLEANUP(buf_fini) struct buf cell;

        buf_init(&cell, CELL_LIMIT);
        put_cell(&cell, row, &columns[c]);
        print_padded(out,
                     columns[c].is_cut ? cut(buf_view(&cell), columns[c].width) : buf_view(&cell),
                     columns[c].width, c + 1 == count);
    }
    (void)fputc('\n', out);
}

void show_table(FILE *out, const json_t *rows, const char *columns, const char *nothing)
{
    struct column list[COLUMNS_LIMIT];
    size_t count = read_columns(columns, list);
    size_t i;
    json_t *row;

    if (json_array_size(rows) == 0) {
        (void)fprintf(out, "%s\n", nothing);
        return;
    }
    measure(rows, list, count);
    fit(list, count, line_width(out));
    for (size_t c = 0; c < count; c++)
        print_padded(out, list[c].is_cut ? cut(list[c].title, list[c].width) : list[c].title,
                     list[c].width, c + 1 == count);
    (void)fputc('\n', out);
    json_array_foreach (rows, i, row) {
        print_row(out, row, list, count);
    }
}

void show_fields(FILE *out, const json_t *object, const char *fields)
{
    struct column list[COLUMNS_LIMIT];
    size_t count = read_columns(fields, list);
    size_t width = 0;

    for (size_t c = 0; c < count; c++)
        if (member(object, list[c].field) != NULL && list[c].width > width)
            width = list[c].width;
    for (size_t c = 0; c < count; c++) {
        CLEANUP(buf_fini) struct buf value;

        buf_init(&value, CELL_LIMIT);
        put_json(&value, member(object, list[c].field));
        if (value.n == 0)
            continue;
        print_padded(out, list[c].title, width, false);
        (void)fprintf(out, "%s\n", buf_text(&value));
    }
}

void show_next(FILE *out, const json_t *answer)
{
    const json_t *next = json_object_get(answer, "next");

    if (json_is_integer(next))
        (void)fprintf(out, "... more: --after %lld\n", (long long)json_integer_value(next));
}
