/*
 * Why somebody was or was not told. First what the watches said when the event was taken in; then
 * what became of it: mails, a notice that waits, a mail that was not made; and only when none of
 * these is on record how the person stands now.
 */
#include "services/inquiry/why.h"

#include <string.h>

#include "base/cleanup.h"
#include "domain/notice_content.h"
#include "services/inquiry/why_internal.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"

static bool read_event(struct why *why, const struct request *request, struct error *err)
{
    json_t *named = json_object_get(request->args, "event");
    int64_t id = json_integer_value(named);
    struct span key = { json_string_value(named), json_string_length(named) };

    if (!json_is_integer(named) && !json_is_string(named))
        return error_set(err, ERROR_INVALID, "event: must be a number or a key");
    if (json_is_string(named) && !event_find_key(why->db, key, &id, err))
        return false;
    if (id == 0 && json_is_string(named))
        return error_set(err, ERROR_NOT_FOUND, "event: none has the key \"%.*s\"",
                         SPAN_ARGS(span_first(key, 100)));
    return event_load(why->db, why->arena, id, &why->event, err) || error_wrap(err, "event");
}

static bool read_name(struct why *why, struct error *err)
{
    CLEANUP(buf_fini) struct buf handle;

    buf_init(&handle, PERSON_HANDLE_LIMIT);
    if (!person_handle_put(why->db, &handle, why->person, err))
        return false;
    why->name = arena_copy(why->arena, buf_view(&handle));
    return true;
}

static void decide(struct why *why)
{
    struct watch_question by_watches = why->question;

    by_watches.unsubscribed = false;
    by_watches.suppressed = false;
    by_watches.inactive = false;
    why->decision = watch_decide(&by_watches);
}

static bool read_law(struct why *why, struct error *err)
{
    const struct event *event = &why->event;

    if (!audience_of_event(why->db, why->arena, event, &why->audience, err) ||
        !watch_facts_before(why->db, why->person, &why->audience.scopes, event->seq, &why->facts,
                            err) ||
        !audience_standing(why->db, &why->audience, why->person, &why->question, err) ||
        !event_direct_rank(why->db, event->seq, why->person, &why->question.direct_rank, err))
        return false;
    why->question.watches = why->facts.at;
    why->question.watch_count = why->facts.n;
    decide(why);
    return true;
}

/* The mode of the digest that tells of it, WATCH_MUTE when none does. */
static enum watch_mode digest_of(const struct why *why)
{
    return why->decision.verdict == VERDICT_IN_DIGEST ? why->decision.deciding->mode : WATCH_MUTE;
}

static bool read_record(struct why *why, int64_t now_ms, struct error *err)
{
    enum watch_mode digest = digest_of(why);
    struct telling_of of = { why->person, why->event.thread, why->event.seq, digest };
    struct skip skip = { .person = of.person,
                         .thread = digest != WATCH_MUTE ? DELIVERY_PART_DIGEST : of.thread,
                         .from_seq = of.seq };
    struct skip omission = skip;

    omission.thread = of.thread;
    return digest_find(why->db, of.person, digest, &why->digest, &why->has_digest, err) &&
           telling_list_read(why->db, why->arena, &of, &why->tellings, err) &&
           notice_find(why->db, of.person, of.thread, &why->notice, &why->has_notice, err) &&
           skip_find(why->db, why->arena, &skip, &why->skip, &why->has_skip, err) &&
           skip_find_omission(why->db, why->arena, &omission, &why->omission, &why->has_omission,
                              err) &&
           heard_find(why->db, of.person, of.thread, &why->heard, &why->has_heard, err) &&
           person_status_of(why->db, of.person, &why->status, err) &&
           reach_person(why->db, of.person, &why->audience.scopes, now_ms, &why->reach, err);
}

/* A delivered mail outweighs all others, an unfinished one those that ended without. */
static const struct telling *weightiest(const struct telling_list *tellings)
{
    const struct telling *best = NULL;

    for (size_t i = 0; i < tellings->n; i++) {
        const struct telling *telling = &tellings->at[i];

        if (telling->state == DELIVERY_DELIVERED)
            return telling;
        if (best == NULL ||
            (delivery_state_final(best->state) && !delivery_state_final(telling->state)))
            best = telling;
    }
    return best;
}

