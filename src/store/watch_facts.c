/*
 * Reading watch, watch_log and list_member for one person; no rule is here.
 */
#include "store/watch_facts.h"

#include "base/cleanup.h"
#include "domain/watching.h"
#include "store/db.h"

/* Adds the watches in the rows of `walk` (NULL after a failure): mode, kinds, delay, until, since,
 * hidden, who; a NULL mode is a removed watch. */
static bool read_facts(struct db_rows *walk, struct scope scope, struct watch_facts *facts,
                       struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = walk;

    if (rows == NULL)
        return false;
    while (db_next(rows)) {
        int64_t who = db_column_int(rows, 6);

        if (db_column_is_null(rows, 0))
            continue;
        if (facts->n == WATCH_FACTS_LIMIT)
            return error_set(err, ERROR_LIMIT, "more than %d watches decide about one person",
                             WATCH_FACTS_LIMIT);
        facts->at[facts->n++] = (struct watch_fact){
            .topic = scope.topic,
            .distance = scope.distance,
            .mode = (enum watch_mode)db_column_int(rows, 0),
            .kinds = db_column_int(rows, 1),
            .delay = db_column_is_null(rows, 2) ? -1 : db_column_int(rows, 2),
            .until = db_column_int(rows, 3),
            .since = db_column_int(rows, 4),
            .hidden = db_column_int(rows, 5) != 0,
            .list = who_is_list(who) ? who_list(who) : 0,
        };
    }
    return db_rows_finish(&rows, err);
}

/* Whether the topic's label keeps it from the one who watches, from the member. */
#define HIDDEN_FROM_WHO                                                                            \
    "CASE WHEN t.label IS NULL OR EXISTS (SELECT 1 FROM grant_of g "                               \
    "WHERE g.label = t.label AND g.person = w.who) THEN 0 ELSE 1 END"
#define HIDDEN_FROM_MEMBER                                                                         \
    "CASE WHEN t.label IS NULL OR EXISTS (SELECT 1 FROM grant_of g "                               \
    "WHERE g.label = t.label AND g.person = m.person) THEN 0 ELSE 1 END"

/* A list's watch begins for a member not before they joined. */
#define SINCE_OF_MEMBER "CASE WHEN m.since_seq > w.since THEN m.since_seq ELSE w.since END"

static bool read_now(struct db *db, int64_t person, struct scope scope, struct watch_facts *facts,
                     struct error *err)
{
    return read_facts(db_query(db, err,
                               SQL("SELECT w.mode, w.kinds, w.delay, w.until, "
                                   "w.since, " HIDDEN_FROM_WHO ", w.who "
                                   "FROM watch w JOIN topic t ON t.id = w.topic "
                                   "WHERE w.topic = $1 AND w.who = $2"),
                               db_int(scope.topic), db_int(person)),
                      scope, facts, err) &&
           read_facts(db_query(db, err,
                               SQL("SELECT w.mode, w.kinds, w.delay, w.until, " SINCE_OF_MEMBER
                                   ", " HIDDEN_FROM_MEMBER ", w.who FROM list_member m "
                                   "JOIN watch w ON w.topic = $1 AND w.who = -m.list "
                                   "JOIN topic t ON t.id = w.topic "
                                   "WHERE m.person = $2 AND m.left_at IS NULL "
                                   "ORDER BY m.list"),
                               db_int(scope.topic), db_int(person)),
                      scope, facts, err);
}

bool watch_facts_now(struct db *db, int64_t person, const struct scope_list *scopes,
                     struct watch_facts *ret_facts, struct error *err)
{
    ret_facts->n = 0;
    for (size_t i = 0; i < scopes->n; i++)
        if (!read_now(db, person, scopes->at[i], ret_facts, err))
            return false;
    return true;
}

