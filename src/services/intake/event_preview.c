/*
 * A thought event: its scopes and labels as the intake would make them, and the law asked of each
 * person who watches one of them or is addressed. What would be made on the way has no watchers
 * yet, so nothing needs to be written to know its part.
 */
#include "services/intake/event_preview.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "services/intake/event_draft.h"
#include "services/intake/event_preview_internal.h"
#include "services/request/answer.h"
#include "store/db.h"
#include "store/kind.h"
#include "store/list_member.h"
#include "store/named_list.h"
#include "store/person.h"
#include "store/suppression.h"
#include "store/topic.h"

enum { LISTED = 20 }; /* people that are named unless told otherwise */
enum { PREVIEW_DIRECTS_MOST = 2 * EVENT_DIRECTS_LIMIT };

static bool refuse_array(const json_t *array, const char *field, struct error *err)
{
    return json_array_size(array) == 0 ||
           error_set(err, ERROR_INVALID, "%s: what it would change is not foreseen: do it first",
                     field);
}

static bool find_topic(struct preview *p, struct span key, int64_t *ret_id, struct error *err)
{
    return p->draft.strict ? topic_need(p->db, key, ret_id, err)
                           : topic_find(p->db, key, ret_id, err);
}

/* The label that stands on a topic; a new one has none. */
static bool read_label(struct preview *p, int64_t id, struct span *ret_label, struct error *err)
{
    struct topic topic = { .id = 0 };

    if (id != 0 && !topic_load(p->db, p->arena, id, &topic, err))
        return false;
    *ret_label = id != 0 ? topic.label : (struct span){ NULL, 0 };
    return true;
}

static bool read_labels(struct preview *p, int64_t topic, struct error *err)
{
    struct audience_event *event = &p->event;
    struct span wish = p->draft.topic.label;

    event->labels[0] = p->draft.label;
    if (!read_label(p, topic, &event->labels[1], err))
        return false;
    if (wish.at != NULL)
        event->labels[1] = wish.n > 0 ? wish : (struct span){ NULL, 0 };
    p->thread = topic;
    event->labels[2] = event->labels[1];
    if (p->draft.thread.at == NULL || span_equal(p->draft.thread, p->draft.topic.key))
        return true;
    return (find_topic(p, p->draft.thread, &p->thread, err) || error_wrap(err, "thread")) &&
           read_label(p, p->thread, &event->labels[2], err);
}

static int own_distance(const struct event_draft *draft)
{
    int nearest = event_draft_names_own_topic(draft) ? SCOPE_DISTANCE_LIMIT : 0;

    for (size_t i = 0; i < draft->scope_count; i++)
        if (span_equal(draft->scopes[i].topic, draft->topic.key) &&
            draft->scopes[i].distance < nearest)
            nearest = draft->scopes[i].distance;
    return nearest;
}

