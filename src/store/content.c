/*
 * Reading for composing: the delivery, its reader, its last intent. The thread's events are
 * content_thread.c's.
 */
#include "store/content.h"

#include <jansson.h>

#include "base/cleanup.h"
#include "domain/watching.h"
#include "store/db.h"
#include "store/suppression.h"

/* A JSON array of language tags, best first. */
static void read_languages(struct span json, struct arena *arena, struct content_delivery *d)
{
    json_t *array = json_loadb(json.at, json.n, 0, NULL);
    size_t i;
    json_t *tag;

    json_array_foreach (array, i, tag) {
        if (d->language_count < CONTENT_LANGUAGES_MOST && json_string_length(tag) > 0)
            d->languages[d->language_count++] =
                arena_copy(arena, (struct span){ json_string_value(tag), json_string_length(tag) });
    }
    json_decref(array);
}

static void read_delivery(struct db_rows *rows, struct arena *arena, struct content_delivery *d)
{
    *d = (struct content_delivery){
        .id = db_column_int(rows, 0),
        .cause = (enum delivery_cause)db_column_int(rows, 1),
        .address = db_column_copy(rows, 2, arena),
        .normal = db_column_copy(rows, 3, arena),
        .domain = db_column_copy(rows, 4, arena),
        .message_id = db_column_copy(rows, 5, arena),
        .epoch = db_column_int(rows, 6),
        .doubts = db_column_int(rows, 7),
        .content_epoch = db_column_int(rows, 8),
        .thread = db_column_int(rows, 9),
        .from_seq = db_column_int(rows, 10),
        .to_seq = db_column_int(rows, 11),
        .subject = db_column_copy(rows, 12, arena),
        .last_message_id = db_column_copy(rows, 13, arena),
        .owed = !db_column_is_null(rows, 14),
        .person = db_column_int(rows, 15),
        .person_version = db_column_int(rows, 16),
        .name = db_column_copy(rows, 17, arena),
        .timezone = db_column_copy(rows, 19, arena),
        .inactive = db_column_int(rows, 20) != 0,
        .self_notify = db_column_int(rows, 21) != 0,
        .has_address = db_column_int(rows, 22) != 0,
        .deadline = db_column_int(rows, 23),
        .cause_id = db_column_int(rows, 24),
        .person_key = db_column_copy(rows, 25, arena),
    };
    read_languages(db_column_text(rows, 18), arena, d);
}

bool content_read_delivery(struct db *db, struct arena *arena, int64_t id,
                           struct content_delivery *ret_delivery, bool *ret_found,
                           struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT d.id, d.cause, d.address, d.normal, d.domain, d.message_id, s.epoch, "
                     "s.doubts, (SELECT CAST(m.value AS BIGINT) FROM meta m "
                     "WHERE m.key = 'content_epoch'), p.thread, p.from_seq, p.to_seq, h.subject, "
                     "h.last_message_id, h.missed_from, n.id, n.version, n.name, n.languages, "
                     "n.timezone, n.status, n.self_notify, (SELECT count(*) FROM person_address a "
                     "WHERE a.person = n.id AND a.normal = d.normal AND a.state = 0), "
                     "d.deadline, d.cause_id, n.key FROM delivery d JOIN delivery_state s ON "
                     "s.delivery = d.id "
                     "LEFT JOIN delivery_part p ON p.delivery = d.id AND d.cause = 1 "
                     "AND p.thread = d.cause_id "
                     "LEFT JOIN heard h ON h.person = d.person AND h.thread = p.thread "
                     "LEFT JOIN person n ON n.id = d.person WHERE d.id = $1"),
                 db_int(id));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        read_delivery(rows, arena, ret_delivery);
    return db_rows_finish(&rows, err);
}

/* NOLINTNEXTLINE(readability-function-size): an event, a person, two things to fill */
bool content_read_imagined(struct db *db, struct arena *arena, int64_t event, int64_t person,
                           struct content_delivery *ret_delivery, bool *ret_found,
                           struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err,
        SQL("SELECT 0, 1, coalesce(a.address, 'nobody@example.org'), "
            "coalesce(a.normal, 'nobody@example.org'), coalesce(a.domain, 'example.org'), '', 0, "
            "0, 0, e.thread, e.seq, e.seq, NULL, h.last_message_id, NULL, n.id, n.version, "
            "n.name, n.languages, n.timezone, n.status, n.self_notify, 1, 0, e.thread "
            "FROM person n JOIN event e ON e.id = $1 "
            "LEFT JOIN person_address a ON a.person = n.id AND a.position = "
            "(SELECT min(b.position) FROM person_address b WHERE b.person = n.id AND b.state = 0) "
            "LEFT JOIN heard h ON h.person = n.id AND h.thread = e.thread WHERE n.id = $2"),
        db_int(event), db_int(person));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        read_delivery(rows, arena, ret_delivery);
    return db_rows_finish(&rows, err);
}