/* The application kept it out of the mail as it was sent last. */
static bool was_hidden(const struct why *why, const struct telling *telling)
{
    return why->has_omission && telling->date != 0 && why->omission.at >= telling->date;
}

static bool was_left_out(const struct why *why, const struct telling *telling)
{
    const struct notice_time time = { telling->date, telling->deadline };

    return telling->date != 0 && notice_is_late(why->event.deadline, time);
}

static const char *outcome_of_mail(const struct why *why, const struct telling *telling)
{
    bool is_owed = why->heard.missed_from != 0 && why->heard.missed_from <= why->event.seq;

    switch (telling->state) {
    case DELIVERY_DELIVERED:
        if (was_hidden(why, telling))
            return why->omission.reason;
        return was_left_out(why, telling) ? "expired" : "told";
    case DELIVERY_QUEUED:
    case DELIVERY_DEFERRED:
    case DELIVERY_SENDING:
    case DELIVERY_IN_DOUBT:
        return "queued";
    case DELIVERY_HELD:
        return "held";
    case DELIVERY_FAILED:
        return is_owed ? "owed" : "failed";
    case DELIVERY_EXPIRED:
        return "expired";
    case DELIVERY_SUPPRESSED:
        return "suppressed";
    case DELIVERY_CANCELLED:
        break;
    }
    return telling->reason.at != NULL ? arena_text(why->arena, telling->reason) : "cancelled";
}

static const char *outcome_of_standing(const struct why *why)
{
    if (why->event.deadline != 0 && why->event.fan_state == FAN_NOBODY)
        return "expired";
    if (why->reach.verdict == REACH_UNSUBSCRIBED)
        return "unsubscribed";
    if (why->reach.verdict == REACH_SUPPRESSED)
        return "suppressed";
    return why->status != PERSON_ACTIVE ? "inactive" : "not_on_record";
}

static const char *outcome_of_notice(const struct why *why)
{
    return why->notice.first_seq < why->event.seq ? "coalesced" : "waiting";
}

/* A digest that failed is owed by the next. */
static void conclude_digest(struct why *why, const struct telling *telling)
{
    bool is_waiting = why->has_digest && why->digest.through_seq < why->event.seq;

    why->outcome = watch_verdict_name(VERDICT_IN_DIGEST);
    if (telling != NULL && !(is_waiting && delivery_state_final(telling->state) &&
                             telling->state != DELIVERY_DELIVERED)) {
        why->telling = telling;
        why->outcome = outcome_of_mail(why, telling);
    } else if (!is_waiting && why->has_skip) {
        why->outcome = why->skip.reason;
    }
}

/* The mail that ended without telling is outweighed by a notice that will. */
static void conclude(struct why *why)
{
    const struct telling *telling = weightiest(&why->tellings);
    bool has_notice = why->has_notice && why->notice.first_seq <= why->event.seq;

    if (why->event.fan_state == FAN_LATER) {
        why->outcome = "later";
    } else if (why->event.fan_state == FAN_HELD) {
        why->outcome = "held_back";
    } else if (why->event.redacted && why->event.fan_state == FAN_NOBODY) {
        why->outcome = "redacted";
    } else if (why->decision.verdict == VERDICT_IN_DIGEST) {
        conclude_digest(why, telling);
    } else if (why->decision.verdict != VERDICT_TOLD) {
        why->outcome = watch_verdict_name(why->decision.verdict);
    } else if (why->event.silent) {
        why->outcome = "silent";
    } else if (telling != NULL && !(has_notice && delivery_state_final(telling->state) &&
                                    telling->state != DELIVERY_DELIVERED)) {
        why->telling = telling;
        why->outcome = outcome_of_mail(why, telling);
    } else if (has_notice) {
        why->outcome = outcome_of_notice(why);
    } else if (why->has_skip) {
        why->outcome = why->skip.reason;
    } else if (why->event.fan_state < FAN_DONE) {
        why->outcome = "fanning_out";
    } else {
        why->outcome = outcome_of_standing(why);
    }
}

