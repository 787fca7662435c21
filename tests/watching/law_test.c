/*
 * The law of who is told, in small worlds made by chance: the set-based fan-out, the pure decision
 * and the fast path must say the same of everybody. A failure names the seed of its world.
 */
#include "base/random.h"
#include "crypto/hmac.h"
#include "domain/delivery.h"
#include "domain/watch_decision.h"
#include "services/fanout/fan_out.h"
#include "services/fanout/promotion.h"
#include "store/audience.h"
#include "store/epoch.h"
#include "store/event.h"
#include "store/fan.h"
#include "store/grant.h"
#include "store/heard.h"
#include "store/list_member.h"
#include "store/named_list.h"
#include "store/person.h"
#include "store/suppression.h"
#include "store/topic.h"
#include "store/watch.h"
#include "store/watch_facts.h"
#include "tests/support/office.h"

enum { WORLDS = 2000, TOPICS = 6, PEOPLE = 8, LISTS = 2, KINDS = 3, HISTORIES = 200, STEPS = 40 };

struct world {
    struct office office;
    struct random chance;
    uint64_t seed;
    int64_t people[PEOPLE]; /* ids: each world has its own, they are never handed out again */
    int64_t topics[TOPICS];
    int64_t lists[LISTS];
    bool has_changed;                        /* since the event */
    bool is_steady;                          /* most events are of one shape */
    int verdicts[VERDICT_NO_PERMISSION + 1]; /* how often each was given */
    int told_by_lists;                       /* how often a list's watch decided so */
};

static void need(struct world *w, bool ok)
{
    if (!ok)
        fail_msg("seed %llu: %s", (unsigned long long)w->seed, w->office.err.text);
}

static int64_t below(struct world *w, uint64_t bound)
{
    return (int64_t)random_below(&w->chance, bound);
}

static bool one_in(struct world *w, uint64_t n)
{
    return random_below(&w->chance, n) == 0;
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));

    office_open(&w->office);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    office_close(&w->office);
    free(w);
    return 0;
}

static int64_t somebody(struct world *w)
{
    return w->people[below(w, PEOPLE)];
}

static int64_t some_topic(struct world *w)
{
    return w->topics[below(w, TOPICS)];
}

static struct span label_of(int64_t n)
{
    static const char *const labels[] = { "red", "blue" };

    return n < 2 ? span_of(labels[n]) : (struct span){ NULL, 0 };
}

/* Each topic may hang in some of those before it, so there is no cycle. */
static void make_topics(struct world *w)
{
    for (int i = 0; i < TOPICS; i++) {
        char key[20];
        struct topic topic = { .kind = SPAN("t"), .label = label_of(below(w, 8)) };
        int64_t parents[TOPICS];
        size_t count = 0;

        (void)snprintf(key, sizeof key, "t/%d", i + 1);
        topic.key = span_of(key);
        need(w, topic_save(w->office.db, &topic, w->office.now_ms, &w->office.err));
        w->topics[i] = topic.id;
        for (int parent = 0; parent < i; parent++)
            if (one_in(w, 3))
                parents[count++] = w->topics[parent];
        need(w, topic_set_parents(w->office.db, topic.id, parents, count, &w->office.err));
    }
}

static void make_addresses(struct world *w, int n)
{
    struct mail_address addresses[2];
    size_t count = (size_t)below(w, 3);

    for (size_t i = 0; i < count; i++) {
        char text[60];

        (void)snprintf(text, sizeof text, "p%d.%zu@%s.example", n, i, one_in(w, 3) ? "b" : "a");
        need(w, mail_address_read(span_of(text), &addresses[i], &w->office.err));
    }
    need(w, person_set_addresses(w->office.db, w->people[n], addresses, count, &w->office.err));
    if (one_in(w, 4))
        need(w, db_run(w->office.db, &w->office.err,
                       SQL("UPDATE person_address SET state = 1 WHERE person = $1 "
                           "AND position = 0"),
                       db_int(w->people[n])));
}

