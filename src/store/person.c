/*
 * Rows of person and person_address. Whether mail may go to an address is reach's affair.
 */
#include "store/person.h"

#include <assert.h>

#include "base/cleanup.h"
#include "domain/watching.h"
#include "store/db.h"
#include "store/epoch.h"
#include "store/erased.h"
#include "store/named_list.h"
#include "store/review.h"
#include "store/webhook.h"

enum { MATCHES_SHOWN = 8 };

static bool find_by_address(struct db *db, const char *normal, int64_t *ids, size_t *count,
                            struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT DISTINCT person FROM person_address "
                                        "WHERE normal = $1 ORDER BY person LIMIT $2"),
                                    db_string(normal), db_int(MATCHES_SHOWN + 1));

    *count = 0;
    if (rows == NULL)
        return false;
    while (*count <= MATCHES_SHOWN && db_next(rows))
        ids[(*count)++] = db_column_int(rows, 0);
    return db_rows_finish(&rows, err);
}

/* What tells people of one address apart: key or number, and name. */
static bool put_match(struct db *db, struct buf *to, int64_t id, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT key, name FROM person WHERE id = $1"), db_int(id));

    if (rows == NULL)
        return false;
    if (db_next(rows)) {
        if (db_column_is_null(rows, 0))
            buf_printf(to, "#%lld", (long long)id);
        else
            buf_put(to, db_column_text(rows, 0));
        if (!db_column_is_null(rows, 1))
            buf_printf(to, " (%.*s)", SPAN_ARGS(db_column_text(rows, 1)));
    }
    return db_rows_finish(&rows, err);
}

static bool refuse_ambiguous(struct db *db, struct span text, const int64_t *ids, size_t count,
                             struct error *err)
{
    CLEANUP(buf_fini) struct buf names;

    buf_init(&names, 500);
    for (size_t i = 0; i < count && i < MATCHES_SHOWN; i++) {
        if (i > 0)
            buf_put_text(&names, ", ");
        if (!put_match(db, &names, ids[i], err))
            return false;
    }
    return error_set(err, ERROR_CONFLICT, "\"%.*s\" is the address of several people: %s%s",
                     SPAN_ARGS(span_first(text, 100)), buf_text(&names),
                     count > MATCHES_SHOWN ? " and more" : "");
}

static bool find_by_id(struct db *db, int64_t id, int64_t *ret_id, struct error *err)
{
    bool found;
    int64_t known = 0;

    if (!db_find_int(db, err, &found, &known,
                     SQL("SELECT coalesce(merged_into, id) FROM person WHERE id = $1"), db_int(id)))
        return false;
    *ret_id = found ? known : 0;
    return true;
}

bool person_find(struct db *db, const struct person_reference *reference, int64_t *ret_id,
                 struct error *err)
{
    int64_t ids[MATCHES_SHOWN + 1];
    size_t count;
    int64_t id = 0;
    bool found;

    if (reference->id != 0)
        return find_by_id(db, reference->id, ret_id, err);
    if (!db_find_int(db, err, &found, &id,
                     SQL("SELECT coalesce(merged_into, id) FROM person WHERE key = $1"),
                     db_text(reference->text)))
        return false;
    if (found || !reference->has_address) {
        *ret_id = found ? id : 0;
        return true;
    }
    if (!find_by_address(db, reference->address.normal, ids, &count, err))
        return false;
    if (count > 1) {
        (void)refuse_ambiguous(db, reference->text, ids, count, err);
        return false;
    }
    *ret_id = count == 1 ? ids[0] : 0;
    return true;
}

bool person_need(struct db *db, const struct person_reference *reference, int64_t *ret_id,
                 struct error *err)
{
    int64_t id;

    if (!person_find(db, reference, &id, err))
        return false;
    if (id == 0)
        return error_set(err, ERROR_NOT_FOUND, "nobody has the %s \"%.*s\"",
                         reference->id != 0       ? "number"
                         : reference->has_address ? "key or address"
                                                  : "key",
                         SPAN_ARGS(span_first(reference->text, 100)));
    *ret_id = id;
    return true;
}

#define PERSON_COLUMNS                                                                             \
    "id, key, name, languages, timezone, attributes, status, self_notify, version, made_at, "      \
    "quiet_from, quiet_to, auto_watch, merged_into"

static void read_row(struct db_rows *rows, struct arena *arena, struct person *person)
{
    *person = (struct person){
        .id = db_column_int(rows, 0),
        .key = db_column_copy(rows, 1, arena),
        .name = db_column_copy(rows, 2, arena),
        .languages = db_column_copy(rows, 3, arena),
        .timezone = db_column_copy(rows, 4, arena),
        .attributes = db_column_copy(rows, 5, arena),
        .status = (enum person_status)db_column_int(rows, 6),
        .self_notify = db_column_int(rows, 7) != 0,
        .version = db_column_int(rows, 8),
        .made_at = db_column_int(rows, 9),
        .quiet = { (int)db_column_int(rows, 10), (int)db_column_int(rows, 11) },
        .auto_watch = db_column_copy(rows, 12, arena),
        .merged_into = db_column_int(rows, 13),
    };
}

