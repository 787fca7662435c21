/*
 * Reading an event. Nothing here looks at the store.
 */
#include "services/intake/event_draft.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "domain/topic_key.h"
#include "services/intake/attachment_draft.h"
#include "services/request/plain_text.h"

size_t event_json_limit(const struct settings *settings)
{
    return settings->event_size_limit + attachment_draft_octets_most(settings);
}

bool event_json_load(struct span bytes, size_t limit, json_t **ret_json, struct error *err)
{
    json_error_t wrong;
    json_t *json;

    if (bytes.n > limit)
        return error_set(err, ERROR_LIMIT, "an event has at most %zu bytes, this one has %zu",
                         limit, bytes.n);
    json = json_loadb(bytes.at == NULL ? "" : bytes.at, bytes.n, JSON_REJECT_DUPLICATES, &wrong);
    if (json == NULL)
        return error_set(err, ERROR_INVALID, "broken JSON in line %d, column %d: %s", wrong.line,
                         wrong.column, wrong.text);
    if (!json_is_object(json)) {
        json_decref(json);
        return error_set(err, ERROR_INVALID, "an event is a JSON object");
    }
    *ret_json = json;
    return true;
}

static json_t *member(const struct request *request, const char *field)
{
    json_t *value = json_object_get(request->args, field);

    return json_is_null(value) ? NULL : value;
}

static bool read_array(const struct request *request, const char *field, size_t limit,
                       json_t **ret_array, struct error *err)
{
    json_t *value = member(request, field);

    if (value != NULL && !json_is_array(value))
        return error_set(err, ERROR_INVALID, "%s: must be a list", field);
    if (json_array_size(value) > limit)
        return error_set(err, ERROR_LIMIT, "%s: at most %zu", field, limit);
    *ret_array = value;
    return true;
}

static bool read_topic_object(const struct request *request, json_t *object, struct arena *arena,
                              struct event_draft *draft, struct error *err)
{
    struct request part = request_part(request, object);

    return request_allow(&part, TOPIC_WISH_FIELDS, err) &&
           topic_wish_read(&part, arena, &draft->topic, err) &&
           topic_key_check(draft->topic.key, err);
}

static bool read_topic(const struct request *request, struct arena *arena,
                       struct event_draft *draft, struct error *err)
{
    json_t *value = member(request, "topic");

    if (json_is_object(value))
        return read_topic_object(request, value, arena, draft, err) || error_wrap(err, "topic");
    return request_need_text(request, "topic", &draft->topic.key, err) &&
           (topic_key_check(draft->topic.key, err) || error_wrap(err, "topic"));
}

static bool read_names(const struct request *request, struct event_draft *draft, struct error *err)
{
    struct span actor;

    if (!request_need_text(request, "kind", &draft->kind, err) ||
        !request_text(request, "thread", &draft->thread, err) ||
        !request_text(request, "label", &draft->label, err) ||
        !request_text(request, "key", &draft->key, err) ||
        !request_text(request, "actor", &actor, err))
        return false;
    if (!kind_name_check(draft->kind, err))
        return error_wrap(err, "kind");
    if (draft->thread.at != NULL && !topic_key_check(draft->thread, err))
        return error_wrap(err, "thread");
    if (draft->label.at != NULL && !label_check(draft->label, err))
        return error_wrap(err, "label");
    if (draft->key.at != NULL && draft->key.n == 0)
        return error_set(err, ERROR_INVALID, "key: cannot be empty");
    if (!plain_line_check(draft->key, "key", EVENT_KEY_LIMIT, err))
        return false;
    draft->has_actor = actor.at != NULL;
    return actor.at == NULL || person_reference_read(actor, &draft->actor, err) ||
           error_wrap(err, "actor");
}

static bool read_flags(const struct request *request, struct event_draft *draft, struct error *err)
{
    return request_flag(request, "urgent", false, &draft->urgent, err) &&
           request_flag(request, "silent", false, &draft->silent, err) &&
           request_flag(request, "strict", false, &draft->strict, err) &&
           request_integer(request, "revision", 1, INT64_MAX, 1, &draft->revision, err);
}

static bool read_times(const struct request *request, struct event_draft *draft, struct error *err)
{
    if (!request_moment(request, "at", &draft->at, err) ||
        !request_moment(request, "not_before", &draft->not_before, err) ||
        !request_moment(request, "deadline", &draft->deadline, err))
        return false;
    if (draft->not_before > request->now_ms && draft->deadline != 0 &&
        draft->deadline <= draft->not_before)
        return error_set(err, ERROR_INVALID, "deadline: must come after not_before");
    return true;
}

static bool read_texts(const struct request *request, struct arena *arena,
                       struct event_draft *draft, struct error *err)
{
    const json_t *data = member(request, "data");
    char *dumped;

