/*
 * The part of the database door that is the same for every engine: values, and queries of one
 * row and one column.
 */
#include "store/db.h"

#include "base/cleanup.h"

struct db_value db_null(void)
{
    return (struct db_value){ .type = DB_NULL };
}

struct db_value db_int(int64_t value)
{
    return (struct db_value){ .type = DB_INTEGER, .integer = value };
}

struct db_value db_text(struct span text)
{
    if (text.at == NULL)
        return db_null();
    return (struct db_value){ .type = DB_TEXT, .bytes = text };
}

struct db_value db_string(const char *text)
{
    return db_text(span_of(text));
}

struct db_value db_blob(struct span bytes)
{
    if (bytes.at == NULL)
        return db_null();
    return (struct db_value){ .type = DB_BLOB, .bytes = bytes };
}

struct db_value db_int_or_null(bool present, int64_t value)
{
    return present ? db_int(value) : db_null();
}

bool db_find_int_values(struct db *db, const char *sql, const struct db_value *values,
                        bool *ret_found, int64_t *ret_value, struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = db_query_values(db, sql, values, err);
    bool found;
    int64_t value = 0;

    if (rows == NULL)
        return false;
    found = db_next(rows);
    if (found)
        value = db_column_int(rows, 0);
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_found = found;
    *ret_value = value;
    return true;
}

bool db_find_text_values(struct db *db, const char *sql, const struct db_value *values,
                         bool *ret_found, char **ret_text, struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = db_query_values(db, sql, values, err);
    CLEANUP(cleanup_free) char *text = NULL;
    bool found;

    if (rows == NULL)
        return false;
    found = db_next(rows);
    if (found && !db_column_is_null(rows, 0))
        text = span_text(db_column_text(rows, 0));
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_found = found;
    *ret_text = text;
    text = NULL;
    return true;
}

struct span db_column_copy(struct db_rows *rows, int column, struct arena *arena)
{
    struct span bytes = db_column_text(rows, column);

    return bytes.at != NULL ? arena_copy(arena, bytes) : bytes;
}
