/*
 * What the dispatcher has the ledger do (dispatch_jobs.c, and by subject dispatch_sites.c,
 * dispatch_deadlines.c, dispatch_overdue.c): a job goes to the ledger and comes back to `answers`.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_DISPATCH_INTERNAL_H
#define POSTROOM_SERVICES_DELIVERY_DISPATCH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "domain/delivery.h"
#include "domain/site_limits.h"
#include "services/delivery/engine_internal.h"
#include "store/ledger.h"

struct claim;
struct destination;
struct mx_finding;
struct site_queue;

/* A piece of work; what it needs lies around it. */
struct dispatch_job {
    struct ledger_job job;
    struct delivery_engine *engine;
    void (*answered)(struct dispatch_job *job); /* frees it */
};

/* dispatch_submit has the ledger run it, and the dispatcher call `answered` afterwards. */
void dispatch_submit(struct delivery_engine *e, struct dispatch_job *job, enum ledger_rank rank,
                     const char *name,
                     bool (*run)(struct ledger_job *job, struct db *db, struct error *err),
                     void (*answered)(struct dispatch_job *job));

/* On the ledger: dispatch_job_of gives the job that is run, dispatch_settings and dispatch_now the
 * settings and the time for it. */
MUST_USE struct dispatch_job *dispatch_job_of(struct ledger_job *job);
MUST_USE const struct settings *dispatch_settings(const struct dispatch_job *job);
MUST_USE int64_t dispatch_now(const struct dispatch_job *job);

/* dispatch_look_failed logs that a job failed, if it did; dispatch_done frees it, too, for jobs
 * that begin with their struct dispatch_job. */
void dispatch_look_failed(const struct dispatch_job *job);
void dispatch_done(struct dispatch_job *job);

/* dispatch_recover writes down all intents left open; engine_recovered follows. */
void dispatch_recover(struct delivery_engine *e);

/* dispatch_lookup_failed records for a claim what came of the lookup; it is settled then. */
void dispatch_lookup_failed(struct claim *claim, const struct mx_finding *finding);

/* dispatch_expire ends claims whose time is over: `claims` by link; they are settled then. */
void dispatch_expire(struct delivery_engine *e, struct list *claims);

/* dispatch_note writes down whether a destination sleeps: `failures` in a row and the words of the
 * last one, until when. */
void dispatch_note(struct destination *to, int64_t failures, int64_t asleep_until,
                   const char *text);

/* dispatch_site_met keeps that a site exists; dispatch_limit what it has learned, dispatch_stop
 * that it takes nothing of a stream, with an alarm. Words are borrowed for the call. */
void dispatch_site_met(struct site_queue *site);
void dispatch_limit(struct site_queue *site, enum site_limit_kind kind, enum limit_origin origin,
                    struct span words);
void dispatch_stop(struct site_queue *site, enum stream_id stream, struct span words);

/* dispatch_block does so for a stop that is one recipient domain's; dispatch_pause keeps that the
 * site takes nothing of some streams until a moment (UTC), which is no alarm. */
void dispatch_block(struct destination *to, enum stream_id stream, struct span words);
void dispatch_pause(struct site_queue *site, const bool streams[STREAMS], int64_t until,
                    struct span words);

/* dispatch_host_trouble lets people know what is remembered of a host of a site, for so many ms;
 * dispatch_host_well that it is over. */
void dispatch_host_trouble(const struct site_queue *site, const struct ip *ip, const char *trouble,
                           int64_t ms, const char *text);
void dispatch_host_well(const struct site_queue *site, const struct ip *ip, const char *trouble);

/* dispatch_tidy saves cursors and sites of `untidy` lanes. */
void dispatch_tidy(struct delivery_engine *e);

/* What the watchdog found. */
struct overdue_found {
    enum { OVERDUE_SENDING, OVERDUE_WAITING, OVERDUE_DEADLINE, OVERDUE_NOTICE } kind;
    int64_t id;     /* the delivery; of a notice the person */
    int64_t thread; /* of a notice */
    int64_t intent; /* SENDING */
    int64_t since;  /* granted or due */
    bool is_lost;   /* SENDING: nobody sends it */
};

/* dispatch_overdue tells of it and sets it going. */
void dispatch_overdue(struct delivery_engine *e, const struct overdue_found *found);

/* dispatch_answers_receive receives for `answers`. */
void dispatch_answers_receive(void *owner, struct list *posted);

/* dispatch_answers_receive receives for `answers`. */
void dispatch_answers_receive(void *owner, struct list *posted);

#endif
