/*
 * Choosing and netting. A field's changes are followed over the told events alone: who may not see
 * the second of three changes is told how the first and third read together.
 */
#include "domain/notice_content.h"

#include <string.h>

#include "base/table.h"
#include "domain/watch_decision.h"

enum { SECOND_MS = 1000 };

static bool not_granted(const struct notice_reader *reader, size_t label)
{
    return label != 0 && !reader->granted[label - 1];
}

static const struct notice_direct *direct_of(const struct notice_reader *reader, size_t event)
{
    for (size_t i = 0; i < reader->direct_count; i++)
        if (reader->directs[i].event == event)
            return &reader->directs[i];
    return NULL;
}

/* The event's scope that a topic is; NULL when the event does not concern it. */
static const struct notice_scope *scope_of(const struct notice_event *event, size_t topic)
{
    for (size_t i = 0; i < event->scope_count; i++)
        if (event->scopes[i].topic == topic)
            return &event->scopes[i];
    return NULL;
}

/* The watches that have a say on the event, as the law wants them. */
static size_t collect_watches(const struct notice_thread *thread,
                              const struct notice_reader *reader, const struct notice_event *event,
                              struct watch_fact *facts)
{
    size_t n = 0;

    for (size_t i = 0; i < reader->watch_count; i++) {
        const struct notice_watch *watch = &reader->watches[i];
        const struct notice_scope *scope = scope_of(event, watch->topic);

        if (scope == NULL)
            continue;
        facts[n++] = (struct watch_fact){
            .topic = thread->topics[watch->topic].id,
            .distance = scope->distance,
            .mode = watch->mode,
            .kinds = watch->kinds,
            .delay = -1,
            .until = watch->until,
            .since = reader->owed_before != 0 ? 0 : watch->since,
            .hidden = not_granted(reader, thread->topics[watch->topic].label),
            .list = watch->list,
        };
    }
    return n;
}

static void ask_bars(const struct notice_reader *reader, const struct notice_event *event,
                     struct watch_question *question)
{
    for (size_t i = 0; i < reader->bar_count; i++) {
        const struct notice_bar *bar = &reader->bars[i];

        if (!bar->everything && scope_of(event, bar->topic) == NULL)
            continue;
        question->unsubscribed = question->unsubscribed || bar->unsubscribed;
        question->suppressed = question->suppressed || !bar->unsubscribed;
    }
}

static bool lacks_grant(const struct notice_thread *thread, const struct notice_reader *reader,
                        const struct notice_event *event)
{
    return not_granted(reader, event->label) ||
           not_granted(reader, thread->topics[event->topic].label) ||
           not_granted(reader, thread->topics[thread->topic].label);
}

/* While the content is collected. */
struct making {
    const struct notice_thread *thread;
    const struct notice_reader *reader;
    struct notice_content *content;
    struct watch_fact *facts; /* room for all watches of the reader */
    size_t *told;
    size_t *items;
    size_t *omitted;
    size_t *watched;
    int *watched_distance;
    enum watch_verdict refusal; /* of the last event that is not for the reader */
    bool any_late;
    bool any_hidden; /* or unanswered, */
    const char *why_hidden;
};

/* Keeps the topics of matching watches, nearest first. */
static void note_watched(struct making *m, size_t topic, int distance)
{
    size_t n = m->content->watched_count;
    size_t at = 0;

    for (size_t i = 0; i < n; i++)
        if (m->watched[i] == topic)
            return;
    while (at < n && m->watched_distance[at] <= distance)
        at++;
    memmove(&m->watched[at + 1], &m->watched[at], (n - at) * sizeof(m->watched[0]));
    memmove(&m->watched_distance[at + 1], &m->watched_distance[at],
            (n - at) * sizeof(m->watched_distance[0]));
    m->watched[at] = topic;
    m->watched_distance[at] = distance;
    m->content->watched_count++;
}

static enum watch_mode mode_of(const struct notice_reader *reader)
{
    return reader->digest == WATCH_MUTE ? WATCH_NOW : reader->digest;
}

static void note_reasons(struct making *m, const struct watch_question *question,
                         const struct watch_decision *decision, const struct notice_event *event,
                         const struct notice_direct *direct)
{
    struct notice_content *content = m->content;

    if (content->why == 0 || decision->why < content->why) {
        content->why = decision->why;
        content->reason_word = direct != NULL ? direct->reason : (struct span){ "", 0 };
    }
    for (size_t i = 0; i < question->watch_count; i++) {
        const struct watch_fact *fact = &question->watches[i];

        if (!watch_matches(question, fact, mode_of(m->reader)))
            continue;
        for (size_t s = 0; s < event->scope_count; s++)
            if (m->thread->topics[event->scopes[s].topic].id == fact->topic)
                note_watched(m, event->scopes[s].topic, fact->distance);
    }
}

