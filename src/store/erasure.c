/*
 * Table by table. Mail first: the states of deliveries change while it is still known whose they
 * are.
 */
#include "store/erasure.h"

#include <string.h>

#include "base/cleanup.h"
#include "store/db.h"
#include "store/delivery.h"
#include "store/erased.h"
#include "store/list_member.h"
#include "store/outbox.h"
#include "store/person.h"
#include "store/watch.h"

enum { BATCH = 100 };

static bool refuse_while_sending(struct db *db, int64_t person, struct error *err)
{
    int64_t delivery = 0;
    bool found;

    if (!db_find_int(db, err, &found, &delivery,
                     SQL("SELECT d.id FROM delivery d JOIN delivery_state s ON s.delivery = d.id "
                         "WHERE d.person = $1 AND s.state = $2 ORDER BY d.id LIMIT 1"),
                     db_int(person), db_int(DELIVERY_SENDING)))
        return false;
    return !found ||
           error_set(err, ERROR_TEMPORARY, "mail %lld to them is being sent: try again in a minute",
                     (long long)delivery);
}

static bool cancel(struct db *db, int64_t id, int64_t now_ms, struct error *err)
{
    const struct delivery_change change = { .to = DELIVERY_CANCELLED,
                                            .reason = "erased",
                                            .text = SPAN("The person was erased."),
                                            .now_ms = now_ms };
    struct delivery_row row;
    bool found;
    bool done;

    return delivery_load(db, id, &row, &found, err) &&
           (!found || delivery_transition(db, &row, &change, &done, err));
}

static bool cancel_mail(struct db *db, int64_t person, int64_t now_ms, struct erasure *done,
                        struct error *err)
{
    bool found = true;

    while (found) {
        int64_t id = 0;

        if (!db_find_int(db, err, &found, &id,
                         SQL("SELECT d.id FROM delivery d "
                             "JOIN delivery_state s ON s.delivery = d.id "
                             "WHERE d.person = $1 AND s.ended_at IS NULL ORDER BY d.id LIMIT 1"),
                         db_int(person)) ||
            (found && !cancel(db, id, now_ms, err)))
            return false;
        done->cancelled += found;
    }
    return true;
}

#define THEIR_MAIL "(SELECT d.id FROM delivery d WHERE d.person = $1)"

static bool clear_mail(struct db *db, int64_t person, struct erasure *done, struct error *err)
{
    if (!db_run(db, err,
                SQL("DELETE FROM dialogue WHERE attempt IN "
                    "(SELECT a.id FROM attempt a WHERE a.delivery IN " THEIR_MAIL ")"),
                db_int(person)) ||
        !db_run(db, err, SQL("UPDATE attempt SET text = NULL WHERE delivery IN " THEIR_MAIL),
                db_int(person)) ||
        !db_run(db, err,
                SQL("UPDATE intent SET subject = '', sight = NULL WHERE delivery IN " THEIR_MAIL),
                db_int(person)) ||
        !db_run(db, err, SQL("UPDATE delivery_state SET text = NULL WHERE delivery IN " THEIR_MAIL),
                db_int(person)) ||
        !db_run(db, err, SQL("UPDATE delivery SET address = '', normal = '' WHERE person = $1"),
                db_int(person)))
        return false;
    done->mails = db_changes(db);
    return true;
}

/* JSON without a name as a value: compact, so that a comma or a bracket follows. Names of fields
 * have a colon. */
#define NAMELESS_IN_LIST ", '\"' || $2 || '\",', '\"person #' || CAST($1 AS TEXT) || '\",')"
#define NAMELESS_AT_BRACKET ", '\"' || $2 || '\"]', '\"person #' || CAST($1 AS TEXT) || '\"]')"
#define NAMELESS_AT_BRACE ", '\"' || $2 || '\"}', '\"person #' || CAST($1 AS TEXT) || '\"}')"
#define NAMELESS_JSON NAMELESS_IN_LIST NAMELESS_AT_BRACKET NAMELESS_AT_BRACE

