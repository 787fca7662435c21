/*
 * Table by table. Mail first: the ends of deliveries settle what their own person has heard, which
 * then goes over with the rest.
 */
#include "store/merging.h"

#include <string.h>

#include "base/cleanup.h"
#include "store/db.h"
#include "store/delivery.h"
#include "store/list_member.h"
#include "store/notice.h"
#include "store/person.h"
#include "store/watch.h"

enum { BATCH = 100 };

struct pair {
    struct db *db;
    int64_t from;
    int64_t into;
    int64_t now_ms;
};

static bool run(const struct pair *p, const char *sql, struct error *err)
{
    return db_run_values(p->db, sql, DB_VALUES(db_int(p->from), db_int(p->into)), err);
}

/* ---- mail ---- */

static bool refuse_while_under_way(const struct pair *p, struct error *err)
{
    int64_t delivery = 0;
    bool found;

    if (!db_find_int(p->db, err, &found, &delivery,
                     SQL("SELECT d.id FROM delivery d JOIN delivery_state s ON s.delivery = d.id "
                         "WHERE d.person = $1 AND s.ended_at IS NULL AND s.state IN ($2, $3) "
                         "ORDER BY d.id LIMIT 1"),
                     db_int(p->from), db_int(DELIVERY_SENDING), db_int(DELIVERY_IN_DOUBT)))
        return false;
    return !found ||
           error_set(err, ERROR_TEMPORARY,
                     "mail %lld to them is being sent, or in doubt: try again when it has ended",
                     (long long)delivery);
}

static bool cancel_mail(const struct pair *p, struct error *err)
{
    const struct delivery_change change = { .to = DELIVERY_CANCELLED,
                                            .reason = DELIVERY_MERGED,
                                            .text = SPAN("The person was merged into another."),
                                            .now_ms = p->now_ms };
    struct delivery_row row;
    bool done;

    for (;;) {
        int64_t id = 0;
        bool found;

        if (!db_find_int(p->db, err, &found, &id,
                         SQL("SELECT d.id FROM delivery d "
                             "JOIN delivery_state s ON s.delivery = d.id "
                             "WHERE d.person = $1 AND s.ended_at IS NULL ORDER BY d.id LIMIT 1"),
                         db_int(p->from)))
            return false;
        if (!found)
            return true;
        if (!delivery_load(p->db, id, &row, &found, err) ||
            !delivery_transition(p->db, &row, &change, &done, err))
            return false;
    }
}

/* What a cancelled or failed mail was to tell waits as a notice. */
static bool tell_anew(const struct pair *p, struct error *err)
{
    db_tell(p->db, "notice", SPAN(""));
    return db_run(p->db, err,
                  SQL("INSERT INTO notice (person, thread, first_seq, due_at, urgent, why) "
                      "SELECT h.person, h.thread, h.missed_from, CAST($2 AS BIGINT), 0, "
                      "40 * 4503599627370496 + h.thread FROM heard h "
                      "WHERE h.person = $1 AND h.missed_from IS NOT NULL "
                      "ON CONFLICT (person, thread) DO NOTHING"),
                  db_int(p->from), db_int(p->now_ms));
}

/* ---- what was heard, and what waits ---- */

/* Owed from the earlier of both, but not what the other was told. */
static bool move_heard(const struct pair *p, struct error *err)
{
    return run(p,
               SQL("INSERT INTO heard (person, thread, made_seq, through_seq, missed_from, "
                   "left_at, subject, last_message_id) SELECT CAST($2 AS BIGINT), thread, "
                   "made_seq, through_seq, missed_from, left_at, subject, last_message_id "
                   "FROM heard WHERE person = $1 ON CONFLICT (person, thread) DO UPDATE SET "
                   "missed_from = CASE WHEN heard.missed_from IS NULL "
                   "OR heard.missed_from > excluded.missed_from THEN excluded.missed_from "
                   "ELSE heard.missed_from END, "
                   "made_seq = CASE WHEN heard.made_seq > excluded.made_seq "
                   "THEN heard.made_seq ELSE excluded.made_seq END, "
                   "through_seq = CASE WHEN heard.through_seq > excluded.through_seq "
                   "THEN heard.through_seq ELSE excluded.through_seq END, "
                   "left_at = CASE WHEN heard.left_at > coalesce(excluded.left_at, 0) "
                   "THEN heard.left_at ELSE excluded.left_at END, "
                   "subject = coalesce(heard.subject, excluded.subject), "
                   "last_message_id = coalesce(heard.last_message_id, excluded.last_message_id)"),
               err) &&
           run(p,
               SQL("UPDATE heard SET missed_from = through_seq + 1 WHERE person = $2 "
                   "AND missed_from <= through_seq AND $1 > 0"),
               err) &&
           run(p, SQL("DELETE FROM heard WHERE person = $1 AND $2 > 0"), err);
}

