/*
 * Looking at the ledger. Lists walk an index backwards by id; nothing is counted here.
 */
#include "services/inquiry/mail.h"

#include "base/cleanup.h"
#include "base/encodings.h"
#include "domain/delivery.h"
#include "protocol/mail/address.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "store/db.h"
#include "store/delivery.h"

enum { SCAN_LIMIT = 20000 }; /* rows looked at for one page of a filter without an index */

static bool put_counters(struct db *db, json_t *streams, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query_plain(db,
                       SQL("SELECT key, state, sum(n) FROM counter WHERE scope = 'stream' "
                           "GROUP BY key, state HAVING sum(n) <> 0 ORDER BY key, state"),
                       err);

    if (rows == NULL)
        return false;
    while (db_next(rows)) {
        struct span key = db_column_text(rows, 0);
        char stream[64];
        char state[64];
        json_t *object;

        (void)snprintf(stream, sizeof(stream), "%.*s", SPAN_ARGS(key));
        (void)snprintf(state, sizeof(state), "%.*s", SPAN_ARGS(db_column_text(rows, 1)));
        object = json_object_get(streams, stream);
        if (object == NULL) {
            object = json_object();
            answer_take(streams, stream, object);
        }
        answer_number(object, state, db_column_int(rows, 2));
    }
    return db_rows_finish(&rows, err);
}

bool mail_queue(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    json_t *streams = json_object();
    json_t *list = json_array();
    const char *name;
    json_t *object;

    if (!request_allow(request, "", err) || !put_counters(db, streams, err)) {
        json_decref(streams);
        json_decref(list);
        return false;
    }
    json_object_foreach (streams, name, object) {
        answer_string(object, "stream", name);
        (void)json_array_append(list, object);
    }
    json_decref(streams);
    *ret_answer = json_object();
    answer_take(*ret_answer, "streams", list);
    return true;
}

/* What deliveries are asked for. */
struct filter {
    struct span normal; /* of an address; at == NULL: any */
    int64_t person;     /* 0: any */
    struct span message_id;
    bool has_state;
    enum delivery_state state;
    int64_t since;
    int64_t before;
    size_t limit;
};

static bool read_to(struct db *db, const struct request *request, struct arena *arena,
                    struct filter *filter, struct error *err)
{
    CLEANUP(buf_fini) struct buf normal;
    struct span to;
    struct address address;

    buf_init(&normal, 2 * ADDRESS_MOST);
    if (!request_text(request, "to", &to, err) || to.at == NULL)
        return to.at == NULL;
    if (span_index(to, '@') == to.n)
        return request_person(db, request, "to", &filter->person, err);
    if (!address_parse(to, &address, err))
        return error_wrap(err, "to");
    address_put(&normal, &address);
    filter->normal = arena_copy(arena, buf_view(&normal));
    return true;
}

static bool read_state(const struct request *request, struct filter *filter, struct error *err)
{
    struct span name;

    if (!request_text(request, "state", &name, err))
        return false;
    filter->has_state = name.at != NULL;
    if (filter->has_state && !delivery_state_find(name, &filter->state))
        return error_set(err, ERROR_INVALID, "state: there is no state \"%.*s\"",
                         SPAN_ARGS(span_first(name, 40)));
    return true;
}

/* A message id may come in its angle brackets. */
static bool read_message_id(const struct request *request, struct filter *filter, struct error *err)
{
    struct span id;

    if (!request_text(request, "message_id", &id, err))
        return false;
    if (span_starts(id, SPAN("<")) && span_ends(id, SPAN(">")))
        id = span_rest(span_first(id, id.n - 1), 1);
    filter->message_id = id;
    return true;
}

static bool read_filter(struct db *db, const struct request *request, struct arena *arena,
                        struct filter *filter, struct error *err)
{
    return request_allow(request, "to message_id state since before limit", err) &&
           read_to(db, request, arena, filter, err) && read_state(request, filter, err) &&
           read_message_id(request, filter, err) &&
           request_moment(request, "since", &filter->since, err) &&
           request_integer(request, "before", 1, INT64_MAX, INT64_MAX, &filter->before, err) &&
           request_page(request, &filter->limit, err);
}

/* The narrowest index decides which rows are looked at; the rest is compared row by row. */
static struct db_rows *open_rows(struct db *db, const struct filter *f, struct error *err)
{
    if (f->normal.at != NULL)
        return db_query(db, err,
                        SQL("SELECT id FROM delivery WHERE normal = $1 AND id < $2 "
                            "ORDER BY id DESC LIMIT $3"),
                        db_text(f->normal), db_int(f->before), db_int(SCAN_LIMIT));
    if (f->person != 0)
        return db_query(db, err,
                        SQL("SELECT id FROM delivery WHERE person = $1 AND id < $2 "
                            "ORDER BY id DESC LIMIT $3"),
                        db_int(f->person), db_int(f->before), db_int(SCAN_LIMIT));
    return db_query(db, err, SQL("SELECT id FROM delivery WHERE id < $1 ORDER BY id DESC LIMIT $2"),
                    db_int(f->before), db_int(SCAN_LIMIT));
}

static bool fits(const struct filter *f, const struct delivery_row *row)
{
    return (!f->has_state || row->state == f->state) && row->made_at >= f->since &&
           (f->message_id.at == NULL || span_equal(f->message_id, span_of(row->message_id)));
}

