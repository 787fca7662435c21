/*
 * The arithmetic of patience (RFC 5321, section 4.5.4.1). What an answer means is outcome_policy's
 * affair.
 */
#include "services/delivery/retry_schedule.h"

/* A schedule is never empty: the configuration's table sees to it. This is for hand-made ones. */
#define PATIENCE_WITHOUT_SCHEDULE INT64_C(900000)

static const int64_t site_patience[] = { 30000, 60000, 120000, 300000, 900000 };

static int64_t step(const struct duration_list *schedule, int64_t failures)
{
    size_t i = failures < 1 ? 0 : (size_t)failures - 1;

    if (schedule->count == 0)
        return PATIENCE_WITHOUT_SCHEDULE;
    return schedule->at[i < schedule->count ? i : schedule->count - 1];
}

/* The schedule of the cause: NULL when it has none, or none any more. */
static const struct duration_list *schedule_of(const struct retry_question *q)
{
    const struct settings *s = q->settings;

    switch (q->cause) {
    case RETRY_GREYLISTED:
        return q->failures <= (int64_t)s->greylist_retry.count ? &s->greylist_retry : NULL;
    case RETRY_MAILBOX_FULL:
        return s->full_retry.count > 0 ? &s->full_retry : NULL;
    case RETRY_UNREACHABLE:
        return s->unreachable_retry.count > 0 ? &s->unreachable_retry : NULL;
    case RETRY_SET_ASIDE:
        return s->aside_retry.count > 0 ? &s->aside_retry : NULL;
    case RETRY_BY_STREAM:
        break;
    }
    return NULL;
}

static int64_t interval(const struct retry_question *q)
{
    const struct duration_list *own = schedule_of(q);

    return step(own != NULL ? own : &q->settings->streams[q->stream].retry, q->failures);
}

int64_t retry_due(const struct retry_question *q, struct random *chance)
{
    int64_t wait = interval(q);
    int64_t varied = random_jitter(chance, wait, q->settings->retry_jitter);
    int64_t due;

    /* greylisting counts from its first sight: coming early only costs another round */
    if (varied < wait && (q->in_doubt || q->cause == RETRY_GREYLISTED))
        varied = 2 * wait - varied;
    due = q->now_ms + varied;
    return due < q->end_ms ? due : q->end_ms;
}

int64_t retry_site_due(int64_t failures, int64_t now_ms, struct random *chance)
{
    struct duration_list patience = { (int64_t *)site_patience, ARRAY_LENGTH(site_patience) };

    return now_ms + random_jitter(chance, step(&patience, failures), 10);
}