static bool is_one_of(int64_t id, const int64_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* A new topic comes with its parents; a known one may only name those it has. */
static bool add_parents(struct preview *p, int64_t topic, struct error *err)
{
    const struct topic_wish *wish = &p->draft.topic;
    int64_t known[TOPIC_PARENTS_LIMIT];
    size_t known_count = 0;
    size_t same = 0;

    if (topic != 0 && !topic_parents(p->db, topic, known, &known_count, err))
        return false;
    for (size_t i = 0; i < wish->parent_count; i++) {
        int64_t parent;

        if (!find_topic(p, wish->parents[i], &parent, err))
            return false;
        same += is_one_of(parent, known, known_count);
        if (topic == 0 && parent != 0 &&
            !scope_list_add(&p->event.scopes, parent, own_distance(&p->draft) + 1, err))
            return false;
    }
    if (topic != 0 && wish->parents != NULL && (same != wish->parent_count || same != known_count))
        return error_set(err, ERROR_INVALID,
                         "topic: parents: what other ones would change is not foreseen: set them "
                         "first");
    return true;
}

static bool find_scopes(struct preview *p, int64_t topic, struct error *err)
{
    struct scope_list *scopes = &p->event.scopes;

    if (topic != 0 && !scope_list_add(scopes, topic, own_distance(&p->draft), err))
        return false;
    for (size_t i = 0; i < p->draft.scope_count; i++) {
        int64_t id;

        if (!find_topic(p, p->draft.scopes[i].topic, &id, err))
            return error_wrap(err, "scopes");
        if (id != 0 && !scope_list_add(scopes, id, p->draft.scopes[i].distance, err))
            return error_wrap(err, "scopes");
    }
    return add_parents(p, topic, err) &&
           (topic_expand(p->db, scopes, err) || error_wrap(err, "scopes"));
}

static bool find_kind(struct preview *p, struct error *err)
{
    struct kind kind = { .of = KIND_OF_EVENT, .name = p->draft.kind };
    int64_t bit = 0;
    bool known;

    if (!kind_find(p->db, p->arena, &kind, &known, err))
        return false;
    if (!known && p->draft.strict)
        return error_set(err, ERROR_NOT_FOUND, "kind: no kind of event \"%.*s\" is declared",
                         SPAN_ARGS(kind.name));
    if (!known && !kind_next_bit(p->db, kind.name, &bit, err))
        return false;
    p->event.kind_bit = known ? kind.bit : (int)bit;
    p->is_urgent = p->draft.urgent || (known && kind.urgent);
    return true;
}

/* Nobody can be made of a number. */
static bool find_person(struct preview *p, const struct person_reference *reference,
                        int64_t *ret_id, struct error *err)
{
    return p->draft.strict || reference->id != 0 ? person_need(p->db, reference, ret_id, err)
                                                 : person_find(p->db, reference, ret_id, err);
}

static bool find_actor(struct preview *p, struct error *err)
{
    return !p->draft.has_actor || find_person(p, &p->draft.actor, &p->event.actor, err) ||
           error_wrap(err, "actor");
}

static int by_person(const void *a, const void *b)
{
    const struct event_direct *left = a;
    const struct event_direct *right = b;

    if (left->person != right->person)
        return left->person < right->person ? -1 : 1;
    return left->rank < right->rank ? -1 : left->rank > right->rank;
}

/* Room for all in the draft, and for those on lists if it names any. */
static void make_room(struct preview *p)
{
    p->direct_room = p->draft.direct_count + 1;
    for (size_t i = 0; i < p->draft.direct_count; i++)
        if (p->draft.directs[i].list.at != NULL)
            p->direct_room = PREVIEW_DIRECTS_MOST;
    p->directs = ARENA_ARRAY(p->arena, struct event_direct, p->direct_room);
}

static bool add_known(struct preview *p, const struct event_direct *direct, struct error *err)
{
    if (p->direct_count == p->direct_room)
        return error_set(err, ERROR_LIMIT, "more than %d people are addressed",
                         PREVIEW_DIRECTS_MOST);
    p->directs[p->direct_count++] = *direct;
    return true;
}

static bool add_list(struct preview *p, struct span name, struct event_direct direct,
                     struct error *err)
{
    struct list_member_page members = { .n = REQUEST_PAGE_MOST };
    struct named_list list;

    if (!named_list_need(p->db, p->arena, name, &list, err))
        return false;
    while (members.n == REQUEST_PAGE_MOST) {
        if (!list_member_page_read(p->db, p->arena, list.id,
                                   (struct page){ direct.person, REQUEST_PAGE_MOST }, &members,
                                   err))
            return false;
        for (size_t i = 0; i < members.n; i++) {
            direct.person = members.at[i].person;
            if (!add_known(p, &direct, err))
                return false;
        }
    }
    return true;
}

static bool find_direct(struct preview *p, const struct draft_direct *draft, struct error *err)
{
    struct event_direct direct = { .reason = draft->reason };

    if (direct.reason.n == 0)
        direct.reason = SPAN("addressed");
    direct.rank = direct_reason_rank(direct.reason);
    if (draft->list.at != NULL)
        return add_list(p, draft->list, direct, err);
    if (!find_person(p, &draft->person, &direct.person, err))
        return false;
    if (direct.person != 0)
        return add_known(p, &direct, err);
    p->draft.directs[p->new_count++] = *draft;
    return true;
}

/* Those who are known, each once with their strongest reason; the others stay in the draft. */
static bool find_directs(struct preview *p, struct error *err)
{
    size_t kept = 0;

    make_room(p);
    for (size_t i = 0; i < p->draft.direct_count; i++)
        if (!find_direct(p, &p->draft.directs[i], err))
            return error_wrap(err, "to");
    if (p->direct_count > 0)
        qsort(p->directs, p->direct_count, sizeof p->directs[0], by_person);
    for (size_t i = 0; i < p->direct_count; i++)
        if (kept == 0 || p->directs[kept - 1].person != p->directs[i].person)
            p->directs[kept++] = p->directs[i];
    p->direct_count = kept;
    return true;
}

static const char *general_outcome(const struct preview *p)
{
    if (p->draft.silent)
        return "silent";
    return p->draft.deadline != 0 && p->draft.deadline <= p->request->now_ms ? "expired" : NULL;
}

static bool imagine(struct preview *p, struct error *err)
{
    int64_t topic;

    p->event.seq = INT64_MAX;
    p->event.at = p->request->now_ms;
    p->overruled = general_outcome(p);
    return refuse_array(p->draft.people, "people", err) &&
           refuse_array(p->draft.watches, "watch", err) &&
           refuse_array(p->draft.unwatches, "unwatch", err) &&
           refuse_array(p->draft.grants, "grants", err) &&
           (find_topic(p, p->draft.topic.key, &topic, err) || error_wrap(err, "topic")) &&
           read_labels(p, topic, err) && find_scopes(p, topic, err) && find_kind(p, err) &&
           find_actor(p, err) && find_directs(p, err) &&
           watching_lists_read(p->db, &p->event.scopes, &p->lists, err);
}

static const struct event_direct *next_direct(const struct preview *p, int64_t after)
{
    for (size_t i = 0; i < p->direct_count; i++)
        if (p->directs[i].person > after)
            return &p->directs[i];
    return NULL;
}

static void count_outcome(json_t *counts, const char *outcome)
{
    json_int_t n = json_integer_value(json_object_get(counts, outcome));

    answer_number(counts, outcome, n + 1);
}

/* Somebody who would be made by being addressed. */
static bool look_at_new(struct preview *p, const struct draft_direct *direct, json_t *row,
                        const char **ret_outcome, struct error *err)
{
    const struct mail_address *address = &direct->person.address;
    const char *outcome = direct->person.has_address ? "told" : "no_address";
    bool bars = false;
    char reason[40] = "";

    if (direct->person.has_address &&
        !suppression_bars(p->db, span_of(address->normal), span_of(address->domain), p->event.at,
                          &bars, reason, sizeof reason, err))
        return false;
    if (bars)
        outcome = strcmp(reason, "unsubscribed") == 0 ? "unsubscribed" : "suppressed";
    else if (p->overruled != NULL)
        outcome = p->overruled;
    answer_text(row, "person", direct->person.text);
    answer_string(row, "outcome", outcome);
    answer_flag(row, "made", true);
    if (strcmp(outcome, "told") == 0)
        answer_string(row, "address", address->address);
    answer_text(row, "reason", direct->reason.n > 0 ? direct->reason : SPAN("addressed"));
    answer_string(row, "because", "is addressed, and not known yet");
    *ret_outcome = outcome;
    return true;
}

static bool look_at_new_ones(struct preview *p, json_t *people, json_t *counts, struct error *err)
{
    for (size_t i = 0; i < p->new_count; i++) {
        json_t *row = json_object();
        const char *outcome = NULL;
        bool ok = look_at_new(p, &p->draft.directs[i], row, &outcome, err);

        if (ok)
            count_outcome(counts, outcome);
        if (ok && json_array_size(people) < p->limit)
            (void)json_array_append(people, row);
        json_decref(row);
        if (!ok)
            return false;
    }
    return true;
}

static bool next_person(struct preview *p, int64_t after, int64_t *ret_person, struct error *err)
{
    const struct event_direct *direct = next_direct(p, after);

    if (!watch_next_person(p->db, &p->event.scopes, &p->lists, after, ret_person, err))
        return false;
    if (direct != NULL && (*ret_person == 0 || direct->person < *ret_person))
        *ret_person = direct->person;
    return true;
}

static bool look_at_all(struct preview *p, json_t *answer, struct error *err)
{
    json_t *people = json_array();
    json_t *counts = json_object();
    int64_t person = p->after;

    answer_take(answer, "people", people);
    answer_take(answer, "counts", counts);
    for (int64_t n = 0; n < EVENT_PREVIEW_MOST; n++) {
        const char *outcome;
        bool listed = json_array_size(people) < p->limit;

        if (!next_person(p, person, &person, err))
            return false;
        if (person == 0)
            return look_at_new_ones(p, people, counts, err);
        if (!event_preview_person(p, person, listed ? people : NULL, &outcome, err))
            return false;
        count_outcome(counts, outcome);
    }
    answer_number(answer, "next", person);
    return true;
}

/* The event's own fields, without those that ask for the preview. */
static bool read_request(struct preview *p, json_t *event, struct error *err)
{
    struct request draft = *p->request;
    int64_t limit;

    if (!request_integer(p->request, "after", 0, INT64_MAX, 0, &p->after, err) ||
        !request_integer(p->request, "limit", 0, EVENT_PREVIEW_MOST, LISTED, &limit, err))
        return false;
    p->limit = (size_t)limit;
    (void)json_object_del(event, "after");
    (void)json_object_del(event, "limit");
    draft.args = event;
    return event_draft_read(&draft, p->arena, &p->draft, err);
}

/* What a known key makes of the event: nothing new, or an error. */
static bool meet_known(const struct preview *p, int64_t id, json_t *answer, struct error *err)
{
    struct span digest = { (const char *)p->draft.digest, sizeof p->draft.digest };
    struct event event;

    if (!event_load(p->db, p->arena, id, &event, err))
        return false;
    if (!span_equal(event.digest, digest))
        return error_set(err, ERROR_CONFLICT,
                         "key: \"%.*s\" is event %lld, with another content; what a revision would "
                         "change is not foreseen",
                         SPAN_ARGS(p->draft.key), (long long)id);
    answer_number(answer, "event", id);
    return true;
}

static bool preview(struct preview *p, json_t *event, json_t *answer, struct error *err)
{
    int64_t known = 0;

    if (!read_request(p, event, err) ||
        (p->draft.key.at != NULL && !event_find_key(p->db, p->draft.key, &known, err)))
        return false;
    answer_text(answer, "topic", p->draft.topic.key);
    answer_text(answer, "kind", p->draft.kind);
    if (known != 0)
        return meet_known(p, known, answer, err);
    return imagine(p, err) && look_at_all(p, answer, err);
}

bool event_preview(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct preview *p;
    json_t *event = json_copy(request->args);
    json_t *answer = json_object();
    bool ok;

    arena_init(&arena);
    p = ARENA_NEW(&arena, struct preview);
    p->db = db;
    p->request = request;
    p->arena = &arena;
    ok = preview(p, event, answer, err);
    json_decref(event);
    if (ok)
        *ret_answer = answer;
    else
        json_decref(answer);
    return ok;
}