    if (!request_text(request, "title", &draft->title, err) ||
        !plain_line_check(draft->title, "title", EVENT_TITLE_LIMIT, err) ||
        !request_text(request, "text", &draft->text, err) ||
        !request_text(request, "url", &draft->url, err) ||
        (draft->url.n > 0 && !plain_url_check(draft->url, "url", err)))
        return false;
    if (data == NULL)
        return true;
    dumped = json_dumps(data, JSON_COMPACT | JSON_ENCODE_ANY);
    draft->data = arena_copy(arena, span_of(dumped));
    alloc_free(dumped);
    return true;
}

/* Old and new may be texts, numbers, true, false or null; others are shown as JSON. */
static struct span value_text(const json_t *value, struct arena *arena)
{
    struct span text = { NULL, 0 };
    char *dumped;

    if (value == NULL || json_is_null(value))
        return text;
    if (json_is_string(value))
        return (struct span){ json_string_value(value), json_string_length(value) };
    dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    text = arena_copy(arena, span_of(dumped));
    alloc_free(dumped);
    return text;
}

static bool read_change(const struct request *request, json_t *object, struct arena *arena,
                        struct event_change *change, struct error *err)
{
    struct request part = request_part(request, object);

    if (!json_is_object(object))
        return error_set(err, ERROR_INVALID, "must be a list of {field, old, new}");
    if (!request_allow(&part, "field old new", err) ||
        !request_need_text(&part, "field", &change->field, err) ||
        !plain_line_check(change->field, "field", EVENT_FIELD_LIMIT, err))
        return false;
    change->old = value_text(json_object_get(object, "old"), arena);
    change->new = value_text(json_object_get(object, "new"), arena);
    return true;
}

static bool read_changes(const struct request *request, struct arena *arena,
                         struct event_draft *draft, struct error *err)
{
    json_t *array;
    size_t i;
    json_t *object;

    if (!read_array(request, "changes", EVENT_CHANGES_LIMIT, &array, err))
        return false;
    draft->changes.at = ARENA_ARRAY(arena, struct event_change, json_array_size(array) + 1);
    json_array_foreach (array, i, object) {
        if (!read_change(request, object, arena, &draft->changes.at[i], err))
            return error_wrap(err, "changes");
        draft->changes.n++;
    }
    return true;
}

/* {person, reason} or {list, reason} */
static bool read_direct_object(const struct request *part, struct draft_direct *direct,
                               struct span *person, struct error *err)
{
    if (!request_allow(part, "person list reason", err) ||
        !request_text(part, "list", &direct->list, err) ||
        !request_text(part, "person", person, err) ||
        !request_text(part, "reason", &direct->reason, err) ||
        !plain_line_check(direct->reason, "reason", EVENT_REASON_LIMIT, err))
        return false;
    return (direct->list.at == NULL) != (person->at == NULL) ||
           error_set(err, ERROR_INVALID, "needs either a person or a list");
}

static bool read_direct(const struct request *request, json_t *value, struct draft_direct *direct,
                        struct error *err)
{
    struct request part = request_part(request, value);
    struct span person = { json_string_value(value), json_string_length(value) };

    if (!json_is_string(value) && !json_is_object(value))
        return error_set(err, ERROR_INVALID,
                         "must be a list of {person, reason} and {list, reason}");
    if (json_is_object(value) && !read_direct_object(&part, direct, &person, err))
        return false;
    if (direct->list.at == NULL)
        direct->list = list_name_of_watcher(person);
    return direct->list.at != NULL || person_reference_read(person, &direct->person, err);
}

static bool read_directs(const struct request *request, struct arena *arena,
                         struct event_draft *draft, struct error *err)
{
    json_t *array;
    size_t i;
    json_t *value;

    if (!read_array(request, "to", EVENT_DIRECTS_LIMIT, &array, err))
        return false;
    draft->directs = ARENA_ARRAY(arena, struct draft_direct, json_array_size(array) + 1);
    json_array_foreach (array, i, value) {
        if (!read_direct(request, value, &draft->directs[i], err))
            return error_wrap(err, "to");
        draft->direct_count++;
    }
    return true;
}

static bool read_scope(const struct request *request, json_t *value, struct draft_scope *scope,
                       struct error *err)
{
    struct request part = request_part(request, value);
    int64_t distance = 1;

    scope->topic = (struct span){ json_string_value(value), json_string_length(value) };
    if (!json_is_string(value) && !json_is_object(value))
        return error_set(err, ERROR_INVALID, "must be a list of topics");
    if (json_is_object(value) &&
        (!request_allow(&part, "topic distance", err) ||
         !request_need_text(&part, "topic", &scope->topic, err) ||
         !request_integer(&part, "distance", 0, SCOPE_DISTANCE_LIMIT, 1, &distance, err)))
        return false;
    scope->distance = (int)distance;
    return topic_key_check(scope->topic, err);
}

