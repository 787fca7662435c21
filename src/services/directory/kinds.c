/*
 * What can happen and what can be watched, by kind.
 */
#include "services/directory/kinds.h"

#include "base/alloc.h"
#include "base/cleanup.h"
#include "domain/auto_watch.h"
#include "domain/topic_key.h"
#include "services/request/answer.h"
#include "services/request/sample_events.h"
#include "services/request/topic_wish.h"
#include "store/kind.h"

enum { NAMES_JSON_LIMIT = 4096 };

static json_t *kind_json(const struct kind *kind)
{
    json_t *object = json_object();

    answer_text(object, "name", kind->name);
    answer_string(object, "of", kind->of == KIND_OF_EVENT ? "event" : "topic");
    answer_json(object, "names", kind->names);
    if (kind->of == KIND_OF_EVENT) {
        answer_number(object, "bit", kind->bit);
        answer_flag(object, "urgent", kind->urgent);
        answer_string(object, "stream", stream_name(kind->urgent ? STREAM_URGENT : kind->stream));
    }
    if (kind->sample.n > 0)
        answer_json(object, "sample", kind->sample);
    if (kind->auto_watch.n > 0)
        answer_take(object, "auto_watch", answer_names_json(kind->auto_watch));
    if (kind->secret)
        answer_string(object, "body", "none");
    if (kind->of == KIND_OF_TOPIC)
        answer_string(object, "default_mode", watch_mode_name(kind->default_mode));
    return object;
}

static bool read_of(const struct request *request, bool *ret_given, enum kind_of *ret_of,
                    struct error *err)
{
    struct span of;

    if (!request_text(request, "of", &of, err))
        return false;
    *ret_given = of.at != NULL;
    *ret_of = span_equal(of, SPAN("topic")) ? KIND_OF_TOPIC : KIND_OF_EVENT;
    return of.at == NULL || *ret_of == KIND_OF_TOPIC || span_equal(of, SPAN("event")) ||
           error_set(err, ERROR_INVALID, "of: must be event or topic, got \"%.*s\"",
                     SPAN_ARGS(span_first(of, 40)));
}

static bool read_named(const struct request *request, struct kind *kind, struct error *err)
{
    bool given;

    return request_need_text(request, "name", &kind->name, err) &&
           (kind_name_check(kind->name, err) || error_wrap(err, "name")) &&
           read_of(request, &given, &kind->of, err);
}

static bool read_names(const struct request *request, struct arena *arena, struct kind *kind,
                       struct error *err)
{
    json_t *names = json_object_get(request->args, "names");
    const char *language;
    json_t *name;
    char *text;

    if (names == NULL || json_is_null(names))
        return true;
    if (!json_is_object(names))
        return error_set(err, ERROR_INVALID, "names: must be an object of languages");
    json_object_foreach (names, language, name) {
        if (!json_is_string(name))
            return error_set(err, ERROR_INVALID, "names: \"%s\" must be a text", language);
    }
    text = json_dumps(names, JSON_COMPACT);
    kind->names = arena_copy(arena, span_of(text));
    alloc_free(text);
    return kind->names.n <= NAMES_JSON_LIMIT ||
           error_set(err, ERROR_LIMIT, "names: at most %d bytes", NAMES_JSON_LIMIT);
}

static bool read_auto_watch(const struct request *request, struct kind *kind, struct error *err)
{
    struct span rules;

    if (!request_text(request, "auto_watch", &rules, err))
        return false;
    if (rules.at == NULL)
        return true;
    if (kind->of != KIND_OF_TOPIC)
        return error_set(err, ERROR_INVALID, "auto_watch: only kinds of topics have it");
    kind->auto_watch = span_equal(rules, SPAN("no")) ? (struct span){ NULL, 0 } : rules;
    return kind->auto_watch.n == 0 || auto_watch_check(rules, err) || error_wrap(err, "auto_watch");
}

/* Kept as JSON, once it has been read as a preview will read it. */
static bool read_sample(const struct request *request, struct arena *arena, struct kind *kind,
                        struct error *err)
{
    json_t *sample = json_object_get(request->args, "sample");
    struct sample_threads threads;
    char *text;

    if (sample == NULL || json_is_null(sample))
        return true;
    if (!sample_events_read(request, sample, arena, &threads, err))
        return false;
    text = json_dumps(sample, JSON_COMPACT);
    kind->sample = arena_copy(arena, span_of(text));
    alloc_free(text);
    return kind->sample.n <= SAMPLE_JSON_MOST ||
           error_set(err, ERROR_LIMIT, "sample: at most %d bytes", SAMPLE_JSON_MOST);
}

