/*
 * Rows of topic and topic_parent. Ancestors are walked here, in steps of one small query, so that
 * the same walk serves events, explanations and the search for cycles.
 */
#include "store/topic.h"

#include <assert.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/db.h"
#include "store/epoch.h"
#include "store/kind.h"
#include "store/review.h"

bool topic_find(struct db *db, struct span key, int64_t *ret_id, struct error *err)
{
    int64_t id = 0;
    bool found;

    if (!db_find_int(db, err, &found, &id, SQL("SELECT id FROM topic WHERE key = $1"),
                     db_text(key)))
        return error_wrap(err, "looking for topic \"%.*s\"", SPAN_ARGS(span_first(key, 100)));
    *ret_id = found ? id : 0;
    return true;
}

bool topic_need(struct db *db, struct span key, int64_t *ret_id, struct error *err)
{
    int64_t id;

    if (!topic_find(db, key, &id, err))
        return false;
    if (id == 0)
        return error_set(err, ERROR_NOT_FOUND, "there is no topic \"%.*s\"",
                         SPAN_ARGS(span_first(key, 100)));
    *ret_id = id;
    return true;
}

#define TOPIC_COLUMNS                                                                              \
    "t.id, t.key, t.kind, t.title, t.url, t.label, t.watch_version, t.made_at, "                   \
    "t.new_mode, t.secret"

static void read_row(struct db_rows *rows, struct arena *arena, struct topic *topic)
{
    *topic = (struct topic){
        .id = db_column_int(rows, 0),
        .key = db_column_copy(rows, 1, arena),
        .kind = db_column_copy(rows, 2, arena),
        .title = db_column_copy(rows, 3, arena),
        .url = db_column_copy(rows, 4, arena),
        .label = db_column_copy(rows, 5, arena),
        .watch_version = db_column_int(rows, 6),
        .made_at = db_column_int(rows, 7),
        .has_new_mode = !db_column_is_null(rows, 8),
        .new_mode = (enum watch_mode)db_column_int(rows, 8),
        .secret = db_column_int(rows, 9) != 0,
    };
}

bool topic_load(struct db *db, struct arena *arena, int64_t id, struct topic *ret_topic,
                struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT " TOPIC_COLUMNS " FROM topic t WHERE t.id = $1"), db_int(id));
    bool found;

    if (rows == NULL)
        return false;
    found = db_next(rows);
    if (found)
        read_row(rows, arena, ret_topic);
    if (!db_rows_finish(&rows, err))
        return false;
    return found || error_set(err, ERROR_NOT_FOUND, "there is no topic #%lld", (long long)id);
}

bool topic_key(struct db *db, struct arena *arena, int64_t id, struct span *ret_key,
               struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT key FROM topic WHERE id = $1"), db_int(id));
    struct span key = SPAN("?");

    if (rows == NULL)
        return false;
    if (db_next(rows))
        key = arena_copy(arena, db_column_text(rows, 0));
    *ret_key = key;
    return db_rows_finish(&rows, err);
}

static bool insert(struct db *db, struct topic *topic, int64_t now_ms, struct error *err)
{
    if (!db_next_id(db, "topic", &topic->id, err))
        return false;
    topic->made_at = now_ms;
    topic->watch_version = 0;
    return db_run(db, err,
                  SQL("INSERT INTO topic (id, key, kind, title, url, label, made_at, new_mode, "
                      "secret) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"),
                  db_int(topic->id), db_text(topic->key), db_text(topic->kind),
                  db_text(topic->title), db_text(topic->url), db_text(topic->label), db_int(now_ms),
                  db_int_or_null(topic->has_new_mode, topic->new_mode), db_int(topic->secret));
}

/* What a letter may say and who may read it hang on the label and on whether it is secret. */
static bool note_sight(struct db *db, const struct topic *topic, struct error *err)
{
    bool changes;
    int64_t one;

    if (!db_find_int(db, err, &changes, &one,
                     SQL("SELECT 1 FROM topic WHERE id = $1 "
                         "AND (label IS DISTINCT FROM $2 OR secret <> $3)"),
                     db_int(topic->id), db_text(topic->label), db_int(topic->secret)))
        return false;
    return !changes || (epoch_grow(db, EPOCH_CONTENT, err) && epoch_grow(db, EPOCH_AUDIENCE, err) &&
                        review_ask(db, REVIEW_TOPIC, topic->id, err));
}

