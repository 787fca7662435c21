#include "domain/notice_content.h"

#include "tests/support/cmocka.h"

/* Issue 12 (topic 0) in project X (topic 1); people are 1 to 9, labels: "staff". */
enum { ISSUE, PROJECT, TOPICS };

static const struct notice_topic topics[TOPICS] = {
    { .id = 100, .key = { "issue/12", 8 } },
    { .id = 200, .key = { "project/x", 9 } },
};
static const struct notice_scope scopes[] = { { ISSUE, 0 }, { PROJECT, 1 } };
static const struct span labels[] = { { "staff", 5 } };

enum { COMMENTED = 3, CHANGED = 4 };

static const struct notice_change opened[] = { { { "status", 6 }, { "new", 3 }, { "open", 4 } } };
static const struct notice_change closed[] = {
    { { "status", 6 }, { "open", 4 }, { "closed", 6 } },
    { { "owner", 5 }, { NULL, 0 }, { "ana", 3 } },
};
static const struct notice_change back[] = {
    { { "status", 6 }, { "closed", 6 }, { "new", 3 } },
    { { "owner", 5 }, { "ana", 3 }, { "", 0 } },
};

#define EVENT_BY(person, number, bit)                                                              \
    .seq = (number), .id = 1000 + (number), .kind_bit = (bit), .scopes = scopes, .scope_count = 2, \
    .taken_at = (number)*1000, .actor = (person)
#define EVENT(number, bit) EVENT_BY(9, number, bit)

static const struct notice_watch watching_project = { PROJECT, WATCH_NOW, -1, 0, 0 };

struct result {
    struct arena arena;
    struct notice_content content;
};

static void result_fini(struct result *r)
{
    arena_fini(&r->arena);
}

static struct result make(const struct notice_event *events, size_t n,
                          const struct notice_reader *reader)
{
    const struct notice_thread thread = {
        .topics = topics,
        .topic_count = TOPICS,
        .topic = ISSUE,
        .events = events,
        .event_count = n,
        .labels = labels,
        .label_count = 1,
    };
    struct result r;

    arena_init(&r.arena);
    notice_content_make(&thread, reader, &r.arena, &r.content);
    return r;
}

static void changes_are_net_of_undone_ones(void **state)
{
    const struct notice_event events[] = {
        { EVENT(1, CHANGED), .changes = opened, .change_count = 1 },
        { EVENT(2, CHANGED), .changes = closed, .change_count = 2 },
        { EVENT(3, CHANGED), .changes = back, .change_count = 2 },
    };
    const struct notice_reader reader = {
        .person = 1, .watches = &watching_project, .watch_count = 1, .granted = (bool[]){ true }
    };
    CLEANUP(result_fini) struct result two = make(events, 2, &reader);
    CLEANUP(result_fini) struct result three = make(events, 3, &reader);

    (void)state;
    assert_int_equal(two.content.verdict, LETTER_READY);
    assert_int_equal(two.content.change_count, 2);
    assert_true(span_equal(two.content.changes[0].old, SPAN("new")));
    assert_true(span_equal(two.content.changes[0].new, SPAN("closed")));
    assert_int_equal(two.content.changes[0].event, 1);
    assert_int_equal(two.content.item_count, 0);

    assert_int_equal(three.content.verdict, LETTER_NOTHING);
    assert_string_equal(three.content.reason, "undone");
}