bool notice_is_late(int64_t deadline, struct notice_time time)
{
    bool is_the_mails = time.deadline != 0 && deadline >= time.deadline;

    return deadline != 0 && !is_the_mails && deadline < time.date + SECOND_MS;
}

static int64_t watched_since(const struct making *m, int64_t topic)
{
    for (size_t i = 0; i < m->reader->watch_count; i++)
        if (m->thread->topics[m->reader->watches[i].topic].id == topic)
            return m->reader->watches[i].since;
    return 0;
}

/* The law says told, and in this mail. What is owed was to be told by a watch that has become a
 * digest's since, or by one that tells at once; what an earlier digest told is not owed. */
static bool is_for_this_mail(const struct making *m, const struct watch_decision *decision,
                             int64_t seq)
{
    const struct notice_reader *reader = m->reader;

    if (decision->verdict == VERDICT_TOLD)
        return reader->digest == WATCH_MUTE || reader->owed_before != 0;
    if (decision->verdict != VERDICT_IN_DIGEST || decision->deciding->mode != reader->digest)
        return false;
    return seq >= reader->owed_before || seq <= watched_since(m, decision->deciding->topic);
}

enum sight_word notice_sight(const struct notice_reader *reader, size_t event)
{
    const struct sight_answer *answer = reader->sights[event];

    return answer != NULL ? answer->word : SIGHT_UNANSWERED;
}

static void omit(struct making *m, size_t index, enum sight_word word)
{
    m->omitted[m->content->omitted_count++] = index;
    if (word != SIGHT_NOT_NEEDED) {
        m->any_hidden = true;
        m->why_hidden = sight_reason(word);
    }
}

/* The application has the last word. */
static bool may_see(struct making *m, size_t index, const struct watch_decision *decision)
{
    struct notice_content *content = m->content;
    enum sight_word word;

    if (m->reader->sights == NULL)
        return true;
    word = notice_sight(m->reader, index);
    if (word == SIGHT_YES)
        return true;
    if (word != SIGHT_LATER) {
        omit(m, index, word);
        return false;
    }
    content->put_off = index + 1;
    content->put_off_until = m->reader->sights[index]->until;
    content->put_off_why = decision->why;
    return false;
}

static void note_item(struct making *m, size_t index)
{
    if (m->thread->events[index].secret)
        m->content->any_secret = true;
    else
        m->items[m->content->item_count++] = index;
}

static void consider(struct making *m, size_t index)
{
    const struct notice_event *event = &m->thread->events[index];
    const struct notice_direct *direct = direct_of(m->reader, index);
    struct watch_question question = {
        .watches = m->facts,
        .watch_count = collect_watches(m->thread, m->reader, event, m->facts),
        .direct_rank = direct != NULL ? direct->rank : 0,
        .seq = event->seq,
        .at = event->taken_at,
        .kind_bit = event->kind_bit,
        .inactive = m->reader->inactive,
        .actor = event->actor != 0 && event->actor == m->reader->person && !m->reader->self_notify,
        .without_a_grant = lacks_grant(m->thread, m->reader, event),
    };
    struct watch_decision decision;

    ask_bars(m->reader, event, &question);
    decision = watch_decide(&question);
    if (!is_for_this_mail(m, &decision, event->seq)) {
        m->refusal = decision.verdict;
        return;
    }
    if (event->redacted) {
        m->content->any_redacted = true;
        return;
    }
    if (notice_is_late(event->deadline, m->reader->time)) {
        m->any_late = true;
        return;
    }
    if (!may_see(m, index, &decision))
        return;
    m->told[m->content->told_count++] = index;
    if (event->text.n > 0 || event->asks.n > 0 || event->attachments.n > 0 ||
        event->change_count == 0)
        note_item(m, index);
    note_reasons(m, &question, &decision, event, direct);
}

/* A field while its changes are followed. */
struct field {
    struct table_node node;
    struct notice_net_change net;
    bool secret; /* one of those that changed it is */
};

static bool field_named(const struct table_node *node, const void *name)
{
    return span_equal(CONTAINER_OF(node, const struct field, node)->net.field,
                      *(const struct span *)name);
}

static size_t count_changes(const struct making *m)
{
    size_t n = 0;

    for (size_t i = 0; i < m->content->told_count; i++)
        n += m->thread->events[m->told[i]].change_count;
    return n;
}

