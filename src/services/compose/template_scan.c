/*
 * The scanner of templates. The language is a subset of Mustache: what it leaves out (unescaped
 * values, changed delimiters) is refused by name here, so that nobody wonders.
 */
#include "services/compose/template_scan.h"

#include <string.h>

#include "base/text.h"

/* A tag's name is a path of fields; longer ones are no typing of a person. */
enum { NAME_MOST = 200 };

void template_scan_init(struct template_scan *scan, struct span source)
{
    *scan = (struct template_scan){ .source = source, .place = { 1, 1 } };
}

static void advance(struct template_scan *scan, size_t to)
{
    while (scan->at < to) {
        char byte = scan->source.at[scan->at++];

        if (byte == '\n')
            scan->place = (struct template_place){ scan->place.line + 1, 1 };
        else
            scan->place.column += ((unsigned char)byte & 0xc0) != 0x80;
    }
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("._-@", c) != NULL);
}

static bool is_name(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_name_byte(s.at[i]))
            return false;
    return s.n > 0 && s.n <= NAME_MOST;
}

/* A comment is the only tag without a name; it has the type of an empty literal. */
static bool read_mark(struct span *inside, enum template_token_type *ret_type, struct error *err)
{
    static const struct {
        char mark;
        enum template_token_type type;
    } marks[] = { { '#', TOKEN_SECTION },
                  { '^', TOKEN_INVERTED },
                  { '/', TOKEN_CLOSE },
                  { '>', TOKEN_PARTIAL },
                  { '!', TOKEN_LITERAL } };

    if (inside->n > 0 && (inside->at[0] == '{' || inside->at[0] == '&'))
        return error_set(err, ERROR_INVALID,
                         "unescaped values do not exist here: write {{name}}, or put the text "
                         "itself into the template");
    if (inside->n > 0 && inside->at[0] == '=')
        return error_set(err, ERROR_INVALID, "the delimiters {{ and }} cannot be changed");
    for (size_t i = 0; i < ARRAY_LENGTH(marks); i++) {
        if (inside->n > 0 && inside->at[0] == marks[i].mark) {
            *inside = span_rest(*inside, 1);
            *ret_type = marks[i].type;
            return true;
        }
    }
    *ret_type = TOKEN_VALUE;
    return true;
}

static bool read_tag(struct span inside, struct template_token *token, struct error *err)
{
    if (!read_mark(&inside, &token->type, err))
        return false;
    if (token->type == TOKEN_LITERAL) { /* a comment */
        token->text = (struct span){ "", 0 };
        return true;
    }
    token->layout = (struct span){ NULL, 0 };
    token->text = inside;
    if (token->type == TOKEN_VALUE) {
        size_t bar = span_index(inside, '|');

        token->text = span_first(inside, bar);
        if (bar < inside.n)
            token->layout = span_trim(span_rest(inside, bar + 1));
        if (token->layout.at != NULL && !is_name(token->layout))
            return error_set(err, ERROR_INVALID, "after | the name of a layout is missing");
    }
    token->text = span_trim(token->text);
    if (!is_name(token->text))
        return error_set(
            err, ERROR_INVALID, "`%.*s` is no name of a field",
            SPAN_ARGS(span_first(token->text, token->text.n < 60 ? token->text.n : 60)));
    return true;
}

/* Where the line that holds `at` begins, if only blanks stand between; else `at` itself with
 * *ret_alone false. */
static size_t blank_before(struct span source, size_t at, bool *ret_alone)
{
    size_t start = at;

    while (start > 0 && (source.at[start - 1] == ' ' || source.at[start - 1] == '\t'))
        start--;
    *ret_alone = start == 0 || source.at[start - 1] == '\n';
    return *ret_alone ? start : at;
}

static size_t blank_after(struct span source, size_t at, bool *ret_alone)
{
    size_t end = at;

    while (end < source.n && (source.at[end] == ' ' || source.at[end] == '\t'))
        end++;
    *ret_alone = end == source.n || source.at[end] == '\n';
    if (!*ret_alone)
        return at;
    return end < source.n ? end + 1 : end;
}

/* A tag that puts out nothing itself and stands alone on its line from `start` to `end`, braces
 * included, takes the whole line. */
static bool stands_alone(struct span source, size_t *start, size_t *end)
{
    bool before;
    bool after;
    size_t from = blank_before(source, *start, &before);
    size_t to = blank_after(source, *end, &after);
    char mark = source.at[*start + 2];

    if (!before || !after || mark == '\0' || strchr("#^/>!", mark) == NULL)
        return false;
    *start = from;
    *end = to;
    return true;
}

static bool find_tag(struct template_scan *scan, size_t *ret_start, size_t *ret_end,
                     struct error *err)
{
    struct span rest = span_rest(scan->source, scan->at);
    size_t open = span_find(rest, SPAN("{{"));
    size_t close;

    *ret_start = *ret_end = scan->source.n;
    if (open == rest.n)
        return true;
    close = span_find(span_rest(rest, open + 2), SPAN("}}"));
    if (open + 2 + close >= rest.n) {
        advance(scan, scan->at + open);
        return error_set(err, ERROR_INVALID, "a tag is opened with {{ and never closed with }}");
    }
    *ret_start = scan->at + open;
    *ret_end = *ret_start + 2 + close + 2;
    return true;
}

bool template_scan_next(struct template_scan *scan, struct template_token *ret_token,
                        struct error *err)
{
    for (;;) {
        struct template_token token = { .type = TOKEN_LITERAL };
        size_t start;
        size_t end;
        size_t first;
        size_t last;

        if (!find_tag(scan, &start, &end, err))
            return false;
        first = start;
        last = end;
        if (start < end)
            (void)stands_alone(scan->source, &first, &last);
        token.place = scan->place;
        if (first > scan->at) {
            token.text = (struct span){ scan->source.at + scan->at, first - scan->at };
            advance(scan, first);
            *ret_token = token;
            return true;
        }
        if (start == end) {
            token.type = TOKEN_END;
            *ret_token = token;
            return true;
        }
        advance(scan, start);
        token.place = scan->place;
        if (!read_tag((struct span){ scan->source.at + start + 2, end - start - 4 }, &token, err))
            return false;
        advance(scan, last);
        if (token.type != TOKEN_LITERAL) {
            *ret_token = token;
            return true;
        }
    }
}

bool template_scan_check(struct span source, struct template_place *ret_place, struct error *err)
{
    struct template_scan scan;

    template_scan_init(&scan, source);
    *ret_place = scan.place;
    if (source.n > TEMPLATE_SOURCE_MOST)
        return error_set(err, ERROR_LIMIT, "longer than %d bytes", TEMPLATE_SOURCE_MOST);
    while (scan.at < source.n) {
        struct span rest = span_rest(source, scan.at);
        struct span text = span_take_until(&rest, '\n');

        *ret_place = scan.place;
        if (!text_is_utf8(text))
            return error_set(err, ERROR_INVALID, "this is not UTF-8");
        for (size_t i = 0; i < text.n; i++, advance(&scan, scan.at + 1)) {
            *ret_place = scan.place;
            if ((unsigned char)text.at[i] < 0x20 && text.at[i] != '\t')
                return error_set(err, ERROR_INVALID, "a control character (0x%02x) stands here",
                                 (unsigned char)text.at[i]);
        }
        if (scan.at < source.n)
            advance(&scan, scan.at + 1);
    }
    return true;
}
