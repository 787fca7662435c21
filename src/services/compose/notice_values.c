/*
 * From chosen events to the tree of values a template sees.
 */
#include "services/compose/notice_values.h"

#include <stdio.h>

#include "domain/line_diff.h"
#include "services/compose/notice_model.h"
#include "services/compose/template_escape.h"
#include "services/request/sight_json.h"

/* While values are made. */
struct making {
    const struct notice_material *m;
    struct arena *arena;
    struct span languages[CONTENT_LANGUAGES_MOST + 1]; /* for names: the template's first */
    size_t language_count;
    size_t diff_budget; /* lines left for diffs */
};

static struct value *record(struct arena *arena, size_t fields)
{
    return ARENA_ARRAY(arena, struct value, fields);
}

bool notice_container(const struct notice_thread *thread, size_t *ret_topic)
{
    const struct notice_event *last;
    bool found = false;

    if (thread->event_count == 0)
        return false;
    last = &thread->events[thread->event_count - 1];
    for (size_t i = 0; i < last->scope_count && !found; i++) {
        found = last->scopes[i].holds;
        *ret_topic = found ? last->scopes[i].topic : *ret_topic;
    }
    return found;
}

/* A link that no mail program should follow is none. */
static struct span safe_url(struct span url)
{
    return template_escape_url_safe(url) ? url : SPAN("");
}

/* "12" of "issue/12". */
static struct span topic_id(struct span key)
{
    size_t slash = span_index(key, '/');

    return slash < key.n ? span_rest(key, slash + 1) : key;
}

/* Numbers need the word of their kind to be understood ("Issue 12"), names do not. */
static bool is_number(struct span id)
{
    return id.n > 0 && id.n <= 20 && id.at[id.n - 1] >= '0' && id.at[id.n - 1] <= '9';
}

static struct span capital(struct arena *arena, struct span word)
{
    char *text = arena_text(arena, word);

    if (word.n > 0 && text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    return (struct span){ text, word.n };
}

struct value *notice_topic_values(const struct notice_topic *topic, const struct span *languages,
                                  size_t language_count, struct arena *arena)
{
    struct value *v = record(arena, TOPIC_FIELDS);
    struct span kind = notice_name_find(topic->kind_names, languages, language_count);
    struct span id = topic_id(topic->key);
    struct span label;

    if (kind.n == 0)
        kind = capital(arena, topic->kind);
    label = span_of(
        arena_printf(arena, "%.*s%s%.*s", SPAN_ARGS(kind), kind.n > 0 ? " " : "", SPAN_ARGS(id)));
    if (!is_number(id) && topic->title.n > 0)
        label = topic->title;
    v[TOPIC_KEY].text = topic->key;
    v[TOPIC_KIND].text = topic->kind;
    v[TOPIC_KIND_NAME].text = kind;
    v[TOPIC_ID].text = id;
    v[TOPIC_TITLE].text = topic->title;
    v[TOPIC_LABEL].text = label;
    v[TOPIC_NAME].text = label;
    if (topic->title.n > 0 && is_number(id))
        v[TOPIC_NAME].text = span_starts_nocase(topic->title, label)
                                 ? topic->title
                                 : span_of(arena_printf(arena, "%.*s: %.*s", SPAN_ARGS(label),
                                                        SPAN_ARGS(topic->title)));
    v[TOPIC_URL].text = safe_url(topic->url);
    return v;
}

static struct value *topic_values(struct making *k, size_t topic)
{
    return notice_topic_values(&k->m->thread->topics[topic], k->languages, k->language_count,
                               k->arena);
}

static struct value *time_values(struct making *k, int64_t utc_ms)
{
    struct value *v = record(k->arena, TIME_FIELDS);
    struct zone_moment m;
    struct span date;
    struct span clock;

