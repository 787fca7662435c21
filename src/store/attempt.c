/*
 * Rows of attempt.
 */
#include "store/attempt.h"

#include "store/db.h"

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
                text_or_null(o->status), text_or_null(o->text), db_int(a->ms), db_int(a->led_to),
                db_int(o->local)))
        return error_wrap(err, "recording a try of delivery %lld", (long long)a->delivery);
    return true;
}
