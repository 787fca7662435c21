/*
 * What the dispatcher learned about domains and sites, for the store: who sleeps, which limits
 * hold, who takes nothing of a stream.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "io/loop.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/dispatch_internal.h"
#include "services/delivery/site_queue_internal.h"
#include "store/alarm.h"
#include "store/domain.h"
#include "store/host_trouble.h"
#include "store/site.h"

/* ---- notes about domains ---- */

struct note_job {
    struct dispatch_job job;
    char name[DELIVERY_DOMAIN_ROOM];
    char site[DELIVERY_DOMAIN_ROOM];
    char text[sizeof((struct outcome){ 0 }.text)];
    struct domain_note note;
};

static bool run_note(struct ledger_job *job, struct db *db, struct error *err)
{
    return domain_note(db, &CONTAINER_OF(dispatch_job_of(job), struct note_job, job)->note, err);
}

void dispatch_note(struct destination *to, int64_t failures, int64_t asleep_until, const char *text)
{
    struct delivery_engine *e = to->engine;
    struct note_job *note = NEW(struct note_job);

    to->is_noted = asleep_until != 0;
    span_copy(span_of(to->name), note->name, sizeof note->name);
    span_copy(span_of(to->site != NULL ? to->site->key : ""), note->site, sizeof note->site);
    span_copy(span_of(text), note->text, sizeof note->text);
    note->note =
        (struct domain_note){ .name = span_of(note->name),
                              .site = to->site != NULL ? span_of(note->site) : (struct span){ 0 },
                              .failures = failures,
                              .asleep_until = asleep_until,
                              .text = text != NULL ? span_of(note->text) : (struct span){ 0 },
                              .seen_at = loop_now_ms(e->loop) };
    dispatch_submit(e, &note->job, LEDGER_BULK, "domain", run_note, dispatch_done);
}

/* ---- facts of sites ---- */

struct site_job {
    struct dispatch_job job;
    char key[MX_SITE_KEY_MOST + 1];
    char words[SITE_WORDS_ROOM];
    int64_t now;
    enum stream_id stream;
    bool streams[STREAMS]; /* of a pause: those it begins for */
    int64_t until;
    struct site_limit_new limit;
};

static struct site_job *site_job_new(const struct site_queue *site, struct span words)
{
    struct site_job *job = NEW(struct site_job);

    span_copy(span_of(site->key), job->key, sizeof job->key);
    span_copy(words, job->words, sizeof job->words);
    job->now = loop_now_ms(site->engine->loop);
    return job;
}

static const struct site_job *site_job_of(struct ledger_job *job)
{
    return CONTAINER_OF(dispatch_job_of(job), struct site_job, job);
}

static bool run_site_met(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    const struct site_job *job = site_job_of(ledger_job);

    return site_met(db, span_of(job->key), job->now, err);
}

void dispatch_site_met(struct site_queue *site)
{
    struct site_job *job = site_job_new(site, (struct span){ 0 });

    dispatch_submit(site->engine, &job->job, LEDGER_BULK, "site", run_site_met, dispatch_done);
}

static bool run_limit(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    const struct site_job *job = site_job_of(ledger_job);

    return site_limit_put(db, span_of(job->key), &job->limit, err);
}

void dispatch_limit(struct site_queue *site, enum site_limit_kind kind, enum limit_origin origin,
                    struct span words)
{
    const struct limit_set *set = site_limits_of(site, origin);
    struct site_job *job = site_job_new(site, words);

    job->limit = (struct site_limit_new){ .kind = kind,
                                          .origin = origin,
                                          .value = set->of[kind].value,
                                          .since = set->of[kind].since,
                                          .until = set->of[kind].until,
                                          .words = span_of(job->words) };
    dispatch_submit(site->engine, &job->job, LEDGER_BULK, "site-limit", run_limit, dispatch_done);
}

static bool raise_block(struct db *db, const struct site_job *job, struct error *err)
{
    CLEANUP(buf_fini) struct buf cause;

    buf_init(&cause, 400);
    buf_printf(&cause, "site-blocks %s %s", stream_name(job->stream), job->key);
    return alarm_raise(db, ALARM_ERROR, buf_view(&cause), span_of(job->words), job->now, err);
}