    zone_moment(k->m->zone, utc_ms, &m);
    date = span_of(arena_printf(k->arena, "%04d-%02d-%02d", m.year, m.month, m.day));
    clock = span_of(arena_printf(k->arena, "%02d:%02d", m.hour, m.minute));
    v[TIME_YEAR].text = span_first(date, date.n - 6);
    v[TIME_MONTH].text = span_first(span_rest(date, date.n - 5), 2);
    v[TIME_DAY].text = span_rest(date, date.n - 2);
    v[TIME_HOUR].text = span_first(clock, 2);
    v[TIME_MINUTE].text = span_rest(clock, 3);
    v[TIME_ZONE].text = span_of(arena_text(k->arena, span_of(m.name)));
    v[TIME_DATE].text = date;
    v[TIME_CLOCK].text = clock;
    return v;
}

static bool named_before(const struct notice_thread *t, const struct notice_content *c, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (!t->events[c->told[j]].secret &&
            t->events[c->told[j]].actor == t->events[c->told[i]].actor)
            return true;
    return false;
}

/* Calls of this with rising `*from` give the told events' actors that have a name, each once. */
static const struct notice_event *next_actor(const struct notice_thread *t,
                                             const struct notice_content *c, size_t *from)
{
    while (*from < c->told_count) {
        size_t i = (*from)++;
        const struct notice_event *event = &t->events[c->told[i]];

        if (!event->secret && event->actor_name.n > 0 && !named_before(t, c, i))
            return event;
    }
    return NULL;
}

struct span notice_senders(const struct notice_thread *thread, const struct notice_content *content,
                           struct arena *arena)
{
    struct span names[2];
    const struct notice_event *event;
    size_t n = 0;
    size_t from = 0;

    while ((event = next_actor(thread, content, &from)) != NULL) {
        if (n < 2)
            names[n] = event->actor_name;
        n++;
    }
    if (n == 0)
        return SPAN("");
    if (n == 1)
        return names[0];
    if (n == 2)
        return span_of(arena_printf(arena, "%.*s, %.*s", SPAN_ARGS(names[0]), SPAN_ARGS(names[1])));
    return span_of(
        arena_printf(arena, "%.*s, %.*s +%zu", SPAN_ARGS(names[0]), SPAN_ARGS(names[1]), n - 2));
}

static void set_actors(struct making *k, struct value *root)
{
    struct value *items = ARENA_ARRAY(k->arena, struct value, NOTICE_ACTORS_MOST);
    const struct notice_event *event;
    size_t n = 0;
    size_t from = 0;

    while ((event = next_actor(k->m->thread, k->m->content, &from)) != NULL) {
        if (n < NOTICE_ACTORS_MOST) {
            struct value *v = record(k->arena, ACTOR_FIELDS);

            v[ACTOR_NAME].text = event->actor_name;
            items[n].fields = v;
        }
        n++;
    }
    root[NOTICE_ACTORS].list.items = items;
    root[NOTICE_ACTORS].list.count = n < NOTICE_ACTORS_MOST ? n : NOTICE_ACTORS_MOST;
    root[NOTICE_MORE_ACTORS].number = n > NOTICE_ACTORS_MOST ? (int64_t)n - NOTICE_ACTORS_MOST : 0;
}

static const struct notice_event *changed_by(const struct making *k, size_t change)
{
    return &k->m->thread->events[k->m->content->changes[change].event];
}

static bool one_changed_all(const struct making *k)
{
    for (size_t i = 1; i < k->m->content->change_count; i++)
        if (changed_by(k, i)->actor != changed_by(k, 0)->actor)
            return false;
    return k->m->content->change_count > 0;
}

/* Nobody reads a text of many lines as old -> new. */
static bool is_long(struct span text)
{
    return span_index(text, '\n') + 1 < text.n || text.n > BRIEF_COLUMNS;
}

static struct value *diff_line_values(struct making *k, const struct line_diff_line *line)
{
    struct value *v = record(k->arena, DIFF_FIELDS);

