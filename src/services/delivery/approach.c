/*
 * Between the order of hosts and the race for a connection: indices of the one are turned into
 * those of the other.
 */
#include "services/delivery/approach.h"

#include <errno.h>

#include "domain/settings.h"
#include "io/endpoint.h"
#include "io/stream.h"
#include "net/connect_race.h"
#include "net/smtp_session.h"
#include "services/delivery/engine.h"
#include "services/delivery/outcome_policy.h"

/* A far host that was down shall come back although a near one serves in its place. */
enum { PROBE_HEAD_STARTS = 4 };

static void end_race(struct approach *a)
{
    connect_race_stop(a->race);
    a->race = NULL;
}

static struct host_place *racer(struct approach *a, size_t way)
{
    return &a->hosts.places[a->racing[way]];
}

static bool is_without_network(const struct error *why)
{
    return why->system_errno == ENETUNREACH || why->system_errno == EAFNOSUPPORT;
}

static bool is_our_side(const struct error *why)
{
    return is_without_network(why) || why->system_errno == EADDRNOTAVAIL ||
           (why->kind == ERROR_TEMPORARY && why->system_errno != ETIMEDOUT);
}

/* The one failure of these that somebody has to mend. */
static bool is_of_source(const struct approach *a, const struct error *why)
{
    return why->system_errno == EADDRNOTAVAIL &&
           (a->source_v4.version != 0 || a->source_v6.version != 0);
}

static struct approach_failure failure_of(const struct approach *a, const struct error *why)
{
    struct error words = *why;

    if (is_of_source(a, why))
        (void)error_wrap(&words, "smtp.sources lists an address that this machine does not have");
    return (struct approach_failure){ .outcome = outcome_of_connect(words.text),
                                      .is_ours = is_our_side(why),
                                      .is_idle = is_without_network(why) };
}

static void on_failed(void *owner, size_t way, const struct error *why)
{
    struct approach *a = owner;
    const struct approach_failure failure = failure_of(a, why);

    a->has_failed[way] = true;
    host_order_tried(&a->hosts, a->racing[way]);
    a->events->failed(a->owner, racer(a, way), &failure);
}

static void on_won(void *owner, size_t way, struct stream *stream)
{
    struct approach *a = owner;

    end_race(a);
    a->place = a->racing[way];
    for (size_t i = 0; i < way; i++)
        if (!a->has_failed[i])
            a->events->slow(a->owner, racer(a, i));
    a->events->met(a->owner, racer(a, way), stream);
}

static void on_lost(void *owner)
{
    struct approach *a = owner;

    end_race(a);
    a->events->lost(a->owner);
}

static const struct connect_race_events race_events = {
    .failed = on_failed,
    .won = on_won,
    .lost = on_lost,
};

static struct connect_way way_to(const struct approach *a, const struct host_place *place)
{
    const struct ip *source = place->ip.version == 6 ? &a->source_v6 : &a->source_v4;
    struct connect_way way = { .peer = endpoint_ip(&place->ip,
                                                   (uint16_t)a->engine->settings->smtp_port) };

    if (source->version != 0)
        way.source = endpoint_ip(source, 0);
    return way;
}

bool approach_start(struct approach *a)
{
    struct connect_way ways[HOST_RACE_MOST];
    struct connect_race_options options = { .ways = ways,
                                            .delay_ms = a->engine->settings->race_delay,
                                            .timeout_ms = a->engine->settings->timeouts.connect };

    a->racing_n = host_order_next(&a->hosts, a->racing);
    if (a->racing_n == 0)
        return false;
    options.head_start_ms = options.delay_ms * (racer(a, 0)->is_probe ? PROBE_HEAD_STARTS : 1);
    for (size_t i = 0; i < a->racing_n; i++) {
        ways[i] = way_to(a, racer(a, i));
        a->has_failed[i] = false;
    }
    options.count = a->racing_n;
    a->race = connect_race_start(a->loop, &options, &race_events, a);
    return true;
}

bool approach_is_on(const struct approach *a)
{
    return a->race != NULL;
}

void approach_stop(struct approach *a)
{
    end_race(a);
}

static struct smtp_timeouts timeouts_of(const struct smtp_timeout_settings *s)
{
    struct smtp_timeouts t = smtp_timeouts_default();

    t.ms[SMTP_STAGE_CONNECT] = s->connect;
    t.ms[SMTP_STAGE_GREETING] = s->greeting;
    t.ms[SMTP_STAGE_EHLO] = s->ehlo;
    t.ms[SMTP_STAGE_HELO] = s->ehlo;
    t.ms[SMTP_STAGE_STARTTLS] = s->starttls;
    t.ms[SMTP_STAGE_HANDSHAKE] = s->starttls;
    t.ms[SMTP_STAGE_RSET] = s->mail;
    t.ms[SMTP_STAGE_MAIL] = s->mail;
    t.ms[SMTP_STAGE_RCPT] = s->rcpt;
    t.ms[SMTP_STAGE_DATA] = s->data;
    t.ms[SMTP_STAGE_CONTENT] = s->block;
    t.ms[SMTP_STAGE_DOT] = s->dot;
    t.ms[SMTP_STAGE_LONE_DOT] = s->dot;
    t.ms[SMTP_STAGE_QUIT] = s->quit;
    return t;
}

/* Below that a chunk saves nothing. */
enum { CHUNK_ABOVE = 1 << 20 };

struct smtp_session *approach_session(struct approach *a, struct stream *stream,
                                      size_t dialogue_max, const struct smtp_session_events *events,
                                      void *owner)
{
    const struct settings *settings = a->engine->settings;
    const struct host_place *place = approach_place(a);
    bool in_clear = a->engine->tls == NULL || place->marks.has[HOST_TLS_BROKEN];
    bool chunks =
        settings->chunking == CHUNKING_WHEN_LARGE && !place->marks.has[HOST_CHUNKING_BROKEN];
    const struct smtp_session_options options = {
        .stream = stream,
        .peer = endpoint_ip(&place->ip, (uint16_t)settings->smtp_port),
        .peer_name = place->host,
        .tls = a->engine->tls,
        .tickets = a->tickets,
        .client = { .helo = settings->hostname,
                    .tls = in_clear ? SMTP_TLS_NEVER : SMTP_TLS_IF_OFFERED,
                    .apart = settings->one_at_a_time || place->marks.has[HOST_GROUPS_BROKEN],
                    .chunk_above = chunks ? CHUNK_ABOVE : 0,
                    .timeouts = timeouts_of(&settings->timeouts) },
        .dialogue_max = dialogue_max
    };

    return smtp_session_open(a->loop, &options, events, owner);
}

struct host_place *approach_place(struct approach *a)
{
    return &a->hosts.places[a->place];
}

void approach_leave_place(struct approach *a)
{
    host_order_tried(&a->hosts, a->place);
}

void approach_begin_pass(struct approach *a)
{
    host_order_begin(&a->hosts);
}
