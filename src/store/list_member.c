/*
 * Rows of list_member. Each change raises the person's version and closes the fan-out's fast path
 * (person_touch), since the person's watches change with it.
 */
#include "store/list_member.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/digest.h"
#include "store/epoch.h"
#include "store/event.h"
#include "store/person.h"
#include "store/review.h"

#define MEMBER_COLUMNS "id, list, person, basis, origin, since, left_at"

bool list_member_exists(struct db *db, int64_t list, int64_t person, bool *ret_exists,
                        struct error *err)
{
    int64_t id;

    return db_find_int(db, err, ret_exists, &id,
                       SQL("SELECT id FROM list_member "
                           "WHERE list = $1 AND person = $2 AND left_at IS NULL"),
                       db_int(list), db_int(person));
}

static bool changed(struct db *db, int64_t person, int64_t seq, struct error *err)
{
    return person_touch(db, person, err) && epoch_set(db, EPOCH_MEMBER, seq, err);
}

bool list_member_add(struct db *db, const struct list_member *member, int64_t now_ms,
                     bool *ret_changed, struct error *err)
{
    int64_t seq = 0;
    int64_t id;
    bool exists;

    if (!list_member_exists(db, member->list, member->person, &exists, err))
        return false;
    *ret_changed = !exists;
    if (exists)
        return true;
    return event_last_seq(db, &seq, err) && db_next_id(db, "list_member", &id, err) &&
           db_run(db, err,
                  SQL("INSERT INTO list_member (id, list, person, basis, origin, since, since_seq) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7)"),
                  db_int(id), db_int(member->list), db_int(member->person), db_text(member->basis),
                  db_text(member->origin), db_int(now_ms), db_int(seq)) &&
           digest_ensure_member(db, member->list, member->person, seq, err) &&
           changed(db, member->person, seq, err);
}

bool list_member_remove(struct db *db, int64_t list, int64_t person, int64_t now_ms,
                        bool *ret_changed, struct error *err)
{
    int64_t seq = 0;

    if (!event_last_seq(db, &seq, err) ||
        !db_run(db, err,
                SQL("UPDATE list_member SET left_at = $3, left_seq = $4 "
                    "WHERE list = $1 AND person = $2 AND left_at IS NULL"),
                db_int(list), db_int(person), db_int(now_ms), db_int(seq)))
        return false;
    *ret_changed = db_changes(db) > 0;
    return !*ret_changed ||
           (changed(db, person, seq, err) && review_ask(db, REVIEW_PERSON, person, err));
}

bool list_member_count(struct db *db, int64_t list, int64_t *ret_count, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_count,
                       SQL("SELECT count(*) FROM list_member WHERE list = $1 AND left_at IS NULL"),
                       db_int(list));
}

bool list_member_clear(struct db *db, int64_t list, size_t most, int64_t now_ms, bool *ret_more,
                       struct error *err)
{
    int64_t seq = 0;
    int64_t last = 0;
    bool found;

    if (!event_last_seq(db, &seq, err) ||
        !db_find_int(db, err, &found, &last,
                     SQL("SELECT max(person) FROM (SELECT person FROM list_member WHERE list = $1 "
                         "AND left_at IS NULL ORDER BY person LIMIT $2) p"),
                     db_int(list), db_int((int64_t)most)))
        return false;
    *ret_more = last != 0;
    return !*ret_more ||
           (review_ask_members(db, list, last, err) &&
            db_run(db, err,
                   SQL("UPDATE list_member SET left_at = $2, left_seq = $3 "
                       "WHERE list = $1 AND person <= $4 AND left_at IS NULL"),
                   db_int(list), db_int(now_ms), db_int(seq), db_int(last)) &&
            epoch_grow(db, EPOCH_CONTENT, err) && epoch_grow(db, EPOCH_AUDIENCE, err) &&
            epoch_set(db, EPOCH_MEMBER, seq, err));
}

/* Takes what `walk` gives, NULL after a failure. */
static bool read_page(struct db_rows *walk, struct arena *arena, struct page page,
                      struct list_member_page *ret_members, struct error *err)
{
    struct list_member_page members = { ARENA_ARRAY(arena, struct list_member, page.limit), 0 };
    CLEANUP(db_rows_end) struct db_rows *rows = walk;

    if (rows == NULL)
        return false;
    while (members.n < page.limit && db_next(rows))
        members.at[members.n++] = (struct list_member){
            .id = db_column_int(rows, 0),
            .list = db_column_int(rows, 1),
            .person = db_column_int(rows, 2),
            .basis = db_column_copy(rows, 3, arena),
            .origin = db_column_copy(rows, 4, arena),
            .since = db_column_int(rows, 5),
            .left_at = db_column_int(rows, 6),
        };
    *ret_members = members;
    return db_rows_finish(&rows, err);
}

bool list_member_page_read(struct db *db, struct arena *arena, int64_t list, struct page page,
                           struct list_member_page *ret_members, struct error *err)
{
    return read_page(db_query(db, err,
                              SQL("SELECT " MEMBER_COLUMNS " FROM list_member "
                                  "WHERE list = $1 AND person > $2 AND left_at IS NULL "
                                  "ORDER BY person LIMIT $3"),
                              db_int(list), db_int(page.after), db_int((int64_t)page.limit)),
                     arena, page, ret_members, err);
}

bool list_member_page_past(struct db *db, struct arena *arena, int64_t list, struct page page,
                           struct list_member_page *ret_members, struct error *err)
{
    return read_page(db_query(db, err,
                              SQL("SELECT " MEMBER_COLUMNS " FROM list_member "
                                  "WHERE list = $1 AND id > $2 AND left_at IS NOT NULL "
                                  "ORDER BY id LIMIT $3"),
                              db_int(list), db_int(page.after), db_int((int64_t)page.limit)),
                     arena, page, ret_members, err);
}

bool list_member_page_of(struct db *db, struct arena *arena, int64_t person, struct page page,
                         struct list_member_page *ret_members, struct error *err)
{
    return read_page(db_query(db, err,
                              SQL("SELECT " MEMBER_COLUMNS " FROM list_member "
                                  "WHERE person = $1 AND list > $2 AND left_at IS NULL "
                                  "AND EXISTS (SELECT 1 FROM list l WHERE l.id = list_member.list "
                                  "AND l.removed_at IS NULL) ORDER BY list LIMIT $3"),
                              db_int(person), db_int(page.after), db_int((int64_t)page.limit)),
                     arena, page, ret_members, err);
}
