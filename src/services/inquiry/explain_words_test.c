/*
 * What explain says in each state in which a mail may wait, word by word: tests/golden/explain.txt.
 * Where the words change on purpose, the failing test prints the new ones whole.
 */
#include "services/inquiry/explain.h"

#include "base/cleanup.h"
#include "domain/watching.h"
#include "store/delivery_order.h"
#include "store/domain.h"
#include "store/lane.h"
#include "store/notice.h"
#include "store/site.h"
#include "store/store_lock.h"
#include "store/suppression.h"
#include "tests/support/mailroom.h"

#define SITE SPAN("aspmx.l.google.com")

enum { GOLDEN_LIMIT = 60000 };

typedef int64_t arrange(struct mailroom *m);

static struct outcome later_of(int code, const char *status, const char *text)
{
    struct outcome outcome = {
        .class = OUTCOME_RETRY, .scope = SCOPE_RECIPIENT, .stage = "rcpt", .code = code
    };

    span_copy(span_of(status), outcome.status, sizeof outcome.status);
    span_copy(span_of(text), outcome.text, sizeof outcome.text);
    return outcome;
}

/* A mail of which it is known to which site it goes. */
static int64_t make_for(struct mailroom *m, struct span site)
{
    int64_t id = mailroom_make(m);
    struct delivery_row row = mailroom_row(m, id);
    const struct lane_key lane = lane_of_delivery(&row);
    const struct lane_progress sited = { .site = site };

    MAILROOM_DO(m, lane_progress_put(m->office.db, &lane, &sited, &m->office.err));
    return id;
}

static void know_site(struct mailroom *m)
{
    MAILROOM_DO(m, site_met(m->office.db, SITE, OFFICE_START, &m->office.err));
}

static void limit(struct mailroom *m, enum site_limit_kind kind, enum limit_origin origin,
                  int64_t value, const char *words)
{
    const struct site_limit_new limit = { .kind = kind,
                                          .origin = origin,
                                          .value = value,
                                          .since = OFFICE_START - MAILROOM_HOUR,
                                          .until = origin == LIMIT_OF_OPERATOR
                                                       ? 0
                                                       : OFFICE_START + MAILROOM_HOUR,
                                          .words = span_of(words) };

    MAILROOM_DO(m, site_limit_put(m->office.db, SITE, &limit, &m->office.err));
}

/* ---- one arrangement a state ---- */

static int64_t due_later(struct mailroom *m)
{
    return mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_NOTICES,
                                                      .due_at = OFFICE_START + MAILROOM_HOUR });
}

static int64_t digest(struct mailroom *m)
{
    return mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_NOTICES,
                                                      .cause = CAUSE_DIGEST,
                                                      .cause_id = WATCH_DAILY,
                                                      .due_at = OFFICE_START + MAILROOM_HOUR });
}

static int64_t roundup(struct mailroom *m)
{
    return mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_NOTICES,
                                                      .cause = CAUSE_DIGEST,
                                                      .cause_id = WATCH_NOW,
                                                      .due_at = OFFICE_START + MAILROOM_HOUR });
}

static int64_t submission(struct mailroom *m)
{
    return mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_SUBMISSIONS,
                                                      .cause = CAUSE_SUBMISSION,
                                                      .cause_id = 7,
                                                      .due_at = OFFICE_START + MAILROOM_HOUR });
}

static int64_t deferred(struct mailroom *m)
{
    int64_t id = mailroom_make(m);

    (void)mailroom_send(m, id, later_of(451, "4.3.0", "try again"));
    return id;
}

static int64_t greylisted(struct mailroom *m)
{
    struct outcome outcome = later_of(450, "4.7.1", "Greylisted, see you later");
    int64_t id = mailroom_make(m);

    outcome.kind = REFUSAL_GREYLISTED;
    (void)mailroom_send(m, id, outcome);
    return id;
}

static int64_t deadline_near(struct mailroom *m)
{
    return mailroom_make_as(
        m, (struct delivery_new){ .stream = STREAM_NOTICES,
                                  .deadline = OFFICE_START + 10 * MAILROOM_MINUTE });
}

