/*
 * Reading the events of a range of a thread with all that mail shows of them: topics, what kinds
 * are called, who did it, what changed.
 */
#include "store/content_thread.h"

#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/db.h"

enum { LIST_START = 16 };

/* While a thread is read. Arrays grow by doubling inside the arena. */
struct reading {
    struct db *db;
    struct arena *arena;
    const struct content_delivery *range;
    struct error *err;
    struct notice_event *events;
    size_t event_count;
    struct notice_topic *topics;
    size_t topic_count;
    size_t topic_room;
    struct span *labels;
    size_t label_count;
    size_t label_room;
    struct notice_scope *scopes; /* of all events, one after the other */
    size_t scope_count;
    size_t scope_room;
    struct notice_change *changes; /* likewise */
    size_t change_count;
    size_t change_room;
    struct attachment *attachments; /* likewise */
    size_t attachment_count;
    size_t attachment_room;
};

static struct span column_copy(struct reading *r, struct db_rows *rows, int column)
{
    return arena_copy(r->arena, db_column_text(rows, column));
}

/* Room for one more element of an array that grows inside the arena. */
static void *grown(struct arena *arena, void *array, size_t count, size_t *room, size_t size)
{
    size_t more = *room > 0 ? *room * 2 : LIST_START;
    void *bigger;

    if (count < *room)
        return array;
    bigger = arena_take(arena, more * size);
    if (count > 0)
        memcpy(bigger, array, count * size);
    *room = more;
    return bigger;
}

/* The number of a label, from 1. */
static size_t label_number(struct reading *r, struct span label)
{
    if (label.at == NULL)
        return 0;
    for (size_t i = 0; i < r->label_count; i++)
        if (span_equal(r->labels[i], label))
            return i + 1;
    r->labels = grown(r->arena, r->labels, r->label_count, &r->label_room, sizeof(r->labels[0]));
    r->labels[r->label_count++] = arena_copy(r->arena, label);
    return r->label_count;
}

static size_t topic_number(struct reading *r, int64_t id)
{
    for (size_t i = 0; i < r->topic_count; i++)
        if (r->topics[i].id == id)
            return i;
    r->topics = grown(r->arena, r->topics, r->topic_count, &r->topic_room, sizeof(r->topics[0]));
    r->topics[r->topic_count] = (struct notice_topic){ .id = id };
    return r->topic_count++;
}

static void read_event(struct reading *r, struct db_rows *rows)
{
    struct span name = db_column_text(rows, 13);

    r->events[r->event_count++] = (struct notice_event){
        .id = db_column_int(rows, 0),
        .seq = db_column_int(rows, 1),
        .topic = topic_number(r, db_column_int(rows, 2)),
        .actor = db_column_int(rows, 3),
        .kind = column_copy(r, rows, 4),
        .kind_bit = (int)db_column_int(rows, 5),
        .redacted = db_column_int(rows, 6) != 0,
        .at = db_column_int(rows, 7),
        .taken_at = db_column_int(rows, 8),
        .deadline = db_column_int(rows, 9),
        .title = column_copy(r, rows, 10),
        .text = column_copy(r, rows, 11),
        .url = column_copy(r, rows, 12),
        .actor_name = arena_copy(r->arena, name.n > 0 ? name : db_column_text(rows, 14)),
        .label = label_number(r, db_column_text(rows, 15)),
        .data = column_copy(r, rows, 16),
        .key = column_copy(r, rows, 17),
        .addressed = db_column_int(rows, 18) != 0,
        .asks = column_copy(r, rows, 19),
    };
}

/* The newest come first and are turned round. */
static bool read_events(struct reading *r)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(r->db, r->err,
                 SQL("SELECT e.id, e.seq, e.topic, e.actor, e.kind, e.kind_bit, e.redacted, e.at, "
                     "e.taken_at, e.deadline, e.title, substr(e.text, 1, $5), e.url, p.name, "
                     "p.key, e.label, "
                     "CASE WHEN length(e.data) <= $6 THEN e.data END, e.key, "
                     "(SELECT count(*) FROM (SELECT 1 FROM event_direct d WHERE d.seq = e.seq "
                     "LIMIT 1) AS few), replace(q.answers, ',', ', ') FROM event e "
                     "LEFT JOIN person p ON p.id = e.actor "
                     "LEFT JOIN question q ON q.event = e.id "
                     "WHERE e.thread = $1 AND e.seq BETWEEN $2 AND $3 AND e.silent = 0 "
                     "ORDER BY e.seq DESC LIMIT $4"),
                 db_int(r->range->thread), db_int(r->range->from_seq), db_int(r->range->to_seq),
                 db_int(NOTICE_EVENTS_MOST), db_int(CONTENT_TEXT_MOST), db_int(CONTENT_DATA_MOST));

    if (rows == NULL)
        return false;
    r->events = ARENA_ARRAY(r->arena, struct notice_event, NOTICE_EVENTS_MOST);
    while (db_next(rows))
        read_event(r, rows);
    for (size_t i = 0, j = r->event_count; i + 1 < j; i++) {
        struct notice_event last = r->events[--j];

        r->events[j] = r->events[i];
        r->events[i] = last;
    }
    return db_rows_finish(&rows, r->err);
}

