/*
 * Columns are as wide as their widest cell. On a terminal a row fits in a line: columns in which
 * nothing stands are left out, names and words are cut, times and numbers never, and where all that
 * is not enough the last column goes below. What goes elsewhere is whole.
 */
#include "app/show.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "app/show_cell.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/span.h"

enum { COLUMNS_LIMIT = 16, CELL_LIMIT = 4096, WIDTH_LIMIT = 60 };
enum { GAP = 2, NARROWEST = 12, TERMINAL_WIDTH = 80 };

struct column {
    struct span field;
    struct span title;
    size_t width;
    bool is_empty; /* nothing stands there in any row */
    bool is_whole; /* times and numbers */
};

struct table {
    const json_t *rows;
    struct column columns[COLUMNS_LIMIT];
    size_t count;
    size_t line;       /* characters in a line; 0: any number */
    bool has_below;    /* the last column stands on a line of its own */
    bool is_to_minute; /* times */
};

static const json_t *member(const json_t *object, struct span field)
{
    char name[64];

    (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARGS(field));
    return json_object_get(object, name);
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
        count++;
    }
    return count;
}

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

/* ---- tables ---- */

static void put_cell(struct buf *to, const struct table *t, const json_t *row, size_t column)
{
    CLEANUP(buf_fini) struct buf whole;

    buf_init(&whole, CELL_LIMIT);
    cell_put_json(&whole, member(row, t->columns[column].field));
    if (whole.n == 0)
        buf_put_byte(to, '-');
    else if (t->line > 0 && cell_is_moment(buf_view(&whole)))
        cell_put_moment(to, buf_view(&whole), t->is_to_minute);
    else
        buf_put(to, buf_view(&whole));
}

static void measure_cell(struct table *t, const json_t *row, size_t column)
{
    struct column *c = &t->columns[column];
    const json_t *value = member(row, c->field);
    CLEANUP(buf_fini) struct buf cell;
    size_t width;

    buf_init(&cell, CELL_LIMIT);
    put_cell(&cell, t, row, column);
    width = cell_width(buf_view(&cell));
    if (width > c->width)
        c->width = width < WIDTH_LIMIT ? width : WIDTH_LIMIT;
    if (value == NULL)
        return;
    c->is_empty = false;
    if (!json_is_number(value) && !cell_is_moment(span_of(json_string_value(value))))
        c->is_whole = false;
}

static void measure(struct table *t)
{
    size_t i;
    json_t *row;

    for (size_t c = 0; c < t->count; c++) {
        t->columns[c].width = cell_width(t->columns[c].title);
        t->columns[c].is_empty = true;
        t->columns[c].is_whole = true;
    }
    json_array_foreach (t->rows, i, row) {
        for (size_t c = 0; c < t->count; c++)
            measure_cell(t, row, c);
    }
}

static size_t columns_in_line(const struct table *t)
{
    return t->has_below ? t->count - 1 : t->count;
}

static size_t width_of(const struct table *t)
{
    size_t n = columns_in_line(t);
    size_t all = GAP * (n - 1);

    for (size_t c = 0; c < n; c++)
        all += t->columns[c].width;
    return all;
}

static void drop_empty(struct table *t)
{
    size_t kept = 0;

    for (size_t c = 0; c < t->count; c++)
        if (!t->columns[c].is_empty)
            t->columns[kept++] = t->columns[c];
    t->count = kept > 0 ? kept : 1;
}

static struct column *widest_to_cut(struct table *t)
{
    struct column *widest = NULL;

    for (size_t c = 0; c < columns_in_line(t); c++)
        if (!t->columns[c].is_whole && t->columns[c].width > NARROWEST &&
            (widest == NULL || t->columns[c].width > widest->width))
            widest = &t->columns[c];
    return widest;
}

/* Makes names and words narrower; true when the row fits then. */
static bool squeeze(struct table *t)
{
    while (width_of(t) > t->line) {
        struct column *widest = widest_to_cut(t);

        if (widest == NULL)
            return false;
        widest->width--;
    }
    return true;
}

static void fit(struct table *t)
{
    measure(t);
    if (t->line == 0 || width_of(t) <= t->line)
        return;
    drop_empty(t);
    if (squeeze(t))
        return;
    t->is_to_minute = true;
    measure(t);
    if (squeeze(t))
        return;
    t->has_below = t->count > 2 && !t->columns[t->count - 1].is_whole;
    measure(t);
    (void)squeeze(t);
}

