/*
 * What becomes of an event. One event is one unit of work: an arena, the transaction's savepoint
 * (which is the ledger's), one answer.
 */
#include "services/intake/event_take.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "domain/auto_watch.h"
#include "domain/topic_key.h"
#include "domain/watching.h"
#include "services/intake/auto_watch.h"
#include "services/intake/event_draft.h"
#include "services/request/person_wish.h"
#include "services/request/topic_wish.h"
#include "services/request/watch_wish.h"
#include "store/approval.h"
#include "store/db.h"
#include "store/event_attachment.h"
#include "store/grant.h"
#include "store/kind.h"
#include "store/named_list.h"
#include "store/watch.h"

struct taking {
    struct db *db;
    const struct request *request;
    struct arena *arena;
    struct event_draft draft;
    struct event event;
    char cause[40]; /* "event 12", for the log of watches */
    struct auto_watch auto_watch;
    bool made_topic;
};

/* Unknown people are made on the way, unless the event is strict. */
static bool resolve(const struct taking *t, const struct person_reference *reference,
                    int64_t *ret_id, struct error *err)
{
    bool made;

    return t->draft.strict
               ? person_need(t->db, reference, ret_id, err)
               : person_ensure(t->db, reference, t->request->now_ms, ret_id, &made, err);
}

static bool find_by_key(const struct taking *t, struct span key, int64_t *ret_id, struct error *err)
{
    struct person_reference reference = { .text = key };

    *ret_id = 0;
    return key.n == 0 || person_find(t->db, &reference, ret_id, err);
}

static bool find_by_address(const struct taking *t, const struct mail_address *address,
                            int64_t *ret_id, struct error *err)
{
    struct person_reference reference = { .text = span_of(address->address),
                                          .has_address = true,
                                          .address = *address };

    return person_find(t->db, &reference, ret_id, err);
}

/* With a key only the key says who it is, but somebody who has come to us by their address alone
 * is given the key. */
static bool adopt(const struct taking *t, const struct person_wish *wish, int64_t *ret_id,
                  struct error *err)
{
    struct person person;
    int64_t id;

    if (!person_sole_with_address(t->db, wish->addresses[0].normal, &id, err))
        return false;
    if (id != 0 && !person_load(t->db, t->arena, id, &person, err))
        return false;
    *ret_id = id != 0 && person.key.at == NULL ? id : 0;
    return true;
}

static bool find_described(const struct taking *t, const struct person_wish *wish, int64_t *ret_id,
                           struct error *err)
{
    if (wish->key.n == 0 && wish->address_count == 0)
        return error_set(err, ERROR_INVALID, "a person needs a key or an address");
    if (!find_by_key(t, wish->key, ret_id, err))
        return false;
    if (*ret_id != 0 || wish->address_count == 0)
        return true;
    return wish->key.n > 0 ? adopt(t, wish, ret_id, err)
                           : find_by_address(t, &wish->addresses[0], ret_id, err);
}

static bool take_person(struct taking *t, json_t *object, struct error *err)
{
    struct request part = request_part(t->request, object);
    struct person_wish wish;
    struct person person = { .id = 0 };
    int64_t id;

    if (!json_is_object(object))
        return error_set(err, ERROR_INVALID, "must be a list of objects");
    if (!request_allow(&part, PERSON_WISH_FIELDS, err) ||
        !person_wish_read(&part, t->arena, &wish, err) || !find_described(t, &wish, &id, err))
        return false;
    if (id != 0 && !person_load(t->db, t->arena, id, &person, err))
        return false;
    return person_wish_apply(t->db, &wish, &person, t->request->now_ms, err);
}

/* Watches of an event are on its own topic unless they name another. */
static bool read_watch(struct taking *t, json_t *object, const char *fields,
                       struct watch_wish *wish, struct error *err)
{
    struct request part = request_part(t->request, object);
    struct topic_done topic = { .id = t->event.topic };

    if (!json_is_object(object))
        return error_set(err, ERROR_INVALID, "must be a list of objects");
    if (!request_allow(&part, fields, err) || !watch_wish_read(&part, t->arena, wish, err) ||
        !watch_wish_mask(t->db, wish, t->draft.strict, &wish->watch.kinds, err) ||
        !(watch_wish_names_person(wish) ? resolve(t, &wish->person, &wish->watch.who, err)
                                        : watch_wish_find_other(t->db, wish, err)))
        return false;
    if (wish->has_topic &&
        !topic_ensure(t->db, wish->topic, t->draft.strict, t->request->now_ms, &topic, err))
        return false;
    wish->watch.topic = topic.id;
    return true;
}

