/*
 * All columns are texts; what an export leaves empty stays an empty text.
 */
#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "domain/csv.h"
#include "store/foreign_internal.h"

enum { PIECE = 1 << 16, STATEMENT_LIMIT = 1 << 16 };

struct loading {
    sqlite3 *db;
    const char *table;
    sqlite3_stmt *insert; /* NULL: the header has not been read */
    size_t columns;
};

static void put_name(struct buf *sql, struct span name)
{
    buf_put_byte(sql, '"');
    for (size_t i = 0; i < name.n; i++) {
        if (name.at[i] == '"')
            buf_put_byte(sql, '"');
        buf_put_byte(sql, name.at[i]);
    }
    buf_put_byte(sql, '"');
}

static bool fail(struct loading *l, int64_t line, struct error *err)
{
    return error_set(err, ERROR_INVALID, "line %lld: %s", (long long)line, sqlite3_errmsg(l->db));
}

static bool begin_table(struct loading *l, const struct csv_record *header, struct error *err)
{
    CLEANUP(buf_fini) struct buf create;
    CLEANUP(buf_fini) struct buf insert;

    buf_init(&create, STATEMENT_LIMIT);
    buf_init(&insert, STATEMENT_LIMIT);
    buf_put_text(&create, "CREATE TABLE ");
    put_name(&create, span_of(l->table));
    buf_put_text(&insert, SQL_FOREIGN("INSERT INTO "));
    put_name(&insert, span_of(l->table));
    for (size_t i = 0; i < header->n; i++) {
        buf_put_text(&create, i == 0 ? " (" : ", ");
        put_name(&create, span_trim(header->fields[i]));
        buf_put_text(&insert, i == 0 ? " VALUES (?" : ", ?");
    }
    buf_put_byte(&create, ')');
    buf_put_byte(&insert, ')');
    l->columns = header->n;
    if (create.overflown || insert.overflown)
        return error_set(err, ERROR_LIMIT, "line 1: too long for a header");
    if (sqlite3_exec(l->db, buf_text(&create), NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(l->db, buf_text(&insert), -1, &l->insert, NULL) != SQLITE_OK)
        return fail(l, header->line, err);
    return true;
}

static bool take_record(void *owner, const struct csv_record *record, struct error *err)
{
    struct loading *l = owner;

    if (l->insert == NULL)
        return begin_table(l, record, err);
    if (record->n != l->columns)
        return error_set(err, ERROR_INVALID, "line %lld: %zu fields, where the header has %zu",
                         (long long)record->line, record->n, l->columns);
    for (size_t i = 0; i < record->n; i++)
        if (sqlite3_bind_text64(l->insert, (int)i + 1, record->fields[i].at, record->fields[i].n,
                                SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK)
            return fail(l, record->line, err);
    if (sqlite3_step(l->insert) != SQLITE_DONE)
        return fail(l, record->line, err);
    (void)sqlite3_reset(l->insert);
    return true;
}

static bool read_all(FILE *file, struct csv *csv, struct error *err)
{
    char piece[PIECE];
    size_t n;

    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        if (!csv_feed(csv, (struct span){ piece, n }, err))
            return false;
    if (ferror(file))
        return error_set_errno(err, errno, "reading");
    return csv_end(csv, err);
}

bool foreign_csv_load(sqlite3 *db, const char *path, const char *table, struct error *err)
{
    struct loading l = { .db = db, .table = table };
    FILE *file = fopen(path, "rbe");
    struct csv csv;
    bool ok;

    if (file == NULL)
        return error_set_errno(err, errno, "opening %s", path);
    csv_init(&csv, take_record, &l);
    ok = read_all(file, &csv, err);
    if (ok && l.insert == NULL)
        ok = error_set(err, ERROR_INVALID, "line 1: is empty: a header is needed");
    csv_fini(&csv);
    (void)sqlite3_finalize(l.insert);
    (void)fclose(file);
    return ok || error_wrap(err, "%s", path);
}