static bool put_watches(json_t *answer, const struct why *why, struct error *err)
{
    json_t *array = json_array();

    answer_take(answer, "watches", array);
    for (size_t i = 0; i < why->facts.n; i++) {
        const struct watch_fact *fact = &why->facts.at[i];
        json_t *one = json_object();

        (void)json_array_append_new(array, one);
        answer_string(one, "mode", watch_mode_name(fact->mode));
        answer_number(one, "distance", fact->distance);
        answer_flag(one, "matches", watch_matches(&why->question, fact, WATCH_NOW));
        answer_flag(one, "decides", why->decision.deciding == fact);
        answer_moment(one, "until", fact->until);
        if (fact->list != 0 &&
            !answer_person(one, "through", why->db, who_of_list(fact->list), err))
            return false;
        if (!answer_topic(one, "topic", why->db, fact->topic, err) ||
            !answer_kinds(one, "kinds", why->db, fact->kinds, err))
            return false;
    }
    return true;
}

static void put_mails(json_t *answer, const struct why *why)
{
    json_t *array = json_array();

    answer_take(answer, "mails", array);
    for (size_t i = 0; i < why->tellings.n; i++) {
        const struct telling *telling = &why->tellings.at[i];
        json_t *one = json_object();

        (void)json_array_append_new(array, one);
        answer_number(one, "delivery", telling->delivery);
        answer_text(one, "address", telling->address);
        answer_string(one, "state", delivery_state_name(telling->state));
        answer_text(one, "reason", telling->reason);
        answer_text(one, "text", telling->text);
        answer_moment(one, "made", telling->made_at);
        answer_moment(one, "ended", telling->ended_at);
    }
}

static void put_notice(json_t *answer, const struct why *why)
{
    json_t *one;

    if (!why->has_notice)
        return;
    one = json_object();
    answer_take(answer, "notice", one);
    answer_flag(one, "urgent", why->notice.urgent);
    if (why->notice.due_at != NOTICE_WAITS)
        answer_moment(one, "due", why->notice.due_at);
    if (notice_waits_for_a_mail(&why->notice))
        answer_string(one, "waits_for", "mail");
    else
        answer_string(one, "waits_for", notice_wait_name(why->notice.wait));
}

static void put_skip(json_t *answer, const struct why *why)
{
    json_t *one;

    if (!why->has_skip)
        return;
    one = json_object();
    answer_take(answer, "skipped", one);
    answer_string(one, "reason", why->skip.reason);
    answer_moment(one, "at", why->skip.at);
}

static bool put_all(json_t *answer, const struct why *why, struct error *err)
{
    answer_text(answer, "person", why->name);
    answer_number(answer, "event", why->event.id);
    answer_string(answer, "outcome", why->outcome);
    put_mails(answer, why);
    put_notice(answer, why);
    put_skip(answer, why);
    return answer_topic(answer, "topic", why->db, why->event.topic, err) &&
           answer_topic(answer, "thread", why->db, why->event.thread, err) &&
           put_watches(answer, why, err) && why_put_sentences(answer, why, err);
}

static bool find_out(struct why *why, const struct request *request, struct error *err)
{
    if (!request_allow(request, "person event", err) ||
        !request_person(why->db, request, "person", &why->person, err) ||
        !read_event(why, request, err) || !read_name(why, err) || !read_law(why, err) ||
        !read_record(why, request->now_ms, err))
        return false;
    conclude(why);
    return true;
}

/* NOLINTNEXTLINE(readability-function-size): one person, one event, one moment */
bool why_outcome(struct db *db, struct arena *arena, const struct event *event, int64_t person,
                 int64_t now_ms, const char **ret_outcome, struct error *err)
{
    struct why *why = ARENA_NEW(arena, struct why);

    why->db = db;
    why->arena = arena;
    why->event = *event;
    why->person = person;
    if (!read_law(why, err) || !read_record(why, now_ms, err))
        return false;
    conclude(why);
    *ret_outcome = why->outcome;
    return true;
}

bool why_person(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct why *why;
    json_t *answer;

    arena_init(&arena);
    why = ARENA_NEW(&arena, struct why);
    why->db = db;
    why->arena = &arena;
    why->settings = request->settings;
    if (!find_out(why, request, err))
        return false;
    answer = json_object();
    if (!put_all(answer, why, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
