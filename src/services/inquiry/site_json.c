/*
 * Parts of answers about sites.
 */
#include "services/inquiry/site_json.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "services/request/answer.h"
#include "store/host_trouble.h"
#include "store/site_word.h"

static bool is_time(enum site_limit_kind kind)
{
    return kind == LIMIT_CONNECTION_MS || kind == LIMIT_IDLE_MS;
}

static void put_bound(json_t *list, const struct site_bound *bound, bool holds)
{
    json_t *object = json_object();

    (void)json_array_append_new(list, object);
    answer_string(object, "limit", site_limit_kind_name(bound->kind));
    if (is_time(bound->kind))
        answer_duration(object, "value", bound->value);
    else
        answer_number(object, "value", bound->value);
    answer_string(object, "by", limit_origin_name(bound->origin));
    answer_moment(object, "since", bound->since);
    answer_moment(object, "until", bound->until);
    answer_flag(object, "holds", holds);
    if (bound->words[0] != '\0')
        answer_string(object, "text", bound->words);
}

void site_json_put_limits(json_t *answer, const struct site_bounds *bounds, int64_t now_ms)
{
    json_t *list = json_array();

    answer_take(answer, "limits", list);
    for (int kind = 0; kind < SITE_LIMIT_KINDS; kind++) {
        bool holds = true;

        for (int origin = 0; origin < LIMIT_ORIGINS; origin++) {
            struct site_bound bound = site_bounds_of(bounds, (enum site_limit_kind)kind,
                                                     (enum limit_origin)origin, now_ms);

            if (bound.value == 0)
                continue;
            put_bound(list, &bound, holds);
            holds = false;
        }
    }
}

static void put_word(json_t *object, const struct site_word *word)
{
    answer_text(object, "by", word->by);
    answer_moment(object, "since", word->since);
    answer_moment(object, "until", word->until);
    answer_text(object, "text", word->text);
}

bool site_json_put_stops(struct db *db, json_t *answer, struct span key, int64_t now_ms,
                         struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct site_word_list words;
    json_t *stops = json_array();

    arena_init(&arena);
    answer_take(answer, "stops", stops);
    if (!site_word_list_read(db, &arena, key, now_ms, &words, err))
        return false;
    for (size_t i = 0; i < words.n; i++) {
        enum stream_id stream;
        json_t *object;

        if (span_equal(words.at[i].about, SPAN(SITE_WORD_PAUSE))) {
            object = json_object();
            answer_take(answer, "paused", object);
        } else if (stream_find(words.at[i].about, &stream)) {
            object = json_object();
            answer_string(object, "stream", stream_name(stream));
            (void)json_array_append_new(stops, object);
        } else {
            continue;
        }
        put_word(object, &words.at[i]);
    }
    return true;
}

bool site_json_put_hosts(struct db *db, json_t *answer, struct span key, int64_t now_ms,
                         struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct host_trouble_list troubles;
    json_t *array;

    arena_init(&arena);
    if (!host_trouble_list_read(db, &arena, key, now_ms, &troubles, err))
        return false;
    if (troubles.n == 0)
        return true;
    array = json_array();
    answer_take(answer, "host_troubles", array);
    for (size_t i = 0; i < troubles.n; i++) {
        json_t *object = json_object();

        (void)json_array_append_new(array, object);
        answer_text(object, "ip", troubles.at[i].ip);
        answer_text(object, "trouble", troubles.at[i].trouble);
        answer_moment(object, "since", troubles.at[i].since);
        answer_moment(object, "until", troubles.at[i].until);
        answer_text(object, "text", troubles.at[i].text);
    }
    return true;
}