static void change_suppression(struct world *w)
{
    static const char *const scopes[] = { "*", "t/1", "t/3", "t/6" };
    static const char *const reasons[] = { "unsubscribed", "bounced" };
    char target[60];
    struct suppression s = { .scope = span_of(scopes[below(w, 4)]),
                             .reason = span_of(reasons[below(w, 2)]),
                             .origin = SPAN("test"),
                             .at = w->office.now_ms };
    bool removed;

    if (one_in(w, 6))
        (void)snprintf(target, sizeof target, "@b.example");
    else
        (void)snprintf(target, sizeof target, "p%d.%d@a.example", (int)below(w, PEOPLE),
                       (int)below(w, 2));
    s.target = span_of(target);
    if (one_in(w, 3))
        s.until = w->office.now_ms + below(w, 200000) - 100000;
    if (one_in(w, 3))
        need(w,
             suppression_remove(w->office.db, s.target, s.scope, s.at, &removed, &w->office.err));
    else
        need(w, suppression_put(w->office.db, &s, &w->office.err));
}

static void change_grant(struct world *w)
{
    int64_t person = somebody(w);
    struct span label = label_of(below(w, 2));
    bool changed;

    need(w, one_in(w, 3) ? grant_remove(w->office.db, label, person, &changed, &w->office.err)
                         : grant_add(w->office.db, label, person, &changed, &w->office.err));
}

static void change_person(struct world *w, int64_t id)
{
    struct arena arena;
    struct person person;

    arena_init(&arena);
    need(w, person_load(w->office.db, &arena, id, &person, &w->office.err));
    person.status = one_in(w, 6) ? PERSON_INACTIVE : PERSON_ACTIVE;
    person.self_notify = one_in(w, 2);
    need(w, person_save(w->office.db, &person, w->office.now_ms, &w->office.err));
    arena_fini(&arena);
}

static void change_watch(struct world *w)
{
    struct watch wish = {
        .topic = some_topic(w),
        .who = one_in(w, 4) ? who_of_list(w->lists[below(w, LISTS)]) : somebody(w),
        .mode = one_in(w, 3)   ? WATCH_MUTE
                : one_in(w, 5) ? WATCH_DAILY
                               : WATCH_NOW,
        .kinds = one_in(w, 3) ? 1 + below(w, 7) : WATCH_ALL_KINDS,
        .delay = one_in(w, 4) ? below(w, 300000) : -1,
        .until = one_in(w, 5) ? w->office.now_ms + below(w, 200000) - 50000 : 0,
        .origin = "manual",
    };
    enum watch_change change;

    if (one_in(w, 5)) {
        wish.origin[0] = '\0';
        need(w,
             watch_remove(w->office.db, &wish, "test", w->office.now_ms, &change, &w->office.err));
    } else
        need(w, watch_set(w->office.db, &wish, "test", w->office.now_ms, &change, &w->office.err));
}

static void make_lists(struct world *w)
{
    for (int i = 0; i < LISTS; i++) {
        char name[40];
        struct named_list list = { .id = 0 };

        (void)snprintf(name, sizeof name, "l%d", i);
        list.name = span_of(name);
        need(w, named_list_make(w->office.db, &list, w->office.now_ms, &w->office.err));
        w->lists[i] = list.id;
    }
}

static void change_member(struct world *w)
{
    struct list_member member = { .list = w->lists[below(w, LISTS)],
                                  .person = somebody(w),
                                  .origin = SPAN("test") };
    bool changed;

    need(w, one_in(w, 3) ? list_member_remove(w->office.db, member.list, member.person,
                                              w->office.now_ms, &changed, &w->office.err)
                         : list_member_add(w->office.db, &member, w->office.now_ms, &changed,
                                           &w->office.err));
}

