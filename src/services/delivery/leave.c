/*
 * The grant (laws 2, 3 and 6).
 */
#include "services/delivery/leave.h"

#include "services/delivery/expiry.h"
#include "store/delivery.h"
#include "store/erased.h"
#include "store/intent.h"
#include "store/put_off.h"
#include "store/skip.h"

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

/* What the application has left out is on record from the moment on that the mail is fixed. */
static bool add_omissions(struct db *db, const struct leave_question *q, int64_t person,
                          struct error *err)
{
    for (size_t i = 0; i < q->letter->omitted_count; i++) {
        const struct letter_omission *omitted = &q->letter->omitted[i];
        const struct skip skip = { .person = person,
                                   .thread = omitted->thread,
                                   .from_seq = omitted->seq,
                                   .to_seq = omitted->seq,
                                   .reason = omitted->reason,
                                   .at = q->now_ms };

        if (!skip_add(db, &skip, err))
            return false;
    }
    return true;
}

static bool grant(struct db *db, const struct leave_question *q, struct leave_answer *answer,
                  struct error *err)
{
    const struct delivery_change change = { .to = DELIVERY_SENDING, .now_ms = q->now_ms };
    bool done;

    if (!intent_add(db, q->letter, q->node, q->now_ms, &answer->intent, err) ||
        !add_omissions(db, q, answer->row.person, err) ||
        !put_off(db, &answer->row, q->letter, err) ||
        !delivery_transition(db, &answer->row, &change, &done, err))
        return false;
    answer->leave = done ? LEAVE_GRANTED : LEAVE_WAITS;
    return true;
}

/* The letter's versions against those of now. */
static bool versions_agree(const struct letter *letter, const struct delivery_grounds *now)
{
    return now->person_version == letter->person_version &&
           now->content_epoch == letter->content_epoch;
}

/* An answer of the application's counts for a while. */
static bool sight_holds(const struct leave_question *q)
{
    return q->letter->seen_at == 0 || q->now_ms - q->letter->seen_at <= q->sight_age;
}

/* Mail to a person is cancelled when they are erased; this is for mail to an address alone. */
static bool ask_erased(struct db *db, const struct delivery_row *row, bool *ret_erased,
                       struct error *err)
{
    *ret_erased = false;
    return row->person != 0 || erased_knows(db, span_of(row->normal), ret_erased, err);
}

static bool decide(struct db *db, const struct delivery_grounds *grounds,
                   const struct leave_question *q, struct leave_answer *answer, struct error *err)
{
    bool erased;

    if (expiry_is_due(q->settings, &answer->row, q->now_ms)) {
        answer->leave = LEAVE_ENDED;
        return expiry_end(db, &answer->row, q->now_ms, err);
    }
    if (grounds->is_barred)
        return suppress(db, &answer->row, grounds->bar, q->now_ms, answer, err);
    if (!ask_erased(db, &answer->row, &erased, err))
        return false;
    if (erased)
        return suppress(db, &answer->row, "erased", q->now_ms, answer, err);
    if (versions_agree(q->letter, grounds) && sight_holds(q))
        return grant(db, q, answer, err);
    answer->leave = LEAVE_STALE;
    return true;
}

bool leave_ask(struct db *db, const struct leave_question *q, struct leave_answer *ret_answer,
               struct error *err)
{
    struct delivery_grounds grounds;
    const struct delivery_row *row = &ret_answer->row;
    bool found;

    ret_answer->leave = LEAVE_ENDED;
    ret_answer->intent = 0;
    if (!delivery_load_grounds(db, q->letter->delivery, q->now_ms, &ret_answer->row, &grounds,
                               &found, err))
        return error_wrap(err, "granting");
    if (found && !is_sendable(row->state))
        ret_answer->leave = leave_without(row->state);
    else if (found && row->epoch != q->letter->epoch)
        ret_answer->leave = LEAVE_STALE;
    else if (found && !decide(db, &grounds, q, ret_answer, err))
        return error_wrap(err, "granting delivery %lld", (long long)row->id);
    return true;
}
