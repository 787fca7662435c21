/*
 * What servers tell of themselves, and what a site learns from it. One mail that failed tells
 * nothing; one that was answered, however, that a connection is well.
 */
#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "services/delivery/engine_internal.h"

/* In the store, where `explain` finds it. */
static void write_down(struct site_queue *site, const struct claim *claim, const char *about,
                       int64_t most)
{
    const struct dispatch_word word = {
        .about = about, .most = most, .for_ms = claim->request.for_ms, .text = claim->words
    };

    dispatch_site_word(site, &word);
}

static void learn(struct site_queue *site, const struct claim *claim, enum site_limit_kind kind,
                  int64_t value)
{
    int64_t for_ms = claim->request.for_ms;
    int64_t now = loop_now_ms(site->engine->loop);
    struct site_limit holds = site_binding(site, kind);

    if (value == 0) /* nothing was asked of this kind */
        return;
    if (holds.value != 0 && holds.value < value)
        value = holds.value;
    if (site->learned == NULL) {
        site->learned = NEW(struct limit_set);
        site->limits.by[LIMIT_LEARNED] = site->learned;
    }
    if (holds.origin != LIMIT_LEARNED || holds.value != value)
        log_info("site-limit", log_text("site", site->key),
                 log_text("limit", site_limit_kind_name(kind)), log_number("value", value),
                 log_number("seconds", for_ms / 1000));
    limit_set_put(site->learned, kind, value, now, now + for_ms);
    write_down(site, claim, site_limit_kind_name(kind), value);
}

static void stop_stream(struct site_queue *site, const struct claim *claim)
{
    enum stream_id stream = claim->lane->stream;
    int64_t for_ms = claim->request.for_ms;
    int64_t until = loop_now_ms(site->engine->loop) + for_ms;

    if (until <= site->stopped_until[stream])
        return;
    site->stopped_until[stream] = until;
    log_warning("site-blocks", log_text("site", site->key), log_text("stream", stream_name(stream)),
                log_number("seconds", for_ms / 1000));
    write_down(site, claim, stream_name(stream), 0);
}

void site_hear(struct site_queue *site, const struct claim *claim)
{
    const struct site_request *asked = &claim->request;
    int64_t open = (int64_t)site->berth_n;

    switch (asked->signal) {
    case SIGNAL_NONE:
        if (claim->is_answered)
            site_pace_well(&site->pace, open, site_binding(site, LIMIT_CONNECTIONS).value);
        break;
    case SIGNAL_OVERLOADED:
        site_pace_badly(&site->pace);
        break;
    case SIGNAL_RATE:
        learn(site, claim, LIMIT_MAILS, asked->mails);
        learn(site, claim, LIMIT_CONNECTIONS, asked->connections);
        break;
    case SIGNAL_CONNECTIONS:
        learn(site, claim, LIMIT_CONNECTIONS, open > 1 ? open - 1 : 1);
        break;
    case SIGNAL_MESSAGES:
        if (claim->nth > 1)
            learn(site, claim, LIMIT_CONNECTION_MAILS, claim->nth - 1);
        break;
    case SIGNAL_BLOCKED:
        stop_stream(site, claim);
        break;
    }
}

void site_crowded(struct site_queue *site)
{
    site_pace_badly(&site->pace);
}
