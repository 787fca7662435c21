/*
 * Rows of watch and watch_log. A change of a watch also raises the topic's watch_version, which
 * closes the fan-out's fast path, and the person's version, which makes composed letters stale.
 */
#include "store/watch.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/span.h"
#include "store/db.h"
#include "store/digest_move.h"
#include "store/epoch.h"
#include "store/event.h"
#include "store/outbox.h"
#include "store/review.h"

#define WATCH_COLUMNS "topic, who, mode, kinds, delay, until, origin, since"

static void copy_origin(char *to, struct span origin)
{
    size_t n = origin.n < WATCH_ORIGIN_ROOM ? origin.n : WATCH_ORIGIN_ROOM - 1;

    if (n > 0)
        memcpy(to, origin.at, n);
    to[n] = '\0';
}

static void read_row(struct db_rows *rows, struct watch *watch)
{
    *watch = (struct watch){
        .topic = db_column_int(rows, 0),
        .who = db_column_int(rows, 1),
        .mode = (enum watch_mode)db_column_int(rows, 2),
        .kinds = db_column_int(rows, 3),
        .delay = db_column_is_null(rows, 4) ? -1 : db_column_int(rows, 4),
        .until = db_column_int(rows, 5),
        .since = db_column_int(rows, 7),
    };
    copy_origin(watch->origin, db_column_text(rows, 6));
}

bool watch_find(struct db *db, int64_t topic, int64_t who, struct watch *ret_watch, bool *ret_found,
                struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT " WATCH_COLUMNS " FROM watch WHERE topic = $1 AND who = $2"),
                 db_int(topic), db_int(who));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        read_row(rows, ret_watch);
    return db_rows_finish(&rows, err);
}

/* `mode` is NULL in the log when the watch was removed. */
enum log_entry { LOG_SET, LOG_ENDED, LOG_REFUSED };

static bool write_log(struct db *db, const struct watch *w, enum log_entry entry, const char *cause,
                      int64_t now_ms, struct error *err)
{
    struct outbox_row told = { .at = now_ms,
                               .kind = CHANGE_WATCH,
                               .what = entry == LOG_SET ? SPAN("set") : SPAN("removed") };
    int64_t id;
    int64_t seq = 0;

    if (!db_next_id(db, "watch_log", &id, err) || !event_last_seq(db, &seq, err))
        return false;
    told.subject = id;
    return db_run(db, err,
                  SQL("INSERT INTO watch_log (id, who, topic, mode, kinds, delay, until, origin, "
                      "since, at, seq, cause, refuses) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"),
                  db_int(id), db_int(w->who), db_int(w->topic),
                  db_int_or_null(entry == LOG_SET, w->mode), db_int(w->kinds),
                  db_int_or_null(w->delay >= 0, w->delay), db_int_or_null(w->until != 0, w->until),
                  db_string(w->origin), db_int(w->since), db_int(now_ms), db_int(seq),
                  db_string(cause), db_int(entry == LOG_REFUSED)) &&
           outbox_add(db, &told, err);
}

/* A list has many members: instead of theirs, the version of all letters grows. */
static bool raise_versions(struct db *db, const struct watch *w, struct error *err)
{
    int64_t seq = 0;

    return event_last_seq(db, &seq, err) &&
           db_run(db, err,
                  SQL("UPDATE topic SET watch_version = watch_version + 1, watch_seq = $2 "
                      "WHERE id = $1"),
                  db_int(w->topic), db_int(seq)) &&
           (w->who < 0
                ? who_is_hook(w->who) || epoch_grow(db, EPOCH_CONTENT, err)
                : db_run(db, err, SQL("UPDATE person SET version = version + 1 WHERE id = $1"),
                         db_int(w->who)));
}

static bool write_watch(struct db *db, const struct watch *w, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO watch (topic, who, mode, kinds, delay, until, origin, since) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                      "ON CONFLICT (topic, who) DO UPDATE SET mode = excluded.mode, "
                      "kinds = excluded.kinds, delay = excluded.delay, until = excluded.until, "
                      "origin = excluded.origin, since = excluded.since"),
                  db_int(w->topic), db_int(w->who), db_int(w->mode), db_int(w->kinds),
                  db_int_or_null(w->delay >= 0, w->delay), db_int_or_null(w->until != 0, w->until),
                  db_string(w->origin), db_int(w->since));
}

static bool in_force(const struct watch *w, int64_t now_ms)
{
    return w->until == 0 || w->until > now_ms;
}

static bool same(const struct watch *a, const struct watch *b)
{
    return a->mode == b->mode && a->kinds == b->kinds && a->delay == b->delay &&
           a->until == b->until && strcmp(a->origin, b->origin) == 0;
}

static bool is_manual(const struct watch *w)
{
    return strcmp(w->origin, WATCH_ORIGIN_MANUAL) == 0;
}

/* What waits for the watcher may have been for this watch; nothing waits for a webhook. */
static bool ask_review(struct db *db, const struct watch *w, struct error *err)
{
    if (who_is_hook(w->who))
        return true;
    return who_is_list(w->who) ? review_ask(db, REVIEW_LIST, who_list(w->who), err)
                               : review_ask(db, REVIEW_PERSON, w->who, err);
}

bool watch_set(struct db *db, const struct watch *wish, const char *cause, int64_t now_ms,
               enum watch_change *ret_change, struct error *err)
{
    struct watch old;
    struct watch now = *wish;
    bool found;