bool content_read_intent(struct db *db, struct arena *arena, int64_t delivery,
                         struct content_intent *ret_intent, bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT mail_from, sender, subject, date, seed, digest, template, sight "
                     "FROM intent WHERE delivery = $1 ORDER BY id DESC LIMIT 1"),
                 db_int(delivery));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        *ret_intent = (struct content_intent){
            .mail_from = db_column_copy(rows, 0, arena),
            .sender = db_column_copy(rows, 1, arena),
            .subject = db_column_copy(rows, 2, arena),
            .date_ms = db_column_int(rows, 3),
            .seed = arena_copy(arena, db_column_blob(rows, 4)),
            .digest = arena_copy(arena, db_column_blob(rows, 5)),
            .template_revision = db_column_int(rows, 6),
            .sight = db_column_copy(rows, 7, arena),
        };
    return db_rows_finish(&rows, err);
}

enum { READER_LISTS_MOST = 64 };

/* Takes mode, kinds, until, since, who of the rows of `walk` (NULL after a failure). */
static bool take_watches(struct db_rows *walk, size_t topic, struct notice_watch *watches,
                         struct notice_reader *reader, struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = walk;

    if (rows == NULL)
        return false;
    while (db_next(rows)) {
        int64_t who = db_column_int(rows, 4);

        watches[reader->watch_count++] = (struct notice_watch){
            .topic = topic,
            .list = who_is_list(who) ? who_list(who) : 0,
            .mode = (enum watch_mode)db_column_int(rows, 0),
            .kinds = db_column_int(rows, 1),
            .until = db_column_int(rows, 2),
            .since = db_column_int(rows, 3),
        };
    }
    return db_rows_finish(&rows, err);
}

static bool is_on_a_list(struct db *db, int64_t person, bool *ret_is, struct error *err)
{
    int64_t one;

    return db_find_int(db, err, ret_is, &one,
                       SQL("SELECT 1 FROM list_member WHERE person = $1 AND left_at IS NULL "
                           "LIMIT 1"),
                       db_int(person));
}

/* One look into the primary key for each topic the thread concerns: they are few. Who is on lists
 * costs one more each. */
static bool read_watches(struct db *db, struct arena *arena, const struct notice_thread *thread,
                         struct notice_reader *reader, struct error *err)
{
    struct notice_watch *watches;
    bool on_lists;

    if (!is_on_a_list(db, reader->person, &on_lists, err))
        return false;
    watches = ARENA_ARRAY(arena, struct notice_watch,
                          thread->topic_count * (on_lists ? READER_LISTS_MOST + 1 : 1));
    for (size_t i = 0; i < thread->topic_count; i++)
        if (!take_watches(db_query(db, err,
                                   SQL("SELECT mode, kinds, until, since, who FROM watch "
                                       "WHERE topic = $1 AND who = $2"),
                                   db_int(thread->topics[i].id), db_int(reader->person)),
                          i, watches, reader, err) ||
            (on_lists &&
             !take_watches(db_query(db, err,
                                    SQL("SELECT w.mode, w.kinds, w.until, "
                                        "CASE WHEN m.since_seq > w.since THEN m.since_seq "
                                        "ELSE w.since END, w.who FROM list_member m "
                                        "JOIN watch w ON w.topic = $1 AND w.who = -m.list "
                                        "WHERE m.person = $2 AND m.left_at IS NULL LIMIT $3"),
                                    db_int(thread->topics[i].id), db_int(reader->person),
                                    db_int(READER_LISTS_MOST)),
                           i, watches, reader, err)))
            return false;
    reader->watches = watches;
    return true;
}

static bool read_directs(struct db *db, struct arena *arena, const struct notice_thread *thread,
                         struct notice_reader *reader, struct error *err)
{
    struct notice_direct *directs = ARENA_ARRAY(arena, struct notice_direct, thread->event_count);

    for (size_t i = 0; i < thread->event_count; i++) {
        CLEANUP(db_rows_end) struct db_rows *rows = NULL;

        if (!thread->events[i].addressed)
            continue;
        rows = db_query(db, err,
                        SQL("SELECT rank, reason FROM event_direct "
                            "WHERE seq = $1 AND person = $2"),
                        db_int(thread->events[i].seq), db_int(reader->person));
        if (rows == NULL)
            return false;
        if (db_next(rows))
            directs[reader->direct_count++] = (struct notice_direct){
                .event = i, .rank = db_column_int(rows, 0), .reason = db_column_copy(rows, 1, arena)
            };
        if (!db_rows_finish(&rows, err))
            return false;
    }
    reader->directs = directs;
    return true;
}