static void make_world(struct world *w, uint64_t seed)
{
    w->seed = seed;
    w->office.now_ms = OFFICE_START;
    random_seed(&w->chance, seed);
    make_topics(w);
    make_lists(w);
    for (int i = 0; i < PEOPLE; i++) {
        struct person person = { .id = 0 };

        need(w, person_save(w->office.db, &person, w->office.now_ms, &w->office.err));
        w->people[i] = person.id;
        make_addresses(w, i);
        change_person(w, person.id);
    }
    for (int64_t n = below(w, 6); n > 0; n--)
        change_grant(w);
    for (int64_t n = below(w, 8); n > 0; n--)
        change_member(w);
    for (int64_t n = below(w, 24); n > 0; n--)
        change_watch(w);
    for (int64_t n = below(w, 8); n > 0; n--)
        change_suppression(w);
}

static void make_event(struct world *w, int64_t topic, struct event *event)
{
    struct scope_list scopes = { .n = 0 };
    bool is_plain = w->is_steady && !one_in(w, 8);

    *event = (struct event){
        .topic = topic,
        .thread = !is_plain && one_in(w, 6) ? some_topic(w) : topic,
        .actor = one_in(w, 4) ? 0 : somebody(w),
        .kind = SPAN("k"),
        .kind_bit = is_plain ? 0 : (int)below(w, KINDS),
        .urgent = !is_plain && one_in(w, 6),
        .digest = SPAN("x"),
        .at = w->office.now_ms,
        .taken_at = w->office.now_ms,
        .label = !is_plain && one_in(w, 6) ? label_of(below(w, 2)) : (struct span){ NULL, 0 },
        .revision = 1,
    };
    need(w, event_insert(w->office.db, event, &w->office.err));
    need(w, scope_list_add(&scopes, topic, 0, &w->office.err));
    if (!is_plain && one_in(w, 3))
        need(w, scope_list_add(&scopes, some_topic(w), (int)below(w, 3), &w->office.err));
    need(w, topic_expand(w->office.db, &scopes, &w->office.err));
    need(w, event_set_scopes(w->office.db, event->seq, &scopes, &w->office.err));
    for (int64_t n = below(w, 3); n > 0; n--) {
        struct event_direct direct = { somebody(w), SPAN("cc"), 1 + below(w, 4) };

        need(w, event_add_direct(w->office.db, event->seq, &direct, &w->office.err));
    }
}

static int64_t number(struct world *w, const char *sql, int64_t a, int64_t b)
{
    int64_t n = -1;
    bool found;

    need(w, db_find_int_values(w->office.db, sql, DB_VALUES(db_int(a), db_int(b)), &found, &n,
                               &w->office.err));
    return found ? n : -1;
}

/* While nothing has changed since the event, the log says what the tables say. */
static void compare_record(struct world *w, const struct event *event,
                           const struct audience_event *audience, int64_t person,
                           const struct watch_question *now)
{
    struct watch_facts facts;
    struct watch_question then = *now;

    if (w->has_changed)
        return;
    need(w, watch_facts_before(w->office.db, person, &audience->scopes, event->seq, &facts,
                               &w->office.err));
    then.watches = facts.at;
    then.watch_count = facts.n;
    if (watch_decide(&then).verdict != watch_decide(now).verdict)
        fail_msg("seed %llu, person %lld: the record says %s, the tables %s",
                 (unsigned long long)w->seed, (long long)person,
                 watch_verdict_name(watch_decide(&then).verdict),
                 watch_verdict_name(watch_decide(now).verdict));
}

/* What the pure decision says of one person against what the fan-out wrote. */
static void compare(struct world *w, const struct event *event,
                    const struct audience_event *audience, int64_t person)
{
    struct watch_facts facts;
    struct watch_question question = { .watches = facts.at };
    struct watch_decision decision;
    int64_t why = number(w, SQL("SELECT why FROM notice WHERE person = $1 AND thread = $2"), person,
                         event->thread);

    need(w, watch_facts_now(w->office.db, person, &audience->scopes, &facts, &w->office.err));
    need(w, audience_standing(w->office.db, audience, person, &question, &w->office.err));
    need(w, event_direct_rank(w->office.db, event->seq, person, &question.direct_rank,
                              &w->office.err));
    question.watch_count = facts.n;
    decision = watch_decide(&question);
    w->verdicts[decision.verdict]++;
    w->told_by_lists += decision.verdict == VERDICT_TOLD && decision.deciding != NULL &&
                        decision.deciding->list != 0;
    compare_record(w, event, audience, person, &question);
    if ((decision.verdict == VERDICT_TOLD) != (why != -1))
        fail_msg("seed %llu, person %lld: decided %s, fanned out %s", (unsigned long long)w->seed,
                 (long long)person, watch_verdict_name(decision.verdict),
                 why != -1 ? "told" : "not told");
    if (why != -1 && why != decision.why)
        fail_msg("seed %llu, person %lld: the reasons differ", (unsigned long long)w->seed,
                 (long long)person);
}