static void follow_change(struct table *by_name, struct field *fields, size_t *count,
                          const struct notice_change *change, size_t index, bool secret)
{
    uint64_t hash = table_hash(change->field);
    struct table_node *known = table_find(by_name, hash, field_named, &change->field);
    struct field *field =
        known != NULL ? CONTAINER_OF(known, struct field, node) : &fields[(*count)++];

    if (known == NULL) {
        field->net.field = change->field;
        field->net.old = change->old;
        table_put(by_name, &field->node, hash);
    }
    field->net.new = change->new;
    field->net.event = index;
    field->secret = field->secret || secret;
}

/* First old, last new, field after field in the order they were first changed. */
static void net_changes(struct making *m, struct arena *arena)
{
    struct notice_content *content = m->content;
    struct field *fields = ARENA_ARRAY(arena, struct field, count_changes(m));
    struct notice_net_change *net;
    struct table by_name;
    size_t n = 0;

    table_init(&by_name);
    for (size_t i = 0; i < content->told_count; i++) {
        const struct notice_event *event = &m->thread->events[m->told[i]];

        for (size_t c = 0; c < event->change_count; c++)
            follow_change(&by_name, fields, &n, &event->changes[c], m->told[i], event->secret);
    }
    table_fini(&by_name);
    net = ARENA_ARRAY(arena, struct notice_net_change, n);
    for (size_t i = 0; i < n; i++) {
        if (span_equal(fields[i].net.old, fields[i].net.new))
            continue;
        if (fields[i].secret)
            content->any_secret = true;
        else if (content->change_count < NOTICE_CHANGES_MOST)
            net[content->change_count++] = fields[i].net;
        else
            content->changes_left_out++;
    }
    content->changes = net;
}

/* What is left decides; when nothing is, the reason is what kept the last event away. */
static void judge(struct making *m)
{
    struct notice_content *content = m->content;

    content->verdict = LETTER_NOTHING;
    if (content->item_count > 0 || content->change_count > 0 || content->any_secret)
        content->verdict = LETTER_READY;
    else if (content->told_count > 0)
        content->reason = "undone";
    else if (content->any_redacted)
        content->reason = "redacted";
    else if (content->put_off != 0) {
        content->verdict = LETTER_WAITS;
        content->reason = sight_reason(SIGHT_LATER);
    } else if (m->any_hidden)
        content->reason = m->why_hidden;
    else if (content->omitted_count > 0)
        content->reason = sight_reason(SIGHT_NOT_NEEDED);
    else if (m->any_late)
        content->reason = "expired";
    else if (m->thread->event_count == 0)
        content->reason = "told";
    else {
        content->verdict = LETTER_FORBIDDEN;
        content->reason = watch_verdict_name(m->refusal);
    }
}

void notice_content_make(const struct notice_thread *thread, const struct notice_reader *reader,
                         struct arena *arena, struct notice_content *ret_content)
{
    struct making m = {
        .thread = thread,
        .reader = reader,
        .content = ret_content,
        .facts = ARENA_ARRAY(arena, struct watch_fact, reader->watch_count),
        .told = ARENA_ARRAY(arena, size_t, thread->event_count),
        .items = ARENA_ARRAY(arena, size_t, thread->event_count),
        .omitted = ARENA_ARRAY(arena, size_t, thread->event_count),
        .watched = ARENA_ARRAY(arena, size_t, thread->topic_count + 1),
        .watched_distance = ARENA_ARRAY(arena, int, thread->topic_count + 1),
        .refusal = VERDICT_NOT_WATCHING,
    };

    *ret_content = (struct notice_content){ .reason = "" };
    for (size_t i = 0; i < thread->event_count && ret_content->put_off == 0; i++)
        consider(&m, i);
    net_changes(&m, arena);
    ret_content->told = m.told;
    ret_content->items = m.items;
    ret_content->omitted = m.omitted;
    ret_content->watched = m.watched;
    judge(&m);
}

/* Tells whether `tag` is the language `name` is in, or a variant of it. */
static bool speaks(struct span tag, struct span name)
{
    return span_equal_nocase(tag, name) ||
           (tag.n > name.n && tag.at[name.n] == '-' && span_starts_nocase(tag, name) && name.n > 0);
}

static const struct notice_name *name_in(struct notice_name_list names, struct span language)
{
    const struct notice_name *best = NULL;

    for (size_t i = 0; i < names.n; i++)
        if (speaks(language, names.at[i].language) &&
            (best == NULL || names.at[i].language.n > best->language.n))
            best = &names.at[i];
    return best;
}

struct span notice_name_find(struct notice_name_list names, const struct span *languages,
                             size_t language_count)
{
    const struct notice_name *found = NULL;

    for (size_t i = 0; i < language_count && found == NULL; i++)
        found = name_in(names, languages[i]);
    if (found == NULL)
        found = name_in(names, SPAN("en"));
    if (found == NULL && names.n > 0)
        found = &names.at[0];
    return found != NULL ? found->name : (struct span){ "", 0 };
}
