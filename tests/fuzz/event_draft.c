/*
 * Events as applications write them: any bytes are read or refused with a sentence, and the order
 * of an event's fields does not count.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "services/intake/event_draft.h"
#include "tests/fuzz/target.h"

enum { EVENT_SIZE_MOST = 64 * 1024 };

static bool read_event(json_t *json, struct arena *arena, struct event_draft *ret_draft)
{
    const struct settings settings = { .event_size_limit = EVENT_SIZE_MOST,
                                       .attachment_limit = 4,
                                       .attachment_size_limit = 1024,
                                       .attachments_size_limit = 2048 };
    const struct request request = { json, 1790000000000, "the fuzzer", &settings };
    struct error err = { .text = "" };
    bool fine = event_draft_read(&request, arena, ret_draft, &err);

    assert(fine || (err.kind != 0 && err.text[0] != '\0'));
    return fine;
}

static void check_draft(const struct event_draft *d)
{
    assert(d->topic.key.n > 0 && d->kind.n > 0);
    assert(!text_has_control(d->topic.key) && !text_has_control(d->kind));
    assert(!text_has_control(d->title) && d->title.n <= EVENT_TITLE_LIMIT);
    assert(!text_has_control(d->key) && d->key.n <= EVENT_KEY_LIMIT);
    assert(!text_has_control(d->label) && !text_has_control(d->thread));
    for (size_t i = 0; i < d->attachments.n; i++)
        assert(!text_has_control(d->attachments.at[i].name) &&
               d->attachments.at[i].content.n <= 1024);
    assert(d->scope_count <= EVENT_SCOPES_LIMIT && d->revision >= 1);
}

/* The same members in the order of their names' ends. */
static json_t *reordered(const json_t *json)
{
    json_t *copy = json_object();
    void *last = json_object_iter((json_t *)json);
    const char *key;
    json_t *value;

    while (last != NULL && json_object_iter_next((json_t *)json, last) != NULL)
        last = json_object_iter_next((json_t *)json, last);
    if (last != NULL)
        (void)json_object_set(copy, json_object_iter_key(last), json_object_iter_value(last));
    json_object_foreach ((json_t *)json, key, value)
        (void)json_object_set(copy, key, value);
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_fini) struct arena arena;
    struct event_draft draft;
    struct event_draft again;
    struct error err = { .text = "" };
    json_t *json;
    json_t *other;
    bool same;

    arena_init(&arena);
    if (!event_json_load((struct span){ (const char *)data, size }, EVENT_SIZE_MOST, &json, &err)) {
        assert(err.text[0] != '\0');
        return 0;
    }
    if (read_event(json, &arena, &draft)) {
        check_draft(&draft);
        other = reordered(json);
        same = read_event(other, &arena, &again);
        assert(same);
        assert(memcmp(draft.digest, again.digest, DIGEST_SIZE) == 0);
        json_decref(other);
    }
    json_decref(json);
    return 0;
}