static void fan_out_whole(struct world *w)
{
    struct fan_out_terms terms = { .now_ms = w->office.now_ms,
                                   .window = 120000,
                                   .urgent_window = 0,
                                   .people = 1 + (size_t)below(w, 4) };
    int64_t last = 0;
    bool idle = false;

    while (!idle)
        need(w, fan_out_step(w->office.db, &terms, &last, &idle, &w->office.err));
}

static void the_fan_out_tells_whom_the_decision_names(void **state)
{
    struct world *w = *state;

    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        struct arena arena;
        struct event event;
        struct audience_event audience;

        arena_init(&arena);
        need(w, db_begin(w->office.db, &w->office.err));
        make_world(w, seed);
        make_event(w, some_topic(w), &event);
        w->has_changed = one_in(w, 2);
        for (int64_t n = w->has_changed ? below(w, 4) : 0; n > 0; n--) {
            change_watch(w); /* after it happened, before it fans out */
            if (one_in(w, 2))
                change_member(w);
        }
        fan_out_whole(w);
        need(w, audience_of_event(w->office.db, &arena, &event, &audience, &w->office.err));
        for (int i = 0; i < PEOPLE; i++)
            compare(w, &event, &audience, w->people[i]);
        db_rollback(w->office.db);
        arena_fini(&arena);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(w->verdicts); i++)
        if (w->verdicts[i] < WORLDS / 100)
            fail_msg("the worlds hold too few of %s", watch_verdict_name((enum watch_verdict)i));
    assert_in_range(w->told_by_lists, WORLDS / 20, WORLDS);
}

/* The whole table as text. */
static char *dump_notices(struct world *w)
{
    struct buf text;
    struct db_rows *rows = db_query(w->office.db, &w->office.err,
                                    SQL("SELECT person, thread, first_seq, due_at, urgent, why "
                                        "FROM notice WHERE person > $1 ORDER BY person, thread"),
                                    db_int(0));

    buf_init(&text, 100000);
    need(w, rows != NULL);
    while (db_next(rows)) {
        for (int i = 0; i < 6; i++)
            buf_printf(&text, "%lld ", (long long)db_column_int(rows, i));
        buf_put_byte(&text, '\n');
    }
    need(w, db_rows_finish(&rows, &w->office.err));
    return buf_take_text(&text);
}

/* Fans out by whatever way is open, undoes it, fans out with all windows closed, and compares. */
static bool fan_out_both_ways(struct world *w, int64_t event)
{
    char *fast;
    char *whole;
    bool was_fast;

    need(w, db_savepoint(w->office.db, &w->office.err));
    fan_out_whole(w);
    was_fast = number(w,
                      SQL("SELECT count(*) FROM thread_window w JOIN event e "
                          "ON e.thread = w.thread WHERE e.id = $1 AND w.complete = $2 "
                          "AND w.seq < e.seq"),
                      event, 1) == 1;
    fast = dump_notices(w);
    need(w, db_rollback_to_savepoint(w->office.db, &w->office.err));
    need(w, db_savepoint(w->office.db, &w->office.err));
    need(w, db_run(w->office.db, &w->office.err,
                   SQL("UPDATE thread_window SET seq = NULL WHERE thread > $1"), db_int(0)));
    fan_out_whole(w);
    whole = dump_notices(w);
    need(w, db_rollback_to_savepoint(w->office.db, &w->office.err));
    if (strcmp(fast, whole) != 0)
        fail_msg("seed %llu, event %lld: the fast path left\n%s, the whole way\n%s",
                 (unsigned long long)w->seed, (long long)event, fast, whole);
    free(fast);
    free(whole);
    fan_out_whole(w);
    return was_fast;
}