static int64_t site_asleep(struct mailroom *m)
{
    const struct domain_note note = { .name = SPAN("example.net"),
                                      .site = SITE,
                                      .failures = 3,
                                      .asleep_until = OFFICE_START + 10 * MAILROOM_MINUTE,
                                      .text = SPAN("connecting: connection refused"),
                                      .seen_at = OFFICE_START - MAILROOM_MINUTE };

    MAILROOM_DO(m, domain_note(m->office.db, &note, &m->office.err));
    return make_for(m, SITE);
}

static int64_t dns_failing(struct mailroom *m)
{
    const struct domain_note note = {
        .name = SPAN("example.net"),
        .failures = 2,
        .asleep_until = OFFICE_START + 5 * MAILROOM_MINUTE,
        .text = SPAN("looking up the MX of example.net: no name server answered in time"),
        .seen_at = OFFICE_START - MAILROOM_MINUTE
    };

    MAILROOM_DO(m, domain_note(m->office.db, &note, &m->office.err));
    return mailroom_make(m);
}

static int64_t domain_paused(struct mailroom *m)
{
    const struct domain_pause pause = { .name = SPAN("example.net"),
                                        .until = OFFICE_START + MAILROOM_HOUR,
                                        .words = SPAN("by uid 1000: they move"),
                                        .now_ms = OFFICE_START - MAILROOM_HOUR };

    MAILROOM_DO(m, domain_pause(m->office.db, &pause, &m->office.err));
    return mailroom_make(m);
}

static int64_t site_paused(struct mailroom *m)
{
    bool changed;

    know_site(m);
    MAILROOM_DO(m, site_pause(m->office.db, SITE, SPAN("by uid 1000: asked by phone"),
                              OFFICE_START - MAILROOM_HOUR, &changed, &m->office.err));
    return make_for(m, SITE);
}

static void stop(struct mailroom *m, enum limit_origin origin, int64_t until, const char *words)
{
    const struct site_stop stop = { STREAM_NOTICES, origin, OFFICE_START - MAILROOM_MINUTE, until,
                                    span_of(words) };

    know_site(m);
    MAILROOM_DO(m, site_stop_put(m->office.db, SITE, &stop, &m->office.err));
}

static int64_t stream_paused(struct mailroom *m)
{
    stop(m, LIMIT_OF_OPERATOR, SITE_STOP_FOR_GOOD, "by uid 1000");
    return make_for(m, SITE);
}

static int64_t stream_blocked(struct mailroom *m)
{
    stop(m, LIMIT_OF_SERVER, OFFICE_START + 4 * MAILROOM_HOUR,
         "550 5.7.1 unsolicited mail from your address");
    return make_for(m, SITE);
}

static int64_t connection_limits(struct mailroom *m)
{
    know_site(m);
    limit(m, LIMIT_NEW_CONNECTIONS, LIMIT_OF_OPERATOR, 6, "by uid 1000");
    return make_for(m, SITE);
}

static int64_t rate_limits(struct mailroom *m)
{
    know_site(m);
    limit(m, LIMIT_MAILS, LIMIT_LEARNED, 20, "421 4.7.28 unusual rate");
    limit(m, LIMIT_CONNECTIONS, LIMIT_OF_SERVER, 2, "421 too many connections, 2 at most");
    return make_for(m, SITE);
}

static int64_t settings_limit(struct mailroom *m)
{
    return make_for(m, SPAN("mx.example.net"));
}

static int64_t held(struct mailroom *m)
{
    int64_t id = mailroom_make(m);
    struct delivery_row row = mailroom_row(m, id);
    const struct delivery_change change = { .to = DELIVERY_HELD,
                                            .reason = "by_hand",
                                            .text = SPAN("by uid 1000: wait for the lawyer"),
                                            .now_ms = OFFICE_START };
    bool done;

    MAILROOM_DO(m, delivery_transition(m->office.db, &row, &change, &done, &m->office.err));
    return id;
}

static struct outcome silence(void)
{
    struct outcome outcome = { .class = OUTCOME_IN_DOUBT,
                               .scope = SCOPE_MESSAGE,
                               .local = true,
                               .stage = "dot",
                               .status = "4.4.2",
                               .text = "no answer to the final dot within 10m" };

    return outcome;
}

static int64_t in_doubt(struct mailroom *m)
{
    int64_t id = mailroom_make(m);

    (void)mailroom_send(m, id, silence());
    return id;
}

static int64_t in_doubt_left_to_the_operator(struct mailroom *m)
{
    int64_t id = mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_MAILOUTS });

    (void)mailroom_send(m, id, silence());
    return id;
}

