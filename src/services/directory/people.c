/*
 * People, as commands and the API ask for them.
 */
#include "services/directory/people.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "store/audit.h"
#include "store/digest.h"
#include "store/erasure.h"
#include "store/grant.h"
#include "store/notice.h"
#include "store/person.h"
#include "store/reach.h"

static void put_fields(json_t *object, const struct person *person)
{
    char quiet[QUIET_HOURS_ROOM];

    answer_number(object, "id", person->id);
    answer_text(object, "key", person->key);
    answer_text(object, "name", person->name);
    answer_json(object, "languages", person->languages);
    answer_text(object, "timezone", person->timezone);
    answer_json(object, "attributes", person->attributes);
    answer_string(object, "status", person_status_name(person->status));
    answer_flag(object, "self_notify", person->self_notify);
    if (person->auto_watch.at != NULL)
        answer_take(object, "auto_watch", answer_names_json(person->auto_watch));
    answer_moment(object, "made", person->made_at);
    if (person->quiet.from != person->quiet.to) {
        quiet_hours_put(person->quiet, quiet);
        answer_string(object, "quiet", quiet);
    }
}

static bool put_addresses(json_t *object, struct db *db, struct arena *arena, int64_t person,
                          struct error *err)
{
    struct mail_address *addresses;
    size_t count;
    json_t *array;

    if (!person_addresses(db, arena, person, &addresses, &count, err))
        return false;
    array = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(array, json_string(addresses[i].address));
    answer_take(object, "addresses", array);
    return true;
}

static bool put_grants(json_t *object, struct db *db, struct arena *arena, int64_t person,
                       struct error *err)
{
    struct span *labels;
    size_t count;
    json_t *array;

    if (!grant_labels(db, arena, person, &labels, &count, err))
        return false;
    array = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(array, json_stringn(labels[i].at, labels[i].n));
    answer_take(object, "grants", array);
    return true;
}

static json_t *bar_json(const struct reach_bar *bar)
{
    json_t *object = json_object();

    answer_text(object, "target", bar->target);
    answer_text(object, "scope", bar->scope);
    answer_text(object, "reason", bar->reason);
    answer_text(object, "origin", bar->origin);
    answer_moment(object, "at", bar->at);
    answer_moment(object, "until", bar->until);
    return object;
}

static bool put_suppressions(json_t *object, struct db *db, struct arena *arena, int64_t person,
                             struct error *err)
{
    struct reach_bar_list bars;
    json_t *array;

    if (!reach_bars(db, arena, person, &bars, err))
        return false;
    array = json_array();
    for (size_t i = 0; i < bars.n; i++)
        (void)json_array_append_new(array, bar_json(&bars.at[i]));
    answer_take(object, "suppressions", array);
    return true;
}

static bool answer_with(struct db *db, struct arena *arena, int64_t id, json_t **ret_answer,
                        struct error *err)
{
    struct person person;
    json_t *answer = json_object();

    if (!person_load(db, arena, id, &person, err) ||
        !answer_person(answer, "person", db, id, err) ||
        !put_addresses(answer, db, arena, id, err) || !put_grants(answer, db, arena, id, err) ||
        !put_suppressions(answer, db, arena, id, err)) {
        json_decref(answer);
        return false;
    }
    put_fields(answer, &person);
    *ret_answer = answer;
    return true;
}

/* `person` stands for the key or the address. */
static bool read_new(const struct request *request, struct arena *arena, struct person_wish *wish,
                     struct error *err)
{
    struct span text;
    struct person_reference reference;

    if (!person_wish_read(request, arena, wish, err) ||
        !request_text(request, "person", &text, err))
        return false;
    if (text.at == NULL)
        return wish->key.n > 0 || wish->address_count > 0 ||
               error_set(err, ERROR_INVALID, "a person needs a key or an address");
    if (!person_reference_read(text, &reference, err))
        return error_wrap(err, "person");
    if (reference.id != 0)
        return error_set(err, ERROR_INVALID, "person: numbers are given by us");
    if (!reference.has_address && wish->key.at == NULL)
        wish->key = text;
    else if (reference.has_address && !wish->has_addresses) {
        wish->addresses[0] = reference.address;
        wish->address_count = 1;
        wish->has_addresses = true;
    } else
        return error_set(err, ERROR_INVALID, "person: the same is given by another field");
    return true;
}

