/*
 * From outcome to state. What an answer means was decided in outcome_policy; here it is carried
 * out.
 */
#include "services/delivery/outcome_record.h"

#include <string.h>

#include "base/log.h"
#include "base/random.h"
#include "domain/retry_end.h"
#include "services/delivery/expiry.h"
#include "services/delivery/outcome_policy.h"
#include "services/delivery/retry_schedule.h"
#include "store/attempt.h"
#include "store/delivery.h"
#include "store/skip.h"
#include "store/suppression.h"

static const char *failure_code(const struct outcome *outcome)
{
    if (strcmp(outcome->stage, "dns") == 0)
        return "no_host";
    if (outcome->local)
        return "unfit";
    return outcome->kind == REFUSAL_NONE ? "refused" : refusal_kind_name(outcome->kind);
}

static const char *wait_code(const struct outcome *outcome)
{
    bool has_own = outcome->kind == REFUSAL_GREYLISTED || outcome->kind == REFUSAL_MAILBOX_FULL;

    return has_own ? refusal_kind_name(outcome->kind) : "deferred";
}

static enum retry_cause cause_of(const struct outcome *outcome)
{
    if (outcome->kind == REFUSAL_GREYLISTED)
        return RETRY_GREYLISTED;
    if (outcome->kind == REFUSAL_MAILBOX_FULL)
        return RETRY_MAILBOX_FULL;
    return outcome_is_unreachable(outcome) ? RETRY_UNREACHABLE : RETRY_BY_STREAM;
}

/* An order made it before its time: the schedule goes on as if it had not been. */
static bool is_by_hand(const struct delivery_row *row, const struct outcome_try *tried)
{
    return row->planned_at > tried->now_ms;
}

/* Tries that failed, this one included, as the schedule counts them. */
static int64_t failures_of(const struct delivery_row *row, const struct outcome_try *tried)
{
    int64_t n = row->attempts - row->by_hand + (is_by_hand(row, tried) ? 0 : 1);

    return n > 0 ? n : 1;
}

static int64_t by_schedule(const struct delivery_row *row, const struct outcome_try *tried,
                           int64_t breaks)
{
    bool is_aside = breaks >= OUTCOME_BREAKS_MOST;
    const struct retry_question question = {
        .settings = tried->settings,
        .stream = row->stream,
        .failures = is_aside ? breaks - OUTCOME_BREAKS_MOST + 1 : failures_of(row, tried),
        .cause = is_aside ? RETRY_SET_ASIDE : cause_of(tried->outcome),
        .in_doubt = tried->outcome->class == OUTCOME_IN_DOUBT || row->doubts > 0,
        .now_ms = tried->now_ms,
        .end_ms = retry_end(tried->settings, row->stream, row->first_due, row->deadline)
    };
    struct random chance;

    random_seed(&chance, tried->chance);
    return retry_due(&question, &chance);
}

/* After a try by hand it is due when it would have been; what may have arrived, or breaks sessions,
 * has its interval to wait. */
static int64_t next_due(const struct delivery_row *row, const struct outcome_try *tried,
                        int64_t breaks)
{
    int64_t due = by_schedule(row, tried, breaks);
    bool needs_time = tried->outcome->class == OUTCOME_IN_DOUBT || row->doubts > 0 ||
                      breaks >= OUTCOME_BREAKS_MOST;

    if (!is_by_hand(row, tried) || (needs_time && due > row->planned_at))
        return due;
    return row->planned_at;
}

/* A mail that may have arrived once stays in doubt until an answer settles it: that a later copy
 * was put off says nothing of the first. */
static struct delivery_change change_of(const struct delivery_row *row,
                                        const struct outcome_try *tried, int64_t breaks)
{
    const struct outcome *outcome = tried->outcome;
    struct delivery_change change = { .text = span_of(outcome->text),
                                      .attempted = true,
                                      .by_hand = is_by_hand(row, tried),
                                      .now_ms = tried->now_ms };

    switch (outcome->class) {
    case OUTCOME_DELIVERED:
        change.to = DELIVERY_DELIVERED;
        change.reason = "accepted";
        change.subject = span_of(tried->subject);
        break;
    case OUTCOME_FAILED:
        change.to = DELIVERY_FAILED;
        change.reason = failure_code(outcome);
        break;
    case OUTCOME_RETRY:
        change.to = row->doubts > 0 ? DELIVERY_IN_DOUBT : DELIVERY_DEFERRED;
        change.reason = breaks >= OUTCOME_BREAKS_MOST ? "set_aside" : wait_code(outcome);
        change.due_at = next_due(row, tried, breaks);
        break;
    case OUTCOME_IN_DOUBT:
        change.to = DELIVERY_IN_DOUBT;
        change.doubted = true;
        change.reason = "in_doubt";
        change.due_at = next_due(row, tried, breaks);
        break;
    }
    return change;
}