bool topic_save(struct db *db, struct topic *topic, int64_t now_ms, struct error *err)
{
    if (topic->id == 0)
        return insert(db, topic, now_ms, err);
    return note_sight(db, topic, err) &&
           db_run(db, err,
                  SQL("UPDATE topic SET kind = $2, title = $3, url = $4, label = $5, "
                      "new_mode = $6, secret = $7 WHERE id = $1"),
                  db_int(topic->id), db_text(topic->kind), db_text(topic->title),
                  db_text(topic->url), db_text(topic->label),
                  db_int_or_null(topic->has_new_mode, topic->new_mode), db_int(topic->secret));
}

bool topic_page(struct db *db, struct arena *arena, int64_t parent, struct page page,
                struct topic_list *ret_topics, struct error *err)
{
    static const char *const all =
        SQL("SELECT " TOPIC_COLUMNS " FROM topic t WHERE t.id > $1 ORDER BY t.id LIMIT $2");
    static const char *const children =
        SQL("SELECT " TOPIC_COLUMNS " FROM topic_parent p JOIN topic t ON t.id = p.child "
            "WHERE p.child > $1 AND p.parent = $3 ORDER BY p.child LIMIT $2");
    struct db_value after = db_int(page.after);
    struct db_value limit = db_int((int64_t)page.limit);
    struct topic_list topics = { ARENA_ARRAY(arena, struct topic, page.limit), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        parent == 0 ? db_query_values(db, all, DB_VALUES(after, limit), err)
                    : db_query_values(db, children, DB_VALUES(after, limit, db_int(parent)), err);

    if (rows == NULL)
        return false;
    while (topics.n < page.limit && db_next(rows))
        read_row(rows, arena, &topics.at[topics.n++]);
    *ret_topics = topics;
    return db_rows_finish(&rows, err);
}

bool topic_parents(struct db *db, int64_t topic, int64_t *ret_ids, size_t *ret_count,
                   struct error *err)
{
    size_t count = 0;
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT parent FROM topic_parent WHERE child = $1 ORDER BY parent"),
                 db_int(topic));

    if (rows == NULL)
        return false;
    while (count < TOPIC_PARENTS_LIMIT && db_next(rows))
        ret_ids[count++] = db_column_int(rows, 0);
    *ret_count = count;
    return db_rows_finish(&rows, err);
}

/* Adds the parents of the entry at `place`, one step farther away. */
static bool expand_one(struct db *db, struct scope_list *list, struct scope from, struct error *err)
{
    int64_t parents[TOPIC_PARENTS_LIMIT];
    size_t count;

    if (!topic_parents(db, from.topic, parents, &count, err))
        return false;
    if (count > 0 && from.distance == SCOPE_DISTANCE_LIMIT)
        return error_set(err, ERROR_LIMIT, "a chain of parents is longer than %d",
                         SCOPE_DISTANCE_LIMIT);
    for (size_t i = 0; i < count; i++)
        if (!scope_list_add(list, parents[i], from.distance + 1, err))
            return false;
    return true;
}

/* By rising distance: when an entry is expanded, its own distance is final. */
/* What stands for every topic of its kind is as far as a parent. */
static bool add_every(struct db *db, struct scope_list *list, struct scope from, struct error *err)
{
    int64_t every;
    bool found;

    if (!db_find_int(db, err, &found, &every,
                     SQL("SELECT e.id FROM topic t JOIN topic e ON e.key = t.kind || '/*' "
                         "WHERE t.id = $1 AND e.id <> t.id"),
                     db_int(from.topic)))
        return false;
    return !found || scope_list_add(list, every,
                                    from.distance < SCOPE_DISTANCE_LIMIT ? from.distance + 1
                                                                         : SCOPE_DISTANCE_LIMIT,
                                    err);
}

bool topic_expand(struct db *db, struct scope_list *list, struct error *err)
{
    for (int distance = 0; distance <= SCOPE_DISTANCE_LIMIT; distance++)
        for (size_t i = 0; i < list->n; i++)
            if (list->at[i].distance == distance && !expand_one(db, list, list->at[i], err))
                return false;
    for (size_t i = 0, n = list->n; i < n; i++)
        if (!add_every(db, list, list->at[i], err))
            return false;
    scope_list_sort(list);
    return true;
}

/* The way up from one topic to another: found depth first, each ancestor being looked at once. */
struct way {
    int64_t topics[SCOPE_DISTANCE_LIMIT + 2];
    size_t n;
    struct scope_list seen;
};

static bool find_way(struct db *db, struct way *way, int64_t from, int64_t to, bool *ret_found,
                     struct error *err)
{
    int64_t parents[TOPIC_PARENTS_LIMIT];
    size_t count;

