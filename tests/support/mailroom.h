/*
 * A store with deliveries for one test, and hands for what the engine does to them on the ledger.
 */
#ifndef POSTROOM_TESTS_SUPPORT_MAILROOM_H
#define POSTROOM_TESTS_SUPPORT_MAILROOM_H

#include "crypto/hmac.h"
#include "services/delivery/leave.h"
#include "services/delivery/outcome_record.h"
#include "store/delivery.h"
#include "store/heard.h"
#include "tests/support/office.h"

#define MAILROOM_MINUTE INT64_C(60000)
#define MAILROOM_HOUR (60 * MAILROOM_MINUTE)

struct mailroom {
    struct office office;
    struct hmac *key;
    int64_t retry[3];
    int64_t greylist[2];
    struct letter letter;
};

UNUSED static void mailroom_open(struct mailroom *m)
{
    *m = (struct mailroom){
        .retry = { 5 * MAILROOM_MINUTE, 15 * MAILROOM_MINUTE, MAILROOM_HOUR },
        .greylist = { 5 * MAILROOM_MINUTE, 15 * MAILROOM_MINUTE },
    };
    office_open(&m->office);
    m->key = hmac_new(SPAN("key of the test"));
    m->office.settings.greylist_retry = (struct duration_list){ m->greylist, 2 };
    for (int stream = STREAM_URGENT; stream <= STREAM_MAILOUTS; stream++)
        m->office.settings.streams[stream] = (struct stream_settings){
            .retry = { m->retry, 3 },
            .expire_after = 48 * MAILROOM_HOUR,
            .in_doubt = stream == STREAM_MAILOUTS ? DOUBT_HOLD : DOUBT_RESEND,
        };
}

UNUSED static int mailroom_setup(void **state)
{
    struct mailroom *m = calloc(1, sizeof(*m));

    mailroom_open(m);
    *state = m;
    return 0;
}

UNUSED static int mailroom_teardown(void **state)
{
    struct mailroom *m = *state;

    hmac_free(m->key);
    office_close(&m->office);
    free(m);
    return 0;
}

#define MAILROOM_DO(m, call)                                                                       \
    do {                                                                                           \
        if (!db_begin((m)->office.db, &(m)->office.err) || !(call) ||                              \
            !db_commit((m)->office.db, &(m)->office.err))                                          \
            fail_msg("%s", (m)->office.err.text);                                                  \
    } while (0)

/* A delivery to ann@example.net, due now unless `template` says otherwise. */
UNUSED static int64_t mailroom_make_as(struct mailroom *m, struct delivery_new made)
{
    int64_t id = 0;

    made.address = SPAN("ann@example.net");
    made.normal = SPAN("ann@example.net");
    made.domain = SPAN("example.net");
    made.cause = made.cause != 0 ? made.cause : CAUSE_THREAD;
    made.now_ms = m->office.now_ms;
    made.due_at = made.due_at != 0 ? made.due_at : m->office.now_ms;
    made.message_domain = "example.org";
    made.message_key = m->key;
    MAILROOM_DO(m, delivery_make(m->office.db, &made, &id, &m->office.err));
    return id;
}

UNUSED static int64_t mailroom_make(struct mailroom *m)
{
    return mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_NOTICES });
}

UNUSED static struct delivery_row mailroom_row(struct mailroom *m, int64_t id)
{
    struct delivery_row row = { 0 };
    bool found;

    if (!delivery_load(m->office.db, id, &row, &found, &m->office.err) || !found)
        fail_msg("no delivery %lld: %s", (long long)id, m->office.err.text);
    return row;
}

/* A letter composed of things as they are. */
UNUSED static void mailroom_compose(struct mailroom *m, int64_t id)
{
    m->letter = (struct letter){ .delivery = id,
                                 .verdict = LETTER_READY,
                                 .epoch = mailroom_row(m, id).epoch,
                                 .mail_from = "b+1@example.org",
                                 .recipient = "ann@example.net",
                                 .sender = "Brian <brian@example.org>",
                                 .subject = "News of the day" };
}

UNUSED static struct leave_answer mailroom_ask(struct mailroom *m)
{
    const struct leave_question question = {
        .letter = &m->letter, .settings = &m->office.settings, .node = 1, .now_ms = m->office.now_ms
    };
    struct leave_answer answer = { 0 };

    MAILROOM_DO(m, leave_ask(m->office.db, &question, &answer, &m->office.err));
    return answer;
}

/* What a server answered to a mail that was granted (or not: `leave` of intent 0). */
UNUSED static struct outcome_recorded
mailroom_record(struct mailroom *m, int64_t id, struct leave_answer leave, struct outcome outcome)
{
    const struct outcome_try tried = { .delivery = id,
                                       .intent = leave.intent,
                                       .epoch = leave.row.epoch,
                                       .left = leave.leave == LEAVE_GRANTED ? &leave.row : NULL,
                                       .outcome = &outcome,
                                       .host = "mx.example.net",
                                       .ip = "192.0.2.1",
                                       .subject = m->letter.subject,
                                       .now_ms = m->office.now_ms,
                                       .settings = &m->office.settings };
    struct outcome_recorded recorded = { 0 };

    MAILROOM_DO(m, outcome_record(m->office.db, &tried, &recorded, &m->office.err));
    return recorded;
}

/* Composes, asks for leave and records. */
UNUSED static struct outcome_recorded mailroom_send(struct mailroom *m, int64_t id,
                                                    struct outcome outcome)
{
    struct leave_answer leave = { 0 };

    mailroom_compose(m, id);
    leave = mailroom_ask(m);
    assert_int_equal(leave.leave, LEAVE_GRANTED);
    return mailroom_record(m, id, leave, outcome);
}

#endif
