/*
 * One row at a time, each within a savepoint: what another program allowed need not be good here.
 */
#include "services/directory/moving.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "services/request/topic_wish.h"
#include "services/request/watch_wish.h"
#include "store/db.h"
#include "store/person.h"
#include "store/topic.h"
#include "store/watch.h"

enum row_end { ROW_MADE, ROW_CHANGED, ROW_KEPT, ROW_ENDS };

struct moving {
    struct db *db;
    const struct request *request;
    struct arena arena; /* of the row */
    bool is_check;
    char cause[40];   /* for the log of watches */
    struct error why; /* the row is refused */
    int64_t counts[ROW_ENDS];
    json_t *notes;
    json_t *refused;
};

typedef bool take_row(struct moving *m, const struct request *row, bool is_coming,
                      enum row_end *ret_end, struct error *err);

static void tell(json_t *list, const char *place, const char *text)
{
    (void)json_array_append_new(list, json_pack("{s:s, s:s}", "place", place, "text", text));
}

static bool load_or_new(struct moving *m, int64_t id, struct person *person, struct error *err)
{
    *person = (struct person){ .id = 0 };
    return id == 0 || person_load(m->db, &m->arena, id, person, err);
}

/* Whose row it is: a person of that key stays; one of that address who has no key gets it. */
static bool find_person(struct moving *m, const struct person_wish *wish, struct person *person,
                        bool *ret_is_known, struct error *err)
{
    struct person_reference reference;
    int64_t id;

    if (!person_reference_read(wish->key, &reference, err) ||
        !person_find(m->db, &reference, &id, err))
        return error_wrap(err, "key");
    *ret_is_known = id != 0;
    if (id == 0 && wish->address_count > 0 &&
        !person_sole_with_address(m->db, wish->addresses[0].normal, &id, err))
        return false;
    if (!load_or_new(m, id, person, err))
        return false;
    if (id != 0 && !*ret_is_known && person->key.n > 0)
        *person = (struct person){ .id = 0 }; /* two may share an address */
    return true;
}

static bool take_person(struct moving *m, const struct request *row, bool is_coming,
                        enum row_end *ret_end, struct error *err)
{
    struct person_wish wish;
    struct person person;
    bool is_known;

    (void)is_coming;
    if (!request_allow(row, PERSON_WISH_FIELDS, err) ||
        !person_wish_read(row, &m->arena, &wish, err) ||
        !find_person(m, &wish, &person, &is_known, err))
        return false;
    *ret_end = is_known ? ROW_KEPT : person.id != 0 ? ROW_CHANGED : ROW_MADE;
    return is_known || m->is_check ||
           person_wish_apply(m->db, &wish, &person, m->request->now_ms, err);
}

static bool take_topic(struct moving *m, const struct request *row, bool is_coming,
                       enum row_end *ret_end, struct error *err)
{
    struct topic_wish wish;
    struct topic_done done;
    int64_t id;

    (void)is_coming;
    if (!request_allow(row, TOPIC_WISH_FIELDS, err) ||
        !topic_wish_read(row, &m->arena, &wish, err) || !topic_find(m->db, wish.key, &id, err))
        return false;
    *ret_end = id != 0 ? ROW_KEPT : ROW_MADE;
    return id != 0 || m->is_check ||
           topic_wish_apply(m->db, &wish, false, m->request->now_ms, &done, err);
}

static bool find_watcher(struct moving *m, const struct watch_wish *wish, int64_t *ret_who,
                         struct error *err)
{
    bool made;

    if (!m->is_check && wish->person.has_address)
        return person_ensure(m->db, &wish->person, m->request->now_ms, ret_who, &made, err);
    return person_find(m->db, &wish->person, ret_who, err) &&
           (*ret_who != 0 || wish->person.has_address ||
            error_set(err, ERROR_NOT_FOUND, "\"%.*s\" is nobody we know, and no address",
                      SPAN_ARGS(wish->person.text)));
}

static bool set_watch(struct moving *m, struct watch_wish *wish, struct error *err)
{
    struct topic_done topic;
    enum watch_change change;

    if (!topic_ensure(m->db, wish->topic, false, m->request->now_ms, &topic, err))
        return false;
    wish->watch.topic = topic.id;
    return watch_set(m->db, &wish->watch, m->cause, m->request->now_ms, &change, err);
}

static bool take_watch(struct moving *m, const struct request *row, bool is_coming,
                       enum row_end *ret_end, struct error *err)
{
    struct watch_wish wish;
    struct watch old;
    int64_t topic;
    bool found = false;

    if (!request_allow(row, WATCH_WISH_FIELDS, err) || !watch_wish_read(row, &m->arena, &wish, err))
        return false;
    wish.watch.kinds = WATCH_ALL_KINDS;
    wish.watch.who = 0;
    if (!(m->is_check && is_coming) && !find_watcher(m, &wish, &wish.watch.who, err))
        return false;
    if (!topic_find(m->db, wish.topic, &topic, err) ||
        (topic != 0 && wish.watch.who != 0 &&
         !watch_find(m->db, topic, wish.watch.who, &old, &found, err)))
        return false;
    *ret_end = found ? ROW_KEPT : ROW_MADE;
    return found || m->is_check || set_watch(m, &wish, err);
}