    v[DIFF_ADDED].flag = line->mark == LINE_CAME;
    v[DIFF_REMOVED].flag = line->mark == LINE_WENT;
    v[DIFF_SAME].flag = line->mark == LINE_STAYED;
    v[DIFF_GAP].flag = line->mark == LINE_GAP;
    v[DIFF_TEXT].text = line->text;
    return v;
}

static void set_diff(struct making *k, const struct notice_net_change *change, struct value *v)
{
    size_t most =
        k->diff_budget < NOTICE_CHANGE_LINES_MOST ? k->diff_budget : NOTICE_CHANGE_LINES_MOST;
    struct line_diff diff;
    struct value *lines;

    if (most == 0 || !(is_long(change->old) || is_long(change->new)))
        return;
    line_diff_make(change->old, change->new, most, k->arena, &diff);
    lines = ARENA_ARRAY(k->arena, struct value, diff.count);
    for (size_t i = 0; i < diff.count; i++)
        lines[i].fields = diff_line_values(k, &diff.lines[i]);
    v[CHANGE_DIFF].list.items = lines;
    v[CHANGE_DIFF].list.count = diff.count;
    v[CHANGE_MORE_LINES].number = (int64_t)diff.more;
    k->diff_budget -= diff.count;
}

/* Who changed it is said once when it is one person, else with each change. */
static void set_changes(struct making *k, struct value *root)
{
    const struct notice_content *c = k->m->content;
    struct value *items = ARENA_ARRAY(k->arena, struct value, c->change_count);
    bool one = one_changed_all(k);

    for (size_t i = 0; i < c->change_count; i++) {
        struct value *v = record(k->arena, CHANGE_FIELDS);

        v[CHANGE_FIELD].text = c->changes[i].field;
        v[CHANGE_OLD].text = c->changes[i].old;
        v[CHANGE_NEW].text = c->changes[i].new;
        set_diff(k, &c->changes[i], v);
        if (!one)
            v[CHANGE_BY].text = changed_by(k, i)->actor_name;
        items[i].fields = v;
    }
    root[NOTICE_CHANGES].list.items = items;
    root[NOTICE_CHANGES].list.count = c->change_count;
    root[NOTICE_MORE_CHANGES].number = (int64_t)c->changes_left_out;
    if (one)
        root[NOTICE_CHANGER].text = changed_by(k, 0)->actor_name;
}

/* A name's value; a later one stands for an earlier one of the same name. */
static void put_data(struct making *k, struct value *items, size_t *io_count,
                     const struct sight_answer *from)
{
    for (size_t i = 0; i < from->field_count; i++) {
        struct value *v = record(k->arena, DATA_FIELDS);
        size_t at = 0;

        while (at < *io_count &&
               !span_equal(items[at].fields[DATA_NAME].text, from->fields[i].name))
            at++;
        v[DATA_NAME].text = from->fields[i].name;
        v[DATA_VALUE].text = from->fields[i].value;
        items[at].fields = v;
        *io_count += at == *io_count;
    }
}

/* The event's own data, and over it what the application added for this reader. */
static void set_data(struct making *k, struct value *item, size_t index)
{
    const struct sight_answer *answer = k->m->sights != NULL ? k->m->sights[index] : NULL;
    struct sight_answer own = { .field_count = 0 };
    struct value *items;
    size_t n = 0;

    sight_data_read(k->m->thread->events[index].data, k->arena, &own);
    items = ARENA_ARRAY(k->arena, struct value,
                        own.field_count + (answer != NULL ? answer->field_count : 0));
    put_data(k, items, &n, &own);
    if (answer != NULL)
        put_data(k, items, &n, answer);
    item[ITEM_DATA].list.items = items;
    item[ITEM_DATA].list.count = n;
}

static const struct notice_file *file_of(const struct making *k, const struct attachment *a)
{
    for (size_t i = 0; i < k->m->files.n; i++)
        if (k->m->files.at[i].attachment == a)
            return &k->m->files.at[i];
    return NULL;
}

static struct value *attachment_values(struct making *k, const struct attachment *a,
                                       const struct notice_file *file)
{
    struct value *v = record(k->arena, ATTACHMENT_FIELDS);
    int64_t kilobytes = a->size > 1000 ? (a->size + 500) / 1000 : 1;

    v[ATTACHMENT_NAME].text = a->name;
    v[ATTACHMENT_TYPE].text = a->type;
    v[ATTACHMENT_SIZE].text = span_of(arena_printf(k->arena, "%lld kB", (long long)kilobytes));
    if (file != NULL && a->is_inline)
        v[ATTACHMENT_CID].text =
            span_of(arena_printf(k->arena, "cid:%.*s", SPAN_ARGS(file->content_id)));
    return v;
}

static void set_attachments(struct making *k, struct value *item, const struct notice_event *event)
{
    size_t n = event->attachments.n;
    struct value *items = ARENA_ARRAY(k->arena, struct value, n);

    for (size_t i = 0; i < n; i++) {
        const struct attachment *a = &event->attachments.at[i];
        const struct notice_file *file = file_of(k, a);

        items[i].fields = attachment_values(k, a, file);
        item[ITEM_CARRIED].flag = file != NULL;
    }
    item[ITEM_ATTACHMENTS].list.items = items;
    item[ITEM_ATTACHMENTS].list.count = n;
    item[ITEM_ATTACHMENT_COUNT].number = (int64_t)n;
}

static struct value *item_values(struct making *k, size_t index, size_t *budget)
{
    const struct notice_event *event = &k->m->thread->events[index];
    const struct notice_topic *thread = &k->m->thread->topics[k->m->thread->topic];
    struct value *v = record(k->arena, ITEM_FIELDS);
    struct span kind = notice_name_find(event->kind_names, k->languages, k->language_count);

