/*
 * One person of a preview: the law's verdict, and in a few words what speaks for it.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "services/intake/event_preview_internal.h"
#include "services/request/answer.h"
#include "store/kind.h"
#include "store/notice.h"
#include "store/reach.h"
#include "store/topic.h"

enum { BECAUSE_LIMIT = 2000 };

struct looked_at {
    struct preview *p;
    int64_t person;
    const struct event_direct *direct; /* NULL: not addressed */
    struct watch_facts facts;
    struct watch_question question;
    struct watch_decision decision;
    struct reach reach;
    const char *outcome;
};

static const struct event_direct *find_direct(const struct preview *p, int64_t person)
{
    for (size_t i = 0; i < p->direct_count; i++)
        if (p->directs[i].person == person)
            return &p->directs[i];
    return NULL;
}

static bool decide(struct looked_at *l, struct error *err)
{
    struct preview *p = l->p;

    l->direct = find_direct(p, l->person);
    if (!watch_facts_now(p->db, l->person, &p->event.scopes, &l->facts, err) ||
        !audience_standing(p->db, &p->event, l->person, &l->question, err))
        return false;
    l->question.watches = l->facts.at;
    l->question.watch_count = l->facts.n;
    l->question.direct_rank = l->direct != NULL ? l->direct->rank : 0;
    l->decision = watch_decide(&l->question);
    l->outcome = watch_verdict_name(l->decision.verdict);
    if (l->decision.verdict != VERDICT_TOLD)
        return true;
    if (!reach_person(p->db, l->person, &p->event.scopes, p->event.at, &l->reach, err))
        return false;
    if (p->overruled != NULL)
        l->outcome = p->overruled;
    else if (l->reach.verdict == REACH_NO_ADDRESS)
        l->outcome = "no_address";
    return true;
}

static bool put_topic(const struct looked_at *l, struct buf *to, const char *before, int64_t topic,
                      struct error *err)
{
    struct span key;

    if (!topic_key(l->p->db, l->p->arena, topic, &key, err))
        return false;
    buf_put_text(to, before);
    buf_put(to, key);
    return true;
}

/* "is addressed: mentioned", "watches project/x" */
static bool put_reason_to_tell(const struct looked_at *l, struct buf *to, struct error *err)
{
    if (l->direct == NULL)
        return put_topic(l, to, "watches ", why_topic(l->decision.why), err);
    buf_printf(to, "is addressed: %.*s", SPAN_ARGS(l->direct->reason));
    return true;
}

static bool put_because(const struct looked_at *l, struct buf *to, struct error *err)
{
    const struct watch_fact *deciding = l->decision.deciding;

    switch (l->decision.verdict) {
    case VERDICT_TOLD:
        return put_reason_to_tell(l, to, err);
    case VERDICT_NOT_WATCHING:
        buf_put_text(to, "the watch has ended");
        return true;
    case VERDICT_MUTED:
        return put_topic(l, to, "has muted ", deciding->topic, err);
    case VERDICT_IN_DIGEST:
        return put_topic(l, to, "has a digest of ", deciding->topic, err);
    case VERDICT_KIND_FILTERED:
        if (!put_topic(l, to, "watches ", deciding->topic, err))
            return false;
        buf_put_text(to, " only for: ");
        return kind_mask_put(l->p->db, to, deciding->kinds, err);
    case VERDICT_UNSUBSCRIBED:
        buf_put_text(to, "has unsubscribed");
        return true;
    case VERDICT_SUPPRESSED:
        buf_put_text(to, "no address may be mailed");
        return true;
    case VERDICT_INACTIVE:
        buf_put_text(to, "is inactive");
        return true;
    case VERDICT_ACTOR:
        buf_put_text(to, "did it");
        return true;
    case VERDICT_NO_PERMISSION:
        buf_put_text(to, "may not see it");
        return true;
    }
    return true;
}

/* The window, or the shortest delay of the watches that are the reason. */
static int64_t delay_of(const struct looked_at *l)
{
    const struct settings *settings = l->p->request->settings;
    int64_t delay = -1;

    if (l->p->is_urgent)
        return settings->urgent_window;
    for (size_t i = 0; i < l->facts.n && l->direct == NULL; i++) {
        const struct watch_fact *fact = &l->facts.at[i];

        if (fact->topic == why_topic(l->decision.why) &&
            watch_matches(&l->question, fact, WATCH_NOW) && fact->delay >= 0 &&
            (delay < 0 || fact->delay < delay))
            delay = fact->delay;
    }
    return delay >= 0 ? delay : settings->window;
}

/* One mail tells of all that waits. */
static bool put_due(const struct looked_at *l, json_t *row, struct error *err)
{
    int64_t due = l->p->event.at + delay_of(l);
    struct notice notice;
    bool waits = false;

    if (l->p->thread != 0 && !notice_find(l->p->db, l->person, l->p->thread, &notice, &waits, err))
        return false;
    if (waits && notice.due_at == NOTICE_WAITS)
        due = 0;
    else if (waits && (notice.due_at < due || notice.urgent >= l->p->is_urgent))
        due = notice.due_at;
    answer_moment(row, "due", due);
    if (waits)
        answer_flag(row, "with_earlier", true);
    return true;
}

static bool describe(const struct looked_at *l, json_t *row, struct error *err)
{
    CLEANUP(buf_fini) struct buf because;

    buf_init(&because, BECAUSE_LIMIT);
    if (!answer_person(row, "person", l->p->db, l->person, err) || !put_because(l, &because, err))
        return false;
    answer_string(row, "outcome", l->outcome);
    answer_text(row, "because", buf_view(&because));
    if (l->direct != NULL)
        answer_text(row, "reason", l->direct->reason);
    if (l->decision.deciding != NULL) {
        answer_number(row, "distance", l->decision.deciding->distance);
        if (!answer_topic(row, "by", l->p->db, l->decision.deciding->topic, err))
            return false;
    }
    if (strcmp(l->outcome, "told") != 0)
        return true;
    answer_string(row, "address", l->reach.address.address);
    return put_due(l, row, err);
}

bool event_preview_person(struct preview *p, int64_t person, json_t *people,
                          const char **ret_outcome, struct error *err)
{
    struct looked_at l = { .p = p, .person = person };
    json_t *row;

    if (!decide(&l, err))
        return false;
    *ret_outcome = l.outcome;
    if (people == NULL)
        return true;
    row = json_object();
    (void)json_array_append_new(people, row);
    return describe(&l, row, err);
}