static bool take_watch(struct taking *t, json_t *object, struct error *err)
{
    struct watch_wish wish;
    enum watch_change change;

    if (!read_watch(t, object, WATCH_WISH_FIELDS, &wish, err))
        return false;
    if (wish.watch.origin[0] == '\0')
        memcpy(wish.watch.origin, WATCH_ORIGIN_MANUAL, sizeof WATCH_ORIGIN_MANUAL);
    return watch_wish_complete(t->db, &wish, t->request->now_ms, err) &&
           watch_set(t->db, &wish.watch, t->cause, t->request->now_ms, &change, err);
}

static bool take_unwatch(struct taking *t, json_t *object, struct error *err)
{
    struct watch_wish wish;
    enum watch_change change;

    return read_watch(t, object, "person topic origin", &wish, err) &&
           watch_remove(t->db, &wish.watch, t->cause, t->request->now_ms, &change, err);
}

/* {label, person}; with "remove": true the grant ends. */
static bool take_grant(struct taking *t, json_t *object, struct error *err)
{
    struct request part = request_part(t->request, object);
    struct person_reference reference;
    struct span label;
    struct span person;
    bool remove;
    bool changed;
    int64_t id;

    if (!json_is_object(object))
        return error_set(err, ERROR_INVALID, "must be a list of objects");
    if (!request_allow(&part, "label person remove", err) ||
        !request_need_text(&part, "label", &label, err) || !label_check(label, err) ||
        !request_need_text(&part, "person", &person, err) ||
        !request_flag(&part, "remove", false, &remove, err) ||
        !person_reference_read(person, &reference, err) || !resolve(t, &reference, &id, err))
        return false;
    return remove ? grant_remove(t->db, label, id, &changed, err)
                  : grant_add(t->db, label, id, &changed, err);
}

static bool take_each(struct taking *t, const char *field, json_t *array,
                      bool (*take)(struct taking *t, json_t *object, struct error *err),
                      struct error *err)
{
    size_t i;
    json_t *object;

    json_array_foreach (array, i, object) {
        if (!take(t, object, err))
            return error_wrap(err, "%s", field);
    }
    return true;
}

static bool take_topics(struct taking *t, struct error *err)
{
    struct topic_done done;

    if (!topic_wish_apply(t->db, &t->draft.topic, t->draft.strict, t->request->now_ms, &done, err))
        return error_wrap(err, "topic");
    t->made_topic = done.made;
    t->event.topic = done.id;
    t->event.thread = done.id;
    if (t->draft.thread.at == NULL)
        return true;
    if (!topic_ensure(t->db, t->draft.thread, t->draft.strict, t->request->now_ms, &done, err))
        return error_wrap(err, "thread");
    t->event.thread = done.id;
    return true;
}

static bool take_kind(struct taking *t, struct error *err)
{
    struct kind kind = { .of = KIND_OF_EVENT, .name = t->draft.kind };
    bool known;

    if (!kind_find(t->db, t->arena, &kind, &known, err))
        return false;
    if (!known && t->draft.strict)
        return error_set(err, ERROR_NOT_FOUND, "kind: no kind of event \"%.*s\" is declared",
                         SPAN_ARGS(kind.name));
    if (!known && !kind_declare(t->db, t->arena, &kind, &known, err))
        return false;
    t->event.kind = kind.name;
    t->event.kind_bit = kind.bit;
    t->event.urgent = t->draft.urgent || kind.urgent;
    return true;
}

/* What the event concerns: its topic, nearest unless it is named as a scope itself, what it names
 * besides, and all their ancestors. */
static bool find_scopes(struct taking *t, struct scope_list *scopes, struct error *err)
{
    scopes->n = 0;
    if (!event_draft_names_own_topic(&t->draft) && !scope_list_add(scopes, t->event.topic, 0, err))
        return false;
    for (size_t i = 0; i < t->draft.scope_count; i++) {
        const struct draft_scope *scope = &t->draft.scopes[i];
        struct topic_done done;

        if (!topic_ensure(t->db, scope->topic, t->draft.strict, t->request->now_ms, &done, err) ||
            !scope_list_add(scopes, done.id, scope->distance, err))
            return false;
    }
    return topic_expand(t->db, scopes, err);
}