static bool read_default_mode(const struct request *request, struct kind *kind, struct error *err)
{
    struct span mode;

    if (!request_text(request, "default_mode", &mode, err))
        return false;
    if (mode.at == NULL)
        return true;
    if (kind->of != KIND_OF_TOPIC)
        return error_set(err, ERROR_INVALID, "default_mode: only kinds of topics have it");
    return (watch_mode_find(mode, &kind->default_mode) && kind->default_mode != WATCH_MUTE) ||
           error_set(err, ERROR_INVALID,
                     "default_mode: must be now, hourly, daily or weekly, got \"%.*s\"",
                     SPAN_ARGS(span_first(mode, 40)));
}

/* An urgent kind has its stream by being so, and no other. */
static bool read_stream(const struct request *request, struct kind *kind, struct error *err)
{
    enum stream_id stream = kind->stream;
    struct span name;

    if (!request_text(request, "stream", &name, err))
        return false;
    if (name.at != NULL && kind->of != KIND_OF_EVENT)
        return error_set(err, ERROR_INVALID, "stream: only kinds of events have it");
    if (name.at != NULL && !stream_find(name, &stream))
        return error_set(err, ERROR_INVALID, "stream: there is no stream \"%.*s\"",
                         SPAN_ARGS(span_first(name, 40)));
    if (stream == STREAM_URGENT && !kind->urgent)
        return error_set(err, ERROR_INVALID, "stream: urgent is for urgent kinds only");
    if (kind->urgent && stream != STREAM_URGENT && (name.at != NULL || stream != STREAM_NOTICES))
        return error_set(err, ERROR_INVALID,
                         "stream: an urgent kind cannot be bound to the stream %s",
                         stream_name(stream));
    kind->stream = kind->urgent ? STREAM_NOTICES : stream;
    return true;
}

bool kinds_add(struct db *db, const struct request *request, json_t **ret_answer, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct kind kind = { .of = KIND_OF_EVENT };
    bool made;
    bool given;

    arena_init(&arena);
    if (!request_allow(request, "name of names urgent stream auto_watch sample body default_mode",
                       err) ||
        !read_named(request, &kind, err) || !kind_declare(db, &arena, &kind, &made, err) ||
        !read_names(request, &arena, &kind, err) || !read_sample(request, &arena, &kind, err) ||
        !request_flag(request, "urgent", kind.urgent, &kind.urgent, err))
        return false;
    if (kind.urgent && kind.of == KIND_OF_TOPIC)
        return error_set(err, ERROR_INVALID, "urgent: only kinds of events are");
    if (!read_stream(request, &kind, err) || !read_auto_watch(request, &kind, err) ||
        !read_default_mode(request, &kind, err) ||
        !request_body(request, &kind.secret, &given, err) || !kind_save(db, &kind, err))
        return false;
    *ret_answer = kind_json(&kind);
    return true;
}

bool kinds_show(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct kind kind = { .of = KIND_OF_EVENT };
    bool found;

    arena_init(&arena);
    if (!request_allow(request, "name of", err) || !read_named(request, &kind, err) ||
        !kind_find(db, &arena, &kind, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "no kind of %s \"%.*s\" is declared",
                         kind.of == KIND_OF_EVENT ? "event" : "topic", SPAN_ARGS(kind.name));
    *ret_answer = kind_json(&kind);
    return true;
}

static bool put_kinds(struct db *db, enum kind_of of, json_t *array, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct kind_list kinds;

    arena_init(&arena);
    if (!kind_list(db, &arena, of, &kinds, err))
        return false;
    for (size_t i = 0; i < kinds.n; i++)
        (void)json_array_append_new(array, kind_json(&kinds.at[i]));
    return true;
}

bool kinds_list(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    json_t *array;
    enum kind_of of;
    bool given;

    if (!request_allow(request, "of", err) || !read_of(request, &given, &of, err))
        return false;
    array = json_array();
    if ((!(given && of == KIND_OF_TOPIC) && !put_kinds(db, KIND_OF_EVENT, array, err)) ||
        (!(given && of == KIND_OF_EVENT) && !put_kinds(db, KIND_OF_TOPIC, array, err))) {
        json_decref(array);
        return false;
    }
    *ret_answer = json_pack("{s:o}", "kinds", array);
    return true;
}
