/*
 * The index of a person's mails is walked from its end.
 */
#include "store/mail_rate.h"

#include "store/db.h"

bool mail_rate_person(struct db *db, int64_t person, int64_t rate, int64_t *ret_made_at,
                      struct error *err)
{
    int64_t made_at = 0;
    bool found;

    if (!db_find_int(db, err, &found, &made_at,
                     SQL("SELECT made_at FROM delivery WHERE person = $1 "
                         "ORDER BY id DESC LIMIT 1 OFFSET $2"),
                     db_int(person), db_int(rate - 1)))
        return error_wrap(err, "counting mails");
    *ret_made_at = found ? made_at : 0;
    return true;
}

bool mail_rate_thread(struct db *db, int64_t person, int64_t thread, int64_t rate,
                      int64_t *ret_made_at, struct error *err)
{
    int64_t made_at = 0;
    bool found;

    if (!db_find_int(db, err, &found, &made_at,
                     SQL("SELECT made_at FROM (SELECT id, made_at, cause, cause_id "
                         "FROM delivery WHERE person = $1 ORDER BY id DESC LIMIT $4) d "
                         "WHERE cause = 1 AND cause_id = $2 "
                         "ORDER BY id DESC LIMIT 1 OFFSET $3"),
                     db_int(person), db_int(thread), db_int(rate - 1), db_int(MAIL_RATE_MOST)))
        return error_wrap(err, "counting mails of a thread");
    *ret_made_at = found ? made_at : 0;
    return true;
}
