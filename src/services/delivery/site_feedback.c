/*
 * What servers tell of themselves, and what a site learns from it. One mail that failed tells
 * nothing; one that was answered, however, that a connection is well.
 */
#include <string.h>

#include "base/log.h"
#include "io/loop.h"
#include "services/delivery/claim.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/dispatch_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/outcome_policy.h"
#include "services/delivery/site_pace.h"
#include "services/delivery/site_queue_internal.h"

/* How long a limit holds that a host told; then it is asked anew. */
enum { TOLD_FOR_MS = 24 * 60 * 60 * 1000 };

/* Mails that were on their way when a limit was learned say the same once more. */
enum { ECHO_MS = 60 * 1000 };

static void keep_learned(struct site_queue *site, enum site_limit_kind kind, struct span words)
{
    const struct limit_set *learned = site_limits_of(site, LIMIT_LEARNED);

    log_info(
        "site-limit", log_text("site", site->key), log_text("limit", site_limit_kind_name(kind)),
        log_number("value", learned->of[kind].value),
        log_number("seconds", (learned->of[kind].until - loop_now_ms(site->engine->loop)) / 1000));
    dispatch_limit(site, kind, LIMIT_LEARNED, words);
}

/* A limit that was learned before, and is refused all the same, goes down by a step, not to where
 * it once began. */
static void learn(struct site_queue *site, enum site_limit_kind kind, int64_t value,
                  const struct claim *claim)
{
    int64_t now = loop_now_ms(site->engine->loop);
    int64_t for_ms = claim->request.pause_ms + claim->request.for_ms;
    struct limit_set *learned = site_limits_of(site, LIMIT_LEARNED);
    struct site_limit holds = site_binding(site, kind);

    if (value == 0) /* nothing was asked of this kind */
        return;
    if (holds.origin == LIMIT_LEARNED && now - holds.since < ECHO_MS)
        return;
    if (holds.origin == LIMIT_LEARNED)
        limit_set_lower(learned, kind, value, now, for_ms);
    else
        limit_set_put(learned, kind, holds.value != 0 && holds.value < value ? holds.value : value,
                      now, now + for_ms);
    keep_learned(site, kind, span_of(claim->words));
    site_berths_recall(site);
}

/* What holds without what was learned: no higher is worth a step. */
static int64_t most_of(const struct site_queue *site, enum site_limit_kind kind)
{
    struct site_limits others = site->limits;

    others.by[LIMIT_LEARNED] = NULL;
    return site_limits_binding(&others, kind, loop_now_ms(site->engine->loop)).value;
}

void site_raise_limits(struct site_queue *site)
{
    struct limit_set *learned = site->own[LIMIT_LEARNED];
    int64_t now = loop_now_ms(site->engine->loop);

    if (learned == NULL)
        return;
    for (enum site_limit_kind kind = 0; kind < SITE_LIMIT_KINDS; kind++)
        if (limit_set_raise(learned, kind, most_of(site, kind), now))
            keep_learned(site, kind, SPAN("nothing was refused for as long"));
}

static void tell_block(const char *key, const struct claim *claim)
{
    log_warning(
        "site-blocks", log_text("site", key), log_text("stream", stream_name(claim->lane->stream)),
        log_number("seconds", claim->request.for_ms / 1000), log_text("text", claim->words));
}

/* Whether a stop begins: mails that were on their way are told the same once more. */
static bool begins(int64_t *stopped_until, int64_t now, int64_t for_ms)
{
    bool is_new = *stopped_until <= now;

    if (is_new)
        *stopped_until = now + for_ms;
    return is_new;
}

/* What takes nothing of the stream is the domain, or all that the site serves. */
static void stop_stream(struct site_queue *site, const struct claim *claim)
{
    enum stream_id stream = claim->lane->stream;
    struct destination *to = claim->lane->destination;
    int64_t now = loop_now_ms(site->engine->loop);

    if (claim->request.about_domain) {
        if (!begins(&to->stopped_until[stream], now, claim->request.for_ms))
            return;
        tell_block(to->name, claim);
        dispatch_block(to, stream, span_of(claim->words));
        destination_rest(to);
        site_berths_recall(site);
        return;
    }
    if (!begins(&site->stopped_until[stream], now, claim->request.for_ms))
        return;
    tell_block(site->key, claim);
    dispatch_stop(site, stream, span_of(claim->words));
    site_replan(site);
    site_berths_recall(site);
}