bool person_load(struct db *db, struct arena *arena, int64_t id, struct person *ret_person,
                 struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT " PERSON_COLUMNS " FROM person WHERE id = $1"), db_int(id));
    bool found;

    if (rows == NULL)
        return false;
    found = db_next(rows);
    if (found)
        read_row(rows, arena, ret_person);
    if (!db_rows_finish(&rows, err))
        return false;
    return found || error_set(err, ERROR_NOT_FOUND, "there is no person #%lld", (long long)id);
}

bool person_status_of(struct db *db, int64_t id, enum person_status *ret_status, struct error *err)
{
    int64_t status = 0;
    bool found;

    if (!db_find_int(db, err, &found, &status, SQL("SELECT status FROM person WHERE id = $1"),
                     db_int(id)))
        return false;
    *ret_status = found ? (enum person_status)status : PERSON_INACTIVE;
    return true;
}

bool person_page(struct db *db, struct arena *arena, struct page page,
                 struct person_list *ret_people, struct error *err)
{
    struct person_list people = { ARENA_ARRAY(arena, struct person, page.limit), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err, SQL("SELECT " PERSON_COLUMNS " FROM person WHERE id > $1 ORDER BY id LIMIT $2"),
        db_int(page.after), db_int((int64_t)page.limit));

    if (rows == NULL)
        return false;
    while (people.n < page.limit && db_next(rows))
        read_row(rows, arena, &people.at[people.n++]);
    *ret_people = people;
    return db_rows_finish(&rows, err);
}

static bool refuse_taken_key(struct db *db, const struct person *person, struct error *err)
{
    int64_t other;
    bool found;

    if (!db_find_int(db, err, &found, &other,
                     SQL("SELECT id FROM person WHERE key = $1 AND id <> $2"), db_text(person->key),
                     db_int(person->id)))
        return false;
    return !found || error_set(err, ERROR_CONFLICT, "the key \"%.*s\" is taken by person #%lld",
                               SPAN_ARGS(person->key), (long long)other);
}

static bool is_quiet(const struct person *person)
{
    return person->quiet.from != person->quiet.to;
}

static bool insert(struct db *db, struct person *person, int64_t now_ms, struct error *err)
{
    if (!db_next_id(db, "person", &person->id, err))
        return false;
    person->version = 1;
    person->made_at = now_ms;
    return db_run(db, err,
                  SQL("INSERT INTO person (id, key, name, languages, timezone, attributes, "
                      "status, self_notify, version, made_at, quiet_from, quiet_to, auto_watch) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11, $12)"),
                  db_int(person->id), db_text(person->key), db_text(person->name),
                  db_text(person->languages), db_text(person->timezone),
                  db_text(person->attributes), db_int(person->status), db_int(person->self_notify),
                  db_int(now_ms), db_int_or_null(is_quiet(person), person->quiet.from),
                  db_int_or_null(is_quiet(person), person->quiet.to), db_text(person->auto_watch));
}

bool person_save(struct db *db, struct person *person, int64_t now_ms, struct error *err)
{
    if (person->languages.at == NULL)
        person->languages = SPAN("[]");
    if (person->attributes.at == NULL)
        person->attributes = SPAN("{}");
    if (person->key.at != NULL && !refuse_taken_key(db, person, err))
        return false;
    if (person->id == 0)
        return insert(db, person, now_ms, err);
    return db_run(db, err,
                  SQL("UPDATE person SET key = $2, name = $3, languages = $4, timezone = $5, "
                      "attributes = $6, status = $7, self_notify = $8, quiet_from = $9, "
                      "quiet_to = $10, auto_watch = $11 WHERE id = $1"),
                  db_int(person->id), db_text(person->key), db_text(person->name),
                  db_text(person->languages), db_text(person->timezone),
                  db_text(person->attributes), db_int(person->status), db_int(person->self_notify),
                  db_int_or_null(is_quiet(person), person->quiet.from),
                  db_int_or_null(is_quiet(person), person->quiet.to),
                  db_text(person->auto_watch)) &&
           person_touch(db, person->id, err) &&
           (person->status != PERSON_INACTIVE || review_ask(db, REVIEW_PERSON, person->id, err));
}

void person_address_read(struct db_rows *rows, struct mail_address *ret_address)
{
    span_copy(db_column_text(rows, 0), ret_address->address, sizeof ret_address->address);
    span_copy(db_column_text(rows, 1), ret_address->normal, sizeof ret_address->normal);
    span_copy(db_column_text(rows, 2), ret_address->domain, sizeof ret_address->domain);
}