static bool take_scopes(struct taking *t, struct error *err)
{
    struct scope_list scopes;

    return (find_scopes(t, &scopes, err) && event_set_scopes(t->db, t->event.seq, &scopes, err)) ||
           error_wrap(err, "scopes");
}

/* Whoever is on a list now is addressed; who joins later is not. */
static bool take_direct_list(struct taking *t, struct span name, const struct event_direct *direct,
                             struct error *err)
{
    struct named_list list;

    return named_list_need(t->db, t->arena, name, &list, err) &&
           event_add_direct_list(t->db, t->event.seq, list.id, direct, err);
}

static bool take_direct(struct taking *t, const struct draft_direct *draft,
                        struct event_direct *direct, struct error *err)
{
    if (draft->list.at != NULL)
        return take_direct_list(t, draft->list, direct, err);
    return resolve(t, &draft->person, &direct->person, err) &&
           event_add_direct(t->db, t->event.seq, direct, err) &&
           auto_watch_offer(t->db, t->arena, &t->auto_watch, direct->person,
                            auto_watch_rule_of(direct->reason), err);
}

static bool take_directs(struct taking *t, struct error *err)
{
    (void)snprintf(t->cause, sizeof t->cause, "event %lld", (long long)t->event.id);
    t->auto_watch = (struct auto_watch){ .topic = t->event.topic,
                                         .cause = t->cause,
                                         .now_ms = t->request->now_ms };
    if (!auto_watch_read(t->db, t->arena, &t->auto_watch, err))
        return false;
    for (size_t i = 0; i < t->draft.direct_count; i++) {
        const struct draft_direct *draft = &t->draft.directs[i];
        struct event_direct direct = { .reason = draft->reason };

        if (direct.reason.n == 0)
            direct.reason = SPAN("addressed");
        direct.rank = direct_reason_rank(direct.reason);
        if (!take_direct(t, draft, &direct, err))
            return error_wrap(err, "to");
    }
    return true;
}

static bool take_question(const struct taking *t, struct error *err)
{
    const struct question question = { .event = t->event.id,
                                       .answers = t->draft.answers,
                                       .until_ms = t->draft.answer_until };

    return t->draft.answers.at == NULL || question_ask(t->db, &question, t->event.seq, err);
}

/* Who did it watches what they have made, or take part in. */
static bool watch_for_actor(struct taking *t, struct error *err)
{
    if (t->event.actor == 0)
        return true;
    return (!t->made_topic || auto_watch_offer(t->db, t->arena, &t->auto_watch, t->event.actor,
                                               AUTO_WATCH_AUTHOR, err)) &&
           auto_watch_offer(t->db, t->arena, &t->auto_watch, t->event.actor, AUTO_WATCH_PARTICIPANT,
                            err);
}

/* What there is to read; the parts that a revision may change. */
static void fill_content(struct taking *t)
{
    const struct event_draft *draft = &t->draft;
    bool stale = draft->deadline != 0 && draft->deadline <= t->request->now_ms;

    t->event.digest = (struct span){ (const char *)draft->digest, sizeof draft->digest };
    t->event.at = draft->at;
    t->event.title = draft->title;
    t->event.text = draft->text;
    t->event.url = draft->url;
    t->event.data = draft->data;
    t->event.label = draft->label;
    t->event.deadline = draft->deadline;
    t->event.revision = draft->revision;
    t->event.silent = draft->silent;
    if (t->event.fan_state == FAN_HELD)
        return;
    t->event.fan_state = draft->silent || stale                     ? FAN_NOBODY
                         : t->event.not_before > t->request->now_ms ? FAN_LATER
                                                                    : FAN_WAITING;
}