static bool read_grants(struct db *db, struct arena *arena, const struct notice_thread *thread,
                        struct notice_reader *reader, struct error *err)
{
    bool *granted = ARENA_ARRAY(arena, bool, thread->label_count);

    for (size_t i = 0; i < thread->label_count; i++) {
        int64_t one;

        if (!db_find_int(db, err, &granted[i], &one,
                         SQL("SELECT 1 FROM grant_of WHERE label = $1 AND person = $2"),
                         db_text(thread->labels[i]), db_int(reader->person)))
            return false;
    }
    reader->granted = granted;
    return true;
}

enum { BARS_MOST = 100 };

/* A suppression of another topic says nothing here. */
static void take_bar(struct db_rows *rows, const struct notice_thread *thread,
                     struct notice_bar *bars, size_t *count)
{
    struct notice_bar bar = {
        .everything = suppression_is_of_topics(db_column_text(rows, 0)),
        .topic = thread->topic_count,
        .unsubscribed = span_equal(db_column_text(rows, 1), SPAN("unsubscribed")),
    };

    for (size_t i = 0; i < thread->topic_count && !bar.everything; i++)
        if (!db_column_is_null(rows, 2) && thread->topics[i].id == db_column_int(rows, 2))
            bar.topic = i;
    if (bar.everything || bar.topic < thread->topic_count)
        bars[(*count)++] = bar;
}

/* The delivery's own address may be suppressed; any address of the person may have asked for no
 * more. SQLite builds a table of its own for `target IN (one, two)`, at each look. */
struct db_rows *content_bars_query(struct db *db, const struct content_delivery *delivery,
                                   int64_t now_ms, struct error *err)
{
    return db_query(db, err,
                    SQL("SELECT s.scope, s.reason, t.id FROM suppression s "
                        "LEFT JOIN topic t ON t.key = s.scope "
                        "WHERE s.target = $1 AND (s.until IS NULL OR s.until > $3) "
                        "UNION ALL "
                        "SELECT s.scope, s.reason, t.id FROM suppression s "
                        "LEFT JOIN topic t ON t.key = s.scope "
                        "WHERE s.target = '@' || $2 AND (s.until IS NULL OR s.until > $3) "
                        "UNION ALL "
                        "SELECT s.scope, s.reason, t.id FROM person_address a "
                        "JOIN suppression s ON s.target = a.normal "
                        "LEFT JOIN topic t ON t.key = s.scope "
                        "WHERE a.person = $4 AND s.reason = 'unsubscribed' "
                        "AND (s.until IS NULL OR s.until > $3) "
                        "UNION ALL "
                        "SELECT s.scope, s.reason, t.id FROM person_address a "
                        "JOIN suppression s ON s.target = '@' || a.domain "
                        "LEFT JOIN topic t ON t.key = s.scope "
                        "WHERE a.person = $4 AND s.reason = 'unsubscribed' "
                        "AND (s.until IS NULL OR s.until > $3)"),
                    db_text(delivery->normal), db_text(delivery->domain), db_int(now_ms),
                    db_int(delivery->person));
}

/* NOLINTNEXTLINE(readability-function-size): whose mail, about what, and when belong together */
static bool read_bars(struct db *db, struct arena *arena, const struct content_delivery *delivery,
                      const struct notice_thread *thread, int64_t now_ms,
                      struct notice_reader *reader, struct error *err)
{
    struct notice_bar *bars = ARENA_ARRAY(arena, struct notice_bar, BARS_MOST);
    CLEANUP(db_rows_end)
    struct db_rows *rows = content_bars_query(db, delivery, now_ms, err);

    if (rows == NULL)
        return false;
    while (reader->bar_count < BARS_MOST && db_next(rows))
        take_bar(rows, thread, bars, &reader->bar_count);
    reader->bars = bars;
    return db_rows_finish(&rows, err);
}

/* NOLINTNEXTLINE(readability-function-size): whose mail, about what, and when belong together */
bool content_read_reader(struct db *db, struct arena *arena,
                         const struct content_delivery *delivery,
                         const struct notice_thread *thread, int64_t now_ms,
                         struct notice_reader *ret_reader, struct error *err)
{
    struct notice_reader reader = {
        .person = delivery->person,
        .inactive = delivery->inactive,
        .self_notify = delivery->self_notify,
    };

    if (!read_watches(db, arena, thread, &reader, err) ||
        !read_directs(db, arena, thread, &reader, err) ||
        !read_grants(db, arena, thread, &reader, err) ||
        !read_bars(db, arena, delivery, thread, now_ms, &reader, err))
        return error_wrap(err, "reading what decides about person %lld",
                          (long long)delivery->person);
    *ret_reader = reader;
    return true;
}