bool person_addresses(struct db *db, struct arena *arena, int64_t person,
                      struct mail_address **ret_addresses, size_t *ret_count, struct error *err)
{
    struct mail_address *list = ARENA_ARRAY(arena, struct mail_address, PERSON_ADDRESSES_LIMIT);
    size_t count = 0;
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT address, normal, domain FROM person_address "
                                        "WHERE person = $1 ORDER BY position"),
                                    db_int(person));

    if (rows == NULL)
        return false;
    while (count < PERSON_ADDRESSES_LIMIT && db_next(rows))
        person_address_read(rows, &list[count++]);
    *ret_addresses = list;
    *ret_count = count;
    return db_rows_finish(&rows, err);
}

/* Somebody brings an address whose owner asked to be forgotten. */
static bool bar_if_erased(struct db *db, const struct mail_address *address, struct error *err)
{
    bool known;

    if (!erased_knows(db, span_of(address->normal), &known, err))
        return false;
    return !known ||
           db_run(db, err,
                  SQL("INSERT INTO suppression (target, reason, origin, at) "
                      "SELECT CAST($1 AS TEXT), 'erased', 'erased', max(e.at) FROM erased e "
                      "WHERE e.at > 0 ON CONFLICT (target, scope) DO NOTHING"),
                  db_string(address->normal));
}

bool person_set_addresses(struct db *db, int64_t person, const struct mail_address *addresses,
                          size_t count, struct error *err)
{
    assert(count <= PERSON_ADDRESSES_LIMIT);
    if (!db_run(db, err, SQL("DELETE FROM person_address WHERE person = $1"), db_int(person)))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!bar_if_erased(db, &addresses[i], err) ||
            !db_run(db, err,
                    SQL("INSERT INTO person_address (person, position, address, normal, domain) "
                        "VALUES ($1, $2, $3, $4, $5)"),
                    db_int(person), db_int((int64_t)i), db_string(addresses[i].address),
                    db_string(addresses[i].normal), db_string(addresses[i].domain)))
            return false;
    return person_touch(db, person, err);
}

bool person_with_address(struct db *db, const char *normal, int64_t *ret_id, struct error *err)
{
    int64_t ids[MATCHES_SHOWN + 1];
    size_t count;

    if (!find_by_address(db, normal, ids, &count, err))
        return false;
    *ret_id = count > 0 ? ids[0] : 0;
    return true;
}

bool person_sole_with_address(struct db *db, const char *normal, int64_t *ret_id, struct error *err)
{
    int64_t ids[MATCHES_SHOWN + 1];
    size_t count;

    if (!find_by_address(db, normal, ids, &count, err))
        return false;
    *ret_id = count == 1 ? ids[0] : 0;
    return true;
}

static bool put_list(struct db *db, struct buf *to, int64_t list, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct span name;

    arena_init(&arena);
    if (!named_list_name(db, &arena, list, &name, err))
        return false;
    buf_printf(to, "list:%.*s", SPAN_ARGS(name));
    return true;
}

static bool put_hook(struct db *db, struct buf *to, int64_t hook, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct span name;

    arena_init(&arena);
    if (!webhook_name(db, &arena, hook, &name, err))
        return false;
    buf_printf(to, "hook:%.*s", SPAN_ARGS(name));
    return true;
}

static bool put_person(struct db *db, struct buf *to, int64_t person, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT p.key, a.address FROM person p "
                     "LEFT JOIN person_address a ON a.person = p.id AND a.position = 0 "
                     "AND NOT EXISTS (SELECT 1 FROM person_address o "
                     "WHERE o.normal = a.normal AND o.person <> p.id) WHERE p.id = $1"),
                 db_int(person));

    if (rows == NULL)
        return false;
    if (!db_next(rows) || (db_column_is_null(rows, 0) && db_column_is_null(rows, 1)))
        buf_printf(to, "#%lld", (long long)person);
    else
        buf_put(to, db_column_text(rows, db_column_is_null(rows, 0) ? 1 : 0));
    return db_rows_finish(&rows, err);
}

bool person_handle_put(struct db *db, struct buf *to, int64_t who, struct error *err)
{
    if (who_is_hook(who))
        return put_hook(db, to, who_hook(who), err);
    return who_is_list(who) ? put_list(db, to, who_list(who), err) : put_person(db, to, who, err);
}

bool person_touch(struct db *db, int64_t person, struct error *err)
{
    return db_run(db, err, SQL("UPDATE person SET version = version + 1 WHERE id = $1"),
                  db_int(person)) &&
           epoch_grow(db, EPOCH_AUDIENCE, err);
}

bool person_touch_address(struct db *db, struct span normal, struct error *err)
{
    if (span_starts(normal, SPAN("@")))
        return epoch_grow(db, EPOCH_CONTENT, err) && epoch_grow(db, EPOCH_AUDIENCE, err);
    return db_run(db, err,
                  SQL("UPDATE person SET version = version + 1 WHERE id IN "
                      "(SELECT person FROM person_address WHERE normal = $1)"),
                  db_text(normal)) &&
           epoch_grow(db, EPOCH_AUDIENCE, err);
}
