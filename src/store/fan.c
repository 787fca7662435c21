/*
 * The fan-out's statements.
 *
 * A candidate's rank is 4 * (distance + 1) + what the watch says: 0 mute, 1 now, 2 a digest, 3 now
 * but for other kinds; being addressed directly is 1. The smallest rank decides, and 1 of every
 * four tells (domain/watch_decision.c). Mutes count from the moment they are set, the rest only
 * for what happens after. What a list watches its members do, unless they have a watch of their own
 * on that topic in force; without a list on the scopes that branch finds nothing at its first look.
 * `why` packs reason and topic; its topic's watch gives the delay. Who is suspended (status 2) has
 * notices as others do: promotion lets them wait.
 */
#include "store/fan.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/suppression.h"

static bool find_unfanned(struct db *db, int64_t after, int64_t *ret_seq, bool *ret_found,
                          struct error *err)
{
    return db_find_int(db, err, ret_found, ret_seq,
                       SQL("SELECT e.seq FROM event e WHERE e.fan_state < 2 AND e.seq > $1 "
                           "AND NOT EXISTS (SELECT 1 FROM event o WHERE o.thread = e.thread "
                           "AND o.seq < e.seq AND o.fan_state < 2) ORDER BY e.seq LIMIT 1"),
                       db_int(after));
}

bool fan_next(struct db *db, int64_t after, int64_t *ret_seq, struct error *err)
{
    int64_t seq = 0;
    bool found;

    if (!find_unfanned(db, after, &seq, &found, err) ||
        (!found && after > 0 && !find_unfanned(db, 0, &seq, &found, err)))
        return false;
    *ret_seq = found ? seq : 0;
    return true;
}

bool fan_waits(struct db *db, int64_t thread, bool *ret_waits, struct error *err)
{
    int64_t seq;

    return db_find_int(db, err, ret_waits, &seq,
                       SQL("SELECT seq FROM event WHERE thread = $1 AND fan_state < 2 "
                           "ORDER BY seq LIMIT 1"),
                       db_int(thread));
}

static void bring_nearer(bool found, int64_t person, int64_t *end)
{
    if (found && person < *end)
        *end = person;
}

/* The person up to whom a slice of members goes. */
static bool end_of_members(struct db *db, const struct fan *fan, int64_t after, size_t people,
                           int64_t *end, struct error *err)
{
    for (size_t i = 0; i < fan->lists->n; i++) {
        int64_t person = 0;
        bool found;

        if (!db_find_int(db, err, &found, &person,
                         SQL("SELECT person FROM list_member WHERE list = $1 AND person > $2 "
                             "AND left_at IS NULL ORDER BY person LIMIT 1 OFFSET $3"),
                         db_int(fan->lists->at[i]), db_int(after), db_int((int64_t)people)))
            return false;
        bring_nearer(found, person, end);
    }
    return true;
}

bool fan_slice_end(struct db *db, const struct fan *fan, int64_t after, size_t people,
                   int64_t *ret_end, struct error *err)
{
    const struct scope_list *scopes = &fan->audience->scopes;
    int64_t end = INT64_MAX;
    int64_t person = 0;
    bool found;

    for (size_t i = 0; i < scopes->n; i++) {
        if (!db_find_int(db, err, &found, &person,
                         SQL("SELECT who FROM watch WHERE topic = $1 AND who > $2 "
                             "ORDER BY who LIMIT 1 OFFSET $3"),
                         db_int(scopes->at[i].topic), db_int(after), db_int((int64_t)people)))
            return false;
        bring_nearer(found, person, &end);
    }
    if (!db_find_int(db, err, &found, &person,
                     SQL("SELECT person FROM event_direct WHERE seq = $1 AND person > $2 "
                         "ORDER BY person LIMIT 1 OFFSET $3"),
                     db_int(fan->event->seq), db_int(after), db_int((int64_t)people)))
        return false;
    bring_nearer(found, person, &end);
    if (!end_of_members(db, fan, after, people, &end, err))
        return false;
    *ret_end = end;
    return true;
}

/* Of the person p and the parameters of fan_slice. Suppressions of an address and of its domain are
 * looked for apart: SQLite builds a table of its own for `target IN (one, two)`, at each look. */
