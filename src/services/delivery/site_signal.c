/*
 * Wordings by which servers ask for less, as of 2026-08: first those of known providers, then what
 * is said everywhere. Of two that fit the first holds.
 */
#include "services/delivery/site_signal.h"

#include <stddef.h>

#define MINUTES(n) ((n)*INT64_C(60000))
#define HOURS(n) ((n)*INT64_C(3600000))

struct wording {
    const char *host;  /* suffix of the MX name; NULL: any */
    char class;        /* '4', '5', or '*' */
    const char *words; /* in the text, capitals or not */
    struct site_request request;
};

/* clang-format off */
static const struct wording wordings[] = {
    { ".google.com", '4', "our system has detected an unusual rate", { SIGNAL_RATE, 10, 1, MINUTES(30) } },
    { ".google.com", '4', "unusual rate of unsolicited mail", { SIGNAL_RATE, 10, 1, MINUTES(30) } },
    { ".google.com", '4', "receiving mail at a rate", { SIGNAL_NONE, 0, 0, 0 } }, /* one mailbox */
    { ".google.com", '4', "temporarily rate limited", { SIGNAL_RATE, 10, 1, MINUTES(30) } },
    { ".google.com", '4', "our system has detected", { SIGNAL_RATE, 10, 1, MINUTES(60) } },
    { ".google.com", '5', "our system has detected that this message is likely", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },
    { ".yahoodns.net", '*', "[TSS04]", { SIGNAL_BLOCKED, 0, 0, HOURS(2) } },
    { ".yahoodns.net", '*', "[TS04]", { SIGNAL_BLOCKED, 0, 0, HOURS(2) } },
    { ".yahoodns.net", '*', "[IPTS04]", { SIGNAL_BLOCKED, 0, 0, HOURS(2) } },
    { ".yahoodns.net", '*', "[TSS05]", { SIGNAL_BLOCKED, 0, 0, HOURS(4) } },
    { ".yahoodns.net", '*', "[IPTS05]", { SIGNAL_BLOCKED, 0, 0, HOURS(4) } },
    { ".yahoodns.net", '*', "[TS02]", { SIGNAL_RATE, 1, 1, MINUTES(30) } },
    { ".yahoodns.net", '*', "[TS03]", { SIGNAL_RATE, 10, 1, MINUTES(30) } },
    { ".yahoodns.net", '5', "[BL", { SIGNAL_BLOCKED, 0, 0, HOURS(2) } },
    { ".yahoodns.net", '4', "max message per connection", { SIGNAL_MESSAGES, 0, 0, HOURS(1) } },
    { ".outlook.com", '*', "block list", { SIGNAL_BLOCKED, 0, 0, HOURS(2) } },
    { ".outlook.com", '5', "access denied, banned sending IP", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },
    { ".outlook.com", '4', "server busy", { SIGNAL_RATE, 1, 1, MINUTES(30) } },
    { ".outlook.com", '4', "rate limited", { SIGNAL_RATE, 1, 1, MINUTES(30) } },
    { ".icloud.com", '*', "[BS02]", { SIGNAL_BLOCKED, 0, 0, MINUTES(15) } },
    { ".icloud.com", '*', "[HCM1]", { SIGNAL_BLOCKED, 0, 0, MINUTES(15) } },
    { ".icloud.com", '*', "[DBL", { SIGNAL_BLOCKED, 0, 0, HOURS(4) } },
    { ".comcast.net", '4', "RL0000", { SIGNAL_RATE, 10, 1, HOURS(2) } },
    { ".qq.com", '*', "frequency limited", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },

    { NULL, '4', "too many connections", { SIGNAL_CONNECTIONS, 0, 0, HOURS(1) } },
    { NULL, '4', "too many concurrent", { SIGNAL_CONNECTIONS, 0, 0, HOURS(1) } },
    { NULL, '4', "connection limit", { SIGNAL_CONNECTIONS, 0, 0, HOURS(1) } },
    { NULL, '4', "maximum number of connections", { SIGNAL_CONNECTIONS, 0, 0, HOURS(1) } },
    { NULL, '4', "concurrent connections", { SIGNAL_CONNECTIONS, 0, 0, HOURS(1) } },
    { NULL, '4', "too many sessions", { SIGNAL_CONNECTIONS, 0, 0, HOURS(1) } },
    { NULL, '4', "too many messages", { SIGNAL_MESSAGES, 0, 0, HOURS(1) } },
    { NULL, '4', "messages per connection", { SIGNAL_MESSAGES, 0, 0, HOURS(1) } },
    { NULL, '4', "messages in this session", { SIGNAL_MESSAGES, 0, 0, HOURS(1) } },
    { NULL, '4', "rate limit", { SIGNAL_RATE, 10, 1, MINUTES(30) } },
    { NULL, '4', "rate-limit", { SIGNAL_RATE, 10, 1, MINUTES(30) } },
    { NULL, '4', "ratelimit", { SIGNAL_RATE, 10, 1, MINUTES(30) } },
    { NULL, '4', "throttl", { SIGNAL_RATE, 10, 1, MINUTES(30) } },
    { NULL, '4', "sending too fast", { SIGNAL_RATE, 10, 1, MINUTES(30) } },
    { NULL, '4', "too much mail", { SIGNAL_RATE, 10, 1, MINUTES(30) } },
    { NULL, '4', "slow down", { SIGNAL_RATE, 10, 1, MINUTES(30) } },
    { NULL, '*', "spamhaus", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },
    { NULL, '*', "barracudacentral", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },
    { NULL, '*', "spamcop", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },
    { NULL, '*', "blacklist", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },
    { NULL, '*', "blocklist", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },
    { NULL, '*', "block list", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },
    { NULL, '*', "poor reputation", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },
    { NULL, '*', "bad reputation", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },
    { NULL, '*', "low reputation", { SIGNAL_BLOCKED, 0, 0, HOURS(1) } },
    { NULL, '4', "insufficient system", { SIGNAL_OVERLOADED, 0, 0, 0 } },
    { NULL, '4', "server busy", { SIGNAL_OVERLOADED, 0, 0, 0 } },
    { NULL, '4', "load too high", { SIGNAL_OVERLOADED, 0, 0, 0 } },
};
/* clang-format on */

static bool fits(const struct wording *w, const struct outcome *outcome, struct span host)
{
    struct span text = span_of(outcome->text);
    char class = (char)('0' + outcome->code / 100);

    return (w->class == '*' || w->class == class) &&
           (w->host == NULL || span_ends(host, span_of(w->host))) &&
           span_find_nocase(text, span_of(w->words)) < text.n;
}

struct site_request site_signal_read(const struct outcome *outcome, struct span host)
{
    static const struct site_request nothing = { SIGNAL_NONE, 0, 0, 0 };

    if (outcome->local || outcome->kind == REFUSAL_GREYLISTED || outcome->code < 400)
        return nothing;
    for (size_t i = 0; i < ARRAY_LENGTH(wordings); i++)
        if (fits(&wordings[i], outcome, host))
            return wordings[i].request;
    if (outcome->code == 421)
        return (struct site_request){ .signal = SIGNAL_OVERLOADED };
    return nothing;
}

const char *site_signal_name(enum site_signal signal)
{
    static const char *const names[] = {
        [SIGNAL_NONE] = "none",
        [SIGNAL_RATE] = "rate",
        [SIGNAL_CONNECTIONS] = "connections",
        [SIGNAL_MESSAGES] = "messages",
        [SIGNAL_OVERLOADED] = "overloaded",
        [SIGNAL_BLOCKED] = "blocked",
    };

    return names[signal];
}
