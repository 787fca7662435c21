/*
 * `watch`, `unwatch`, `watches`, `watchers`.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/span.h"

static const struct option watch_options[] = {
    { "PERSON", OPTION_OPERAND, NULL, "person", NULL },
    { "TOPIC", OPTION_OPERAND, NULL, "topic", NULL },
    { "mode", OPTION_TEXT, "MODE", "mode",
      "now (default), hourly, daily, weekly or mute; the digests come at the hour of the person's "
      "day" },
    { "kinds", OPTION_TEXT, "KIND,KIND", "kinds", "only events of these kinds" },
    { "delay", OPTION_TEXT, "DURATION", "delay", "how long a mail waits for more events" },
    { "until", OPTION_TEXT, "WHEN", "until", "when the watch ends" },
    { "origin", OPTION_TEXT, "WORD", "origin", "where it comes from; default: manual" },
    { NULL },
};

static const struct option unwatch_options[] = {
    { "PERSON", OPTION_OPERAND, NULL, "person", NULL },
    { "TOPIC", OPTION_OPERAND, NULL, "topic", NULL },
    { "origin", OPTION_TEXT, "WORD", "origin", "only a watch that came from there" },
    { NULL },
};

static const struct option watches_options[] = {
    { "PERSON", OPTION_OPERAND, NULL, "person", NULL },
    { "history", OPTION_FLAG, NULL, "history",
      "every change of a watch instead, the oldest first" },
    { "after", OPTION_NUMBER, "ID", "after", "go on after this id" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static const struct option copy_options[] = {
    { "FROM", OPTION_OPERAND, NULL, "from", NULL },
    { "PERSON", OPTION_OPERANDS, NULL, "people", NULL },
    { "dry-run", OPTION_FLAG, NULL, "dry_run", "only count" },
    { NULL },
};

static const struct option end_options[] = {
    { "PERSON", OPTION_OPERAND, NULL, "person", NULL },
    { "under", OPTION_TEXT, "TOPIC", "under", "only of this topic and what it contains" },
    { "dry-run", OPTION_FLAG, NULL, "dry_run", "only count" },
    { NULL },
};

static const struct option watchers_options[] = {
    { "TOPIC", OPTION_OPERAND, NULL, "topic", NULL },
    { "explain", OPTION_FLAG, NULL, "explain",
      "also who watches what contains it, and who would be told" },
    { "kind", OPTION_TEXT, "KIND", "kind", "with --explain: of an event of this kind" },
    { "after", OPTION_NUMBER, "ID", "after", "go on after this person id" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

bool shape_kinds(json_t *args, struct error *err)
{
    json_t *word = json_object_get(args, "kinds");
    struct span rest = span_of(json_string_value(word));
    json_t *list;

    (void)err;
    if (word == NULL)
        return true;
    list = json_array();
    while (rest.n > 0) {
        struct span kind = span_take_until(&rest, ',');

        (void)json_array_append_new(list, json_stringn(kind.at, kind.n));
    }
    return json_object_set_new(args, "kinds", list) == 0;
}

static void print_watch(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "person topic mode kinds delay until origin change");
}

static void print_watches(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "watches"),
               "topic:TOPIC mode:MODE kinds:KINDS origin:ORIGIN until:UNTIL", "no watches");
    show_next(out, answer);
}

static void print_history(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "history"),
               "at:AT topic:TOPIC mode:MODE kinds:KINDS origin:ORIGIN cause:CAUSE",
               "no watches yet");
    show_next(out, answer);
}

static void print_counts(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "changed kept dry_run");
}

static const struct command_variant history = { "history", "watches.history", print_history };

static void print_watchers(FILE *out, const json_t *answer)
{
    const json_t *rows = json_object_get(answer, "watchers");
    bool explained = json_object_get(json_array_get(rows, 0), "outcome") != NULL;

    show_table(out, rows,
               explained ? "person:PERSON outcome:OUTCOME by:BY watches:WATCHES"
                         : "person:PERSON mode:MODE kinds:KINDS origin:ORIGIN",
               "nobody watches it");
    show_next(out, answer);
}

const struct command watches_commands[] = {
    { .name = "watch",
      .summary = "let a person hear of a topic and what it contains",
      .details =
          "Of the watches of one person the nearest decides, even one that is for other\n"
          "kinds: who watches project/x, and issue/12 in it for `closed` alone, hears of no\n"
          "comments on issue/12. A mute is a watch as well. Watching again changes what\n"
          "stands; a topic that does not exist yet is made. list:NAME in place of PERSON lets all\n"
          "members of a list hear of it; a member's own watch of the same topic stands before\n"
          "the list's. issue/* in place of TOPIC stands for every topic of the kind issue, which\n"
          "is as far from it as what contains it.",
      .options = watch_options,
      .request = "watch",
      .shape = shape_kinds,
      .print = print_watch },
    { .name = "unwatch",
      .summary = "end a watch",
      .options = unwatch_options,
      .request = "unwatch",
      .print = print_watch },
    { .name = "watches",
      .summary = "list what a person watches",
      .options = watches_options,
      .request = "watches",
      .print = print_watches,
      .variant = &history },
    { .name = "watches copy",
      .summary = "let people watch what somebody watches",
      .details =
          "What they watch themselves stays as it is. All or none: somebody who is not known\n"
          "refuses the whole line. A list may stand in all places, as list:NAME.",
      .options = copy_options,
      .request = "watches.copy",
      .print = print_counts },
    { .name = "watches end",
      .summary = "end all watches of a person, or those under a topic",
      .options = end_options,
      .request = "watches.end",
      .print = print_counts },
    { .name = "watchers",
      .summary = "list who watches a topic",
      .details =
          "Without --explain that is who watches the very topic, and nobody who watches what\n"
          "contains it.",
      .options = watchers_options,
      .request = "watchers",
      .print = print_watchers },
    { 0 },
};
