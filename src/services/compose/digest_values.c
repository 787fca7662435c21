/*
 * From the threads of a mail to the tree of values its template sees.
 */
#include "services/compose/digest_values.h"

#include "services/compose/notice_model.h"

/* While values are made. */
struct making {
    const struct digest_material *m;
    struct arena *arena;
    struct value *root;
    size_t shown;
};

static void set_sections(struct making *k)
{
    struct value *sections = ARENA_ARRAY(k->arena, struct value, k->shown);

    for (size_t i = 0; i < k->shown; i++)
        sections[i].fields = notice_values_make(&k->m->threads[i], k->arena);
    k->root[DIGEST_SECTIONS].list.items = sections;
    k->root[DIGEST_SECTIONS].list.count = k->shown;
    k->root[DIGEST_MORE_SECTIONS].number = (int64_t)(k->m->count - k->shown);
    if (k->m->count >= DIGEST_CONTENTS_LEAST)
        k->root[DIGEST_CONTENTS] = k->root[DIGEST_SECTIONS];
}

static void set_counts(struct making *k)
{
    int64_t changes = 0;

    for (size_t i = 0; i < k->m->count; i++)
        changes +=
            (int64_t)(k->m->threads[i].content->told_count + k->m->threads[i].thread->left_out);
    k->root[DIGEST_CHANGE_COUNT].number = changes;
    k->root[DIGEST_SEVERAL_CHANGES].flag = changes > 1;
    k->root[DIGEST_TOPIC_COUNT].number = (int64_t)k->m->count;
    k->root[DIGEST_SEVERAL_TOPICS].flag = k->m->count > 1;
}

/* The subject names the first sections' topics. */
static void set_named(struct making *k)
{
    size_t n = k->shown < DIGEST_NAMED_MOST ? k->shown : DIGEST_NAMED_MOST;
    struct value *named = ARENA_ARRAY(k->arena, struct value, n);

    for (size_t i = 0; i < n; i++)
        named[i].fields = k->root[DIGEST_SECTIONS].list.items[i].fields[NOTICE_TOPIC].fields;
    k->root[DIGEST_NAMED].list.items = named;
    k->root[DIGEST_NAMED].list.count = n;
    k->root[DIGEST_MORE_NAMED].number = (int64_t)(k->m->count - n);
}

static void set_preview(struct making *k)
{
    struct span *preview = &k->root[DIGEST_PREVIEW].text;

    for (size_t i = 0; i < k->shown && preview->n == 0; i++)
        *preview = notice_preview(k->root[DIGEST_SECTIONS].list.items[i].fields);
}

/* Watched topics by id, each once. */
struct watched {
    int64_t ids[DIGEST_WATCHED_MOST];
    struct value *items;
    size_t count;
    bool more;
};

static bool is_known(const struct watched *w, int64_t id)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->ids[i] == id)
            return true;
    return false;
}

static void add_watched(struct making *k, struct watched *w, const struct notice_material *m)
{
    const struct content_delivery *d = m->delivery;
    struct span languages[CONTENT_LANGUAGES_MOST + 1] = { m->language };

    for (size_t i = 0; i < d->language_count; i++)
        languages[i + 1] = d->languages[i];
    for (size_t i = 0; i < m->content->watched_count; i++) {
        const struct notice_topic *topic = &m->thread->topics[m->content->watched[i]];

        if (is_known(w, topic->id))
            continue;
        if (w->count == DIGEST_WATCHED_MOST) {
            w->more = true;
            return;
        }
        w->ids[w->count] = topic->id;
        w->items[w->count++].fields =
            notice_topic_values(topic, languages, d->language_count + 1, k->arena);
    }
}

/* Why the person gets the mail. */
static void set_reasons(struct making *k)
{
    struct watched w = { .items = ARENA_ARRAY(k->arena, struct value, DIGEST_WATCHED_MOST) };

    for (size_t i = 0; i < k->m->count; i++) {
        add_watched(k, &w, &k->m->threads[i]);
        if (why_rank(k->m->threads[i].content->why) < REASON_WATCH)
            k->root[DIGEST_ADDRESSED].flag = true;
    }
    k->root[DIGEST_WATCHED].list.items = w.items;
    k->root[DIGEST_WATCHED].list.count = w.count;
    k->root[DIGEST_MORE_WATCHED].flag = w.more;
}

struct value *digest_values_make(const struct digest_material *material, struct arena *arena)
{
    struct value *root = ARENA_ARRAY(arena, struct value, DIGEST_FIELDS);
    const struct notice_material *first = &material->threads[0];
    struct making k = { material, arena, root, material->count };

    if (k.shown > DIGEST_SECTIONS_MOST)
        k.shown = DIGEST_SECTIONS_MOST;
    root[DIGEST_LANGUAGE].text = first->language;
    root[DIGEST_DIRECTION].text = notice_direction(first->language);
    root[DIGEST_PERSON].fields = notice_person_values(first->delivery, arena);
    root[DIGEST_SITE].fields = notice_site_values(first, arena);
    root[DIGEST_LINKS].fields = notice_link_values(first->links, arena);
    root[DIGEST_HOURLY].flag = material->mode == WATCH_HOURLY;
    root[DIGEST_DAILY].flag = material->mode == WATCH_DAILY;
    root[DIGEST_WEEKLY].flag = material->mode == WATCH_WEEKLY;
    set_sections(&k);
    set_counts(&k);
    set_named(&k);
    set_preview(&k);
    set_reasons(&k);
    return root;
}