/* The last word of the log before the event, of the person and of each list they were on then. */
static bool read_before(struct db *db, int64_t person, struct scope scope, int64_t seq,
                        struct watch_facts *facts, struct error *err)
{
    return read_facts(db_query(db, err,
                               SQL("SELECT w.mode, w.kinds, w.delay, w.until, "
                                   "w.since, " HIDDEN_FROM_WHO ", w.who "
                                   "FROM watch_log w JOIN topic t ON t.id = w.topic "
                                   "WHERE w.topic = $1 AND w.who = $2 AND w.seq < $3 "
                                   "ORDER BY w.id DESC LIMIT 1"),
                               db_int(scope.topic), db_int(person), db_int(seq)),
                      scope, facts, err) &&
           read_facts(db_query(db, err,
                               SQL("SELECT w.mode, w.kinds, w.delay, w.until, " SINCE_OF_MEMBER
                                   ", " HIDDEN_FROM_MEMBER ", w.who FROM list_member m "
                                   "JOIN watch_log w ON w.id = (SELECT max(o.id) FROM "
                                   "watch_log o "
                                   "WHERE o.who = -m.list AND o.topic = $1 AND o.seq < $3) "
                                   "JOIN topic t ON t.id = w.topic "
                                   "WHERE m.person = $2 AND m.since_seq < $3 "
                                   "AND (m.left_seq IS NULL OR m.left_seq >= $3) "
                                   "ORDER BY m.list"),
                               db_int(scope.topic), db_int(person), db_int(seq)),
                      scope, facts, err);
}

bool watch_facts_before(struct db *db, int64_t person, const struct scope_list *scopes, int64_t seq,
                        struct watch_facts *ret_facts, struct error *err)
{
    ret_facts->n = 0;
    for (size_t i = 0; i < scopes->n; i++)
        if (!read_before(db, person, scopes->at[i], seq, ret_facts, err))
            return false;
    return true;
}

static bool is_known(const struct watching_lists *lists, int64_t list)
{
    for (size_t i = 0; i < lists->n; i++)
        if (lists->at[i] == list)
            return true;
    return false;
}

static bool read_lists(struct db *db, int64_t topic, struct watching_lists *lists,
                       struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT who FROM watch "
                                        "WHERE topic = $1 AND who < 0 AND who > $2"),
                                    db_int(topic), db_int(WHO_LISTS_END));

    if (rows == NULL)
        return false;
    while (db_next(rows)) {
        int64_t list = who_list(db_column_int(rows, 0));

        if (is_known(lists, list))
            continue;
        if (lists->n == WATCHING_LISTS_LIMIT)
            return error_set(err, ERROR_LIMIT, "more than %d lists watch it", WATCHING_LISTS_LIMIT);
        lists->at[lists->n++] = list;
    }
    return db_rows_finish(&rows, err);
}

bool watching_lists_read(struct db *db, const struct scope_list *scopes,
                         struct watching_lists *ret_lists, struct error *err)
{
    ret_lists->n = 0;
    for (size_t i = 0; i < scopes->n; i++)
        if (!read_lists(db, scopes->at[i].topic, ret_lists, err))
            return false;
    return true;
}

static void bring_nearer(bool found, int64_t who, int64_t *nearest)
{
    if (found && (*nearest == 0 || who < *nearest))
        *nearest = who;
}

bool watch_next_person(struct db *db, const struct scope_list *scopes,
                       const struct watching_lists *lists, int64_t after, int64_t *ret_person,
                       struct error *err)
{
    int64_t nearest = 0;
    int64_t who = 0;
    bool found;

    for (size_t i = 0; i < scopes->n; i++) {
        if (!db_find_int(db, err, &found, &who,
                         SQL("SELECT who FROM watch WHERE topic = $1 AND who > $2 "
                             "ORDER BY who LIMIT 1"),
                         db_int(scopes->at[i].topic), db_int(after)))
            return false;
        bring_nearer(found, who, &nearest);
    }
    for (size_t i = 0; i < lists->n; i++) {
        if (!db_find_int(db, err, &found, &who,
                         SQL("SELECT person FROM list_member WHERE list = $1 AND person > $2 "
                             "AND left_at IS NULL ORDER BY person LIMIT 1"),
                         db_int(lists->at[i]), db_int(after)))
            return false;
        bring_nearer(found, who, &nearest);
    }
    *ret_person = nearest;
    return true;
}
