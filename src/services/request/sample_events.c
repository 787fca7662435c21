/*
 * Reading sample events: the fields of postroom-event(5) that a mail shows.
 */
#include "services/request/sample_events.h"

enum { MINUTE_MS = 60000, TOPICS_OF_THREAD = 2, CHANGES_MOST = 100 };

struct reading {
    const struct request *request;
    struct arena *arena;
    struct notice_thread *threads;
    size_t thread_count;
    size_t count; /* of events read */
    struct span actors[SAMPLE_EVENTS_MOST];
    size_t actor_count;
};

/* "issue" of "issue/12". */
static struct span kind_of_key(struct span key)
{
    return span_first(key, span_index(key, '/'));
}

static bool read_topic_object(const struct reading *r, json_t *object, struct notice_topic *topic,
                              json_t **ret_parent, struct error *err)
{
    const struct request part = request_part(r->request, object);

    *ret_parent = json_object_get(object, "parent");
    return request_allow(&part, "key title url parent", err) &&
           request_need_text(&part, "key", &topic->key, err) &&
           request_text(&part, "title", &topic->title, err) &&
           request_text(&part, "url", &topic->url, err);
}

static bool read_topic(const struct reading *r, json_t *value, struct notice_topic *topic,
                       json_t **ret_parent, struct error *err)
{
    *topic = (struct notice_topic){ .id = 0 };
    *ret_parent = NULL;
    if (json_is_string(value))
        topic->key = (struct span){ json_string_value(value), json_string_length(value) };
    else if (!json_is_object(value))
        return error_set(err, ERROR_INVALID, "topic: must be a key or an object");
    else if (!read_topic_object(r, value, topic, ret_parent, err))
        return error_wrap(err, "topic");
    topic->kind = kind_of_key(topic->key);
    return true;
}

/* The thread of the topic, made with it. */
static bool find_thread(struct reading *r, json_t *value, struct notice_thread **ret_thread,
                        struct error *err)
{
    struct notice_topic *topics = ARENA_ARRAY(r->arena, struct notice_topic, TOPICS_OF_THREAD);
    json_t *parent;
    json_t *further;
    struct notice_thread *t;

    if (!read_topic(r, value, &topics[0], &parent, err))
        return false;
    for (size_t i = 0; i < r->thread_count; i++) {
        if (span_equal(r->threads[i].topics[0].key, topics[0].key)) {
            *ret_thread = &r->threads[i];
            return true;
        }
    }
    if (parent != NULL && !read_topic(r, parent, &topics[1], &further, err))
        return false;
    for (size_t i = 0; i < TOPICS_OF_THREAD; i++)
        topics[i].id = (int64_t)(r->thread_count * TOPICS_OF_THREAD + i) + 1;
    t = &r->threads[r->thread_count++];
    t->topics = topics;
    t->topic_count = parent != NULL ? TOPICS_OF_THREAD : 1;
    t->events = ARENA_ARRAY(r->arena, struct notice_event, SAMPLE_EVENTS_MOST);
    *ret_thread = t;
    return true;
}

static bool read_changes(const struct reading *r, json_t *array, struct notice_event *event,
                         struct error *err)
{
    struct notice_change *changes = ARENA_ARRAY(r->arena, struct notice_change, CHANGES_MOST);
    size_t i;
    json_t *object;

    event->changes = changes;
    if (array != NULL && (!json_is_array(array) || json_array_size(array) > CHANGES_MOST))
        return error_set(err, ERROR_INVALID, "changes: must be an array of at most %d",
                         CHANGES_MOST);
    json_array_foreach (array, i, object) {
        const struct request part = request_part(r->request, object);

        if (!request_allow(&part, "field old new", err) ||
            !request_need_text(&part, "field", &changes[i].field, err) ||
            !request_text(&part, "old", &changes[i].old, err) ||
            !request_text(&part, "new", &changes[i].new, err))
            return error_wrap(err, "changes[%zu]", i);
        event->change_count++;
    }
    return true;
}

/* The same name is the same person; nobody has no number. */
static int64_t actor_number(struct reading *r, struct span name)
{
    size_t i = 0;

    if (name.n == 0)
        return 0;
    while (i < r->actor_count && !span_equal(r->actors[i], name))
        i++;
    if (i == r->actor_count)
        r->actors[r->actor_count++] = name;
    return (int64_t)i + 1000;
}

static void set_scopes(struct reading *r, const struct notice_thread *t, struct notice_event *event)
{
    struct notice_scope *scopes = ARENA_ARRAY(r->arena, struct notice_scope, TOPICS_OF_THREAD);

    for (size_t i = 0; i < t->topic_count; i++)
        scopes[i] = (struct notice_scope){ i, (int)i, i > 0 };
    event->scopes = scopes;
    event->scope_count = t->topic_count;
}

static bool read_event(struct reading *r, json_t *object, struct error *err)
{
    const struct request part = request_part(r->request, object);
    struct notice_event event = { .seq = (int64_t)r->count + 1, .kind_bit = 0 };
    struct notice_thread *t;

    if (!request_allow(&part, "topic kind actor title text url changes", err) ||
        !request_need_text(&part, "kind", &event.kind, err) ||
        !request_text(&part, "actor", &event.actor_name, err) ||
        !request_text(&part, "title", &event.title, err) ||
        !request_text(&part, "text", &event.text, err) ||
        !request_text(&part, "url", &event.url, err) ||
        !read_changes(r, json_object_get(object, "changes"), &event, err) ||
        !find_thread(r, json_object_get(object, "topic"), &t, err))
        return false;
    event.id = event.seq;
    event.actor = actor_number(r, event.actor_name);
    event.at = r->request->now_ms - (SAMPLE_EVENTS_MOST - (int64_t)r->count) * (int64_t)MINUTE_MS;
    event.taken_at = event.at;
    set_scopes(r, t, &event);
    ((struct notice_event *)(uintptr_t)t->events)[t->event_count++] = event;
    r->count++;
    return true;
}

bool sample_events_read(const struct request *request, json_t *sample, struct arena *arena,
                        struct sample_threads *ret_threads, struct error *err)
{
    struct reading r = { .request = request, .arena = arena };
    size_t count = json_is_array(sample) ? json_array_size(sample) : 1;

    if (count == 0 || count > SAMPLE_EVENTS_MOST)
        return error_set(err, ERROR_INVALID, "sample: must be an event or 1 to %d of them",
                         SAMPLE_EVENTS_MOST);
    r.threads = ARENA_ARRAY(arena, struct notice_thread, count);
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_is_array(sample) ? json_array_get(sample, i) : sample;

        if (!json_is_object(object))
            return error_set(err, ERROR_INVALID, "sample[%zu]: must be an object", i);
        if (!read_event(&r, object, err))
            return error_wrap(err, "sample[%zu]", i);
    }
    *ret_threads = (struct sample_threads){ r.threads, r.thread_count };
    return true;
}
