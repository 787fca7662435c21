/*
 * Gathering facts; no rule is here.
 */
#include "store/audience.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/grant.h"
#include "store/reach.h"
#include "store/topic.h"

bool audience_of_event(struct db *db, struct arena *arena, const struct event *event,
                       struct audience_event *ret_audience, struct error *err)
{
    struct topic topic;
    struct topic thread;

    if (!topic_load(db, arena, event->topic, &topic, err) ||
        !topic_load(db, arena, event->thread, &thread, err) ||
        !event_scopes(db, event->seq, &ret_audience->scopes, err))
        return false;
    ret_audience->seq = event->seq;
    ret_audience->at = event->taken_at;
    ret_audience->kind_bit = event->kind_bit;
    ret_audience->actor = event->actor;
    ret_audience->labels[0] = event->label;
    ret_audience->labels[1] = topic.label;
    ret_audience->labels[2] = thread.label;
    return true;
}

static bool read_status(struct db *db, int64_t person, bool *ret_inactive, bool *ret_self_notify,
                        struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err, SQL("SELECT status, self_notify FROM person WHERE id = $1"), db_int(person));
    bool found;

    if (rows == NULL)
        return false;
    found = db_next(rows);
    *ret_inactive = !found || db_column_int(rows, 0) != 0;
    *ret_self_notify = found && db_column_int(rows, 1) != 0;
    return db_rows_finish(&rows, err);
}

static bool may_see(struct db *db, const struct audience_event *event, int64_t person,
                    bool *ret_may, struct error *err)
{
    *ret_may = true;
    for (size_t i = 0; i < AUDIENCE_LABELS && *ret_may; i++)
        if (!grant_exists(db, event->labels[i], person, ret_may, err))
            return false;
    return true;
}

bool audience_standing(struct db *db, const struct audience_event *event, int64_t person,
                       struct watch_question *question, struct error *err)
{
    bool inactive;
    bool self_notify;
    bool may;
    struct reach reach;

    if (!read_status(db, person, &inactive, &self_notify, err) ||
        !may_see(db, event, person, &may, err) ||
        !reach_person(db, person, &event->scopes, event->at, &reach, err))
        return false;
    question->seq = event->seq;
    question->at = event->at;
    question->kind_bit = event->kind_bit;
    question->inactive = inactive;
    question->actor = person == event->actor && !self_notify;
    question->without_a_grant = !may;
    question->unsubscribed = reach.verdict == REACH_UNSUBSCRIBED;
    question->suppressed = reach.verdict == REACH_SUPPRESSED;
    return true;
}
