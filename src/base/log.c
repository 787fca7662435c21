/*
 * A line is built in one buffer and written with one write(2), so lines of threads never mix.
 */
#include "base/log.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

enum { LINE_LIMIT = 8192, VALUE_LIMIT = 1024 };

static _Atomic int threshold = LOG_INFO;
static _Atomic int descriptor = STDERR_FILENO;

struct log_field log_text(const char *key, const char *text)
{
    return log_span(key, span_of(text != NULL ? text : "-"));
}

struct log_field log_span(const char *key, struct span text)
{
    return (struct log_field){ .key = key, .text = text, .type = LOG_FIELD_TEXT };
}

struct log_field log_number(const char *key, int64_t number)
{
    return (struct log_field){ .key = key, .number = number, .type = LOG_FIELD_NUMBER };
}

void log_set_level(enum log_level level)
{
    atomic_store(&threshold, (int)level);
}

void log_set_descriptor(int new_descriptor)
{
    atomic_store(&descriptor, new_descriptor);
}

static bool is_plain(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];

        if (c <= ' ' || c >= 127 || c == '"' || c == '\\' || c == '=')
            return false;
    }
    return s.n > 0;
}

static void put_quoted(struct buf *line, struct span s)
{
    buf_put_byte(line, '"');
    while (s.n > 0) {
        uint32_t rune = 0;
        size_t n = text_utf8_length(s, &rune);
        unsigned char c = (unsigned char)s.at[0];

        if (c == '"' || c == '\\')
            buf_printf(line, "\\%c", c);
        else if (n == 0 || c < 32 || c == 127 || (rune >= 0x80 && rune < 0xa0))
            buf_printf(line, "\\x%02x", c);
        else
            buf_put(line, span_first(s, n));
        s = span_rest(s, n > 0 && !(rune >= 0x80 && rune < 0xa0) ? n : 1);
    }
    buf_put_byte(line, '"');
}

static void put_field(struct buf *line, const struct log_field *field)
{
    buf_printf(line, " %s=", field->key);
    if (field->type == LOG_FIELD_NUMBER)
        buf_printf(line, "%lld", (long long)field->number);
    else if (is_plain(field->text))
        buf_put(line, span_first(field->text, VALUE_LIMIT));
    else
        put_quoted(line, span_first(field->text, VALUE_LIMIT));
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    static const char *const names[] = { "debug", "info", "warning", "error" };
    struct buf line;
    struct span bytes;

    if ((int)level < atomic_load(&threshold))
        return;
    buf_init(&line, LINE_LIMIT);
    text_put_time(&line, clock_utc_ms());
    buf_printf(&line, " %s %s", names[level], event);
    for (const struct log_field *field = fields; field->key != NULL; field++)
        put_field(&line, field);
    line.limit = LINE_LIMIT + 1; /* the line end always fits */
    buf_put_byte(&line, '\n');
    bytes = buf_view(&line);
    if (write(atomic_load(&descriptor), bytes.at, bytes.n) < 0) {
        /* nobody is left to tell */
    }
    buf_fini(&line);
}