/* Facts that were read before this was written do not have it: they are read again. */
static void on_stopped(struct dispatch_job *job)
{
    struct site_job *stop = CONTAINER_OF(job, struct site_job, job);
    struct delivery_engine *e = job->engine;

    dispatch_look_failed(job);
    site_changed(e, span_of(stop->key));
    alloc_free(stop);
}

static bool run_stop(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    const struct site_job *job = site_job_of(ledger_job);
    const struct site_stop stop = { job->stream, LIMIT_OF_SERVER, job->now, job->until,
                                    span_of(job->words) };

    return site_stop_put(db, span_of(job->key), &stop, err) && raise_block(db, job, err);
}

void dispatch_stop(struct site_queue *site, enum stream_id stream, struct span words)
{
    struct site_job *job = site_job_new(site, words);

    job->stream = stream;
    job->until = site->stopped_until[stream];
    dispatch_submit(site->engine, &job->job, LEDGER_REQUEST, "site-stop", run_stop, on_stopped);
}

static bool run_block(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    const struct site_job *job = site_job_of(ledger_job);
    const struct site_stop stop = { job->stream, LIMIT_OF_SERVER, job->now, job->until,
                                    span_of(job->words) };

    return domain_stop_put(db, span_of(job->key), &stop, err) && raise_block(db, job, err);
}

void dispatch_block(struct destination *to, enum stream_id stream, struct span words)
{
    struct site_job *job = site_job_new(to->site, words);

    span_copy(span_of(to->name), job->key, sizeof job->key);
    job->stream = stream;
    job->until = to->stopped_until[stream];
    dispatch_submit(to->engine, &job->job, LEDGER_REQUEST, "domain-stop", run_block, dispatch_done);
}

static bool run_pause(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    const struct site_job *job = site_job_of(ledger_job);
    struct site_stop stop = { 0, LIMIT_OF_SERVER, job->now, job->until, span_of(job->words) };

    for (int stream = 0; stream < STREAMS; stream++) {
        stop.stream = (enum stream_id)stream;
        if (job->streams[stream] && !site_stop_put(db, span_of(job->key), &stop, err))
            return false;
    }
    return true;
}

void dispatch_pause(struct site_queue *site, const bool streams[STREAMS], int64_t until,
                    struct span words)
{
    struct site_job *job = site_job_new(site, words);

    memcpy(job->streams, streams, sizeof job->streams);
    job->until = until;
    dispatch_submit(site->engine, &job->job, LEDGER_REQUEST, "site-pause", run_pause, on_stopped);
}

/* ---- hosts ---- */

struct host_job {
    struct dispatch_job job;
    char site[MX_SITE_KEY_MOST + 1];
    char ip[64];
    char text[sizeof((struct outcome){ 0 }.text)];
    const char *trouble;
    int64_t since;
    int64_t until; /* 0: it is over */
};

static bool run_host(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    const struct host_job *job = CONTAINER_OF(dispatch_job_of(ledger_job), struct host_job, job);
    const struct host_trouble_row row = { .ip = span_of(job->ip),
                                          .trouble = span_of(job->trouble),
                                          .since = job->since,
                                          .until = job->until,
                                          .text = span_of(job->text) };

    if (job->until == 0)
        return host_trouble_drop(db, span_of(job->site), row.ip, row.trouble, err);
    return host_trouble_put(db, span_of(job->site), &row, err);
}

static struct host_job *host_job_new(const struct site_queue *site, const struct ip *ip,
                                     const char *trouble)
{
    struct host_job *job = NEW(struct host_job);
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, sizeof job->ip);
    ip_put(&text, ip);
    span_copy(buf_view(&text), job->ip, sizeof job->ip);
    span_copy(span_of(site->key), job->site, sizeof job->site);
    job->trouble = trouble;
    job->since = loop_now_ms(site->engine->loop);
    return job;
}

void dispatch_host_trouble(const struct site_queue *site, const struct ip *ip, const char *trouble,
                           int64_t ms, const char *text)
{
    struct host_job *job = host_job_new(site, ip, trouble);

    job->until = job->since + ms;
    span_copy(span_of(text), job->text, sizeof job->text);
    dispatch_submit(site->engine, &job->job, LEDGER_BULK, "host", run_host, dispatch_done);
}

void dispatch_host_well(const struct site_queue *site, const struct ip *ip, const char *trouble)
{
    struct host_job *job = host_job_new(site, ip, trouble);

    dispatch_submit(site->engine, &job->job, LEDGER_BULK, "host", run_host, dispatch_done);
}