/* Which attempts are the last ones our side makes on its own. One that was put off left no copy, so
 * what an order began goes on by itself. */
static bool is_left_to_operator(const struct delivery_row *row, const struct outcome_try *tried)
{
    enum doubt_policy policy = tried->settings->streams[row->stream].in_doubt;
    bool stalls_again = tried->outcome->timed_out && row->doubts > 1;

    return tried->outcome->class == OUTCOME_IN_DOUBT &&
           (policy == DOUBT_HOLD || stalls_again || row->doubts > OUTCOME_RESENDS_MOST);
}

static bool hold_in_doubt(struct db *db, struct delivery_row *row, int64_t now_ms,
                          struct error *err)
{
    const struct delivery_change change = { .to = DELIVERY_HELD,
                                            .reason = "in_doubt",
                                            .text = SPAN("may have arrived; nobody knows"),
                                            .now_ms = now_ms };
    bool done;

    return delivery_transition(db, row, &change, &done, err);
}

static bool suppress(struct db *db, const struct delivery_row *row, struct span reason,
                     int64_t now_ms, struct error *err)
{
    const struct suppression bad = { .target = span_of(row->normal),
                                     .scope = SPAN("*"),
                                     .reason = reason,
                                     .origin = SPAN("smtp"),
                                     .at = now_ms };

    return suppression_put(db, &bad, err);
}

/* The refusal at hand is among those that are counted. */
static bool suppress_by_rule(struct db *db, const struct delivery_row *row,
                             const struct outcome_try *tried, struct error *err)
{
    const struct settings *settings = tried->settings;
    int64_t count;

    if (!delivery_count_hard(db, span_of(row->normal), tried->now_ms - settings->hard_refusal_time,
                             &count, err))
        return false;
    return count < settings->hard_refusals ||
           suppress(db, row, SPAN("bounced"), tried->now_ms, err);
}

/* A redirected mail was refused for the address it was redirected to. */
static bool suppress_bad(struct db *db, const struct delivery_row *row,
                         const struct outcome_try *tried, struct error *err)
{
    if (tried->settings->deliver == DELIVER_REDIRECT ||
        !outcome_counts_against_address(tried->outcome))
        return true;
    return outcome_suppresses(tried->outcome)
               ? suppress(db, row, SPAN("unknown user"), tried->now_ms, err)
               : suppress_by_rule(db, row, tried, err);
}

/* With an intent the delivery is exactly where the grant left it; without one it may have been
 * folded into, ended or held while the server was asked. */
static bool is_ours(const struct delivery_row *row, const struct outcome_try *tried)
{
    if (tried->intent != 0)
        return row->state == DELIVERY_SENDING && row->epoch == tried->epoch;
    return row->state == DELIVERY_QUEUED || row->state == DELIVERY_DEFERRED ||
           row->state == DELIVERY_IN_DOUBT;
}

static const char *text_or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

/* Hosts that did not take it in the same pass: they led to the next one. */
static bool add_earlier(struct db *db, const struct delivery_row *row,
                        const struct outcome_try *tried, struct error *err)
{
    for (size_t i = 0; tried->earlier != NULL && i < tried->earlier->n; i++) {
        const struct host_try *one = tried->earlier->at[i];
        const struct attempt attempt = { .delivery = row->id,
                                         .at = tried->now_ms,
                                         .host = text_or_null(one->way.host),
                                         .ip = text_or_null(one->way.ip),
                                         .source = text_or_null(one->way.source),
                                         .tls = text_or_null(one->way.tls),
                                         .ms = one->ms,
                                         .outcome = &one->outcome,
                                         .led_on = true };

        if (!one->is_idle && !attempt_add(db, &attempt, err))
            return false;
    }
    return true;
}