static void note_order(struct mailroom *m, int64_t id, const char *what)
{
    const struct delivery_order order = { OFFICE_START, span_of(what),
                                          SPAN("by uid 1000: Ana asks") };

    MAILROOM_DO(m, delivery_order_add(m->office.db, id, &order, &m->office.err));
}

static int64_t ordered_now(struct mailroom *m)
{
    int64_t id = deferred(m);
    struct delivery_row row = mailroom_row(m, id);
    bool moved;

    MAILROOM_DO(m, delivery_hasten(m->office.db, &row, OFFICE_START, &moved, &m->office.err));
    note_order(m, id, "now");
    return id;
}

static int64_t tried_by_hand(struct mailroom *m)
{
    int64_t id = ordered_now(m);

    (void)mailroom_send(m, id, later_of(451, "4.3.0", "try again"));
    return id;
}

static int64_t released_in_doubt(struct mailroom *m)
{
    int64_t id = in_doubt_left_to_the_operator(m);
    struct delivery_row row = mailroom_row(m, id);
    const struct delivery_change change = { .to = DELIVERY_IN_DOUBT,
                                            .reason = "in_doubt",
                                            .text = SPAN("by uid 1000: Ana asks"),
                                            .now_ms = OFFICE_START };
    bool done;

    MAILROOM_DO(m, delivery_transition(m->office.db, &row, &change, &done, &m->office.err));
    note_order(m, id, "release");
    return id;
}

static int64_t suppressed(struct mailroom *m)
{
    const struct suppression s = { .target = SPAN("@example.net"),
                                   .scope = SPAN("*"),
                                   .reason = SPAN("objection"),
                                   .origin = SPAN("test") };
    int64_t id = mailroom_make(m);

    MAILROOM_DO(m, suppression_put(m->office.db, &s, &m->office.err));
    return id;
}

static int64_t staging_only(struct mailroom *m)
{
    m->office.settings.deliver = DELIVER_ONLY;
    return mailroom_make(m);
}

static int64_t staging_redirect(struct mailroom *m)
{
    m->office.settings.deliver = DELIVER_REDIRECT;
    m->office.settings.deliver_redirect = "test@example.org";
    return mailroom_make(m);
}

static void await_as(struct mailroom *m, enum notice_wait wait, int64_t due_at)
{
    const struct notice notice = { .person = 5, .thread = 7, .first_seq = 3, .due_at = due_at };

    MAILROOM_DO(m, db_run(m->office.db, &m->office.err,
                          SQL("INSERT INTO person (id, key, made_at) VALUES (5, 'ann', $1)"),
                          db_int(1)));
    MAILROOM_DO(m, db_run(m->office.db, &m->office.err,
                          SQL("INSERT INTO topic (id, key, kind, made_at) "
                              "VALUES (7, 'issue/12', 'issue', $1)"),
                          db_int(1)));
    MAILROOM_DO(m, notice_put(m->office.db, &notice, &m->office.err));
    MAILROOM_DO(m, notice_move(m->office.db, &notice, due_at, wait, &m->office.err));
}

static int64_t in_window(struct mailroom *m)
{
    await_as(m, NOTICE_WAIT_WINDOW, OFFICE_START + 2 * MAILROOM_MINUTE);
    return 0;
}

static int64_t thread_not_quiet(struct mailroom *m)
{
    await_as(m, NOTICE_WAIT_SLIDING, OFFICE_START + 2 * MAILROOM_MINUTE);
    return 0;
}

static int64_t quiet_hours(struct mailroom *m)
{
    await_as(m, NOTICE_WAIT_QUIET, OFFICE_START + 8 * MAILROOM_HOUR);
    return 0;
}

static int64_t many_mails(struct mailroom *m)
{
    await_as(m, NOTICE_WAIT_RATE, OFFICE_START + 20 * MAILROOM_MINUTE);
    return 0;
}

static int64_t loop(struct mailroom *m)
{
    await_as(m, NOTICE_WAIT_LOOP, OFFICE_START + 40 * MAILROOM_MINUTE);
    return 0;
}

static int64_t suspended(struct mailroom *m)
{
    await_as(m, NOTICE_WAIT_SUSPENDED, NOTICE_WAITS);
    return 0;
}

