/*
 * The law of who is told, case by case.
 */
#include "tests/support/cmocka.h"

#include "domain/watch_decision.h"

enum {
    ISSUE = 12,
    MILESTONE = 4,
    PROJECT = 7,
    COMMENTED = 3,
    CLOSED = 5,
    SEQ = 100,
    AT = 5000,
    TEAM = 2
};

#define ALL_KINDS INT64_C(-1)
#define ONLY(bit) (INT64_C(1) << (bit))

struct story {
    const char *name;
    struct watch_fact watches[4]; /* ended by topic 0 */
    int64_t direct_rank;
    bool unsubscribed;
    bool suppressed;
    bool inactive;
    bool actor;
    bool without_a_grant;
    enum watch_verdict verdict;
    int64_t rank;  /* of the reason when told */
    int64_t topic; /* of the deciding watch, 0: none */
};

/* clang-format off */
static const struct story stories[] = {
    { "watches the project", .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS } },
      .verdict = VERDICT_TOLD, .rank = 41, .topic = PROJECT },
    { "watches issue and project: the issue is the reason",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS }, { ISSUE, 0, WATCH_NOW, ALL_KINDS } },
      .verdict = VERDICT_TOLD, .rank = 40, .topic = ISSUE },
    { "watches the project, muted the issue",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS }, { ISSUE, 0, WATCH_MUTE, ALL_KINDS } },
      .verdict = VERDICT_MUTED, .topic = ISSUE },
    { "muted the project, watches the issue: nearer wins",
      .watches = { { PROJECT, 1, WATCH_MUTE, ALL_KINDS }, { ISSUE, 0, WATCH_NOW, ALL_KINDS } },
      .verdict = VERDICT_TOLD, .rank = 40, .topic = ISSUE },
    { "a watched milestone ties with a muted project: mute wins",
      .watches = { { MILESTONE, 1, WATCH_NOW, ALL_KINDS }, { PROJECT, 1, WATCH_MUTE, ALL_KINDS } },
      .verdict = VERDICT_MUTED, .topic = PROJECT },
    { "two equal watches: the older topic, whatever their order",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS }, { MILESTONE, 1, WATCH_NOW, ALL_KINDS } },
      .verdict = VERDICT_TOLD, .rank = 41, .topic = MILESTONE },
    { "did it and does not ask for such mail", .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS } },
      .actor = true, .verdict = VERDICT_ACTOR, .topic = PROJECT },
    { "address suppressed", .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS } },
      .suppressed = true, .verdict = VERDICT_SUPPRESSED, .topic = PROJECT },
    { "watches other kinds", .watches = { { PROJECT, 1, WATCH_NOW, ONLY(CLOSED) } },
      .verdict = VERDICT_KIND_FILTERED, .topic = PROJECT },
    { "watches this kind among others",
      .watches = { { PROJECT, 1, WATCH_NOW, ONLY(CLOSED) | ONLY(COMMENTED) } },
      .verdict = VERDICT_TOLD, .rank = 41, .topic = PROJECT },
    { "other kinds of the issue block all kinds of the project",
      .watches = { { ISSUE, 0, WATCH_NOW, ONLY(CLOSED) }, { PROJECT, 1, WATCH_NOW, ALL_KINDS } },
      .verdict = VERDICT_KIND_FILTERED, .topic = ISSUE },
    { "other kinds of one project leave an equal one alone",
      .watches = { { MILESTONE, 1, WATCH_NOW, ONLY(CLOSED) }, { PROJECT, 1, WATCH_NOW, ALL_KINDS } },
      .verdict = VERDICT_TOLD, .rank = 41, .topic = PROJECT },
    { "muted the project but assigned: being addressed beats mute",
      .watches = { { PROJECT, 1, WATCH_MUTE, ALL_KINDS } }, .direct_rank = REASON_ASSIGNED,
      .verdict = VERDICT_TOLD, .rank = REASON_ASSIGNED },
    { "muted the very issue but mentioned",
      .watches = { { ISSUE, 0, WATCH_MUTE, ALL_KINDS } }, .direct_rank = REASON_MENTIONED,
      .verdict = VERDICT_TOLD, .rank = REASON_MENTIONED },
    { "project now, issue in a digest",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS }, { ISSUE, 0, WATCH_DAILY, ALL_KINDS } },
      .verdict = VERDICT_IN_DIGEST, .topic = ISSUE },
    { "project in a digest, issue now",
      .watches = { { PROJECT, 1, WATCH_DAILY, ALL_KINDS }, { ISSUE, 0, WATCH_NOW, ALL_KINDS } },
      .verdict = VERDICT_TOLD, .rank = 40, .topic = ISSUE },
    { "digest only", .watches = { { PROJECT, 1, WATCH_WEEKLY, ALL_KINDS } },
      .verdict = VERDICT_IN_DIGEST, .topic = PROJECT },
    { "nobody's watcher", .verdict = VERDICT_NOT_WATCHING },
    { "assigned and unsubscribed: unsubscribing beats everything",
      .direct_rank = REASON_ASSIGNED, .unsubscribed = true, .suppressed = true, .inactive = true,
      .verdict = VERDICT_UNSUBSCRIBED },
    { "assigned to themselves", .direct_rank = REASON_ASSIGNED, .actor = true,
      .verdict = VERDICT_ACTOR },
    { "inactive", .watches = { { ISSUE, 0, WATCH_NOW, ALL_KINDS } }, .inactive = true,
      .verdict = VERDICT_INACTIVE, .topic = ISSUE },
    { "may not see the event", .watches = { { ISSUE, 0, WATCH_NOW, ALL_KINDS } },
      .without_a_grant = true, .verdict = VERDICT_NO_PERMISSION, .topic = ISSUE },
    { "watches a project they may not see",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS, .hidden = true } },
      .verdict = VERDICT_NO_PERMISSION },
    { "a mute of a hidden topic still mutes",
      .watches = { { MILESTONE, 1, WATCH_NOW, ALL_KINDS },
                   { PROJECT, 1, WATCH_MUTE, ALL_KINDS, .hidden = true } },
      .verdict = VERDICT_MUTED, .topic = PROJECT },
    { "the watch has run out", .watches = { { ISSUE, 0, WATCH_NOW, ALL_KINDS, .until = AT } },
      .verdict = VERDICT_NOT_WATCHING },
    { "the watch runs out a moment later",
      .watches = { { ISSUE, 0, WATCH_NOW, ALL_KINDS, .until = AT + 1 } },
      .verdict = VERDICT_TOLD, .rank = 40, .topic = ISSUE },
    { "the mute has run out",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS },
                   { ISSUE, 0, WATCH_MUTE, ALL_KINDS, .until = AT } },
      .verdict = VERDICT_TOLD, .rank = 41, .topic = PROJECT },
    { "began to watch after it happened",
      .watches = { { ISSUE, 0, WATCH_NOW, ALL_KINDS, .since = SEQ } },
      .verdict = VERDICT_NOT_WATCHING },
    { "began to watch just before it happened",
      .watches = { { ISSUE, 0, WATCH_NOW, ALL_KINDS, .since = SEQ - 1 } },
      .verdict = VERDICT_TOLD, .rank = 40, .topic = ISSUE },
    { "muted after it happened, before anybody was told",
      .watches = { { ISSUE, 0, WATCH_MUTE, ALL_KINDS, .since = SEQ + 5 },
                   { PROJECT, 1, WATCH_NOW, ALL_KINDS } },
      .verdict = VERDICT_MUTED, .topic = ISSUE },
    { "the list watches",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS, .list = TEAM } },
      .verdict = VERDICT_TOLD, .rank = 41, .topic = PROJECT },
    { "muted for themselves what the list watches",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS, .list = TEAM },
                   { PROJECT, 1, WATCH_MUTE, ALL_KINDS } },
      .verdict = VERDICT_MUTED, .topic = PROJECT },
    { "watches themselves what the list has muted",
      .watches = { { PROJECT, 1, WATCH_MUTE, ALL_KINDS, .list = TEAM },
                   { PROJECT, 1, WATCH_NOW, ALL_KINDS } },
      .verdict = VERDICT_TOLD, .rank = 41, .topic = PROJECT },
    { "has in a digest what the list gets now",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS, .list = TEAM },
                   { PROJECT, 1, WATCH_DAILY, ALL_KINDS } },
      .verdict = VERDICT_IN_DIGEST, .topic = PROJECT },
    { "their own watch of what the list watches has ended",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS, .list = TEAM },
                   { PROJECT, 1, WATCH_MUTE, ALL_KINDS, .until = AT } },
      .verdict = VERDICT_TOLD, .rank = 41, .topic = PROJECT },
    { "the list watches the issue that they muted by its project",
      .watches = { { ISSUE, 0, WATCH_NOW, ALL_KINDS, .list = TEAM },
                   { PROJECT, 1, WATCH_MUTE, ALL_KINDS } },
      .verdict = VERDICT_TOLD, .rank = 40, .topic = ISSUE },
    { "one list mutes what another watches",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS, .list = TEAM },
                   { PROJECT, 1, WATCH_MUTE, ALL_KINDS, .list = TEAM + 1 } },
      .verdict = VERDICT_MUTED, .topic = PROJECT },
    { "joined the list after it happened",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS, .since = SEQ, .list = TEAM } },
      .verdict = VERDICT_NOT_WATCHING },
    { "may not see what the list watches",
      .watches = { { PROJECT, 1, WATCH_NOW, ALL_KINDS, .hidden = true, .list = TEAM } },
      .verdict = VERDICT_NO_PERMISSION },
};
/* clang-format on */

