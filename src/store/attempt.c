/*
 * Rows of attempt.
 */
#include "store/attempt.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/dialogue.h"

/* As an outcome: the next host was tried. */
enum { LED_ON = -1 };

static struct db_value text_or_null(const char *text)
{
    return text[0] != '\0' ? db_string(text) : db_null();
}

bool attempt_add(struct db *db, const struct attempt *a, struct error *err)
{
    const struct outcome *o = a->outcome;
    int64_t id;

    if (!db_next_id(db, "attempt", &id, err) ||
        !db_run(db, err,
                SQL("INSERT INTO attempt (id, delivery, intent, at, host, ip, source, tls, stage, "
                    "code, status, text, ms, outcome, local) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"),
                db_int(id), db_int(a->delivery), db_int_or_null(a->intent != 0, a->intent),
                db_int(a->at), db_string(a->host), db_string(a->ip), db_string(a->source),
                db_string(a->tls), db_string(o->stage), db_int_or_null(o->code != 0, o->code),
                text_or_null(o->status), text_or_null(o->text), db_int(a->ms),
                db_int(a->led_on ? LED_ON : (int)a->led_to), db_int(o->local)) ||
        (a->dialogue.n > 0 && !dialogue_put(db, id, a->dialogue, a->dialogue_until, err)))
        return error_wrap(err, "recording a try of delivery %lld", (long long)a->delivery);
    return true;
}

static enum delivery_state led_to(int64_t outcome)
{
    return outcome == LED_ON ? DELIVERY_SENDING : (enum delivery_state)outcome;
}

static struct attempt_row read_row(struct db_rows *rows, struct arena *arena)
{
    return (struct attempt_row){ .id = db_column_int(rows, 0),
                                 .intent = db_column_int(rows, 1),
                                 .at = db_column_int(rows, 2),
                                 .host = db_column_copy(rows, 3, arena),
                                 .ip = db_column_copy(rows, 4, arena),
                                 .source = db_column_copy(rows, 5, arena),
                                 .tls = db_column_copy(rows, 6, arena),
                                 .stage = db_column_copy(rows, 7, arena),
                                 .code = db_column_int(rows, 8),
                                 .status = db_column_copy(rows, 9, arena),
                                 .text = db_column_copy(rows, 10, arena),
                                 .ms = db_column_int(rows, 11),
                                 .led_on = db_column_int(rows, 12) == LED_ON,
                                 .led_to = led_to(db_column_int(rows, 12)),
                                 .local = db_column_int(rows, 13) != 0,
                                 .dialogue = arena_copy(arena, db_column_blob(rows, 14)) };
}

bool attempt_list_read(struct db *db, struct arena *arena, int64_t delivery, size_t most,
                       struct attempt_list *ret_list, struct error *err)
{
    struct attempt_row *tries = ARENA_ARRAY(arena, struct attempt_row, most);
    size_t first = most;
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT id, intent, at, host, ip, source, tls, stage, code, status, text, ms, "
                     "outcome, local, packed FROM attempt LEFT JOIN dialogue ON attempt = id "
                     "WHERE delivery = $1 ORDER BY id DESC LIMIT $2"),
                 db_int(delivery), db_int((int64_t)most));

    if (rows == NULL)
        return error_wrap(err, "reading the tries of delivery %lld", (long long)delivery);
    while (first > 0 && db_next(rows))
        tries[--first] = read_row(rows, arena);
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading the tries of delivery %lld", (long long)delivery);
    *ret_list = (struct attempt_list){ tries + first, most - first };
    return true;
}

bool attempt_count_broken(struct db *db, int64_t delivery, int64_t *ret_count, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_count,
                       SQL("SELECT count(DISTINCT at) FROM attempt WHERE delivery = $1 "
                           "AND stage IN ('rcpt', 'data', 'content') "
                           "AND (code = 421 OR local = 1)"),
                       db_int(delivery)) ||
           error_wrap(err, "counting broken sessions");
}