    v[ITEM_ACTOR].text = event->actor_name;
    v[ITEM_AT].fields = time_values(k, event->at);
    v[ITEM_KIND].text = event->kind;
    v[ITEM_KIND_NAME].text = kind.n > 0 ? kind : event->kind;
    if (event->topic != k->m->thread->topic)
        v[ITEM_TOPIC].fields = topic_values(k, event->topic);
    if (!span_equal(event->title, thread->title))
        v[ITEM_TITLE].text = event->title;
    v[ITEM_TEXT].text = span_first(event->text, *budget);
    v[ITEM_URL].text = safe_url(event->url);
    v[ITEM_ASKS].text = event->asks;
    *budget -= v[ITEM_TEXT].text.n;
    set_attachments(k, v, event);
    set_data(k, v, index);
    return v;
}

/* The newest items, the oldest of them first; the newest have the first call on the room. */
static void set_items(struct making *k, struct value *root)
{
    const struct notice_content *c = k->m->content;
    size_t n = c->item_count < k->m->items_most ? c->item_count : k->m->items_most;
    struct value *items = ARENA_ARRAY(k->arena, struct value, n);
    size_t budget = k->m->text_budget;

    for (size_t i = n; i > 0; i--) {
        size_t event = c->items[c->item_count - n + i - 1];

        items[i - 1].fields = item_values(k, event, &budget);
    }
    root[NOTICE_ITEMS].list.items = items;
    root[NOTICE_ITEMS].list.count = n;
    root[NOTICE_MORE_ITEMS].number = (int64_t)(c->item_count - n + k->m->thread->left_out);
}

/* Who is addressed directly is told so first; else the nearest watch is the reason. */
static struct value *reason_values(struct making *k)
{
    const struct notice_content *c = k->m->content;
    struct value *v = record(k->arena, REASON_FIELDS);
    struct value *also = ARENA_ARRAY(k->arena, struct value, c->watched_count);
    int64_t rank = why_rank(c->why);
    size_t first = rank >= REASON_WATCH && c->watched_count > 0 ? 1 : 0;