/* Afterwards they begin behind what was told; what has nothing left to tell goes. */
static bool move_notices(const struct pair *p, struct error *err)
{
    return db_run(p->db, err,
                  SQL("INSERT INTO notice (person, thread, first_seq, due_at, urgent, why, wait) "
                      "SELECT CAST($2 AS BIGINT), thread, first_seq, CASE WHEN due_at = $4 "
                      "THEN CAST($3 AS BIGINT) ELSE due_at END, urgent, why, wait "
                      "FROM notice WHERE person = $1 ON CONFLICT (person, thread) DO UPDATE SET "
                      "first_seq = CASE WHEN excluded.first_seq < notice.first_seq "
                      "THEN excluded.first_seq ELSE notice.first_seq END, "
                      "urgent = CASE WHEN excluded.urgent > notice.urgent THEN excluded.urgent "
                      "ELSE notice.urgent END, "
                      "why = CASE WHEN excluded.why < notice.why THEN excluded.why "
                      "ELSE notice.why END"),
                  db_int(p->from), db_int(p->into), db_int(p->now_ms), db_int(NOTICE_WAITS)) &&
           run(p, SQL("DELETE FROM notice WHERE person = $1 AND $2 > 0"), err) &&
           run(p,
               SQL("UPDATE notice SET first_seq = (SELECT h.through_seq + 1 FROM heard h "
                   "WHERE h.person = notice.person AND h.thread = notice.thread) "
                   "WHERE person = $2 AND $1 > 0 AND first_seq <= coalesce((SELECT h.through_seq "
                   "FROM heard h WHERE h.person = notice.person AND h.thread = notice.thread), 0)"),
               err) &&
           run(p,
               SQL("DELETE FROM notice WHERE person = $2 AND $1 > 0 AND NOT EXISTS "
                   "(SELECT 1 FROM event e WHERE e.thread = notice.thread "
                   "AND e.seq >= notice.first_seq)"),
               err);
}

/* ---- watches ---- */

static bool move_watches(const struct pair *p, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct watch_list watches = { .n = BATCH };
    enum watch_change change;

    arena_init(&arena);
    while (watches.n == BATCH) {
        arena_reset(&arena);
        if (!watch_page_of_person(p->db, &arena, p->from, (struct page){ 0, BATCH }, &watches, err))
            return false;
        for (size_t i = 0; i < watches.n; i++) {
            const struct watch *watch = &watches.at[i];

            if (!watch_remove(p->db, watch, "merged", p->now_ms, &change, err) ||
                !watch_hand_over(p->db, watch, p->into, p->now_ms, err))
                return false;
        }
    }
    return true;
}

/* What a list's digest told of goes on where theirs ended. */
static bool move_digests(const struct pair *p, struct error *err)
{
    return run(p,
               SQL("INSERT INTO digest (person, mode, next_at, made_seq, through_seq) "
                   "SELECT CAST($2 AS BIGINT), mode, next_at, through_seq, through_seq "
                   "FROM digest WHERE person = $1 ON CONFLICT (person, mode) DO NOTHING"),
               err) &&
           run(p, SQL("DELETE FROM digest WHERE person = $1 AND $2 > 0"), err);
}

/* ---- the rest ---- */

/* A membership that both have ends for one of them. */
static bool move_lists(const struct pair *p, struct error *err)
{
    return db_run(p->db, err,
                  SQL("UPDATE list_member SET left_at = $3, left_seq = since_seq "
                      "WHERE person = $1 AND left_at IS NULL AND EXISTS "
                      "(SELECT 1 FROM list_member o WHERE o.list = list_member.list "
                      "AND o.person = $2 AND o.left_at IS NULL)"),
                  db_int(p->from), db_int(p->into), db_int(p->now_ms)) &&
           run(p, SQL("UPDATE list_member SET person = $2 WHERE person = $1"), err);
}

static bool move_grants(const struct pair *p, struct error *err)
{
    return run(p,
               SQL("INSERT INTO grant_of (label, person) SELECT label, CAST($2 AS BIGINT) "
                   "FROM grant_of WHERE person = $1 ON CONFLICT (label, person) DO NOTHING"),
               err) &&
           run(p, SQL("DELETE FROM grant_of WHERE person = $1 AND $2 > 0"), err);
}

static bool has_address(const struct mail_address *list, size_t count,
                        const struct mail_address *address)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].normal, address->normal) == 0)
            return true;
    return false;
}