static void describe(json_t *object, const struct delivery_row *row)
{
    answer_number(object, "delivery", row->id);
    answer_string(object, "stream", stream_name(row->stream));
    answer_string(object, "to", row->address);
    answer_string(object, "state", delivery_state_name(row->state));
    answer_number(object, "attempts", row->attempts);
    if (row->reason[0] != '\0')
        answer_string(object, "reason", row->reason);
    if (row->text[0] != '\0')
        answer_string(object, "text", row->text);
    answer_moment(object, "made", row->made_at);
    answer_moment(object, "first_due", row->first_due);
    if (!delivery_state_final(row->state))
        answer_moment(object, "due", row->due_at);
    answer_moment(object, "deadline", row->deadline);
    answer_moment(object, "ended", row->ended_at);
    answer_string(object, "message_id", row->message_id);
}

bool mail_deliveries(struct db *db, const struct request *request, json_t **ret_answer,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    CLEANUP(db_rows_end) struct db_rows *rows = NULL;
    struct filter filter = { 0 };
    json_t *list;
    int64_t last = 0;
    bool ok = true;

    arena_init(&arena);
    if (!read_filter(db, request, &arena, &filter, err))
        return false;
    rows = open_rows(db, &filter, err);
    if (rows == NULL)
        return false;
    list = json_array();
    while (ok && json_array_size(list) < filter.limit && db_next(rows)) {
        struct delivery_row row;
        bool found = false;

        last = db_column_int(rows, 0);
        ok = delivery_load(db, last, &row, &found, err);
        if (ok && found && fits(&filter, &row)) {
            json_t *object = json_object();

            describe(object, &row);
            (void)json_array_append_new(list, object);
        }
    }
    if (!ok || !db_rows_finish(&rows, err)) {
        json_decref(list);
        return false;
    }
    *ret_answer = json_object();
    if (json_array_size(list) == filter.limit)
        answer_number(*ret_answer, "next", last);
    answer_take(*ret_answer, "deliveries", list);
    return true;
}

static void put_hex(json_t *object, const char *name, struct span bytes)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 1000);
    hex_put(&text, bytes);
    answer_string(object, name, buf_text(&text));
}

static json_t *intent_json(struct db_rows *rows)
{
    json_t *object = json_object();

    answer_number(object, "intent", db_column_int(rows, 0));
    answer_moment(object, "at", db_column_int(rows, 1));
    answer_text(object, "mail_from", db_column_text(rows, 2));
    answer_text(object, "from", db_column_text(rows, 3));
    answer_text(object, "subject", db_column_text(rows, 4));
    answer_moment(object, "date", db_column_int(rows, 5));
    answer_number(object, "size", db_column_int(rows, 6));
    put_hex(object, "sha256", db_column_blob(rows, 7));
    if (!db_column_is_null(rows, 8))
        answer_number(object, "template_revision", db_column_int(rows, 8));
    return object;
}

static json_t *attempt_json(struct db_rows *rows)
{
    static const char *const names[] = { "host", "ip", "source", "tls", "stage", "status", "text" };
    json_t *object = json_object();

    answer_number(object, "attempt", db_column_int(rows, 0));
    answer_moment(object, "at", db_column_int(rows, 1));
    for (int i = 0; i < (int)ARRAY_LENGTH(names); i++)
        answer_text(object, names[i], db_column_text(rows, 2 + i));
    if (!db_column_is_null(rows, 9))
        answer_number(object, "code", db_column_int(rows, 9));
    answer_number(object, "ms", db_column_int(rows, 10));
    answer_string(object, "outcome",
                  delivery_state_name((enum delivery_state)db_column_int(rows, 11)));
    answer_string(object, "said_by", db_column_int(rows, 12) != 0 ? "postroom" : "server");
    if (!db_column_is_null(rows, 13))
        answer_number(object, "intent", db_column_int(rows, 13));
    return object;
}

/* An array of what `make` makes of each row. */
static bool collect(struct db_rows *rows, json_t *(*make)(struct db_rows *rows), json_t *array,
                    struct error *err)
{
    if (rows == NULL)
        return false;
    while (db_next(rows))
        (void)json_array_append_new(array, make(rows));
    return db_rows_finish(&rows, err);
}

static bool put_history(struct db *db, json_t *answer, int64_t delivery, struct error *err)
{
    json_t *intents = json_array();
    json_t *attempts = json_array();

    answer_take(answer, "intents", intents);
    answer_take(answer, "tries", attempts);
    return collect(db_query(db, err,
                            SQL("SELECT id, at, mail_from, sender, subject, date, size, digest, "
                                "template FROM intent WHERE delivery = $1 ORDER BY id"),
                            db_int(delivery)),
                   intent_json, intents, err) &&
           collect(db_query(db, err,
                            SQL("SELECT id, at, host, ip, source, tls, stage, status, text, code, "
                                "ms, outcome, local, intent FROM attempt WHERE delivery = $1 "
                                "ORDER BY id"),
                            db_int(delivery)),
                   attempt_json, attempts, err);
}

bool mail_trace(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    struct delivery_row row;
    int64_t id;
    bool found;
    json_t *answer;

    if (!request_allow(request, "delivery", err) ||
        !request_integer(request, "delivery", 1, INT64_MAX, 0, &id, err) ||
        !delivery_load(db, id, &row, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "there is no delivery %lld", (long long)id);
    answer = json_object();
    describe(answer, &row);
    if (!put_history(db, answer, id, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
