/*
 * Watchers of a topic, its own and those it inherits.
 */
#include "services/directory/watchers.h"

#include "base/cleanup.h"
#include "services/directory/watch_json.h"
#include "services/request/answer.h"
#include "services/request/topic_wish.h"
#include "store/audience.h"
#include "store/kind.h"
#include "store/watch.h"
#include "store/watch_facts.h"

static bool list_own(struct db *db, int64_t topic, struct page page, json_t *answer,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct watch_list watches;
    json_t *array = json_array();

    arena_init(&arena);
    answer_take(answer, "watchers", array);
    if (!watch_page_of_topic(db, &arena, topic, page, &watches, err))
        return false;
    for (size_t i = 0; i < watches.n; i++) {
        json_t *row = json_object();

        (void)json_array_append_new(array, row);
        if (!answer_person(row, "person", db, watches.at[i].who, err) ||
            !watch_json_put(row, db, &watches.at[i], err))
            return false;
    }
    if (watches.n == page.limit)
        answer_number(answer, "next", watches.at[watches.n - 1].who);
    return true;
}

/* Something that might happen on the topic now. */
static bool imagine_event(struct db *db, struct arena *arena, const struct request *request,
                          int64_t topic, struct audience_event *event, struct error *err)
{
    struct kind kind = { .of = KIND_OF_EVENT };
    struct topic row;
    bool found;

    *event = (struct audience_event){ .seq = INT64_MAX,
                                      .at = request->now_ms,
                                      .kind_bit = WATCH_ANY_KIND };
    if (!topic_load(db, arena, topic, &row, err) ||
        !scope_list_add(&event->scopes, topic, 0, err) || !topic_expand(db, &event->scopes, err) ||
        !request_text(request, "kind", &kind.name, err))
        return false;
    event->labels[0] = row.label;
    if (kind.name.at == NULL)
        return true;
    if (!kind_find(db, arena, &kind, &found, err))
        return false;
    event->kind_bit = kind.bit;
    return found || error_set(err, ERROR_NOT_FOUND, "kind: no kind of event \"%.*s\" is declared",
                              SPAN_ARGS(span_first(kind.name, 60)));
}

static bool put_facts(json_t *row, struct db *db, const struct watch_facts *facts,
                      struct error *err)
{
    json_t *array = json_array();

    answer_take(row, "watches", array);
    for (size_t i = 0; i < facts->n; i++) {
        json_t *one = json_object();

        (void)json_array_append_new(array, one);
        if (!answer_topic(one, "topic", db, facts->at[i].topic, err) ||
            !answer_kinds(one, "kinds", db, facts->at[i].kinds, err))
            return false;
        answer_number(one, "distance", facts->at[i].distance);
        if (facts->at[i].list != 0 &&
            !answer_person(one, "through", db, who_of_list(facts->at[i].list), err))
            return false;
        answer_string(one, "mode", watch_mode_name(facts->at[i].mode));
        answer_duration(one, "delay", facts->at[i].delay);
        answer_moment(one, "until", facts->at[i].until);
    }
    return true;
}

static bool explain_one(struct db *db, const struct audience_event *event, int64_t person,
                        json_t *row, struct error *err)
{
    struct watch_facts facts;
    struct watch_question question = { .watches = facts.at };
    struct watch_decision decision;

    if (!watch_facts_now(db, person, &event->scopes, &facts, err) ||
        !audience_standing(db, event, person, &question, err))
        return false;
    question.watch_count = facts.n;
    decision = watch_decide(&question);
    answer_string(row, "outcome", watch_verdict_name(decision.verdict));
    if (decision.deciding != NULL) {
        answer_number(row, "distance", decision.deciding->distance);
        if (!answer_topic(row, "by", db, decision.deciding->topic, err) ||
            (decision.deciding->list != 0 &&
             !answer_person(row, "through", db, who_of_list(decision.deciding->list), err)))
            return false;
    }
    return answer_person(row, "person", db, person, err) && put_facts(row, db, &facts, err);
}

static bool list_explained(struct db *db, const struct audience_event *event, struct page page,
                           json_t *answer, struct error *err)
{
    struct watching_lists lists;
    json_t *array = json_array();
    int64_t person = page.after;

    answer_take(answer, "watchers", array);
    if (!watching_lists_read(db, &event->scopes, &lists, err))
        return false;
    for (size_t i = 0; i < page.limit; i++) {
        json_t *row;

        if (!watch_next_person(db, &event->scopes, &lists, person, &person, err))
            return false;
        if (person == 0)
            return true;
        row = json_object();
        (void)json_array_append_new(array, row);
        if (!explain_one(db, event, person, row, err))
            return false;
    }
    answer_number(answer, "next", person);
    return true;
}

static bool list(struct db *db, const struct request *request, int64_t topic, json_t *answer,
                 struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct audience_event *event;
    struct page page;
    bool explain;

    arena_init(&arena);
    event = ARENA_NEW(&arena, struct audience_event);
    if (!request_flag(request, "explain", false, &explain, err) ||
        !request_integer(request, "after", INT64_MIN, INT64_MAX, explain ? 0 : INT64_MIN,
                         &page.after, err) ||
        !request_page(request, &page.limit, err) || !answer_topic(answer, "topic", db, topic, err))
        return false;
    if (!explain)
        return list_own(db, topic, page, answer, err);
    return imagine_event(db, &arena, request, topic, event, err) &&
           list_explained(db, event, page, answer, err);
}

bool watchers_list(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    int64_t topic;
    json_t *answer;

    if (!request_allow(request, "topic explain kind after limit", err) ||
        !request_topic(db, request, "topic", &topic, err))
        return false;
    answer = json_object();
    if (!list(db, request, topic, answer, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
