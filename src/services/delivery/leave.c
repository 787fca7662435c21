/*
 * The grant (laws 2, 3 and 6).
 */
#include "services/delivery/leave.h"

#include "services/delivery/expiry.h"
#include "store/delivery.h"
#include "store/epoch.h"
#include "store/intent.h"
#include "store/suppression.h"

static bool is_sendable(enum delivery_state state)
{
    return state == DELIVERY_QUEUED || state == DELIVERY_DEFERRED || state == DELIVERY_IN_DOUBT;
}

/* An ended one has nothing more to come; a held one does, and one that is being sent. */
static enum leave leave_without(enum delivery_state state)
{
    return delivery_state_final(state) ? LEAVE_ENDED : LEAVE_WAITS;
}

static bool suppress(struct db *db, struct delivery_row *row, const char *why, int64_t now_ms,
                     struct leave_answer *answer, struct error *err)
{
    const struct delivery_change change = {
        .to = DELIVERY_SUPPRESSED, .reason = "suppressed", .text = span_of(why), .now_ms = now_ms
    };

    bool done;

    answer->leave = LEAVE_ENDED;
    return delivery_transition(db, row, &change, &done, err);
}

/* The letter's versions against those of now. */
static bool versions_agree(struct db *db, const struct letter *letter, int64_t person,
                           bool *ret_agree, struct error *err)
{
    struct epoch_of_letter now;

    if (!epoch_of_letter_read(db, person, &now, err))
        return false;
    *ret_agree =
        now.person_version == letter->person_version && now.content_epoch == letter->content_epoch;
    return true;
}

static bool grant(struct db *db, struct delivery_row *row, const struct leave_question *q,
                  struct leave_answer *answer, struct error *err)
{
    const struct delivery_change change = { .to = DELIVERY_SENDING, .now_ms = q->now_ms };
    bool done;

    if (!intent_add(db, q->letter, q->node, q->now_ms, &answer->intent, err) ||
        !delivery_transition(db, row, &change, &done, err))
        return false;
    answer->epoch = row->epoch;
    answer->leave = done ? LEAVE_GRANTED : LEAVE_WAITS;
    return true;
}

static bool decide(struct db *db, struct delivery_row *row, const struct leave_question *q,
                   struct leave_answer *answer, struct error *err)
{
    char why[100];
    bool bars;
    bool agree;

    if (expiry_is_due(q->settings, row, q->now_ms)) {
        answer->leave = LEAVE_ENDED;
        return expiry_end(db, row, q->now_ms, err);
    }
    if (!suppression_bars(db, span_of(row->normal), span_of(row->domain), q->now_ms, &bars, why,
                          sizeof why, err))
        return false;
    if (bars)
        return suppress(db, row, why, q->now_ms, answer, err);
    if (!versions_agree(db, q->letter, row->person, &agree, err))
        return false;
    if (agree)
        return grant(db, row, q, answer, err);
    answer->leave = LEAVE_STALE;
    return true;
}

bool leave_ask(struct db *db, const struct leave_question *q, struct leave_answer *ret_answer,
               struct error *err)
{
    struct leave_answer answer = { .leave = LEAVE_ENDED };
    struct delivery_row row;
    bool found;

    if (!delivery_load(db, q->letter->delivery, &row, &found, err))
        return error_wrap(err, "granting");
    if (found && !is_sendable(row.state))
        answer.leave = leave_without(row.state);
    else if (found && row.epoch != q->letter->epoch)
        answer.leave = LEAVE_STALE;
    else if (found && !decide(db, &row, q, &answer, err))
        return error_wrap(err, "granting delivery %lld", (long long)row.id);
    *ret_answer = answer;
    return true;
}
