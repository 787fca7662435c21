/*
 * Mail past its time as a read of its lane finds it: the ledger ends it. What no read finds the
 * sweep does.
 */
#include "base/alloc.h"
#include "services/delivery/claim.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/dispatch_internal.h"
#include "services/delivery/expiry.h"
#include "services/delivery/lane_queue_internal.h"

struct expire_job {
    struct dispatch_job job;
    struct list claims;
};

static bool run_expire(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    struct dispatch_job *job = dispatch_job_of(ledger_job);

    LIST_EACH (&CONTAINER_OF(job, struct expire_job, job)->claims, link) {
        struct claim *claim = CONTAINER_OF(link, struct claim, link);
        bool waits;

        if (!expiry_end_due(db, dispatch_settings(job), claim->delivery, dispatch_now(job), &waits,
                            err))
            return false;
        claim->state = waits ? DELIVERY_QUEUED : DELIVERY_EXPIRED;
    }
    return true;
}

/* What did not end, for the ledger refused or its clock differs, goes on: it asks for leave. */
static void take_expired(struct claim *claim, bool is_recorded)
{
    struct lane_queue *lane = claim->lane;

    if (is_recorded && claim->state == DELIVERY_EXPIRED) {
        lane_settle(lane, claim);
        return;
    }
    lane_put_back(lane, claim);
    if (lane->ready_n > 0)
        destination_serve(lane->destination);
}

static void on_expired(struct dispatch_job *job)
{
    struct expire_job *expire = CONTAINER_OF(job, struct expire_job, job);
    struct list *item;

    while ((item = list_first(&expire->claims)) != NULL) {
        struct claim *claim = CONTAINER_OF(item, struct claim, link);

        list_remove(item);
        take_expired(claim, job->job.ok);
    }
    if (!job->job.ok)
        engine_rest(job->engine);
    dispatch_look_failed(job);
    alloc_free(expire);
}

void dispatch_expire(struct delivery_engine *e, struct list *claims)
{
    struct expire_job *expire = NEW(struct expire_job);
    struct list *item;

    list_init(&expire->claims);
    while ((item = list_first(claims)) != NULL) {
        list_remove(item);
        list_append(&expire->claims, item);
    }
    dispatch_submit(e, &expire->job, LEDGER_REQUEST, "expiry", run_expire, on_expired);
}