static void print_padded(FILE *out, struct span text, size_t width, bool last)
{
    size_t long_as = cell_width(text);

    (void)fprintf(out, "%.*s", SPAN_ARGS(text));
    if (!last)
        (void)fprintf(out, "%*s", (int)(long_as < width ? width - long_as + GAP : GAP), "");
}

static void print_cell(FILE *out, const struct table *t, const json_t *row, size_t column)
{
    const struct column *c = &t->columns[column];
    bool is_cut = t->line > 0 && !c->is_whole;
    CLEANUP(buf_fini) struct buf cell;
    CLEANUP(buf_fini) struct buf shown;

    buf_init(&cell, CELL_LIMIT);
    buf_init(&shown, CELL_LIMIT);
    put_cell(&cell, t, row, column);
    if (is_cut)
        cell_put_cut(&shown, buf_view(&cell), c->width);
    print_padded(out, buf_view(is_cut ? &shown : &cell), c->width,
                 column + 1 == columns_in_line(t));
}

/* The last column, when it has no room in the line. */
static void print_below(FILE *out, const struct table *t, const json_t *row)
{
    CLEANUP(buf_fini) struct buf cell;
    CLEANUP(buf_fini) struct buf shown;

    buf_init(&cell, CELL_LIMIT);
    buf_init(&shown, CELL_LIMIT);
    put_cell(&cell, t, row, t->count - 1);
    cell_put_cut(&shown, buf_view(&cell), t->line - GAP);
    (void)fprintf(out, "%*s%s\n", GAP, "", buf_text(&shown));
}

static void print_titles(FILE *out, const struct table *t)
{
    size_t n = columns_in_line(t);

    for (size_t c = 0; c < n; c++)
        print_padded(out, t->columns[c].title, t->columns[c].width, c + 1 == n);
    (void)fputc('\n', out);
}

void show_table(FILE *out, const json_t *rows, const char *columns, const char *nothing)
{
    struct table t = { .rows = rows, .line = line_width(out) };
    size_t i;
    json_t *row;

    t.count = read_columns(columns, t.columns);
    if (json_array_size(rows) == 0) {
        (void)fprintf(out, "%s\n", nothing);
        return;
    }
    fit(&t);
    print_titles(out, &t);
    json_array_foreach (rows, i, row) {
        for (size_t c = 0; c < columns_in_line(&t); c++)
            print_cell(out, &t, row, c);
        (void)fputc('\n', out);
        if (t.has_below)
            print_below(out, &t, row);
    }
}

/* ---- texts ---- */

/* Lines that follow the first one are indented. */
static void print_wrapped(FILE *out, struct span text, size_t indent)
{
    size_t line = line_width(out);
    size_t room = line > indent + 2 * NARROWEST ? line - indent : 0;

    if (room == 0) {
        (void)fprintf(out, "%.*s\n", SPAN_ARGS(text));
        return;
    }
    for (bool first = true; first || text.n > 0; first = false) {
        struct span part = cell_take_line(&text, room);

        (void)fprintf(out, "%*s%.*s\n", first ? 0 : (int)indent, "", SPAN_ARGS(part));
    }
}

void show_fields(FILE *out, const json_t *object, const char *fields)
{
    struct column list[COLUMNS_LIMIT];
    size_t count = read_columns(fields, list);
    size_t width = 0;

    for (size_t c = 0; c < count; c++)
        if (member(object, list[c].field) != NULL && cell_width(list[c].title) > width)
            width = cell_width(list[c].title);
    for (size_t c = 0; c < count; c++) {
        CLEANUP(buf_fini) struct buf value;

        buf_init(&value, CELL_LIMIT);
        cell_put_json(&value, member(object, list[c].field));
        if (value.n == 0)
            continue;
        print_padded(out, list[c].title, width, false);
        print_wrapped(out, buf_view(&value), width + GAP);
    }
}

void show_sentences(FILE *out, const json_t *answer)
{
    size_t i;
    json_t *sentence;

    json_array_foreach (json_object_get(answer, "sentences"), i, sentence) {
        print_wrapped(out, span_of(json_string_value(sentence)), GAP);
    }
}

void show_next(FILE *out, const json_t *answer)
{
    const json_t *next = json_object_get(answer, "next");

    if (json_is_integer(next))
        (void)fprintf(out, "... more: --after %lld\n", (long long)json_integer_value(next));
    else if (json_is_string(next))
        (void)fprintf(out, "... more: --after %s\n", json_string_value(next));
}