static take_row *find_part(struct span name)
{
    static const struct {
        const char *name;
        take_row *take;
    } parts[] = { { "people", take_person }, { "topics", take_topic }, { "watches", take_watch } };

    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
        if (span_equal(name, span_of(parts[i].name)))
            return parts[i].take;
    return NULL;
}

static bool begin_row(struct moving *m, struct error *err)
{
    arena_reset(&m->arena);
    return m->is_check || db_savepoint(m->db, err);
}

static bool end_row(struct moving *m, bool ok, struct error *err)
{
    if (m->is_check)
        return true;
    return ok ? db_release(m->db, err) : db_rollback_to_savepoint(m->db, err);
}

/* What is wrong with the row, against what is wrong with us. */
static bool is_refusal(const struct error *err)
{
    return err->kind == ERROR_INVALID || err->kind == ERROR_NOT_FOUND ||
           err->kind == ERROR_CONFLICT || err->kind == ERROR_LIMIT;
}

/* *ret_ok: it is taken, and counted; else m->why says why not. */
static bool try_row(struct moving *m, take_row *take, json_t *item, bool *ret_ok, struct error *err)
{
    struct request row = request_part(m->request, json_object_get(item, "row"));
    bool is_coming = json_is_true(json_object_get(item, "coming"));
    enum row_end end;

    if (!begin_row(m, err))
        return false;
    *ret_ok = take(m, &row, is_coming, &end, &m->why);
    if (*ret_ok)
        m->counts[end]++;
    else if (!is_refusal(&m->why)) {
        *err = m->why;
        return false;
    }
    return end_row(m, *ret_ok, err);
}

/* Zones and languages that we do not know are let go: the person matters more. */
static bool drop_niceties(json_t *args)
{
    size_t before = json_object_size(args);

    (void)json_object_del(args, "timezone");
    (void)json_object_del(args, "language");
    return json_object_size(args) < before;
}

static bool take_one(struct moving *m, take_row *take, json_t *item, struct error *err)
{
    const char *place = json_string_value(json_object_get(item, "place"));
    json_t *args = json_object_get(item, "row");
    struct error first;
    bool ok;

    if (place == NULL || !json_is_object(args))
        return error_set(err, ERROR_INVALID, "rows: each has a \"place\" and a \"row\"");
    if (!try_row(m, take, item, &ok, err))
        return false;
    if (!ok && take == take_person && drop_niceties(args)) {
        first = m->why;
        if (!try_row(m, take, item, &ok, err))
            return false;
        if (ok)
            tell(m->notes, place, first.text);
    }
    if (!ok)
        tell(m->refused, place, m->why.text);
    return true;
}

static bool take_all(struct moving *m, json_t *rows, take_row *take, struct error *err)
{
    size_t index;
    json_t *item;

    json_array_foreach (rows, index, item)
        if (!take_one(m, take, item, err))
            return false;
    return true;
}

static bool run(struct moving *m, json_t **ret_answer, struct error *err)
{
    json_t *rows = json_object_get(m->request->args, "rows");
    struct span part;
    struct span from;
    take_row *take;

    if (!request_allow(m->request, "part from rows", err) ||
        !request_need_text(m->request, "part", &part, err) ||
        !request_need_text(m->request, "from", &from, err))
        return false;
    take = find_part(part);
    if (take == NULL)
        return error_set(err, ERROR_INVALID, "part: people, topics or watches");
    if (!json_is_array(rows) || json_array_size(rows) > MOVING_ROWS_LIMIT)
        return error_set(err, ERROR_INVALID, "rows: at most %d", MOVING_ROWS_LIMIT);
    (void)snprintf(m->cause, sizeof m->cause, "import %.*s", (int)(from.n < 20 ? from.n : 20),
                   from.at);
    if (!take_all(m, rows, take, err))
        return false;
    *ret_answer =
        json_pack("{s:I, s:I, s:I, s:O, s:O}", "made", (json_int_t)m->counts[ROW_MADE], "changed",
                  (json_int_t)m->counts[ROW_CHANGED], "kept", (json_int_t)m->counts[ROW_KEPT],
                  "notes", m->notes, "refused", m->refused);
    return true;
}

static bool move(struct db *db, const struct request *request, bool is_check, json_t **ret_answer,
                 struct error *err)
{
    struct moving m = { .db = db,
                        .request = request,
                        .is_check = is_check,
                        .notes = json_array(),
                        .refused = json_array() };
    bool ok;

    arena_init(&m.arena);
    ok = run(&m, ret_answer, err);
    arena_fini(&m.arena);
    json_decref(m.notes);
    json_decref(m.refused);
    return ok;
}

bool moving_take(struct db *db, const struct request *request, json_t **ret_answer,
                 struct error *err)
{
    return move(db, request, false, ret_answer, err);
}

bool moving_check(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    return move(db, request, true, ret_answer, err);
}