/* Requests about others that name them among more. */
static bool redact_mentions(struct db *db, int64_t person, struct span name, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE audit SET args = replace(replace(replace(args" NAMELESS_JSON ", "
                      "before = replace(replace(replace(before" NAMELESS_JSON ", "
                      "after = replace(replace(replace(after" NAMELESS_JSON " "
                      "WHERE args LIKE '%\"' || $2 || '\"%' OR before LIKE '%\"' || $2 || '\"%' "
                      "OR after LIKE '%\"' || $2 || '\"%'"),
                  db_int(person), db_text(name));
}

/* What the record of requests says by one of the names they went by: what was asked of them, and
 * answers that are kept for those who ask again. Who did it, and when, stays. */
static bool redact_name(struct db *db, int64_t person, struct span name, struct error *err)
{
    return name.n == 0 ||
           (db_run(db, err,
                   SQL("UPDATE audit SET subject = 'person #' || CAST($1 AS TEXT), args = NULL, "
                       "before = NULL, after = NULL WHERE subject IN ('person ' || $2, "
                       "'people ' || $2, 'target ' || $2, 'to ' || $2, 'from ' || $2)"),
                   db_int(person), db_text(name)) &&
            redact_mentions(db, person, name, err) &&
            db_run(db, err,
                   SQL("UPDATE answered SET answer = '{\"erased\":true}' "
                       "WHERE answer LIKE '%\"' || $2 || '\"%' AND $1 > 0"),
                   db_int(person), db_text(name)));
}

static bool redact_requests(struct db *db, int64_t person, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct person row;
    struct mail_address *addresses;
    size_t count;

    arena_init(&arena);
    if (!person_load(db, &arena, person, &row, err) || !redact_name(db, person, row.key, err) ||
        !person_addresses(db, &arena, person, &addresses, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!redact_name(db, person, span_of(addresses[i].address), err) ||
            !redact_name(db, person, span_of(addresses[i].normal), err))
            return false;
    return db_run(db, err, SQL("UPDATE delivery_order SET text = '' WHERE delivery IN " THEIR_MAIL),
                  db_int(person));
}

static bool end_watches(struct db *db, int64_t person, int64_t now_ms, struct erasure *done,
                        struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct watch_list watches = { .n = BATCH };
    enum watch_change change;

    arena_init(&arena);
    while (watches.n == BATCH) {
        if (!watch_page_of_person(db, &arena, person, (struct page){ 0, BATCH }, &watches, err))
            return false;
        for (size_t i = 0; i < watches.n; i++) {
            watches.at[i].origin[0] = '\0';
            if (!watch_remove(db, &watches.at[i], "erased", now_ms, &change, err))
                return false;
        }
        done->watches += (int64_t)watches.n;
    }
    return db_run(db, err,
                  SQL("UPDATE watch_log SET origin = NULL, cause = 'erased' WHERE who = $1"),
                  db_int(person));
}

static bool leave_lists(struct db *db, int64_t person, int64_t now_ms, struct erasure *done,
                        struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct list_member_page members = { .n = BATCH };
    bool changed;

    arena_init(&arena);
    while (members.n == BATCH) {
        if (!list_member_page_of(db, &arena, person, (struct page){ 0, BATCH }, &members, err))
            return false;
        for (size_t i = 0; i < members.n; i++)
            if (!list_member_remove(db, members.at[i].list, person, now_ms, &changed, err))
                return false;
        done->lists += (int64_t)members.n;
    }
    return db_run(db, err,
                  SQL("UPDATE list_member SET basis = NULL, origin = 'erased' WHERE person = $1"),
                  db_int(person));
}

/* An address of somebody else too stays theirs. */
static bool forget_address(struct db *db, const struct mail_address *address, int64_t now_ms,
                           struct error *err)
{
    int64_t sole;

    if (!person_sole_with_address(db, address->normal, &sole, err))
        return false;
    return sole == 0 || (erased_put(db, span_of(address->normal), now_ms, err) &&
                         db_run(db, err, SQL("DELETE FROM suppression WHERE target = $1"),
                                db_string(address->normal)) &&
                         outbox_forget(db, address->normal, err));
}

static bool forget_addresses(struct db *db, int64_t person, int64_t now_ms, struct erasure *done,
                             struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct mail_address *addresses;
    size_t count;

    arena_init(&arena);
    if (!person_addresses(db, &arena, person, &addresses, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!forget_address(db, &addresses[i], now_ms, err))
            return false;
    done->addresses = (int64_t)count;
    return person_set_addresses(db, person, NULL, 0, err);
}

static bool forget_person(struct db *db, int64_t person, struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM notice WHERE person = $1"), db_int(person)) &&
           db_run(db, err, SQL("DELETE FROM heard WHERE person = $1"), db_int(person)) &&
           db_run(db, err, SQL("DELETE FROM digest WHERE person = $1"), db_int(person)) &&
           db_run(db, err, SQL("DELETE FROM approval WHERE person = $1"), db_int(person)) &&
           db_run(db, err, SQL("UPDATE question SET text = NULL WHERE person = $1"),
                  db_int(person)) &&
           db_run(db, err, SQL("DELETE FROM grant_of WHERE person = $1"), db_int(person)) &&
           db_run(db, err,
                  SQL("UPDATE person SET key = NULL, name = NULL, languages = '[]', "
                      "timezone = NULL, attributes = '{}', status = 1, quiet_from = NULL, "
                      "quiet_to = NULL, auto_watch = '' WHERE id = $1"),
                  db_int(person)) &&
           db_run(db, err,
                  SQL("UPDATE person SET key = NULL, name = NULL, languages = '[]', "
                      "timezone = NULL, attributes = '{}' WHERE merged_into = $1"),
                  db_int(person)) &&
           person_touch(db, person, err);
}

bool erasure_of_person(struct db *db, int64_t person, int64_t now_ms, struct erasure *ret_done,
                       struct error *err)
{
    struct erasure done = { 0 };

    if (!refuse_while_sending(db, person, err) || !cancel_mail(db, person, now_ms, &done, err) ||
        !clear_mail(db, person, &done, err) || !end_watches(db, person, now_ms, &done, err) ||
        !leave_lists(db, person, now_ms, &done, err) || !redact_requests(db, person, err) ||
        !forget_addresses(db, person, now_ms, &done, err) || !forget_person(db, person, err))
        return error_wrap(err, "erasing person #%lld", (long long)person);
    *ret_done = done;
    return true;
}