#define OF_ADDRESS "SELECT 1 FROM suppression s WHERE s.target = a.normal "
#define OF_DOMAIN "SELECT 1 FROM suppression s WHERE s.target = '@' || a.domain "
#define IN_FORCE                                                                                   \
    "AND (s.until IS NULL OR s.until > $5) "                                                       \
    "AND (s.scope = '*' OR s.scope = '" SUPPRESSION_OF_TOPICS "' OR s.scope IN (SELECT t.key "     \
    "FROM event_scope x JOIN topic t ON t.id = x.topic WHERE x.seq = $1)) "
#define UNSUBSCRIBED "AND s.reason = 'unsubscribed' "
#define GOOD_ADDRESS "a.person = p.id AND a.state = 0 AND a.use = 'mail' "
#define MAY_SEE                                                                                    \
    "AND (CAST($11 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM grant_of g "                          \
    "WHERE g.label = $11 AND g.person = p.id)) "                                                   \
    "AND (CAST($12 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM grant_of g "                          \
    "WHERE g.label = $12 AND g.person = p.id)) "                                                   \
    "AND (CAST($13 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM grant_of g "                          \
    "WHERE g.label = $13 AND g.person = p.id)) "

/* What the watch w says at the distance of the scope x. */
#define RANK_AND_WHY                                                                               \
    "4 * (x.distance + 1) + CASE WHEN w.mode = 0 THEN 0 WHEN w.mode <> 1 THEN 2 "                  \
    "WHEN (w.kinds & $2) <> 0 THEN 1 ELSE 3 END, "                                                 \
    "CASE WHEN w.mode = 1 AND (w.kinds & $2) <> 0 "                                                \
    "THEN (40 + x.distance) * 4503599627370496 + w.topic END "

#define OWN_IN_FORCE "(o.until IS NULL OR o.until > $5) AND (o.mode = 0 OR o.since < $1)"

#define OF_WATCHERS                                                                                \
    "FROM event_scope x JOIN topic t ON t.id = x.topic JOIN watch w ON w.topic = x.topic "         \
    "WHERE x.seq = $1 AND w.who > $3 AND w.who <= $4 AND (w.until IS NULL OR w.until > $5) "       \
    "AND (w.mode = 0 OR (w.since < $1 AND (t.label IS NULL OR EXISTS "                             \
    "(SELECT 1 FROM grant_of g WHERE g.label = t.label AND g.person = w.who)))) "

/* But for those who have a watch o of their own. */
#define OF_MEMBERS                                                                                 \
    "FROM event_scope x JOIN topic t ON t.id = x.topic "                                           \
    "JOIN watch w ON w.topic = x.topic AND w.who < 0 AND w.who > -1099511627776 "                  \
    "JOIN list_member m ON m.list = -w.who AND m.left_at IS NULL "                                 \
    "WHERE x.seq = $1 AND m.person > $3 AND m.person <= $4 "                                       \
    "AND (w.until IS NULL OR w.until > $5) "                                                       \
    "AND (w.mode = 0 OR (w.since < $1 AND m.since_seq < $1 AND (t.label IS NULL OR EXISTS "        \
    "(SELECT 1 FROM grant_of g WHERE g.label = t.label AND g.person = m.person)))) "               \
    "AND NOT EXISTS (SELECT 1 FROM watch o WHERE o.topic = w.topic AND o.who = m.person AND "

#define OF_ADDRESSED                                                                               \
    "UNION ALL SELECT d.person, 1, d.rank * 4503599627370496 FROM event_direct d "                 \
    "WHERE d.seq = $1 AND d.person > $3 AND d.person <= $4), "                                     \
    "told(person, why) AS (SELECT person, min(why) FROM candidate GROUP BY person "                \
    "HAVING min(rank) % 4 = 1) "

/* 40 * 2^52: what is below is a reason to be addressed directly. */
#define OF_A_WATCH "180143985094819840"

/* The shortest, of the lists that are the reason. */
#define DELAY_OF_LIST                                                                              \
    "SELECT min(l.delay) FROM list_member m JOIN watch l ON l.who = -m.list "                      \
    "AND l.topic = k.why % 4503599627370496 WHERE m.person = k.person AND m.left_at IS NULL "      \
    "AND l.mode = 1 AND (l.kinds & $2) <> 0 AND (l.until IS NULL OR l.until > $5) "                \
    "AND l.since < $1 AND m.since_seq < $1"

/* Of MAY_SEE and what follows it: nearly nobody has a suppressed address, which the first test
 * finds out. Who has unsubscribed one is never told, who has no good one left neither; who has
 * none at all is, for the record. */
