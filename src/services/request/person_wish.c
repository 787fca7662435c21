/*
 * People described in JSON.
 */
#include "services/request/person_wish.h"

#include "base/alloc.h"
#include "base/cleanup.h"
#include "domain/auto_watch.h"
#include "services/request/plain_text.h"
#include "store/watch.h"

enum { LANGUAGE_LIMIT = 35, TIMEZONE_LIMIT = 64 };

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits and the bytes in `also`: tags of languages and names of zones. */
static bool is_name(struct span text, size_t limit, const char *also)
{
    if (text.n == 0 || text.n > limit || !is_letter_or_digit(text.at[0]))
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (!is_letter_or_digit(text.at[i]) &&
            span_index(span_of(also), text.at[i]) == span_of(also).n)
            return false;
    return true;
}

static bool read_name(const struct request *request, struct person_wish *wish, struct error *err)
{
    if (!request_text(request, "name", &wish->name, err))
        return false;
    return plain_line_check(wish->name, "name", PERSON_NAME_LIMIT, err);
}

static bool read_key(const struct request *request, struct person_wish *wish, struct error *err)
{
    if (!request_text(request, "key", &wish->key, err))
        return false;
    return wish->key.n == 0 || person_key_check(wish->key, err) || error_wrap(err, "key");
}

static bool add_address(struct person_wish *wish, struct span text, struct error *err)
{
    if (wish->address_count == PERSON_ADDRESSES_LIMIT)
        return error_set(err, ERROR_LIMIT, "addresses: at most %d", PERSON_ADDRESSES_LIMIT);
    if (!mail_address_read(text, &wish->addresses[wish->address_count], err))
        return error_wrap(err, "address \"%.*s\"", SPAN_ARGS(span_first(text, 100)));
    for (size_t i = 0; i < wish->address_count; i++)
        if (span_equal(span_of(wish->addresses[i].normal),
                       span_of(wish->addresses[wish->address_count].normal)))
            return true;
    wish->address_count++;
    return true;
}

static bool read_addresses(const struct request *request, struct arena *arena,
                           struct person_wish *wish, struct error *err)
{
    struct span *texts;
    size_t count;
    const char *field = json_object_get(request->args, "address") != NULL ? "address" : "addresses";

    if (json_object_get(request->args, "address") != NULL &&
        json_object_get(request->args, "addresses") != NULL)
        return error_set(err, ERROR_INVALID, "give address or addresses, not both");
    if (!request_texts(request, field, arena, &texts, &count, err))
        return false;
    wish->has_addresses = texts != NULL;
    for (size_t i = 0; texts != NULL && i < count; i++)
        if (!add_address(wish, texts[i], err))
            return false;
    return true;
}

static bool read_languages(const struct request *request, struct arena *arena,
                           struct person_wish *wish, struct error *err)
{
    struct span *tags;
    size_t count;
    struct buf json;
    const char *field =
        json_object_get(request->args, "language") != NULL ? "language" : "languages";

    if (!request_texts(request, field, arena, &tags, &count, err))
        return false;
    if (tags == NULL)
        return true;
    if (count > PERSON_LANGUAGES_LIMIT)
        return error_set(err, ERROR_LIMIT, "%s: at most %d", field, PERSON_LANGUAGES_LIMIT);
    buf_init(&json, 1024);
    buf_put_byte(&json, '[');
    for (size_t i = 0; i < count; i++) {
        if (!is_name(tags[i], LANGUAGE_LIMIT, "-")) {
            buf_fini(&json);
            return error_set(err, ERROR_INVALID, "%s: \"%.*s\" is no language tag (en, de-CH)",
                             field, SPAN_ARGS(span_first(tags[i], 40)));
        }
        buf_printf(&json, "%s\"%.*s\"", i > 0 ? "," : "", SPAN_ARGS(tags[i]));
    }
    buf_put_byte(&json, ']');
    wish->languages = arena_copy(arena, buf_view(&json));
    buf_fini(&json);
    return true;
}

static bool read_timezone(const struct request *request, struct person_wish *wish,
                          struct error *err)
{
    if (!request_text(request, "timezone", &wish->timezone, err))
        return false;
    if (wish->timezone.n == 0)
        return true;
    if (!is_name(wish->timezone, TIMEZONE_LIMIT, "_+-/"))
        return error_set(err, ERROR_INVALID,
                         "timezone: \"%.*s\" is no name of a zone (Europe/Vienna)",
                         SPAN_ARGS(span_first(wish->timezone, 40)));
    return zone_known(wish->timezone) ||
           error_set(err, ERROR_INVALID,
                     "timezone: there is no zone \"%.*s\" in /usr/share/zoneinfo; give a name "
                     "such as Europe/Vienna",
                     SPAN_ARGS(wish->timezone));
}

static bool read_quiet(const struct request *request, struct person_wish *wish, struct error *err)
{
    struct span text;

    if (!request_text(request, "quiet", &text, err))
        return false;
    wish->has_quiet = text.at != NULL;
    return !wish->has_quiet || quiet_hours_read(text, &wish->quiet, err);
}

