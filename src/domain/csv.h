/*
 * Reading CSV (RFC 4180) as it comes, in pieces of any size: with quotes, line ends of any kind,
 * a byte order mark, and commas, semicolons or tabs between the fields, whichever the first line
 * has most of. Memory is that of one record.
 */
#ifndef POSTROOM_DOMAIN_CSV_H
#define POSTROOM_DOMAIN_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

enum { CSV_FIELDS_MOST = 200, CSV_RECORD_LIMIT = 1 << 20 };

struct csv_record {
    int64_t line; /* where it begins, from 1 */
    struct span fields[CSV_FIELDS_MOST];
    size_t n;
};

/* Takes a record, borrowed for the call; false ends the reading with *err. */
typedef bool csv_take(void *owner, const struct csv_record *record, struct error *err);

enum csv_state { CSV_FIELD_START, CSV_PLAIN, CSV_QUOTED, CSV_QUOTE_SEEN };

struct csv {
    csv_take *take;
    void *owner;
    char delimiter; /* 0: not known yet */
    enum csv_state state;
    bool after_cr; /* an LF that follows belongs to it */
    int64_t line;
    int64_t record_line;
    struct buf head; /* the first line, until the delimiter is known */
    struct buf text; /* of the record's fields, one behind the other */
    size_t ends[CSV_FIELDS_MOST];
    size_t field_count;
};

/* csv_init begins; `owner` is handed to `take`. */
void csv_init(struct csv *csv, csv_take *take, void *owner);

/* csv_feed reads on; csv_end takes what is left as the last record. Empty lines are no records.
 * Fails naming the line: a quote inside a plain field, or behind the end of a quoted one; a record
 * or field count above the limits; a quoted field without an end. */
MUST_USE bool csv_feed(struct csv *csv, struct span bytes, struct error *err);
MUST_USE bool csv_end(struct csv *csv, struct error *err);

void csv_fini(struct csv *csv);

#endif