bool fan_slice(struct db *db, const struct fan *fan, int64_t after, int64_t end, int64_t *ret_told,
               struct error *err)
{
    const struct event *e = fan->event;
    int64_t delay = e->urgent ? fan->urgent_window : fan->window;
    int64_t busy = e->urgent || delay == 0 || fan->busy_window < delay ? delay : fan->busy_window;

    if (!db_run(
            db, err,
            SQL("WITH candidate(person, rank, why) AS (SELECT w.who, " RANK_AND_WHY OF_WATCHERS
                "UNION ALL SELECT m.person, " RANK_AND_WHY OF_MEMBERS OWN_IN_FORCE ") " OF_ADDRESSED
                "INSERT INTO notice (person, thread, first_seq, due_at, urgent, why, wait) "
                "SELECT p.id, CAST($6 AS BIGINT), CAST($1 AS BIGINT), CAST($7 AS BIGINT) + "
                "coalesce(CASE WHEN $8 = 0 AND (o.who IS NOT NULL OR k.why < " OF_A_WATCH
                ") THEN o.delay WHEN $8 = 0 THEN (" DELAY_OF_LIST ") END, "
                "CASE WHEN h.left_at > $14 THEN CAST($15 AS BIGINT) ELSE CAST($9 AS BIGINT) END), "
                "CAST($8 AS BIGINT), k.why, CAST($16 AS BIGINT) "
                "FROM told k JOIN person p ON p.id = k.person "
                "LEFT JOIN watch o ON o.topic = k.why % 4503599627370496 "
                "AND o.who = k.person AND " OWN_IN_FORCE " "
                "LEFT JOIN heard h ON h.person = p.id AND h.thread = $6 "
                "WHERE p.status <> 1 AND (p.id <> $10 OR p.self_notify <> 0) " MAY_SEE
                "AND (NOT EXISTS (SELECT 1 FROM person_address a WHERE a.person = p.id "
                "AND (EXISTS (" OF_ADDRESS IN_FORCE ") OR EXISTS (" OF_DOMAIN IN_FORCE "))) "
                "OR (NOT EXISTS (SELECT 1 FROM person_address a WHERE a.person = p.id "
                "AND (EXISTS (" OF_ADDRESS IN_FORCE UNSUBSCRIBED ") "
                "OR EXISTS (" OF_DOMAIN IN_FORCE UNSUBSCRIBED "))) "
                "AND (NOT EXISTS (SELECT 1 FROM person_address a WHERE " GOOD_ADDRESS ") "
                "OR EXISTS (SELECT 1 FROM person_address a WHERE " GOOD_ADDRESS
                "AND NOT EXISTS (" OF_ADDRESS IN_FORCE ") "
                "AND NOT EXISTS (" OF_DOMAIN IN_FORCE "))))) "
                "AND coalesce(h.made_seq, 0) < $1 "
                "AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.person = p.id "
                "AND n.thread = $6 AND n.urgent >= $8) "
                "ON CONFLICT (person, thread) DO UPDATE SET urgent = excluded.urgent, "
                "wait = excluded.wait, "
                "due_at = CASE WHEN notice.due_at < excluded.due_at THEN notice.due_at "
                "ELSE excluded.due_at END, "
                "why = CASE WHEN notice.why < excluded.why THEN notice.why "
                "ELSE excluded.why END "
                "WHERE excluded.urgent > notice.urgent"),
            db_int(e->seq), db_int((int64_t)(UINT64_C(1) << e->kind_bit)), db_int(after),
            db_int(end), db_int(e->taken_at), db_int(e->thread), db_int(fan->now_ms),
            db_int(e->urgent), db_int(delay), db_int(e->actor), db_text(fan->audience->labels[0]),
            db_text(fan->audience->labels[1]), db_text(fan->audience->labels[2]),
            db_int(fan->now_ms - fan->busy_time), db_int(busy), db_int(fan->wait)))
        return error_wrap(err, "fanning out event %lld", (long long)e->id);
    *ret_told = db_changes(db);
    return true;
}

bool fan_advance(struct db *db, const struct event *event, enum fan_state state, int64_t cursor,
                 int64_t told, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE event SET fan_state = $2, fan_cursor = $3, told = told + $4 "
                      "WHERE id = $1"),
                  db_int(event->id), db_int(state), db_int(cursor), db_int(told));
}
