/*
 * One walk over the ledger beside what the receivers saw.
 */
#include "tests/internet/claims.h"

#include <stdio.h>
#include <string.h>

#include "domain/outcome.h"
#include "store/db.h"
#include "tests/support/cmocka.h"

enum { FOR_GOOD = 1U << REFUSED_UNKNOWN | 1U << REFUSED_FULL_GOOD | 1U << REFUSED_BLOCK };

/* A delivery as the ledger has it. */
struct ledger_line {
    uint32_t recipient;
    enum delivery_state state;
    int64_t doubts;
    int64_t first_due;
    int64_t deadline;
    int64_t ended_at;
    char reason[40];
};

static void differ(const struct internet *net, const struct ledger_line *line, const char *what)
{
    const struct recipient *to = &net->recipients[line->recipient];
    const struct receiver *r = internet_receiver_of(net, line->recipient);

    fail_msg("seed %llu: p%08u@d%05u.example of %s receiver %u %s: %s (%s) after %lld doubts, "
             "taken %u, told %x",
             (unsigned long long)net->size.seed, line->recipient, to->domain, r->kind->name,
             r->number, what, delivery_state_name(line->state), line->reason,
             (long long)line->doubts, to->taken, to->said);
}

static bool may_expire(const struct internet *net, const struct ledger_line *line)
{
    const struct stream_settings *stream = &net->road->settings.streams[STREAM_NOTICES];
    int64_t end = line->first_due + stream->expire_after;

    if (line->deadline != 0 && line->deadline < end)
        end = line->deadline;
    return line->ended_at >= end;
}

static bool had_reason(const struct internet *net, const struct ledger_line *line)
{
    const struct recipient *to = &net->recipients[line->recipient];
    const struct receiver *r = internet_receiver_of(net, line->recipient);

    return to->said != 0 || r->is_sick || line->doubts > 0;
}

static void check_state(const struct internet *net, const struct ledger_line *line)
{
    const struct recipient *to = &net->recipients[line->recipient];
    const struct receiver *r = internet_receiver_of(net, line->recipient);

    switch (line->state) {
    case DELIVERY_DELIVERED:
        if (to->taken == 0)
            differ(net, line, "is lost");
        break;
    case DELIVERY_FAILED:
        if ((to->said & FOR_GOOD) == 0 && !r->is_nowhere)
            differ(net, line, "failed without reason");
        break;
    case DELIVERY_EXPIRED:
        if (!may_expire(net, line) || !had_reason(net, line))
            differ(net, line, "expired without reason");
        break;
    case DELIVERY_HELD:
        if (line->doubts < OUTCOME_RESENDS_MOST) /* a server that stalls twice gets no third copy */
            differ(net, line, "is held without doubts");
        break;
    case DELIVERY_QUEUED:
    case DELIVERY_DEFERRED:
    case DELIVERY_SENDING:
    case DELIVERY_IN_DOUBT:
        differ(net, line, "is not at rest");
        break;
    case DELIVERY_SUPPRESSED:
    case DELIVERY_CANCELLED:
        differ(net, line, "was stopped by nobody");
    }
    if (to->taken > 0 && line->state != DELIVERY_DELIVERED && line->doubts == 0)
        differ(net, line, "was taken");
    if (to->taken > 1 + line->doubts)
        differ(net, line, "came too often");
}

static void count(const struct internet *net, const struct ledger_line *line,
                  struct claims_tally *tally)
{
    const struct recipient *to = &net->recipients[line->recipient];

    tally->recipients++;
    tally->delivered += line->state == DELIVERY_DELIVERED ? 1 : 0;
    tally->failed += line->state == DELIVERY_FAILED ? 1 : 0;
    tally->expired += line->state == DELIVERY_EXPIRED ? 1 : 0;
    tally->held += line->state == DELIVERY_HELD ? 1 : 0;
    tally->doubts += (uint64_t)line->doubts;
    tally->twice += to->taken > 1 ? to->taken - 1U : 0U;
}

static void check_line(const struct internet *net, struct db_rows *rows, struct claims_tally *tally)
{
    struct ledger_line line = { .state = (enum delivery_state)db_column_int(rows, 1),
                                .doubts = db_column_int(rows, 2),
                                .first_due = db_column_int(rows, 3),
                                .deadline = db_column_int(rows, 4),
                                .ended_at = db_column_int(rows, 5) };

    span_copy(db_column_text(rows, 6), line.reason, sizeof line.reason);
    if (!internet_recipient_of(net, db_column_text(rows, 0), &line.recipient))
        fail_msg("a delivery to a stranger");
    check_state(net, &line);
    count(net, &line, tally);
}

