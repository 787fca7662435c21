/*
 * One number orders all that a person's watches say: 4 * (distance + 1) + what the watch says.
 * The smallest decides: a nearer watch before a farther one, at the same distance mute before
 * now, now before digest, and last a watch for other kinds of events. Being addressed directly
 * stands before all distances. doc/decisions/nearest-watch.md tells why other kinds block.
 */
#include "domain/watch_decision.h"

enum says { SAYS_MUTE = 0, SAYS_NOW = 1, SAYS_DIGEST = 2, SAYS_OTHER_KINDS = 3 };

enum { RANK_DIRECT = SAYS_NOW, RANK_NOTHING = 1 << 20 };

static const char *const names[] = {
    [VERDICT_TOLD] = "told",
    [VERDICT_NOT_WATCHING] = "not_watching",
    [VERDICT_MUTED] = "muted",
    [VERDICT_KIND_FILTERED] = "kind_filtered",
    [VERDICT_IN_DIGEST] = "in_digest",
    [VERDICT_UNSUBSCRIBED] = "unsubscribed",
    [VERDICT_SUPPRESSED] = "suppressed",
    [VERDICT_INACTIVE] = "inactive",
    [VERDICT_ACTOR] = "actor",
    [VERDICT_NO_PERMISSION] = "no_permission",
};

const char *watch_verdict_name(enum watch_verdict verdict)
{
    return names[verdict];
}

static enum says says(const struct watch_question *q, const struct watch_fact *watch)
{
    if (watch->mode == WATCH_MUTE)
        return SAYS_MUTE;
    if (q->kind_bit != WATCH_ANY_KIND && ((watch->kinds >> q->kind_bit) & 1) == 0)
        return SAYS_OTHER_KINDS;
    return watch->mode == WATCH_NOW ? SAYS_NOW : SAYS_DIGEST;
}

/* A mute counts from the moment it is set, all else only for what happens after. */
static bool in_force(const struct watch_question *q, const struct watch_fact *watch)
{
    if (watch->until != 0 && watch->until <= q->at)
        return false;
    return watch->mode == WATCH_MUTE || watch->since < q->seq;
}

/* A list's watch, where the person has one of their own. */
static bool is_overruled(const struct watch_question *q, const struct watch_fact *watch)
{
    for (size_t i = 0; i < q->watch_count && watch->list != 0; i++) {
        const struct watch_fact *own = &q->watches[i];

        if (own->list == 0 && own->topic == watch->topic && in_force(q, own))
            return true;
    }
    return false;
}

static bool counts(const struct watch_question *q, const struct watch_fact *watch)
{
    return in_force(q, watch) && (watch->mode == WATCH_MUTE || !watch->hidden) &&
           !is_overruled(q, watch);
}

bool watch_matches(const struct watch_question *question, const struct watch_fact *watch,
                   enum watch_mode mode)
{
    enum says said = says(question, watch);

    return counts(question, watch) && watch->mode == mode &&
           (said == SAYS_NOW || said == SAYS_DIGEST);
}

static void consider(const struct watch_question *q, const struct watch_fact *watch, int *rank,
                     struct watch_decision *decision)
{
    int its = 4 * (watch->distance + 1) + (int)says(q, watch);
    int64_t why = why_pack(REASON_WATCH + watch->distance, watch->topic);

    if (its < *rank ||
        (decision->deciding != NULL && its == *rank && watch->topic < decision->deciding->topic)) {
        *rank = its;
        decision->deciding = watch;
    }
    if (says(q, watch) == SAYS_NOW && (decision->why == 0 || why < decision->why))
        decision->why = why;
}

/* What stands against telling whoever the watches would tell. */
static enum watch_verdict personal_verdict(const struct watch_question *q)
{
    if (q->unsubscribed)
        return VERDICT_UNSUBSCRIBED;
    if (q->suppressed)
        return VERDICT_SUPPRESSED;
    if (q->inactive)
        return VERDICT_INACTIVE;
    if (q->actor)
        return VERDICT_ACTOR;
    return q->without_a_grant ? VERDICT_NO_PERMISSION : VERDICT_TOLD;
}

static enum watch_verdict verdict_of_rank(const struct watch_question *q, int rank, bool any_hidden)
{
    enum watch_verdict personal;

    if (rank == RANK_NOTHING)
        return any_hidden ? VERDICT_NO_PERMISSION : VERDICT_NOT_WATCHING;
    switch ((enum says)(rank % 4)) {
    case SAYS_MUTE:
        return VERDICT_MUTED;
    case SAYS_NOW:
        return personal_verdict(q);
    case SAYS_DIGEST:
        personal = personal_verdict(q);
        return personal == VERDICT_TOLD ? VERDICT_IN_DIGEST : personal;
    case SAYS_OTHER_KINDS:
        return VERDICT_KIND_FILTERED;
    }
    return VERDICT_NOT_WATCHING;
}

struct watch_decision watch_decide(const struct watch_question *question)
{
    struct watch_decision decision = { .deciding = NULL };
    int rank = RANK_NOTHING;
    bool any_hidden = false;

    for (size_t i = 0; i < question->watch_count; i++) {
        const struct watch_fact *watch = &question->watches[i];

        if (counts(question, watch))
            consider(question, watch, &rank, &decision);
        else if (in_force(question, watch) && !is_overruled(question, watch))
            any_hidden = true;
    }
    if (question->direct_rank != 0) {
        rank = RANK_DIRECT;
        decision.deciding = NULL;
        decision.why = why_pack(question->direct_rank, 0);
    }
    decision.verdict = verdict_of_rank(question, rank, any_hidden);
    if (decision.verdict == VERDICT_IN_DIGEST && decision.deciding != NULL)
        decision.why =
            why_pack(REASON_WATCH + decision.deciding->distance, decision.deciding->topic);
    return decision;
}