/* Without a key only the address tells a person: a second one of it is taken for a mistake. */
static bool refuse_known_address(struct db *db, const struct person_wish *wish, struct error *err)
{
    int64_t id;

    if (wish->key.n > 0 || wish->address_count == 0)
        return true;
    if (!person_with_address(db, wish->addresses[0].normal, &id, err))
        return false;
    return id == 0 || error_set(err, ERROR_CONFLICT, "%s is the address of person #%lld already",
                                wish->addresses[0].address, (long long)id);
}

bool people_add(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct person_wish wish;
    struct person person = { .id = 0 };

    arena_init(&arena);
    return request_allow(request, "person " PERSON_WISH_FIELDS, err) &&
           read_new(request, &arena, &wish, err) && refuse_known_address(db, &wish, err) &&
           person_wish_apply(db, &wish, &person, request->now_ms, err) &&
           answer_with(db, &arena, person.id, ret_answer, err);
}

static bool note_before(const struct request *request, struct db *db, struct arena *arena,
                        int64_t id, struct error *err)
{
    json_t *before;

    if (!answer_with(db, arena, id, &before, err))
        return false;
    request_note_before(request, before);
    return true;
}

bool people_set(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct person_wish wish;
    struct person person;
    int64_t id;

    arena_init(&arena);
    return request_allow(request, "person " PERSON_WISH_FIELDS, err) &&
           request_person(db, request, "person", &id, err) &&
           person_wish_read(request, &arena, &wish, err) &&
           person_load(db, &arena, id, &person, err) && note_before(request, db, &arena, id, err) &&
           person_wish_apply(db, &wish, &person, request->now_ms, err) &&
           digest_reset(db, id, request->now_ms, err) &&
           (person.status != PERSON_ACTIVE || notice_resume(db, id, request->now_ms, err)) &&
           answer_with(db, &arena, id, ret_answer, err);
}

/* The record of the request says who did it, and not whom it was about but by number. */
static bool record_erasure(struct db *db, const struct request *request, int64_t id,
                           struct error *err)
{
    char subject[40];
    struct audit_row row = { .at = request->now_ms,
                             .by = span_of(request->by),
                             .request = SPAN("person.erase") };

    (void)snprintf(subject, sizeof subject, "person #%lld", (long long)id);
    row.subject = span_of(subject);
    return audit_append(db, &row, err);
}

bool people_erase(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    struct erasure done;
    int64_t id;
    json_t *answer;

    if (!request_allow(request, "person", err) ||
        !request_person(db, request, "person", &id, err) ||
        !erasure_of_person(db, id, request->now_ms, &done, err) ||
        !record_erasure(db, request, id, err))
        return false;
    answer = json_object();
    answer_flag(answer, "erased", true);
    answer_number(answer, "addresses", done.addresses);
    answer_number(answer, "watches", done.watches);
    answer_number(answer, "lists", done.lists);
    answer_number(answer, "mails", done.mails);
    answer_number(answer, "cancelled", done.cancelled);
    *ret_answer = answer;
    return answer_person(answer, "person", db, id, err);
}

bool people_show(struct db *db, const struct request *request, json_t **ret_answer,
                 struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    int64_t id;

    arena_init(&arena);
    return request_allow(request, "person", err) &&
           request_person(db, request, "person", &id, err) &&
           answer_with(db, &arena, id, ret_answer, err);
}

static json_t *row_of(struct db *db, struct arena *arena, const struct person *person,
                      struct error *err)
{
    json_t *row = json_object();

    if (!answer_person(row, "person", db, person->id, err) ||
        !put_addresses(row, db, arena, person->id, err)) {
        json_decref(row);
        return NULL;
    }
    answer_number(row, "id", person->id);
    answer_text(row, "key", person->key);
    answer_text(row, "name", person->name);
    if (person->merged_into != 0)
        answer_number(row, "merged_into", person->merged_into);
    answer_string(row, "status", person_status_name(person->status));
    return row;
}

bool people_list(struct db *db, const struct request *request, json_t **ret_answer,
                 struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct page page;
    struct person_list people;
    json_t *answer;
    json_t *array;

    arena_init(&arena);
    if (!request_allow(request, "after limit", err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &page.after, err) ||
        !request_page(request, &page.limit, err) || !person_page(db, &arena, page, &people, err))
        return false;
    answer = json_object();
    array = json_array();
    answer_take(answer, "people", array);
    for (size_t i = 0; i < people.n; i++) {
        json_t *row = row_of(db, &arena, &people.at[i], err);

        if (row == NULL) {
            json_decref(answer);
            return false;
        }
        (void)json_array_append_new(array, row);
    }
    if (people.n == page.limit)
        answer_number(answer, "next", people.at[people.n - 1].id);
    *ret_answer = answer;
    return true;
}