    *ret_found = from == to;
    if (way->n == SCOPE_DISTANCE_LIMIT + 2)
        return error_set(err, ERROR_LIMIT, "a chain of parents would be longer than %d",
                         SCOPE_DISTANCE_LIMIT);
    way->topics[way->n++] = from;
    if (*ret_found)
        return true;
    if (!scope_list_add(&way->seen, from, 0, err) || !topic_parents(db, from, parents, &count, err))
        return false;
    for (size_t i = 0; i < count && !*ret_found; i++)
        if (scope_list_find(&way->seen, parents[i]) == NULL &&
            !find_way(db, way, parents[i], to, ret_found, err))
            return false;
    if (!*ret_found)
        way->n--;
    return true;
}

static bool refuse_cycle(struct db *db, const struct way *way, int64_t child, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    CLEANUP(buf_fini) struct buf path;
    struct span key;

    arena_init(&arena);
    buf_init(&path, 450);
    if (!topic_key(db, &arena, child, &key, err))
        return false;
    buf_put(&path, key);
    for (size_t i = 0; i < way->n; i++) {
        if (!topic_key(db, &arena, way->topics[i], &key, err))
            return false;
        buf_printf(&path, " in %.*s", SPAN_ARGS(key));
    }
    return error_set(err, ERROR_CONFLICT, "parents would form a cycle: %s", buf_text(&path));
}

static bool refuse_ancestor(struct db *db, int64_t child, int64_t parent, struct error *err)
{
    struct way way = { .n = 0 };
    bool found;

    if (!find_way(db, &way, parent, child, &found, err))
        return false;
    return !found || refuse_cycle(db, &way, child, err);
}

bool topic_set_parents(struct db *db, int64_t topic, const int64_t *parents, size_t count,
                       struct error *err)
{
    struct scope_list above = { .n = 0 };

    assert(count <= TOPIC_PARENTS_LIMIT);
    if (!db_run(db, err, SQL("DELETE FROM topic_parent WHERE child = $1"), db_int(topic)))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!refuse_ancestor(db, topic, parents[i], err) ||
            !db_run(db, err,
                    SQL("INSERT INTO topic_parent (child, parent) VALUES ($1, $2) "
                        "ON CONFLICT (child, parent) DO NOTHING"),
                    db_int(topic), db_int(parents[i])))
            return false;
    return scope_list_add(&above, topic, 0, err) && topic_expand(db, &above, err);
}

/* What a topic has, named and counted in `text`, which stays empty when nobody will miss it. */
static bool count_ties(struct db *db, int64_t topic, struct buf *text, struct error *err)
{
    static const struct {
        const char *what;
        const char *sql;
    } ties[] = {
        { "events", SQL("SELECT count(*) FROM event_scope WHERE topic = $1") },
        { "events in its thread", SQL("SELECT count(*) FROM event WHERE thread = $1") },
        { "watchers", SQL("SELECT count(*) FROM watch WHERE topic = $1") },
        { "topics in it", SQL("SELECT count(*) FROM topic_parent WHERE parent = $1") },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(ties); i++) {
        bool found;
        int64_t count = 0;

        if (!db_find_int_values(db, ties[i].sql, DB_VALUES(db_int(topic)), &found, &count, err))
            return false;
        if (count > 0)
            buf_printf(text, "%s%s (%lld)", text->n > 0 ? ", " : "", ties[i].what,
                       (long long)count);
    }
    return true;
}

bool topic_remove(struct db *db, int64_t topic, struct error *err)
{
    CLEANUP(buf_fini) struct buf ties;

    buf_init(&ties, 300);
    if (!count_ties(db, topic, &ties, err))
        return false;
    if (ties.n > 0)
        return error_set(err, ERROR_CONFLICT, "it has %s", buf_text(&ties));
    return db_run(db, err, SQL("DELETE FROM topic_parent WHERE child = $1"), db_int(topic)) &&
           db_run(db, err, SQL("DELETE FROM topic WHERE id = $1"), db_int(topic));
}

bool topic_let_go(struct db *db, int64_t topic, struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM topic_parent WHERE parent = $1"), db_int(topic));
}

bool topic_is_secret(struct db *db, int64_t id, bool *ret_secret, struct error *err)
{
    struct scope_list around = { .n = 0 };
    int64_t one = 0;
    bool secret = false;

    if (!scope_list_add(&around, id, 0, err) || !topic_expand(db, &around, err))
        return false;
    for (size_t i = 0; i < around.n && !secret; i++)
        if (!db_find_int(db, err, &secret, &one,
                         SQL("SELECT 1 FROM topic t LEFT JOIN kind k ON k.of = $2 "
                             "AND k.name = t.kind WHERE t.id = $1 "
                             "AND (t.secret <> 0 OR k.secret <> 0)"),
                         db_int(around.at[i].topic), db_int(KIND_OF_TOPIC)))
            return false;
    *ret_secret = secret;
    return true;
}