static void promote_due(struct world *w)
{
    static const char key[32] = "0123456789abcdef0123456789abcde";
    struct hmac *hmac = hmac_new((struct span){ key, sizeof key });
    struct promotion_terms terms = { w->office.now_ms,        "example.org",       hmac,
                                     1 + (size_t)below(w, 5), &w->office.settings, NULL };
    size_t count;

    need(w, promotion_step(w->office.db, &terms, &count, &w->office.err));
    hmac_free(hmac);
}

/* Some unfinished mail ends, one way or the other. */
static void end_a_delivery(struct world *w)
{
    int64_t delivery = number(w,
                              SQL("SELECT delivery FROM heard WHERE delivery > $1 "
                                  "ORDER BY delivery LIMIT $2"),
                              0, 1);
    struct heard_end end = { .delivered = one_in(w, 2),
                             .subject = SPAN("S"),
                             .message_id = SPAN("m@example.org"),
                             .now_ms = w->office.now_ms };

    if (delivery == -1)
        return;
    need(w,
         db_run(w->office.db, &w->office.err,
                SQL("UPDATE delivery_state SET state = 10 WHERE delivery = $1"), db_int(delivery)));
    end.delivery = delivery;
    end.person = number(w, SQL("SELECT person FROM delivery WHERE id = $1 LIMIT $2"), delivery, 1);
    end.deadline = number(
        w, SQL("SELECT coalesce(deadline, 0) FROM delivery WHERE id = $1 LIMIT $2"), delivery, 1);
    end.urgent = number(w, SQL("SELECT stream FROM delivery WHERE id = $1 LIMIT $2"), delivery,
                        1) == STREAM_URGENT;
    need(w, heard_settle(w->office.db, &end, &w->office.err));
}

static void something_happens(struct world *w)
{
    switch (below(w, 25)) {
    case 7:
        change_member(w);
        break;
    case 0:
        change_watch(w);
        break;
    case 1:
        change_suppression(w);
        break;
    case 2:
        change_grant(w);
        break;
    case 3:
        change_person(w, somebody(w));
        break;
    case 4:
        w->office.now_ms += below(w, 90000);
        break;
    case 5:
        promote_due(w);
        break;
    case 6:
        end_a_delivery(w);
        break;
    default:
        w->office.now_ms += below(w, 5000);
    }
}

/* The fan-out is late, or cut in two. */
static void dawdle(struct world *w)
{
    struct fan_out_terms terms = { .now_ms = w->office.now_ms, .window = 120000, .people = 2 };
    int64_t last = 0;
    bool idle;

    if (one_in(w, 2))
        promote_due(w);
    if (one_in(w, 2))
        need(w, fan_out_step(w->office.db, &terms, &last, &idle, &w->office.err));
    if (one_in(w, 2))
        promote_due(w);
    something_happens(w);
}

static void the_fast_path_leaves_what_the_whole_way_leaves(void **state)
{
    struct world *w = *state;
    int fast = 0;
    int all = 0;

    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        need(w, db_begin(w->office.db, &w->office.err));
        make_world(w, seed);
        w->is_steady = true;
        for (int step = 0; step < STEPS; step++) {
            struct event event;

            something_happens(w);
            make_event(w, w->topics[TOPICS - 1 - one_in(w, 6)], &event);
            if (one_in(w, 5))
                dawdle(w);
            fast += fan_out_both_ways(w, event.id);
            all++;
        }
        db_rollback(w->office.db);
    }
    assert_in_range(fast, all / 3, all); /* else little was tried */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_fan_out_tells_whom_the_decision_names, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_fast_path_leaves_what_the_whole_way_leaves, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
