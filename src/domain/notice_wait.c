/*
 * Names of what notices wait for.
 */
#include "domain/notice_wait.h"

static const char *const names[] = {
    [NOTICE_WAIT_WINDOW] = "window", [NOTICE_WAIT_SLIDING] = "sliding",
    [NOTICE_WAIT_QUIET] = "quiet",   [NOTICE_WAIT_RATE] = "rate",
    [NOTICE_WAIT_LOOP] = "loop",     [NOTICE_WAIT_SUSPENDED] = "suspended",
    [NOTICE_WAIT_DIGEST] = "digest",
};

static const char *const sentences[] = {
    [NOTICE_WAIT_WINDOW] = "",
    [NOTICE_WAIT_SLIDING] = "More has happened in the thread since, so the mail waits until it is "
                            "quiet (watching.sliding_window).",
    [NOTICE_WAIT_QUIET] = "Until then are the person's quiet hours (postroom person set --quiet).",
    [NOTICE_WAIT_RATE] = "The person has got as many mails within the hour as "
                         "watching.person_rate allows; what happens meanwhile joins this one.",
    [NOTICE_WAIT_LOOP] = "The person has got as many mails of this thread within the hour as "
                         "watching.thread_rate allows, which looks like a loop: see postroom "
                         "alarms.",
    [NOTICE_WAIT_SUSPENDED] =
        "The person is suspended: what happens meanwhile comes in one summary "
        "when they are active again (postroom person set --status active).",
    [NOTICE_WAIT_DIGEST] = "It was held and let go for the hour of the person's daily digest "
                           "(postroom event release --digest).",
};

const char *notice_wait_sentence(enum notice_wait wait)
{
    return sentences[wait];
}

const char *notice_wait_name(enum notice_wait wait)
{
    return names[wait];
}