/* "all", "no", or rules by commas. */
static bool read_auto_watch(const struct request *request, struct person_wish *wish,
                            struct error *err)
{
    struct span rules;

    if (!request_text(request, "auto_watch", &rules, err))
        return false;
    wish->has_auto_watch = rules.at != NULL;
    if (span_equal(rules, SPAN("no")))
        wish->auto_watch = SPAN("");
    else if (rules.n > 0 && !span_equal(rules, SPAN("all")))
        wish->auto_watch = rules;
    return wish->auto_watch.n == 0 || auto_watch_check(rules, err) || error_wrap(err, "auto_watch");
}

static bool read_attributes(const struct request *request, struct arena *arena,
                            struct person_wish *wish, struct error *err)
{
    const json_t *value = json_object_get(request->args, "attributes");
    char *text;

    if (value == NULL || json_is_null(value))
        return true;
    if (!json_is_object(value))
        return error_set(err, ERROR_INVALID, "attributes: must be an object");
    text = json_dumps(value, JSON_COMPACT);
    wish->attributes = arena_copy(arena, span_of(text));
    alloc_free(text);
    return wish->attributes.n <= PERSON_ATTRIBUTES_LIMIT ||
           error_set(err, ERROR_LIMIT, "attributes: at most %d bytes", PERSON_ATTRIBUTES_LIMIT);
}

static bool read_states(const struct request *request, struct person_wish *wish, struct error *err)
{
    struct span status;
    bool self_notify;

    if (!request_text(request, "status", &status, err) ||
        !request_flag(request, "self_notify", false, &self_notify, err))
        return false;
    wish->has_status = status.at != NULL;
    if (wish->has_status && !person_status_find(status, &wish->status))
        return error_set(err, ERROR_INVALID,
                         "status: must be active, inactive or suspended, got \"%.*s\"",
                         SPAN_ARGS(span_first(status, 40)));
    wish->self_notify = json_object_get(request->args, "self_notify") != NULL ? self_notify : -1;
    return true;
}

bool person_wish_read(const struct request *request, struct arena *arena,
                      struct person_wish *ret_wish, struct error *err)
{
    *ret_wish = (struct person_wish){ .self_notify = -1 };
    return read_key(request, ret_wish, err) && read_name(request, ret_wish, err) &&
           read_addresses(request, arena, ret_wish, err) &&
           read_languages(request, arena, ret_wish, err) && read_timezone(request, ret_wish, err) &&
           read_quiet(request, ret_wish, err) && read_auto_watch(request, ret_wish, err) &&
           read_attributes(request, arena, ret_wish, err) && read_states(request, ret_wish, err);
}

/* Who is new watches what all new people do. */
static bool save(struct db *db, struct person *person, int64_t now_ms, struct error *err)
{
    bool is_new = person->id == 0;

    return person_save(db, person, now_ms, err) &&
           (!is_new || watch_begin_new(db, person->id, now_ms, err));
}

bool person_wish_apply(struct db *db, const struct person_wish *wish, struct person *person,
                       int64_t now_ms, struct error *err)
{
    request_text_change(&person->key, wish->key);
    request_text_change(&person->name, wish->name);
    request_text_change(&person->languages, wish->languages);
    request_text_change(&person->timezone, wish->timezone);
    request_text_change(&person->attributes, wish->attributes);
    if (wish->has_status)
        person->status = wish->status;
    if (wish->self_notify >= 0)
        person->self_notify = wish->self_notify != 0;
    if (wish->has_quiet)
        person->quiet = wish->quiet;
    if (wish->has_auto_watch)
        person->auto_watch = wish->auto_watch;
    return save(db, person, now_ms, err) &&
           (!wish->has_addresses ||
            person_set_addresses(db, person->id, wish->addresses, wish->address_count, err));
}

bool person_ensure(struct db *db, const struct person_reference *reference, int64_t now_ms,
                   int64_t *ret_id, bool *ret_made, struct error *err)
{
    struct person person = { .id = 0 };
    int64_t id;

    if (!person_find(db, reference, &id, err))
        return false;
    *ret_made = id == 0;
    if (id != 0) {
        *ret_id = id;
        return true;
    }
    if (reference->id != 0)
        return person_need(db, reference, ret_id, err);
    if (!reference->has_address)
        person.key = reference->text;
    if (!save(db, &person, now_ms, err))
        return false;
    *ret_id = person.id;
    return !reference->has_address ||
           person_set_addresses(db, person.id, &reference->address, 1, err);
}

bool request_person(struct db *db, const struct request *request, const char *field,
                    int64_t *ret_id, struct error *err)
{
    struct span text;
    struct person_reference reference;

    return request_need_text(request, field, &text, err) &&
           ((person_reference_read(text, &reference, err) &&
             person_need(db, &reference, ret_id, err)) ||
            error_wrap(err, "%s", field));
}