static bool read_scopes(const struct request *request, struct arena *arena,
                        struct event_draft *draft, struct error *err)
{
    json_t *array;
    size_t i;
    json_t *value;

    if (!read_array(request, "scopes", EVENT_SCOPES_LIMIT, &array, err))
        return false;
    draft->scopes = ARENA_ARRAY(arena, struct draft_scope, json_array_size(array) + 1);
    json_array_foreach (array, i, value) {
        if (!read_scope(request, value, &draft->scopes[i], err))
            return error_wrap(err, "scopes");
        draft->scope_count++;
    }
    return true;
}

/* One more answer, which is a word or a few without a comma. */
static bool add_answer(struct span answer, struct buf *answers, struct error *err)
{
    if (answer.n == 0 || span_index(answer, ',') < answer.n)
        return error_set(err, ERROR_INVALID, "answers: must be words without a comma");
    if (!plain_line_check(answer, "answers", EVENT_ANSWER_LIMIT, err))
        return false;
    if (answers->n > 0)
        buf_put_byte(answers, ',');
    buf_put(answers, answer);
    return true;
}

/* {answers, until} */
static bool read_asks_object(const struct request *part, struct arena *arena,
                             struct event_draft *draft, struct error *err)
{
    CLEANUP(buf_fini) struct buf answers;
    struct span *given;
    size_t count;

    buf_init(&answers, EVENT_ANSWERS_LIMIT * (EVENT_ANSWER_LIMIT + 1));
    if (!request_allow(part, "answers until", err) ||
        !request_texts(part, "answers", arena, &given, &count, err) ||
        !request_moment(part, "until", &draft->answer_until, err))
        return false;
    if (count == 0 || count > EVENT_ANSWERS_LIMIT)
        return error_set(err, ERROR_LIMIT, "answers: must be 1 to %d", EVENT_ANSWERS_LIMIT);
    for (size_t i = 0; i < count; i++)
        if (!add_answer(given[i], &answers, err))
            return false;
    draft->answers = arena_copy(arena, buf_view(&answers));
    return true;
}

static bool read_asks(const struct request *request, struct arena *arena, struct event_draft *draft,
                      struct error *err)
{
    json_t *value = member(request, "asks");
    struct request part = request_part(request, value);

    if (value == NULL)
        return true;
    if (!json_is_object(value))
        return error_set(err, ERROR_INVALID, "asks: must be {answers, until}");
    if (draft->direct_count == 0)
        return error_set(err, ERROR_INVALID, "asks: needs somebody in \"to\" who is asked");
    return read_asks_object(&part, arena, draft, err) || error_wrap(err, "asks");
}

/* The same content gives the same sum, however an application orders its fields. */
static bool sum(const struct request *request, struct event_draft *draft, struct error *err)
{
    char *canonical = json_dumps(request->args, JSON_COMPACT | JSON_SORT_KEYS);
    size_t n = canonical == NULL ? 0 : strlen(canonical);
    size_t limit = request->settings->event_size_limit;

    digest_sha256((struct span){ canonical, n }, draft->digest);
    alloc_free(canonical);
    return n - attachment_draft_octets(request->args) <= limit ||
           error_set(err, ERROR_LIMIT, "an event has at most %zu bytes", limit);
}

bool event_draft_read(const struct request *request, struct arena *arena,
                      struct event_draft *ret_draft, struct error *err)
{
    *ret_draft = (struct event_draft){ .revision = 1 };
    return request_allow(request, EVENT_DRAFT_FIELDS, err) && sum(request, ret_draft, err) &&
           read_topic(request, arena, ret_draft, err) && read_names(request, ret_draft, err) &&
           read_flags(request, ret_draft, err) && read_times(request, ret_draft, err) &&
           read_texts(request, arena, ret_draft, err) &&
           read_changes(request, arena, ret_draft, err) &&
           read_directs(request, arena, ret_draft, err) &&
           read_asks(request, arena, ret_draft, err) &&
           attachment_draft_read(request, arena, &ret_draft->attachments, err) &&
           read_scopes(request, arena, ret_draft, err) &&
           read_array(request, "people", EVENT_PEOPLE_LIMIT, &ret_draft->people, err) &&
           read_array(request, "watch", EVENT_PEOPLE_LIMIT, &ret_draft->watches, err) &&
           read_array(request, "unwatch", EVENT_PEOPLE_LIMIT, &ret_draft->unwatches, err) &&
           read_array(request, "grants", EVENT_PEOPLE_LIMIT, &ret_draft->grants, err);
}

bool event_draft_names_own_topic(const struct event_draft *draft)
{
    for (size_t i = 0; i < draft->scope_count; i++)
        if (span_equal(draft->scopes[i].topic, draft->topic.key))
            return true;
    return false;
}