static void stories_end_as_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(stories); i++) {
        const struct story *story = &stories[i];
        struct watch_fact watches[ARRAY_LENGTH(story->watches)];
        struct watch_question question = {
            .watches = watches,
            .direct_rank = story->direct_rank,
            .seq = SEQ,
            .at = AT,
            .kind_bit = COMMENTED,
            .unsubscribed = story->unsubscribed,
            .suppressed = story->suppressed,
            .inactive = story->inactive,
            .actor = story->actor,
            .without_a_grant = story->without_a_grant,
        };
        struct watch_decision decision;

        memcpy(watches, story->watches, sizeof watches);
        while (question.watch_count < ARRAY_LENGTH(watches) &&
               watches[question.watch_count].topic != 0)
            question.watch_count++;
        decision = watch_decide(&question);
        if (decision.verdict != story->verdict)
            fail_msg("%s: %s", story->name, watch_verdict_name(decision.verdict));
        if (decision.verdict == VERDICT_TOLD)
            assert_int_equal(why_rank(decision.why), story->rank);
        assert_int_equal(decision.deciding == NULL ? 0 : decision.deciding->topic, story->topic);
    }
}

static void all_matching_watches_are_known(void **state)
{
    static const struct watch_fact watches[] = {
        { ISSUE, 0, WATCH_NOW, ALL_KINDS },
        { MILESTONE, 1, WATCH_NOW, ONLY(CLOSED) },
        { PROJECT, 1, WATCH_NOW, ONLY(COMMENTED) },
    };
    struct watch_question question = {
        .watches = watches, .watch_count = 3, .seq = SEQ, .at = AT, .kind_bit = COMMENTED
    };

    (void)state;
    assert_true(watch_matches(&question, &watches[0], WATCH_NOW));
    assert_false(watch_matches(&question, &watches[1], WATCH_NOW));
    assert_true(watch_matches(&question, &watches[2], WATCH_NOW));
}

static void the_last_kind_is_masked_as_the_others(void **state)
{
    static const struct watch_fact watch = { ISSUE, 0, WATCH_NOW, ONLY(62) };
    struct watch_question question = {
        .watches = &watch, .watch_count = 1, .seq = SEQ, .at = AT, .kind_bit = 62
    };

    (void)state;
    assert_int_equal(watch_decide(&question).verdict, VERDICT_TOLD);
    question.kind_bit = 61;
    assert_int_equal(watch_decide(&question).verdict, VERDICT_KIND_FILTERED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stories_end_as_told),
        cmocka_unit_test(all_matching_watches_are_known),
        cmocka_unit_test(the_last_kind_is_masked_as_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