/* It wants to be left alone, and then approached by one connection. */
static void pause_site(struct site_queue *site, const struct claim *claim)
{
    int64_t now = loop_now_ms(site->engine->loop);
    bool streams[STREAMS];
    bool is_new = false;

    for (int stream = 0; stream < STREAMS; stream++) {
        streams[stream] = begins(&site->stopped_until[stream], now, claim->request.pause_ms);
        is_new = is_new || streams[stream];
    }
    if (!is_new)
        return;
    log_info("site-pauses", log_text("site", site->key),
             log_number("seconds", claim->request.pause_ms / 1000), log_text("text", claim->words));
    site_pace_probe(&site->pace);
    dispatch_pause(site, streams, now + claim->request.pause_ms, span_of(claim->words));
    site_replan(site);
    site_berths_recall(site);
}

/* How many connections are used, as this mail can tell: the one that is kept for urgent mail is
 * opened by nothing else, and is no sign that there is room. */
static int64_t used(const struct site_queue *site, const struct claim *claim)
{
    return (int64_t)site->berth_n + (claim->lane->stream != STREAM_URGENT ? 1 : 0);
}

void site_hear(struct site_queue *site, const struct claim *claim)
{
    const struct site_request *asked = &claim->request;
    int64_t open = (int64_t)site->berth_n;

    switch (asked->signal) {
    case SIGNAL_NONE:
        if (claim->is_answered)
            site_pace_well(&site->pace, used(site, claim),
                           site_binding(site, LIMIT_CONNECTIONS).value);
        break;
    case SIGNAL_OVERLOADED:
        site_pace_badly(&site->pace);
        break;
    case SIGNAL_RATE:
        if (asked->pause_ms > 0)
            pause_site(site, claim);
        learn(site, LIMIT_MAILS, asked->mails, claim);
        learn(site, LIMIT_CONNECTIONS, asked->connections, claim);
        break;
    case SIGNAL_CONNECTIONS:
        learn(site, LIMIT_CONNECTIONS, open > 1 ? open - 1 : 1, claim);
        break;
    case SIGNAL_MESSAGES:
        if (claim->nth > 1)
            learn(site, LIMIT_CONNECTION_MAILS, claim->nth - 1, claim);
        break;
    case SIGNAL_BLOCKED:
        stop_stream(site, claim);
        break;
    }
}

void site_told(struct site_queue *site, int64_t mails)
{
    struct limit_set *told = site_limits_of(site, LIMIT_OF_SERVER);
    const struct site_limits by_server = { .by = { [LIMIT_OF_SERVER] = told } };
    int64_t now = loop_now_ms(site->engine->loop);
    struct site_limit holds = site_limits_binding(&by_server, LIMIT_CONNECTION_MAILS, now);
    char words[60];

    if (mails == 0 || (holds.value != 0 && holds.value <= mails))
        return;
    limit_set_put(told, LIMIT_CONNECTION_MAILS, mails, now, now + TOLD_FOR_MS);
    (void)snprintf(words, sizeof words, "LIMITS MAILMAX=%lld", (long long)mails);
    log_info("site-limit", log_text("site", site->key),
             log_text("limit", site_limit_kind_name(LIMIT_CONNECTION_MAILS)),
             log_number("value", mails), log_number("seconds", TOLD_FOR_MS / 1000));
    dispatch_limit(site, LIMIT_CONNECTION_MAILS, LIMIT_OF_SERVER, span_of(words));
}

void site_crowded(struct site_queue *site)
{
    site_pace_badly(&site->pace);
}

/* The latest comes first; the one that is forgotten begins anew. */
bool site_sets_aside(struct site_queue *site, int64_t delivery)
{
    int breaks = 1;
    size_t place = 0;

    while (place < BREAKERS_MOST - 1 && site->breakers[place].delivery != delivery)
        place++;
    if (site->breakers[place].delivery == delivery)
        breaks += site->breakers[place].breaks;
    memmove(&site->breakers[1], &site->breakers[0], place * sizeof site->breakers[0]);
    site->breakers[0].delivery = delivery;
    site->breakers[0].breaks = breaks;
    return breaks >= OUTCOME_BREAKS_MOST;
}