    v[REASON_ASSIGNED_FIELD].flag = rank == REASON_ASSIGNED;
    v[REASON_MENTIONED_FIELD].flag = rank == REASON_MENTIONED;
    v[REASON_AUTHOR_FIELD].flag = rank == REASON_AUTHOR;
    v[REASON_CC_FIELD].flag = rank == REASON_CC;
    if (rank == REASON_OTHER)
        v[REASON_OTHER_FIELD].text = c->reason_word;
    if (first > 0)
        v[REASON_WATCH_FIELD].fields = topic_values(k, c->watched[0]);
    for (size_t i = first; i < c->watched_count; i++)
        also[i - first].fields = topic_values(k, c->watched[i]);
    v[REASON_ALSO_FIELD].list.items = also;
    v[REASON_ALSO_FIELD].list.count = c->watched_count - first;
    return v;
}

struct span notice_preview(const struct value *root)
{
    const struct value *items = root[NOTICE_ITEMS].list.items;

    for (size_t i = 0; i < root[NOTICE_ITEMS].list.count; i++) {
        const struct value *v = items[i].fields;

        if (v[ITEM_TEXT].text.n > 0)
            return v[ITEM_TEXT].text;
        if (v[ITEM_TITLE].text.n > 0)
            return v[ITEM_TITLE].text;
    }
    return SPAN("");
}

static struct span best_url(const struct making *k)
{
    const struct notice_content *c = k->m->content;
    const struct notice_thread *t = k->m->thread;

    for (size_t i = c->told_count; i > 0; i--) {
        const struct notice_event *event = &t->events[c->told[i - 1]];

        if (!event->secret && template_escape_url_safe(event->url))
            return event->url;
    }
    return safe_url(t->topics[t->topic].url);
}

static int64_t earliest_deadline(const struct making *k)
{
    const struct notice_content *c = k->m->content;
    int64_t earliest = 0;

    for (size_t i = 0; i < c->told_count; i++) {
        const struct notice_event *event = &k->m->thread->events[c->told[i]];
        int64_t deadline = event->secret ? 0 : event->deadline;

        if (deadline != 0 && (earliest == 0 || deadline < earliest))
            earliest = deadline;
    }
    return earliest;
}

static bool is_right_to_left(struct span language)
{
    static const char *const tags[] = { "ar", "fa", "he", "ur", "ps", "yi", "sd", "ug", "dv" };
    struct span tag = span_first(language, span_index(language, '-'));

    for (size_t i = 0; i < ARRAY_LENGTH(tags); i++)
        if (span_equal_nocase(tag, span_of(tags[i])))
            return true;
    return false;
}

static void set_places(struct making *k, struct value *root)
{
    const struct notice_thread *t = k->m->thread;
    size_t container = 0;
    int64_t deadline = earliest_deadline(k);

    root[NOTICE_TOPIC].fields = topic_values(k, t->topic);
    if (notice_container(t, &container) && !k->m->container_hidden)
        root[NOTICE_CONTAINER].fields = topic_values(k, container);
    if (deadline != 0)
        root[NOTICE_DEADLINE].fields = time_values(k, deadline);
    root[NOTICE_URL].text = best_url(k);
}

struct value *notice_person_values(const struct content_delivery *delivery, struct arena *arena)
{
    struct value *person = record(arena, PERSON_FIELDS);

    person[PERSON_NAME].text = delivery->name;
    person[PERSON_ADDRESS].text = delivery->address;
    return person;
}

struct value *notice_site_values(const struct notice_material *material, struct arena *arena)
{
    struct value *site = record(arena, SITE_FIELDS);