static void each_event_is_asked_by_itself(void **state)
{
    const struct notice_event events[] = {
        { EVENT(1, CHANGED), .changes = opened, .change_count = 1 },
        { EVENT(2, COMMENTED), .text = { "hello", 5 } },
        { EVENT(3, COMMENTED), .text = { "to staff", 8 }, .label = 1 },
        { EVENT(4, COMMENTED), .text = { "gone", 4 }, .redacted = true },
        { EVENT_BY(1, 5, COMMENTED), .text = { "mine", 4 } },
    };
    const struct notice_watch comments_alone = { PROJECT, WATCH_NOW, 1 << COMMENTED, 0, 0 };
    const struct notice_watch late = { PROJECT, WATCH_NOW, -1, 0, 2 };
    const struct notice_direct addressed = { 0, REASON_MENTIONED, { "mentioned", 9 } };
    const struct notice_watch mute = { ISSUE, WATCH_MUTE, -1, 0, 0 };
    const bool granted = true;
    const bool denied = false;
    const struct {
        const char *name;
        struct notice_reader reader;
        size_t told;
        size_t last;
    } cases[] = {
        { "all but what is redacted or their own",
          { .person = 1, .watches = &watching_project, .watch_count = 1, .granted = &granted },
          3,
          2 },
        { "their own too, when asked for",
          { .person = 1,
            .watches = &watching_project,
            .watch_count = 1,
            .granted = &granted,
            .self_notify = true },
          4,
          4 },
        { "not what their label hides",
          { .person = 1, .watches = &watching_project, .watch_count = 1, .granted = &denied },
          2,
          1 },
        { "kinds of events asked for",
          { .person = 2, .watches = &comments_alone, .watch_count = 1, .granted = &granted },
          3,
          4 },
        { "what came after they began to watch",
          { .person = 2, .watches = &late, .watch_count = 1, .granted = &granted },
          2,
          4 },
        { "though muted, what addresses them",
          { .person = 2,
            .watches = &mute,
            .watch_count = 1,
            .granted = &granted,
            .directs = &addressed,
            .direct_count = 1 },
          1,
          0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(result_fini) struct result r = make(events, ARRAY_LENGTH(events), &cases[i].reader);

        if (r.content.told_count != cases[i].told ||
            r.content.told[r.content.told_count - 1] != cases[i].last)
            fail_msg("%s: told %zu", cases[i].name, r.content.told_count);
        assert_int_equal(r.content.verdict, LETTER_READY);
    }
}

static void reasons_are_the_strongest_and_all_watches(void **state)
{
    const struct notice_event events[] = { { EVENT(1, COMMENTED) }, { EVENT(2, COMMENTED) } };
    const struct notice_watch both[] = { { PROJECT, WATCH_NOW, -1, 0, 0 },
                                         { ISSUE, WATCH_NOW, -1, 0, 1 } };
    const struct notice_direct assigned = { 1, REASON_ASSIGNED, { "assigned", 8 } };
    struct notice_reader reader = {
        .person = 1, .watches = both, .watch_count = 2, .granted = (bool[]){ true }
    };
    CLEANUP(result_fini) struct result watched = make(events, 2, &reader);
    struct result direct;

    (void)state;
    assert_int_equal(watched.content.why, why_pack(REASON_WATCH, 100));
    assert_int_equal(watched.content.watched_count, 2);
    assert_int_equal(watched.content.watched[0], ISSUE);
    assert_int_equal(watched.content.watched[1], PROJECT);
    assert_int_equal(watched.content.item_count, 2);

    reader.directs = &assigned;
    reader.direct_count = 1;
    direct = make(events, 2, &reader);
    assert_int_equal(why_rank(direct.content.why), REASON_ASSIGNED);
    assert_true(span_equal(direct.content.reason_word, SPAN("assigned")));
    result_fini(&direct);
}

static void an_event_past_its_deadline_is_left_out(void **state)
{
    const struct notice_event events[] = {
        { EVENT(1, COMMENTED), .text = { "x", 1 }, .deadline = 4999 },
        { EVENT(2, COMMENTED), .text = { "x", 1 }, .deadline = 5999 },
        { EVENT(3, COMMENTED), .text = { "x", 1 } },
    };
    const struct notice_reader reader = { .person = 1,
                                          .time = { 5000, 5500 },
                                          .watches = &watching_project,
                                          .watch_count = 1,
                                          .granted = (bool[]){ true } };
    CLEANUP(result_fini) struct result r = make(events, 3, &reader);

    (void)state;
    assert_int_equal(r.content.verdict, LETTER_READY);
    assert_int_equal(r.content.told_count, 2);
    assert_int_equal(r.content.told[0], 1);
    assert_int_equal(r.content.told[1], 2);
}

/* The mail's date is a whole second, within which it leaves; its own deadline is asked elsewhere.
 */
static void late_is_what_ends_within_the_second_of_the_mail(void **state)
{
    static const struct {
        int64_t deadline;
        struct notice_time time;
        bool late;
    } cases[] = {
        { 5999, { 5000, 0 }, true },     { 6000, { 5000, 0 }, false },   { 0, { 5000, 0 }, false },
        { 5500, { 5000, 5500 }, false }, { 5499, { 5000, 5500 }, true }, { 1, { 5000, 0 }, true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_int_equal(notice_is_late(cases[i].deadline, cases[i].time), cases[i].late);
}

static void nothing_to_tell_has_a_reason(void **state)
{
    const struct notice_event plain = { EVENT(1, COMMENTED), .text = { "x", 1 } };
    const struct notice_event redacted = { EVENT(1, COMMENTED), .redacted = true };
    const struct notice_event late = { EVENT(1, COMMENTED), .text = { "x", 1 }, .deadline = 5000 };
    const struct notice_watch mute = { ISSUE, WATCH_MUTE, -1, 0, 0 };
    const struct notice_watch daily = { ISSUE, WATCH_DAILY, -1, 0, 0 };
    const struct notice_bar unsubscribed = { .everything = true, .unsubscribed = true };
    const struct notice_bar from_project = { .topic = PROJECT, .unsubscribed = true };
    const struct notice_bar suppressed = { .everything = true };
    const bool granted = true;
    const struct {
        struct notice_reader reader;
        const struct notice_event *event;
        enum letter_verdict verdict;
        const char *reason;
    } cases[] = {
        { { .watches = &watching_project, .watch_count = 1 },
          &redacted,
          LETTER_NOTHING,
          "redacted" },
        { { .watches = &watching_project, .watch_count = 1, .time = { 5000, 0 } },
          &late,
          LETTER_NOTHING,
          "expired" },
        { { .watches = &mute, .watch_count = 1 }, &plain, LETTER_FORBIDDEN, "muted" },
        { { .watches = &daily, .watch_count = 1 }, &plain, LETTER_FORBIDDEN, "in_digest" },
        { { .watch_count = 0 }, &plain, LETTER_FORBIDDEN, "not_watching" },
        { { .watches = &watching_project, .watch_count = 1, .inactive = true },
          &plain,
          LETTER_FORBIDDEN,
          "inactive" },
        { { .watches = &watching_project, .watch_count = 1, .bars = &unsubscribed, .bar_count = 1 },
          &plain,
          LETTER_FORBIDDEN,
          "unsubscribed" },
        { { .watches = &watching_project, .watch_count = 1, .bars = &from_project, .bar_count = 1 },
          &plain,
          LETTER_FORBIDDEN,
          "unsubscribed" },
        { { .watches = &watching_project, .watch_count = 1, .bars = &suppressed, .bar_count = 1 },
          &plain,
          LETTER_FORBIDDEN,
          "suppressed" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct notice_reader reader = cases[i].reader;
        struct result r;

        reader.person = 1;
        reader.granted = &granted;
        r = make(cases[i].event, 1, &reader);
        assert_int_equal(r.content.verdict, cases[i].verdict);
        assert_string_equal(r.content.reason, cases[i].reason);
        result_fini(&r);
    }
}

static void names_fall_back_by_language(void **state)
{
    static const struct notice_name names[] = { { { "en", 2 }, { "Issue", 5 } },
                                                { { "de", 2 }, { "Vorgang", 7 } },
                                                { { "de-AT", 5 }, { "Akt", 3 } } };
    const struct notice_name_list list = { names, 3 };
    const struct span swiss[] = { SPAN("de-CH"), SPAN("en") };
    const struct span austrian[] = { SPAN("de-AT") };
    const struct span french[] = { SPAN("fr") };

    (void)state;
    assert_true(span_equal(notice_name_find(list, swiss, 2), SPAN("Vorgang")));
    assert_true(span_equal(notice_name_find(list, austrian, 1), SPAN("Akt")));
    assert_true(span_equal(notice_name_find(list, french, 1), SPAN("Issue")));
    assert_true(span_empty(notice_name_find((struct notice_name_list){ NULL, 0 }, french, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_net_of_undone_ones),
        cmocka_unit_test(each_event_is_asked_by_itself),
        cmocka_unit_test(reasons_are_the_strongest_and_all_watches),
        cmocka_unit_test(an_event_past_its_deadline_is_left_out),
        cmocka_unit_test(late_is_what_ends_within_the_second_of_the_mail),
        cmocka_unit_test(nothing_to_tell_has_a_reason),
        cmocka_unit_test(names_fall_back_by_language),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
