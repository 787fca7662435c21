/*
 * A state machine over bytes. The first line is held back until it is whole, since it decides
 * what divides fields; a delimiter within quotes does not count there.
 */
#include "domain/csv.h"

#include <string.h>

enum { HEAD_LIMIT = 1 << 16 };

static const char delimiters[] = { ',', ';', '\t' };

void csv_init(struct csv *csv, csv_take *take, void *owner)
{
    *csv = (struct csv){ .take = take, .owner = owner, .line = 1, .record_line = 1 };
    buf_init(&csv->head, HEAD_LIMIT);
    buf_init(&csv->text, CSV_RECORD_LIMIT);
}

void csv_fini(struct csv *csv)
{
    buf_fini(&csv->head);
    buf_fini(&csv->text);
}

static bool end_field(struct csv *csv, struct error *err)
{
    if (csv->field_count == CSV_FIELDS_MOST)
        return error_set(err, ERROR_LIMIT, "line %lld: more than %d fields",
                         (long long)csv->record_line, CSV_FIELDS_MOST);
    if (csv->text.overflown)
        return error_set(err, ERROR_LIMIT, "line %lld: a record of more than %d bytes",
                         (long long)csv->record_line, CSV_RECORD_LIMIT);
    csv->ends[csv->field_count++] = csv->text.n;
    csv->state = CSV_FIELD_START;
    return true;
}

static bool end_record(struct csv *csv, struct error *err)
{
    struct csv_record record = { .line = csv->record_line };
    struct span text;
    size_t begin = 0;
    bool ok = true;

    if (!end_field(csv, err))
        return false;
    text = buf_view(&csv->text);
    for (; record.n < csv->field_count; record.n++) {
        record.fields[record.n] = (struct span){ text.at + begin, csv->ends[record.n] - begin };
        begin = csv->ends[record.n];
    }
    if (record.n > 1 || text.n > 0)
        ok = csv->take(csv->owner, &record, err);
    buf_clear(&csv->text);
    csv->field_count = 0;
    csv->record_line = csv->line;
    return ok;
}

static bool refuse_quote(const struct csv *csv, const char *where, struct error *err)
{
    return error_set(err, ERROR_INVALID,
                     "line %lld: a quote %s: a field with quotes is in quotes, and each of its "
                     "own is doubled",
                     (long long)csv->line, where);
}

static bool step_plain(struct csv *csv, char c, struct error *err)
{
    if (c == csv->delimiter)
        return end_field(csv, err);
    if (c == '\n' || c == '\r')
        return end_record(csv, err);
    if (csv->state == CSV_QUOTE_SEEN)
        return refuse_quote(csv, "ends before its field does", err);
    if (c == '"' && csv->state == CSV_PLAIN)
        return refuse_quote(csv, "inside a field", err);
    buf_put_byte(&csv->text, c);
    csv->state = CSV_PLAIN;
    return true;
}

static bool step(struct csv *csv, char c, struct error *err)
{
    bool is_second = csv->after_cr && c == '\n';

    csv->after_cr = c == '\r';
    if (c == '\r' || (c == '\n' && !is_second))
        csv->line++;
    if (csv->state == CSV_QUOTED) {
        if (c == '"')
            csv->state = CSV_QUOTE_SEEN;
        else
            buf_put_byte(&csv->text, c);
        return true;
    }
    if (is_second)
        return true; /* its CR has ended the record */
    if (c == '"' && csv->state == CSV_FIELD_START) {
        csv->state = CSV_QUOTED;
        return true;
    }
    if (c == '"' && csv->state == CSV_QUOTE_SEEN) {
        buf_put_byte(&csv->text, c);
        csv->state = CSV_QUOTED;
        return true;
    }
    return step_plain(csv, c, err);
}

static bool step_all(struct csv *csv, struct span bytes, struct error *err)
{
    for (size_t i = 0; i < bytes.n; i++)
        if (!step(csv, bytes.at[i], err))
            return false;
    return true;
}

static char guess_delimiter(struct span head)
{
    size_t counts[sizeof delimiters] = { 0 };
    bool is_quoted = false;
    size_t best = 0;

    for (size_t i = 0; i < head.n; i++) {
        const char *found = memchr(delimiters, head.at[i], sizeof delimiters);

        if (head.at[i] == '"')
            is_quoted = !is_quoted;
        if (found != NULL && !is_quoted)
            counts[found - delimiters]++;
    }
    for (size_t i = 1; i < sizeof delimiters; i++)
        if (counts[i] > counts[best])
            best = i;
    return delimiters[best];
}

/* With the first line whole, or the end of all. */
static bool begin(struct csv *csv, struct error *err)
{
    struct span head = buf_view(&csv->head);

    csv->delimiter = guess_delimiter(head);
    if (head.n >= 3 && memcmp(head.at, "\xEF\xBB\xBF", 3) == 0)
        head = (struct span){ head.at + 3, head.n - 3 };
    return step_all(csv, head, err);
}

bool csv_feed(struct csv *csv, struct span bytes, struct error *err)
{
    size_t n = 0;

    if (csv->delimiter != 0)
        return step_all(csv, bytes, err);
    while (n < bytes.n && bytes.at[n] != '\n' && bytes.at[n] != '\r')
        n++;
    buf_put(&csv->head, (struct span){ bytes.at, n });
    if (csv->head.overflown)
        return error_set(err, ERROR_LIMIT, "line 1: a line of more than %d bytes", HEAD_LIMIT);
    return n == bytes.n ||
           (begin(csv, err) && step_all(csv, (struct span){ bytes.at + n, bytes.n - n }, err));
}

bool csv_end(struct csv *csv, struct error *err)
{
    if (csv->delimiter == 0 && !begin(csv, err))
        return false;
    if (csv->state == CSV_QUOTED)
        return error_set(err, ERROR_INVALID, "line %lld: a field in quotes has no end",
                         (long long)csv->record_line);
    return csv->text.n == 0 && csv->field_count == 0 && csv->state == CSV_FIELD_START
               ? true
               : end_record(csv, err);
}