    if (!watch_find(db, wish->topic, wish->who, &old, &found, err))
        return false;
    if (found && in_force(&old, now_ms)) {
        if (is_manual(&old) && !is_manual(wish)) {
            *ret_change = WATCH_KEPT;
            return true;
        }
        if (same(&old, wish)) {
            *ret_change = WATCH_UNCHANGED;
            return true;
        }
    }
    if (found && in_force(&old, now_ms) && old.mode != WATCH_MUTE && wish->mode != WATCH_MUTE)
        now.since = old.since;
    else if (!event_last_seq(db, &now.since, err))
        return false;
    *ret_change = WATCH_CHANGED;
    return digest_move(db, found && in_force(&old, now_ms) ? &old : NULL, &now, now_ms, err) &&
           write_watch(db, &now, err) && write_log(db, &now, LOG_SET, cause, now_ms, err) &&
           raise_versions(db, &now, err) &&
           ((!found && now.mode != WATCH_MUTE) || ask_review(db, &now, err));
}

bool watch_remove(struct db *db, const struct watch *wish, const char *cause, int64_t now_ms,
                  enum watch_change *ret_change, struct error *err)
{
    struct watch old;
    bool found;

    if (!watch_find(db, wish->topic, wish->who, &old, &found, err))
        return false;
    if (!found || (wish->origin[0] != '\0' && strcmp(wish->origin, old.origin) != 0)) {
        *ret_change = found ? WATCH_KEPT : WATCH_UNCHANGED;
        return true;
    }
    *ret_change = WATCH_CHANGED;
    return db_run(db, err, SQL("DELETE FROM watch WHERE topic = $1 AND who = $2"),
                  db_int(wish->topic), db_int(wish->who)) &&
           write_log(db, &old, wish->origin[0] != '\0' ? LOG_ENDED : LOG_REFUSED, cause, now_ms,
                     err) &&
           raise_versions(db, &old, err) && ask_review(db, &old, err);
}

bool watch_hand_over(struct db *db, const struct watch *watch, int64_t who, int64_t now_ms,
                     struct error *err)
{
    struct watch now = *watch;
    struct watch other;
    bool found;

    if (!watch_find(db, watch->topic, who, &other, &found, err))
        return false;
    if (!in_force(watch, now_ms) || (found && in_force(&other, now_ms)))
        return true;
    now.who = who;
    return digest_hand_over(db, watch, &now, err) && write_watch(db, &now, err) &&
           write_log(db, &now, LOG_SET, "merged", now_ms, err) && raise_versions(db, &now, err);
}

static bool is_refused(struct db *db, const struct watch *wish, bool *ret_refused,
                       struct error *err)
{
    int64_t refuses = 0;
    bool found;

    if (!db_find_int(db, err, &found, &refuses,
                     SQL("SELECT refuses FROM watch_log WHERE who = $1 AND topic = $2 "
                         "ORDER BY id DESC LIMIT 1"),
                     db_int(wish->who), db_int(wish->topic)))
        return false;
    *ret_refused = found && refuses != 0;
    return true;
}

bool watch_offer(struct db *db, const struct watch *wish, const char *cause, int64_t now_ms,
                 struct error *err)
{
    enum watch_change change;
    struct watch old;
    bool found;
    bool refused;

    if (!watch_find(db, wish->topic, wish->who, &old, &found, err) ||
        !is_refused(db, wish, &refused, err))
        return false;
    return (found && in_force(&old, now_ms)) || refused ||
           watch_set(db, wish, cause, now_ms, &change, err);
}

enum { NEW_TOPICS_MOST = 32 };

bool watch_begin_new(struct db *db, int64_t person, int64_t now_ms, struct error *err)
{
    struct watch wishes[NEW_TOPICS_MOST];
    size_t count = 0;
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT id, new_mode FROM topic "
                                        "WHERE new_mode IS NOT NULL ORDER BY id LIMIT $1"),
                                    db_int(NEW_TOPICS_MOST));

    if (rows == NULL)
        return false;
    while (count < NEW_TOPICS_MOST && db_next(rows))
        wishes[count++] = (struct watch){ .topic = db_column_int(rows, 0),
                                          .who = person,
                                          .mode = (enum watch_mode)db_column_int(rows, 1),
                                          .kinds = WATCH_ALL_KINDS,
                                          .delay = -1,
                                          .origin = "default" };
    if (!db_rows_finish(&rows, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!watch_offer(db, &wishes[i], "new person", now_ms, err))
            return false;
    return true;
}

/* Takes what `rows` gives, NULL after a failure. */
static bool read_list(struct db_rows *walk, struct arena *arena, struct page page,
                      struct watch_list *ret_watches, struct error *err)
{
    struct watch_list watches = { ARENA_ARRAY(arena, struct watch, page.limit), 0 };
    CLEANUP(db_rows_end) struct db_rows *rows = walk;

    if (rows == NULL)
        return false;
    while (watches.n < page.limit && db_next(rows))
        read_row(rows, &watches.at[watches.n++]);
    *ret_watches = watches;
    return db_rows_finish(&rows, err);
}

bool watch_page_of_person(struct db *db, struct arena *arena, int64_t who, struct page page,
                          struct watch_list *ret_watches, struct error *err)
{
    return read_list(db_query(db, err,
                              SQL("SELECT " WATCH_COLUMNS " FROM watch "
                                  "WHERE who = $1 AND topic > $2 ORDER BY topic LIMIT $3"),
                              db_int(who), db_int(page.after), db_int((int64_t)page.limit)),
                     arena, page, ret_watches, err);
}

bool watch_page_of_topic(struct db *db, struct arena *arena, int64_t topic, struct page page,
                         struct watch_list *ret_watches, struct error *err)
{
    return read_list(db_query(db, err,
                              SQL("SELECT " WATCH_COLUMNS " FROM watch "
                                  "WHERE topic = $1 AND who > $2 ORDER BY who LIMIT $3"),
                              db_int(topic), db_int(page.after), db_int((int64_t)page.limit)),
                     arena, page, ret_watches, err);
}