static bool count_left_out(struct reading *r, size_t *ret_count)
{
    int64_t n = 0;
    bool found;

    *ret_count = 0;
    if (r->event_count < NOTICE_EVENTS_MOST)
        return true;
    if (!db_find_int(r->db, r->err, &found, &n,
                     SQL("SELECT count(*) FROM event "
                         "WHERE thread = $1 AND seq >= $2 AND seq < $3 AND silent = 0"),
                     db_int(r->range->thread), db_int(r->range->from_seq),
                     db_int(r->events[0].seq)))
        return false;
    *ret_count = (size_t)n;
    return true;
}

/* Walks rows whose first column is the seq of an event, in order, calling `take` for each that
 * belongs to one that was read. */
static bool walk(struct reading *r, struct db_rows *walked,
                 void (*take)(struct reading *r, struct notice_event *event, struct db_rows *rows))
{
    CLEANUP(db_rows_end) struct db_rows *rows = walked;
    size_t at = 0;

    if (rows == NULL)
        return false;
    while (db_next(rows)) {
        while (at < r->event_count && r->events[at].seq < db_column_int(rows, 0))
            at++;
        if (at < r->event_count && r->events[at].seq == db_column_int(rows, 0))
            take(r, &r->events[at], rows);
    }
    return db_rows_finish(&rows, r->err);
}

static void take_scope(struct reading *r, struct notice_event *event, struct db_rows *rows)
{
    r->scopes = grown(r->arena, r->scopes, r->scope_count, &r->scope_room, sizeof(r->scopes[0]));
    r->scopes[r->scope_count++] = (struct notice_scope){
        .topic = topic_number(r, db_column_int(rows, 1)),
        .distance = (int)db_column_int(rows, 2),
        .holds = db_column_int(rows, 3) != 0,
    };
    event->scope_count++;
}

static void take_change(struct reading *r, struct notice_event *event, struct db_rows *rows)
{
    r->changes =
        grown(r->arena, r->changes, r->change_count, &r->change_room, sizeof(r->changes[0]));
    r->changes[r->change_count++] = (struct notice_change){
        .field = column_copy(r, rows, 1),
        .old = column_copy(r, rows, 2),
        .new = column_copy(r, rows, 3),
    };
    event->change_count++;
}

static bool read_scopes_and_changes(struct reading *r)
{
    size_t scope = 0;
    size_t change = 0;

    if (!walk(r,
              db_query(r->db, r->err,
                       SQL("SELECT s.seq, s.topic, s.distance, "
                           "CASE WHEN p.parent IS NULL THEN 0 ELSE 1 END FROM event e "
                           "JOIN event_scope s ON s.seq = e.seq "
                           "LEFT JOIN topic_parent p ON p.child = e.thread AND p.parent = s.topic "
                           "WHERE e.thread = $1 AND e.seq BETWEEN $2 AND $3 "
                           "ORDER BY s.seq, s.distance, s.topic"),
                       db_int(r->range->thread), db_int(r->events[0].seq),
                       db_int(r->range->to_seq)),
              take_scope) ||
        !walk(r,
              db_query(r->db, r->err,
                       SQL("SELECT c.seq, c.field, c.old, c.new FROM event e "
                           "JOIN event_change c ON c.seq = e.seq "
                           "WHERE e.thread = $1 AND e.seq BETWEEN $2 AND $3 "
                           "ORDER BY c.seq, c.position"),
                       db_int(r->range->thread), db_int(r->events[0].seq),
                       db_int(r->range->to_seq)),
              take_change))
        return false;
    for (size_t i = 0; i < r->event_count; i++) {
        r->events[i].scopes = r->scopes + scope;
        r->events[i].changes = r->changes + change;
        scope += r->events[i].scope_count;
        change += r->events[i].change_count;
    }
    return true;
}

static void take_attachment(struct reading *r, struct notice_event *event, struct db_rows *rows)
{
    r->attachments = grown(r->arena, r->attachments, r->attachment_count, &r->attachment_room,
                           sizeof(r->attachments[0]));
    r->attachments[r->attachment_count++] = (struct attachment){
        .name = column_copy(r, rows, 1),
        .type = column_copy(r, rows, 2),
        .is_inline = db_column_int(rows, 3) != 0,
        .size = db_column_int(rows, 4),
    };
    event->attachments.n++;
}

static bool read_attachments(struct reading *r)
{
    size_t attachment = 0;

    if (!walk(r,
              db_query(r->db, r->err,
                       SQL("SELECT e.seq, a.name, a.type, a.inline, a.size FROM event e "
                           "JOIN event_attachment a ON a.event = e.id "
                           "WHERE e.thread = $1 AND e.seq BETWEEN $2 AND $3 "
                           "ORDER BY e.seq, a.position"),
                       db_int(r->range->thread), db_int(r->events[0].seq),
                       db_int(r->range->to_seq)),
              take_attachment))
        return false;
    for (size_t i = 0; i < r->event_count; i++) {
        r->events[i].attachments.at = r->attachments + attachment;
        attachment += r->events[i].attachments.n;
    }
    return true;
}