/* Those of `into` first. */
static bool move_addresses(const struct pair *p, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct mail_address *theirs;
    struct mail_address *all;
    size_t their_count;
    size_t count;

    arena_init(&arena);
    if (!person_addresses(p->db, &arena, p->into, &all, &count, err) ||
        !person_addresses(p->db, &arena, p->from, &theirs, &their_count, err))
        return false;
    for (size_t i = 0; i < their_count; i++) {
        if (has_address(all, count, &theirs[i]))
            continue;
        if (count == PERSON_ADDRESSES_LIMIT)
            return error_set(err, ERROR_LIMIT, "together they have more than %d addresses",
                             PERSON_ADDRESSES_LIMIT);
        all[count++] = theirs[i];
    }
    return person_set_addresses(p->db, p->from, NULL, 0, err) &&
           person_set_addresses(p->db, p->into, all, count, err);
}

/* So that why, trace and the history tell of both. Of a topic that both watched the history of
 * `from` stays theirs. */
static bool move_record(const struct pair *p, struct error *err)
{
    return run(p,
               SQL("DELETE FROM event_direct WHERE person = $1 AND EXISTS (SELECT 1 "
                   "FROM event_direct o WHERE o.seq = event_direct.seq AND o.person = $2)"),
               err) &&
           run(p, SQL("UPDATE event_direct SET person = $2 WHERE person = $1"), err) &&
           run(p,
               SQL("UPDATE watch_log SET who = $2 WHERE who = $1 AND NOT EXISTS (SELECT 1 "
                   "FROM watch_log o WHERE o.who = $2 AND o.topic = watch_log.topic "
                   "AND o.cause <> 'merged')"),
               err) &&
           run(p,
               SQL("UPDATE approval SET person = $2 WHERE person = $1 AND NOT EXISTS (SELECT 1 "
                   "FROM approval o WHERE o.event = approval.event AND o.person = $2)"),
               err) &&
           run(p, SQL("UPDATE question SET person = $2 WHERE person = $1"), err) &&
           run(p, SQL("UPDATE delivery SET person = $2 WHERE person = $1"), err) &&
           run(p, SQL("UPDATE skip SET person = $2 WHERE person = $1"), err);
}

/* What `into` does not say of themselves `from` does. */
static bool leave_a_sign(const struct pair *p, struct error *err)
{
    return run(p,
               SQL("UPDATE person SET name = coalesce(name, (SELECT f.name FROM person f "
                   "WHERE f.id = $1)), timezone = coalesce(timezone, (SELECT f.timezone "
                   "FROM person f WHERE f.id = $1)) WHERE id = $2"),
               err) &&
           run(p, SQL("UPDATE person SET merged_into = $2 WHERE merged_into = $1"), err) &&
           run(p, SQL("UPDATE person SET merged_into = $2, status = 1 WHERE id = $1"), err) &&
           person_touch(p->db, p->from, err) && person_touch(p->db, p->into, err);
}

bool merging_foresee(struct db *db, int64_t from, int64_t into, struct merging *ret_merging,
                     struct error *err)
{
    struct {
        int64_t *count;
        const char *sql;
    } counts[] = {
        { &ret_merging->addresses,
          SQL("SELECT count(*) FROM person_address a WHERE a.person = $1 AND NOT EXISTS (SELECT 1 "
              "FROM person_address o WHERE o.person = $2 AND o.normal = a.normal)") },
        { &ret_merging->watches,
          SQL("SELECT count(*) FROM watch w WHERE w.who = $1 AND NOT EXISTS (SELECT 1 FROM watch o "
              "WHERE o.topic = w.topic AND o.who = $2)") },
        { &ret_merging->lists,
          SQL("SELECT count(*) FROM list_member m WHERE m.person = $1 AND m.left_at IS NULL "
              "AND NOT EXISTS (SELECT 1 FROM list_member o WHERE o.list = m.list "
              "AND o.person = $2 AND o.left_at IS NULL)") },
        { &ret_merging->grants,
          SQL("SELECT count(*) FROM grant_of g WHERE g.person = $1 AND NOT EXISTS (SELECT 1 "
              "FROM grant_of o WHERE o.label = g.label AND o.person = $2)") },
        { &ret_merging->notices,
          SQL("SELECT count(*) FROM notice n WHERE n.person = $1 AND $2 > 0") },
    };
    bool found;

    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++)
        if (!db_find_int_values(db, counts[i].sql, DB_VALUES(db_int(from), db_int(into)), &found,
                                counts[i].count, err))
            return false;
    return true;
}

bool merging_of_people(struct db *db, int64_t from, int64_t into, int64_t now_ms, struct error *err)
{
    const struct pair p = { db, from, into, now_ms };

    return (refuse_while_under_way(&p, err) && cancel_mail(&p, err) && tell_anew(&p, err) &&
            move_watches(&p, err) && move_digests(&p, err) && move_heard(&p, err) &&
            move_notices(&p, err) && move_lists(&p, err) && move_grants(&p, err) &&
            move_addresses(&p, err) && move_record(&p, err) && leave_a_sign(&p, err)) ||
           error_wrap(err, "merging person #%lld into #%lld", (long long)from, (long long)into);
}