static bool add_attempt(struct db *db, const struct delivery_row *row,
                        const struct outcome_try *tried, struct error *err)
{
    const struct span none = { NULL, 0 };
    const struct attempt attempt = { .delivery = row->id,
                                     .intent = tried->intent,
                                     .at = tried->now_ms,
                                     .host = tried->host,
                                     .ip = tried->ip,
                                     .source = tried->source,
                                     .tls = tried->tls,
                                     .ms = tried->ms,
                                     .outcome = tried->outcome,
                                     .led_to = row->state,
                                     .dialogue = tried->dialogue_ms > 0 ? tried->dialogue : none,
                                     .dialogue_until = tried->now_ms + tried->dialogue_ms };

    return add_earlier(db, row, tried, err) && attempt_add(db, &attempt, err);
}

/* How often the mail has broken a session, this time included; 0 when it has not now. */
static bool count_breaks(struct db *db, const struct outcome_try *tried, int64_t *ret_breaks,
                         struct error *err)
{
    int64_t before;

    *ret_breaks = 0;
    if (!outcome_breaks_session(tried->outcome))
        return true;
    if (!attempt_count_broken(db, tried->delivery, &before, err))
        return false;
    *ret_breaks = before + 1;
    if (*ret_breaks == OUTCOME_BREAKS_MOST)
        log_warning("mail-set-aside", log_number("delivery", tried->delivery),
                    log_text("host", tried->host), log_text("stage", tried->outcome->stage),
                    log_text("text", tried->outcome->text));
    return true;
}

static bool move(struct db *db, struct delivery_row *row, const struct outcome_try *tried,
                 bool may_be_gone, bool *ret_done, struct error *err)
{
    struct delivery_change change;
    int64_t breaks;

    if (!count_breaks(db, tried, &breaks, err))
        return false;
    change = change_of(row, tried, breaks);
    change.may_be_gone = may_be_gone;
    if (!delivery_transition(db, row, &change, ret_done, err))
        return false;
    if (*ret_done && is_left_to_operator(row, tried))
        return hold_in_doubt(db, row, tried->now_ms, err);
    return true;
}

/* What has leave is nobody else's to change: it mostly stands where the grant left it. */
static bool move_as_left(struct db *db, struct delivery_row *row, const struct outcome_try *tried,
                         bool *ret_moved, struct error *err)
{
    *row = *tried->left;
    return move(db, row, tried, true, ret_moved, err);
}

static bool load_and_move(struct db *db, struct delivery_row *row, const struct outcome_try *tried,
                          bool *ret_found, struct error *err)
{
    bool done;

    if (!delivery_load(db, tried->delivery, row, ret_found, err))
        return false;
    return !*ret_found || !is_ours(row, tried) || move(db, row, tried, false, &done, err);
}

/* The delivery, or its address, was erased while its mail was on the way: there is nothing to
 * write it to. What the server said may name the address: it is not logged. */
static struct outcome_recorded outcome_of_nothing(const struct outcome_try *tried)
{
    log_warning("outcome-of-nothing", log_number("delivery", tried->delivery),
                log_number("code", tried->outcome->code));
    return (struct outcome_recorded){ DELIVERY_CANCELLED, 0 };
}

bool outcome_record(struct db *db, const struct outcome_try *tried,
                    struct outcome_recorded *ret_recorded, struct error *err)
{
    struct delivery_row row;
    bool found = false;

    if (tried->left != NULL && !move_as_left(db, &row, tried, &found, err))
        return error_wrap(err, "recording an outcome");
    if (!found && !load_and_move(db, &row, tried, &found, err))
        return error_wrap(err, "recording an outcome");
    if (!found || row.normal[0] == '\0') { /* gone, or its person is */
        *ret_recorded = outcome_of_nothing(tried);
        return true;
    }
    if (!add_attempt(db, &row, tried, err) || !suppress_bad(db, &row, tried, err))
        return error_wrap(err, "recording an outcome");
    *ret_recorded = (struct outcome_recorded){ row.state, row.due_at };
    return true;
}