static void check_ledger(struct internet *net, struct claims_tally *tally)
{
    uint64_t before = tally->recipients;
    struct db *db = NULL;
    struct db_rows *rows;
    struct error err;

    if (!db_open(net->road->database, DB_READ, &db, &err))
        fail_msg("%s", err.text);
    rows = db_query_plain(db,
                          SQL("SELECT address, state, doubts, first_due, coalesce(deadline, 0), "
                              "coalesce(ended_at, 0), coalesce(reason, '') FROM delivery JOIN "
                              "delivery_state ON delivery = id"),
                          &err);
    while (rows != NULL && db_next(rows))
        check_line(net, rows, tally);
    if (rows == NULL || !db_rows_finish(&rows, &err))
        fail_msg("%s", err.text);
    db_close(db);
    assert_int_equal(tally->recipients - before, net->told);
}

/* No leave was given after the deadline, each attempt is closed, and lanes count right. */
static void check_books(struct road *r)
{
    assert_int_equal(road_number(r,
                                 SQL("SELECT count(*) FROM intent JOIN delivery ON delivery.id = "
                                     "intent.delivery WHERE intent.at > delivery.deadline "
                                     "AND delivery.deadline > $1"),
                                 db_int(0)),
                     0);
    assert_int_equal(road_number(r,
                                 SQL("SELECT count(*) FROM intent WHERE NOT EXISTS (SELECT 1 FROM "
                                     "attempt WHERE attempt.delivery = intent.delivery AND "
                                     "attempt.intent = intent.id) AND id > $1"),
                                 db_int(0)),
                     0);
    assert_int_equal(road_number(r,
                                 SQL("SELECT coalesce(sum(waiting), 0) - (SELECT count(*) FROM "
                                     "delivery_state WHERE state < $1) FROM lane"),
                                 db_int(DELIVERY_DELIVERED)),
                     0);
}

static uint64_t limits_of(const uint64_t counts[REFUSALS])
{
    return counts[REFUSED_CONNECTIONS] + counts[REFUSED_MESSAGES] + counts[REFUSED_RATE];
}

static void check_receiver(const struct internet *net, const struct receiver *r,
                           struct claims_tally *tally)
{
    const struct settings *s = &net->road->settings;

    /* where all connections wait for a final dot's reply there is one more */
    if (r->most_open > (uint32_t)s->site_connections + (r->end == END_STALLS ? 1 : 0))
        fail_msg("receiver %u had %u connections", r->number, r->most_open);
    if (receiver_is_published(r) &&
        r->refused[REFUSED_CONNECTIONS] + r->refused[REFUSED_MESSAGES] > 0)
        fail_msg("%s receiver %u refused %llu connections and %llu mails over one", r->kind->name,
                 r->number, (unsigned long long)r->refused[REFUSED_CONNECTIONS],
                 (unsigned long long)r->refused[REFUSED_MESSAGES]);
    tally->asked += r->asked;
    tally->refused += limits_of(r->refused);
    tally->refused_late += limits_of(r->refused_late);
    tally->connections += r->connections;
}

static void check_protocol(const struct smtp_violations *violations)
{
    struct buf names;

    if (!smtp_violations_any(violations))
        return;
    buf_init(&names, 1000);
    smtp_violations_put(&names, violations);
    fail_msg("the sender broke the protocol: %s", buf_text(&names));
}

void claims_check(struct internet *net, struct claims_tally *tally)
{
    check_ledger(net, tally);
    check_books(net->road);
    for (uint32_t i = 0; i < net->receiver_count; i++)
        check_receiver(net, &net->receivers[i], tally);
    assert_true(net->most_open <= (uint32_t)net->road->settings.connections);
    assert_int_equal(net->taken_late, 0);
    check_protocol(&net->violations);
}

void claims_say(const struct claims_tally *t)
{
    (void)fprintf(stderr,
                  "# %llu recipients: %llu delivered, %llu failed, %llu expired, %llu held; "
                  "%llu doubts, %llu came once more; of %llu mails begun over %llu connections "
                  "%llu were refused for limits, %llu of them late\n",
                  (unsigned long long)t->recipients, (unsigned long long)t->delivered,
                  (unsigned long long)t->failed, (unsigned long long)t->expired,
                  (unsigned long long)t->held, (unsigned long long)t->doubts,
                  (unsigned long long)t->twice, (unsigned long long)t->asked,
                  (unsigned long long)t->connections, (unsigned long long)t->refused,
                  (unsigned long long)t->refused_late);
}
