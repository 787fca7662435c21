/*
 * Prepared statements, kept by the address of their text; and values bound to them. SQLite numbers
 * the parameters $1, $2, ... by their first appearance, so each statement knows which value goes
 * where.
 */
#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "store/db_sqlite_internal.h"

static uint64_t hash_of(const char *sql)
{
    return (uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15);
}

static bool is_statement(const struct table_node *node, const void *sql)
{
    return CONTAINER_OF(node, struct db_statement, node)->sql == sql;
}

static bool map_parameters(struct db_statement *statement)
{
    int count = sqlite3_bind_parameter_count(statement->handle);

    if (count > DB_PARAMETERS_MAX)
        return false;
    for (int i = 0; i < count; i++) {
        const char *name = sqlite3_bind_parameter_name(statement->handle, i + 1);
        int64_t n;

        if (name == NULL || name[0] != '$' ||
            !text_to_integer(span_of(name + 1), 1, DB_PARAMETERS_MAX, &n))
            return false;
        statement->places[i] = (unsigned char)(n - 1);
        if (n > statement->value_count)
            statement->value_count = (int)n;
    }
    return true;
}

static void free_statement(struct db_statement *statement)
{
    (void)sqlite3_finalize(statement->handle);
    alloc_free(statement);
}

static struct db_statement *prepare(struct db *db, const char *sql, bool kept, struct error *err)
{
    struct db_statement *statement = NEW(struct db_statement);
    const char *rest = "";
    int code = sqlite3_prepare_v3(db->handle, sql, -1, kept ? SQLITE_PREPARE_PERSISTENT : 0,
                                  &statement->handle, &rest);

    statement->sql = sql;
    statement->kept = kept;
    if (code != SQLITE_OK) {
        (void)db_sqlite_error(db, code, sql, err);
    } else if (statement->handle == NULL || *rest != '\0' || !map_parameters(statement)) {
        (void)error_set(err, ERROR_INTERNAL, "%s: not one statement with parameters $1, $2, ...",
                        sql);
    } else {
        return statement;
    }
    free_statement(statement);
    return NULL;
}

static struct db_statement *find_or_prepare(struct db *db, const char *sql, struct error *err)
{
    uint64_t hash = hash_of(sql);
    struct table_node *node = table_find(&db->statements, hash, is_statement, sql);
    struct db_statement *statement;

    if (node != NULL) {
        statement = CONTAINER_OF(node, struct db_statement, node);
#ifdef POSTROOM_DEBUG
        assert(strcmp(statement->sql, sqlite3_sql(statement->handle)) == 0);
#endif
        return statement->busy ? prepare(db, sql, false, err) : statement;
    }
    statement = prepare(db, sql, true, err);
    if (statement != NULL)
        table_put(&db->statements, &statement->node, hash);
    return statement;
}

/* PostgreSQL takes neither broken text nor NUL, so that SQLite may not either. */
static bool is_text(struct span text)
{
    return memchr(text.at, '\0', text.n) == NULL && text_is_utf8(text);
}

static int bind_value(sqlite3_stmt *handle, int place, const struct db_value *value, bool copies)
{
    sqlite3_destructor_type keep = copies ? SQLITE_TRANSIENT : SQLITE_STATIC;

    switch (value->type) {
    case DB_INTEGER:
        return sqlite3_bind_int64(handle, place, value->integer);
    case DB_TEXT:
        return sqlite3_bind_text64(handle, place, value->bytes.at, value->bytes.n, keep,
                                   SQLITE_UTF8);
    case DB_BLOB:
        return sqlite3_bind_blob64(handle, place, value->bytes.at, value->bytes.n, keep);
    case DB_NULL:
    case DB_END:
        break;
    }
    return sqlite3_bind_null(handle, place);
}

static int count_values(const struct db_value *values)
{
    int n = 0;

    while (values != NULL && values[n].type != DB_END)
        n++;
    return n;
}

static bool bind_values(struct db *db, struct db_statement *statement,
                        const struct db_value *values, bool copies, struct error *err)
{
    int places = sqlite3_bind_parameter_count(statement->handle);

    if (count_values(values) != statement->value_count)
        return error_set(err, ERROR_INTERNAL, "%s: %d values for %d parameters", statement->sql,
                         count_values(values), statement->value_count);
    for (int i = 0; i < places; i++) {
        const struct db_value *value = &values[statement->places[i]];
        int code;

        if (value->type == DB_TEXT && !is_text(value->bytes))
            return error_set(err, ERROR_INVALID, "a text is not valid UTF-8");
        code = bind_value(statement->handle, i + 1, value, copies);
        if (code != SQLITE_OK)
            return db_sqlite_error(db, code, statement->sql, err);
    }
    return true;
}

struct db_statement *db_statement_take(struct db *db, const char *sql,
                                       const struct db_value *values, bool copies,
                                       struct error *err)
{
    struct db_statement *statement = find_or_prepare(db, sql, err);

    if (statement == NULL)
        return NULL;
    statement->busy = true;
    db->busy_statements++;
    if (bind_values(db, statement, values, copies, err))
        return statement;
    db_statement_return(db, statement);
    return NULL;
}

void db_statement_return(struct db *db, struct db_statement *statement)
{
    assert(statement->busy);
    statement->busy = false;
    db->busy_statements--;
    (void)sqlite3_reset(statement->handle); /* repeats the result of the last step */
    if (statement->kept)
        (void)sqlite3_clear_bindings(statement->handle);
    else
        free_statement(statement);
}

void db_statements_drop(struct db *db)
{
    for (size_t i = 0; i < db->statements.room; i++)
        for (struct table_node *node = db->statements.buckets[i], *next; node != NULL;
             node = next) {
            next = node->next;
            free_statement(CONTAINER_OF(node, struct db_statement, node));
        }
    table_clear(&db->statements);
}