/* A JSON object: language to name. */
static struct notice_name_list names_of(struct reading *r, struct span json)
{
    json_t *object = json_loadb(json.at, json.n, 0, NULL);
    struct notice_name *names = ARENA_ARRAY(r->arena, struct notice_name, json_object_size(object));
    struct notice_name_list list = { names, 0 };
    const char *language;
    json_t *name;

    json_object_foreach (object, language, name) {
        if (json_string_length(name) > 0)
            names[list.n++] = (struct notice_name){
                arena_copy(r->arena, span_of(language)),
                arena_copy(r->arena,
                           (struct span){ json_string_value(name), json_string_length(name) }),
            };
    }
    json_decref(object);
    return list;
}

/* Finds what a kind is called, and whether it is secret; one that was never declared has no names
 * and is not. */
static bool read_kind(struct reading *r, bool of_event, struct span kind,
                      struct notice_name_list *ret_names, bool *io_secret)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(r->db, r->err, SQL("SELECT names, secret FROM kind WHERE of = $1 AND name = $2"),
                 db_int(of_event), db_text(kind));

    if (rows == NULL)
        return false;
    if (db_next(rows)) {
        *ret_names = names_of(r, db_column_text(rows, 0));
        *io_secret = *io_secret || db_column_int(rows, 1) != 0;
    }
    return db_rows_finish(&rows, r->err);
}

static bool read_event_kinds(struct reading *r)
{
    for (size_t i = 0; i < r->event_count; i++) {
        struct notice_event *event = &r->events[i];
        size_t same = 0;

        while (same < i && !span_equal(r->events[same].kind, event->kind))
            same++;
        if (same < i) {
            event->kind_names = r->events[same].kind_names;
            event->secret = r->events[same].secret;
        } else if (!read_kind(r, true, event->kind, &event->kind_names, &event->secret))
            return false;
    }
    return true;
}

static bool read_topic(struct reading *r, struct notice_topic *topic)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        r->db, r->err, SQL("SELECT key, kind, title, url, label, secret FROM topic WHERE id = $1"),
        db_int(topic->id));

    if (rows == NULL)
        return false;
    if (db_next(rows)) {
        topic->key = column_copy(r, rows, 0);
        topic->kind = column_copy(r, rows, 1);
        topic->title = column_copy(r, rows, 2);
        topic->url = column_copy(r, rows, 3);
        topic->label = label_number(r, db_column_text(rows, 4));
        topic->secret = db_column_int(rows, 5) != 0;
    }
    return db_rows_finish(&rows, r->err) &&
           read_kind(r, false, topic->kind, &topic->kind_names, &topic->secret);
}

static bool read_topics(struct reading *r)
{
    for (size_t i = 0; i < r->topic_count; i++)
        if (!read_topic(r, &r->topics[i]))
            return false;
    return true;
}

/* The farthest secret topic that the event concerns hides all that are nearer; whether there is
 * one. */
static bool hide_scopes(struct reading *r, const struct notice_event *event)
{
    int distance = -1;

    for (size_t i = 0; i < event->scope_count; i++)
        if (r->topics[event->scopes[i].topic].secret)
            distance = event->scopes[i].distance;
    for (size_t i = 0; i < event->scope_count; i++)
        if (event->scopes[i].distance <= distance)
            r->topics[event->scopes[i].topic].secret = true;
    return distance >= 0;
}

/* What lies in a secret topic is secret with it: the event, its thread, the topics between. */
static void keep_secrets(struct reading *r, size_t thread)
{
    for (size_t i = 0; i < r->event_count; i++)
        if (hide_scopes(r, &r->events[i]))
            r->topics[thread].secret = r->events[i].secret = true;
    for (size_t i = 0; i < r->event_count; i++)
        r->events[i].secret = r->events[i].secret || r->topics[thread].secret;
    for (size_t i = 0; i < r->topic_count; i++)
        if (r->topics[i].secret)
            r->topics[i].title = SPAN("");
}

bool content_read_thread(struct db *db, struct arena *arena,
                         const struct content_delivery *delivery, struct notice_thread *ret_thread,
                         struct error *err)
{
    struct reading r = { .db = db, .arena = arena, .range = delivery, .err = err };
    size_t topic = topic_number(&r, delivery->thread);
    size_t left_out = 0;

    if (!read_events(&r) || !count_left_out(&r, &left_out) ||
        (r.event_count > 0 && (!read_scopes_and_changes(&r) || !read_attachments(&r))) ||
        !read_event_kinds(&r) || !read_topics(&r))
        return error_wrap(err, "reading thread %lld", (long long)delivery->thread);
    keep_secrets(&r, topic);
    *ret_thread = (struct notice_thread){
        .topics = r.topics,
        .topic_count = r.topic_count,
        .topic = topic,
        .events = r.events,
        .event_count = r.event_count,
        .left_out = left_out,
        .labels = r.labels,
        .label_count = r.label_count,
    };
    return true;
}