static bool store_new(struct taking *t, struct error *err)
{
    if (!db_next_id(t->db, "event", &t->event.id, err))
        return false;
    (void)snprintf(t->cause, sizeof t->cause, "event %lld", (long long)t->event.id);
    t->event.not_before = t->draft.not_before;
    fill_content(t);
    t->event.key = t->draft.key;
    t->event.taken_at = t->request->now_ms;
    if (!take_each(t, "people", t->draft.people, take_person, err) || !take_topics(t, err) ||
        !take_kind(t, err))
        return false;
    if (t->draft.has_actor && !resolve(t, &t->draft.actor, &t->event.actor, err))
        return error_wrap(err, "actor");
    return take_each(t, "grants", t->draft.grants, take_grant, err) &&
           take_each(t, "watch", t->draft.watches, take_watch, err) &&
           take_each(t, "unwatch", t->draft.unwatches, take_unwatch, err) &&
           event_insert(t->db, &t->event, err) && take_scopes(t, err) &&
           event_set_changes(t->db, t->event.seq, &t->draft.changes, err) &&
           event_attachments_set(t->db, t->event.id, &t->draft.attachments, err) &&
           take_directs(t, err) && take_question(t, err) && watch_for_actor(t, err);
}

/* The time of an event that waits for it may change; others have had it. */
static void fill_revision(struct taking *t)
{
    bool waits = t->event.fan_state == FAN_LATER;

    if (waits)
        t->event.not_before = t->draft.not_before;
    fill_content(t);
    if (!waits && t->event.fan_state == FAN_LATER)
        t->event.fan_state = FAN_WAITING;
}

/* A revision changes what there is to read and who is addressed; what happened to what stays. */
static bool revise(struct taking *t, struct error *err)
{
    int64_t topic;

    if (!topic_find(t->db, t->draft.topic.key, &topic, err))
        return false;
    if (topic != t->event.topic || !span_equal(t->draft.kind, t->event.kind) ||
        t->draft.silent != t->event.silent)
        return error_set(err, ERROR_CONFLICT,
                         "revision: topic, kind and silent of event %lld cannot change",
                         (long long)t->event.id);
    if (t->event.redacted)
        return error_set(err, ERROR_CONFLICT, "event %lld is redacted", (long long)t->event.id);
    fill_revision(t);
    return event_revise(t->db, &t->event, err) &&
           event_tell(t->db, &t->event, "revised", t->request->now_ms, err) &&
           event_set_changes(t->db, t->event.seq, &t->draft.changes, err) &&
           event_attachments_set(t->db, t->event.id, &t->draft.attachments, err) &&
           take_directs(t, err) && take_question(t, err) &&
           (t->event.seq > 0 || t->event.fan_state != FAN_WAITING ||
            event_enter(t->db, &t->event, t->request->now_ms, err));
}

static bool meet_known(struct taking *t, int64_t id, struct error *err)
{
    struct span digest = { (const char *)t->draft.digest, sizeof t->draft.digest };

    if (!event_load(t->db, t->arena, id, &t->event, err))
        return false;
    if (span_equal(t->event.digest, digest))
        return true;
    if (t->draft.revision > t->event.revision)
        return revise(t, err);
    return error_set(err, ERROR_CONFLICT, "key: \"%.*s\" is event %lld, with another content%s",
                     SPAN_ARGS(t->draft.key), (long long)id,
                     t->draft.revision == t->event.revision ? "" : " of a higher revision");
}

static bool take(struct taking *t, struct error *err)
{
    int64_t known = 0;

    if (t->draft.key.at != NULL && !event_find_key(t->db, t->draft.key, &known, err))
        return false;
    return known != 0 ? meet_known(t, known, err) : store_new(t, err);
}

static void fill_in(struct event_draft *draft, const struct event_defaults *defaults,
                    int64_t now_ms)
{
    if (draft->key.at == NULL && defaults != NULL)
        draft->key = defaults->key;
    if (draft->at == 0 && defaults != NULL)
        draft->at = defaults->at;
    if (draft->at == 0)
        draft->at = now_ms;
}

bool event_take(struct db *db, const struct request *request, const struct event_defaults *defaults,
                int64_t *ret_event, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct taking t = { .db = db, .request = request, .arena = &arena };

    arena_init(&arena);
    if (!event_draft_read(request, &arena, &t.draft, err))
        return false;
    fill_in(&t.draft, defaults, request->now_ms);
    if (!take(&t, err))
        return false;
    *ret_event = t.event.id;
    return true;
}

bool event_take_is_refusal(enum error_kind kind)
{
    return kind == ERROR_INVALID || kind == ERROR_NOT_FOUND || kind == ERROR_CONFLICT ||
           kind == ERROR_LIMIT;
}