static const struct {
    const char *name;
    arrange *arrange;
    bool without_daemon;
} states[] = {
    { "its events are collected", in_window, false },
    { "its thread is not quiet", thread_not_quiet, false },
    { "the person's quiet hours", quiet_hours, false },
    { "the person gets many mails", many_mails, false },
    { "the person gets many mails of the thread", loop, false },
    { "the person is suspended", suspended, false },
    { "due later", due_later, false },
    { "a digest", digest, false },
    { "a mail of several topics", roundup, false },
    { "a submission", submission, false },
    { "to be tried again", deferred, false },
    { "greylisted", greylisted, false },
    { "its deadline is near", deadline_near, false },
    { "no daemon runs", deadline_near, true },
    { "its site does not answer", site_asleep, false },
    { "the DNS fails", dns_failing, false },
    { "its domain is paused", domain_paused, false },
    { "its site is paused", site_paused, false },
    { "its stream is paused at the site", stream_paused, false },
    { "its stream is blocked by the site", stream_blocked, false },
    { "limits of connections bind", connection_limits, false },
    { "limits of rate bind", rate_limits, false },
    { "the limit of the settings binds", settings_limit, false },
    { "held by the operator", held, false },
    { "in doubt, to be sent again", in_doubt, false },
    { "in doubt, left to the operator", in_doubt_left_to_the_operator, false },
    { "in doubt, released by the operator", released_in_doubt, false },
    { "ordered to be tried now", ordered_now, false },
    { "tried by order", tried_by_hand, false },
    { "suppressed", suppressed, false },
    { "left out by deliver: only", staging_only, false },
    { "redirected", staging_redirect, false },
};

/* ---- all of them ---- */

static void put_answer(struct buf *to, const json_t *answer)
{
    const char *waits_for = json_string_value(json_object_get(answer, "waits_for"));
    const char *until = json_string_value(json_object_get(answer, "until"));
    size_t i;
    json_t *sentence;

    buf_printf(to, "waits for %s%s%s\n", waits_for != NULL ? waits_for : "nothing",
               until != NULL ? " until " : "", until != NULL ? until : "");
    json_array_foreach (json_object_get(answer, "sentences"), i, sentence) {
        buf_printf(to, "%s\n", json_string_value(sentence));
    }
}

/* Each state in a store of its own. */
static void put_state(struct buf *to, size_t i)
{
    struct store_lock *lock = NULL;
    struct mailroom *m;
    void *state;
    char args[80];
    int64_t id;

    (void)mailroom_setup(&state);
    m = state;
    m->office.settings.site_connections = 20;
    id = states[i].arrange(m);
    (void)snprintf(args, sizeof args, "{\"delivery\": %lld}", (long long)id);
    if (!states[i].without_daemon &&
        !store_lock_take(m->office.settings.database, STORE_LOCK_DAEMON, &lock, &m->office.err))
        fail_msg("%s", m->office.err.text);
    (void)office_ask(&m->office, explain_show,
                     id != 0 ? args : "{\"person\": \"ann\", \"topic\": \"issue/12\"}");
    buf_printf(to, "%s== %s\n", i > 0 ? "\n" : "", states[i].name);
    put_answer(to, m->office.answer);
    store_lock_release(lock);
    (void)mailroom_teardown(&state);
}

static void read_golden(struct buf *to)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): tests set nothing */
    const char *source = getenv("POSTROOM_SOURCE");
    char path[500];
    CLEANUP(cleanup_file) FILE *file = NULL;
    char *room = buf_reserve(to, GOLDEN_LIMIT);

    (void)snprintf(path, sizeof path, "%s/tests/golden/explain.txt", source != NULL ? source : ".");
    file = fopen(path, "re");
    if (file == NULL)
        fail_msg("%s cannot be read", path);
    buf_advance(to, fread(room, 1, GOLDEN_LIMIT, file));
}

static void each_state_is_explained_word_by_word(void **unused)
{
    CLEANUP(buf_fini) struct buf golden;
    CLEANUP(buf_fini) struct buf said;

    (void)unused;
    buf_init(&golden, GOLDEN_LIMIT);
    buf_init(&said, GOLDEN_LIMIT);
    read_golden(&golden);
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++)
        put_state(&said, i);
    if (!span_equal(buf_view(&golden), buf_view(&said))) {
        (void)fprintf(stderr, "%s", buf_text(&said));
        fail_msg("explain says something else than tests/golden/explain.txt: see above");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_state_is_explained_word_by_word) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