bool outcome_record_lost(struct db *db, int64_t delivery, int64_t intent,
                         const struct settings *settings, int64_t now_ms, struct error *err)
{
    static const struct outcome unknown = {
        .class = OUTCOME_IN_DOUBT,
        .scope = SCOPE_MESSAGE,
        .local = true,
        .stage = "dot",
        .status = "4.4.2",
        .text = "postroom ended before it had read or written down what the server answered",
    };
    struct outcome_recorded recorded;
    struct delivery_row row;
    bool found;
    struct outcome_try tried = { .delivery = delivery,
                                 .intent = intent,
                                 .outcome = &unknown,
                                 .now_ms = now_ms,
                                 .chance = (uint64_t)intent,
                                 .settings = settings };

    if (!delivery_load(db, delivery, &row, &found, err) || !found)
        return !found || error_wrap(err, "recovering");
    tried.epoch = row.epoch;
    return outcome_record(db, &tried, &recorded, err);
}

static bool is_suppression(const char *reason)
{
    return strcmp(reason, "suppressed") == 0 || strcmp(reason, "unsubscribed") == 0;
}

/* What waits does so without a try: its schedule does not move. */
static struct delivery_change change_to_wait(const struct delivery_row *row,
                                             const struct outcome_end *end)
{
    const struct letter *letter = end->letter;
    bool in_doubt = row->state == DELIVERY_IN_DOUBT;
    int64_t last = retry_end(end->settings, row->stream, row->first_due, row->deadline);

    return (struct delivery_change){ .to = in_doubt ? DELIVERY_IN_DOUBT : DELIVERY_DEFERRED,
                                     .reason = letter->reason,
                                     .text = span_of(letter->problem),
                                     .due_at =
                                         letter->wait_until < last ? letter->wait_until : last,
                                     .now_ms = end->now_ms };
}

static struct delivery_change change_without_mail(const struct letter *letter, int64_t now_ms)
{
    struct delivery_change change = { .to = DELIVERY_CANCELLED,
                                      .reason = letter->reason,
                                      .text = span_of(letter->problem),
                                      .tells_rest =
                                          strcmp(letter->reason, "redacted_in_doubt") == 0,
                                      .now_ms = now_ms };

    if (letter->verdict == LETTER_BROKEN)
        change.to = DELIVERY_HELD;
    else if (letter->verdict == LETTER_FORBIDDEN && is_suppression(letter->reason))
        change.to = DELIVERY_SUPPRESSED;
    return change;
}

/* What a person was not told and why, for later questions. */
static bool add_skips(struct db *db, const struct delivery_row *row, const struct letter *letter,
                      int64_t now_ms, struct error *err)
{
    const struct skip skip = { .person = row->person, .reason = letter->reason, .at = now_ms };

    return skip_add_parts(db, row->id, &skip, err);
}

/* Somebody else has it, or it has ended. */
static bool is_out_of_reach(const struct delivery_row *row)
{
    return row->state == DELIVERY_HELD || row->state == DELIVERY_SENDING ||
           delivery_state_final(row->state);
}

static bool end_or_wait(struct db *db, struct delivery_row *row, const struct outcome_end *end,
                        struct error *err)
{
    const struct letter *letter = end->letter;
    const struct delivery_change change = letter->verdict == LETTER_WAITS
                                              ? change_to_wait(row, end)
                                              : change_without_mail(letter, end->now_ms);
    bool done;

    if (letter->verdict == LETTER_WAITS && expiry_is_due(end->settings, row, end->now_ms))
        return expiry_end(db, row, end->now_ms, err);
    if (!delivery_transition(db, row, &change, &done, err))
        return false;
    return letter->verdict == LETTER_BROKEN || letter->verdict == LETTER_WAITS ||
           row->person == 0 || add_skips(db, row, letter, end->now_ms, err);
}

bool outcome_record_end(struct db *db, const struct outcome_end *end,
                        struct outcome_recorded *ret_recorded, bool *ret_stale, struct error *err)
{
    struct delivery_row row;
    bool found;

    if (!delivery_load(db, end->letter->delivery, &row, &found, err))
        return error_wrap(err, "ending a delivery");
    *ret_stale = found && !is_out_of_reach(&row) && row.epoch != end->letter->epoch;
    if (found && !is_out_of_reach(&row) && !*ret_stale && !end_or_wait(db, &row, end, err))
        return error_wrap(err, "ending a delivery");
    *ret_recorded = found ? (struct outcome_recorded){ row.state, row.due_at }
                          : (struct outcome_recorded){ DELIVERY_CANCELLED, 0 };
    return true;
}