    site[SITE_NAME].text = span_of(material->site_name);
    site[SITE_URL].text = span_of(material->site_url);
    return site;
}

struct span notice_direction(struct span language)
{
    return span_of(is_right_to_left(language) ? "rtl" : "ltr");
}

static struct value *answer_values(const struct notice_answer *answer, struct arena *arena)
{
    struct value *v = record(arena, ANSWER_FIELDS);

    v[ANSWER_TEXT].text = answer->answer;
    v[ANSWER_URL].text = answer->url;
    return v;
}

static struct value *question_values(const struct notice_question *question, struct arena *arena)
{
    struct value *v = record(arena, QUESTION_FIELDS);
    struct value *answers = ARENA_ARRAY(arena, struct value, question->answer_count);

    for (size_t i = 0; i < question->answer_count; i++)
        answers[i].fields = answer_values(&question->answers[i], arena);
    v[QUESTION_NAME].text = question->name;
    v[QUESTION_DAYS].number = question->days;
    v[QUESTION_SEVERAL_DAYS].flag = question->days > 1;
    v[QUESTION_URL].text = question->url;
    v[QUESTION_ANSWERS].list.items = answers;
    v[QUESTION_ANSWERS].list.count = question->answer_count;
    return v;
}

static void set_questions(const struct notice_links *links, struct value *v, struct arena *arena)
{
    struct value *questions = ARENA_ARRAY(arena, struct value, links->question_count);

    for (size_t i = 0; i < links->question_count; i++)
        questions[i].fields = question_values(&links->questions[i], arena);
    v[LINK_QUESTIONS].list.items = questions;
    v[LINK_QUESTIONS].list.count = links->question_count;
    v[LINK_MORE_QUESTIONS].number = links->more_questions;
}

struct value *notice_link_values(const struct notice_links *links, struct arena *arena)
{
    struct value *v = record(arena, LINK_FIELDS);

    v[LINK_MUTE].text = links->mute;
    v[LINK_STOP].text = links->stop;
    v[LINK_DAILY].text = links->daily;
    v[LINK_ALL_OFF].text = links->all_off;
    v[LINK_SETTINGS].text = links->settings;
    set_questions(links, v, arena);
    return v;
}

static void set_links(struct making *k, struct value *root)
{
    const struct notice_content *c = k->m->content;
    struct value *links = notice_link_values(k->m->links, k->arena);

    if (c->watched_count > 0)
        links[LINK_WATCHED].text = topic_values(k, c->watched[0])[TOPIC_LABEL].text;
    root[NOTICE_LINKS].fields = links;
}

struct value *notice_values_make(const struct notice_material *material, struct arena *arena)
{
    struct making k = { .m = material, .arena = arena, .diff_budget = material->diff_budget };
    struct value *root = record(arena, NOTICE_FIELDS);
    const struct content_delivery *d = material->delivery;

    k.languages[k.language_count++] = material->language;
    for (size_t i = 0; i < d->language_count; i++)
        k.languages[k.language_count++] = d->languages[i];
    root[NOTICE_LANGUAGE].text = material->language;
    root[NOTICE_DIRECTION].text = notice_direction(material->language);
    set_places(&k, root);
    root[NOTICE_PERSON].fields = notice_person_values(d, arena);
    root[NOTICE_SITE].fields = notice_site_values(material, arena);
    set_links(&k, root);
    set_actors(&k, root);
    set_changes(&k, root);
    set_items(&k, root);
    root[NOTICE_COUNT].number =
        (int64_t)(material->content->told_count + material->thread->left_out);
    root[NOTICE_SECRET].flag = material->content->any_secret;
    root[NOTICE_SEVERAL].flag = root[NOTICE_COUNT].number > 1;
    root[NOTICE_REASON].fields = reason_values(&k);
    root[NOTICE_FIRST].flag = material->part->last_message_id.n == 0;
    root[NOTICE_OWED].flag = material->part->owed;
    root[NOTICE_PREVIEW].text = notice_preview(root);
    return root;
}
