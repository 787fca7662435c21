/*
 * What the watchdog found: the ledger tells of it by an alarm and sets it going.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "services/delivery/dispatch_internal.h"
#include "services/delivery/expiry.h"
#include "services/delivery/outcome_record.h"
#include "store/alarm.h"
#include "store/delivery.h"
#include "store/intent.h"
#include "store/lane.h"

struct overdue_job {
    struct dispatch_job job;
    struct overdue_found found;
};

static const char *overdue_kind(const struct overdue_found *found)
{
    static const char *const kinds[] = { [OVERDUE_SENDING] = "sending",
                                         [OVERDUE_WAITING] = "waiting",
                                         [OVERDUE_DEADLINE] = "deadline",
                                         [OVERDUE_NOTICE] = "notice" };

    return kinds[found->kind];
}

/* Nobody sends it, and whether it arrived is not known: in doubt, as after a crash. */
static bool give_up(struct db *db, const struct dispatch_job *job,
                    const struct overdue_found *found, struct error *err)
{
    struct intent_open open = { 0 };
    struct delivery_row row;
    struct lane_key lane;
    bool is_there;

    if (!intent_open_next(db, found->intent - 1, &open, err) ||
        !delivery_load(db, found->id, &row, &is_there, err))
        return false;
    if (!is_there || open.intent != found->intent)
        return true;
    lane = lane_of_delivery(&row);
    lane_tell(db, &lane);
    return outcome_record_lost(db, found->id, found->intent, dispatch_settings(job),
                               dispatch_now(job), err);
}

/* What was read may have moved on since: then there is nothing to do. */
static bool set_going(struct db *db, const struct dispatch_job *job,
                      const struct overdue_found *found, struct error *err)
{
    bool waits;

    if (found->kind == OVERDUE_DEADLINE)
        return expiry_end_due(db, dispatch_settings(job), found->id, dispatch_now(job), &waits,
                              err);
    return found->kind != OVERDUE_SENDING || !found->is_lost || give_up(db, job, found, err);
}

static bool run_overdue(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    struct dispatch_job *job = dispatch_job_of(ledger_job);
    const struct overdue_found *found = &CONTAINER_OF(job, struct overdue_job, job)->found;
    CLEANUP(buf_fini) struct buf cause;
    CLEANUP(buf_fini) struct buf text;

    buf_init(&cause, 100);
    buf_init(&text, 400);
    buf_printf(&cause, "overdue %s", overdue_kind(found));
    buf_printf(&text, "%s %lld has been overdue since ",
               found->kind == OVERDUE_NOTICE ? "the notice for person" : "delivery",
               (long long)found->id);
    text_put_time(&text, found->since);
    buf_put_text(&text, ": a fault of postroom's; please report it with the log");
    return set_going(db, job, found, err) &&
           alarm_raise(db, ALARM_ERROR, buf_view(&cause), buf_view(&text), dispatch_now(job), err);
}

void dispatch_overdue(struct delivery_engine *e, const struct overdue_found *found)
{
    struct overdue_job *overdue = NEW(struct overdue_job);

    log_error("overdue", log_text("what", overdue_kind(found)),
              log_number(found->kind == OVERDUE_NOTICE ? "person" : "delivery", found->id),
              log_number("since", found->since), log_number("intent", found->intent),
              log_number("thread", found->thread));
    overdue->found = *found;
    dispatch_submit(e, &overdue->job, LEDGER_REQUEST, "overdue", run_overdue, dispatch_done);
}
