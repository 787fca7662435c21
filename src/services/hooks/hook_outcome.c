/*
 * Only 2xx is a yes; a redirect is not followed, so that what is signed goes where it was meant to.
 */
#include "services/hooks/hook_outcome.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/random.h"
#include "base/text.h"
#include "net/http_client.h"

enum { FIRST_WAIT_MS = 5000, DOUBLINGS_MOST = 10, JITTER = 20, WORDS_MOST = 120 };

static const int64_t hour_ms = INT64_C(3600000);
static const int64_t day_ms = INT64_C(86400000);

/* The first words of what was answered, for people. */
static void put_problem(const struct http_answer *answer, struct hook_outcome *outcome)
{
    CLEANUP(buf_fini) struct buf words;
    bool redirects = answer->status >= 300 && answer->status < 400;

    buf_init(&words, 4 * WORDS_MOST);
    text_put_visible(&words, span_trim(span_first(answer->body, WORDS_MOST)));
    (void)snprintf(outcome->problem, sizeof(outcome->problem), "it answered %d%s%s%s",
                   answer->status, redirects ? ", a redirect, which is not followed" : "",
                   words.n > 0 ? ": " : "", buf_text(&words));
}

struct hook_outcome hook_outcome_of(const struct http_answer *answer)
{
    struct hook_outcome outcome = { .taken = answer->status >= 200 && answer->status < 300,
                                    .gone = answer->status == 410 };

    if (answer->retry_after_s > 0)
        outcome.retry_after_ms =
            answer->retry_after_s < day_ms / 1000 ? answer->retry_after_s * 1000 : day_ms;
    if (answer->problem != NULL)
        (void)snprintf(outcome.problem, sizeof(outcome.problem), "%s", answer->problem);
    else if (!outcome.taken)
        put_problem(answer, &outcome);
    return outcome;
}

int64_t hook_outcome_wait_ms(const struct hook_outcome *outcome, int64_t failures,
                             struct random *random)
{
    int64_t doublings = failures < 1 ? 0 : failures - 1;
    int64_t wait = FIRST_WAIT_MS << (doublings < DOUBLINGS_MOST ? doublings : DOUBLINGS_MOST);

    wait = random_jitter(random, wait < hour_ms ? wait : hour_ms, JITTER);
    return wait > outcome->retry_after_ms ? wait : outcome->retry_after_ms;
}
