/*
 * `watch`, `unwatch`, `watches`, `watchers`.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "app/standard_input.h"
#include "base/cleanup.h"
#include "base/span.h"

static const struct option watch_options[] = {
    { "PERSON... TOPIC", OPTION_OPERANDS, NULL, "words", NULL },
    { "topics-from", OPTION_TEXT, "FILE|-", "topics_from",
      "the topics are lines of the file, or of standard input; all operands are people" },
    { "mode", OPTION_TEXT, "MODE", "mode",
      "now, hourly, daily, weekly or mute; the digests come at the hour of the person's day; of a "
      "new watch what its topic's kind says (postroom kind add --default-mode), else now" },
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

enum { TOPICS_LIMIT = 1 << 20 };

/* The lines but for empty ones. */
static bool read_topics(const char *path, json_t *topics, struct error *err)
{
    CLEANUP(buf_fini) struct buf text;
    struct span rest;

    buf_init(&text, TOPICS_LIMIT);
    if (!standard_input_or_file_read(path, &text, err))
        return error_wrap(err, "--topics-from");
    rest = buf_view(&text);
    while (rest.n > 0) {
        struct span line = span_trim(span_take_until(&rest, '\n'));

        if (line.n > 0 && json_array_append_new(topics, json_stringn(line.at, line.n)) != 0)
            return error_set(err, ERROR_INVALID, "--topics-from: a line is not UTF-8");
    }
    return json_array_size(topics) > 0 ||
           error_set(err, ERROR_INVALID, "--topics-from: names no topic");
}

/* The last operand is the topic, unless topics come from a file; the others are people. */
static bool read_pairs(json_t *args, json_t *people, json_t *topics, struct error *err)
{
    const char *path = json_string_value(json_object_get(args, "topics_from"));
    json_t *words = json_object_get(args, "words");
    size_t count = json_array_size(words);

    (void)json_array_extend(people, words);
    if (path != NULL)
        return read_topics(path, topics, err);
    (void)json_array_append(topics, json_array_get(words, count - 1));
    return json_array_remove(people, count - 1) == 0;
}

static bool check_topic(const json_t *args, struct error *err)
{
    return json_object_get(args, "topics_from") != NULL ||
           json_array_size(json_object_get(args, "words")) > 1 ||
           error_set(err, ERROR_INVALID, "TOPIC is missing");
}

/* One person and one topic are the request watch, more are watches.set. */
static bool shape_watches(json_t *args, struct error *err)
{
    json_t *people = json_array();
    json_t *topics = json_array();
    bool fine = shape_kinds(args, err) && read_pairs(args, people, topics, err);

    if (json_array_size(people) == 1 && json_array_size(topics) == 1) {
        (void)json_object_set(args, "person", json_array_get(people, 0));
        (void)json_object_set(args, "topic", json_array_get(topics, 0));
    } else {
        (void)json_object_set(args, "people", people);
        (void)json_object_set(args, "topics", topics);
        (void)json_object_set_new(args, "many", json_true());
    }
    json_decref(people);
    json_decref(topics);
    (void)json_object_del(args, "topics_from");
    (void)json_object_del(args, "words");
    return fine;
}

static void print_watch(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "person topic mode kinds delay until origin change");
}

static void print_watches(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "watches"),
               "topic:TOPIC mode:MODE kinds:KINDS delay:DELAY origin:ORIGIN until:UNTIL",
               "no watches");
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

static const struct command_variant many = { "many", "watches.set", print_counts };
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
          "is named and leaves the rest as it is (an empty text takes it away); after a mute\n"
          "it begins anew. A topic that does not exist yet is made. list:NAME in place of\n"
          "PERSON lets all members of a list hear of it; a member's own watch of the same topic "
          "stands before\n"
          "the list's. issue/* in place of TOPIC stands for every topic of the kind issue, which\n"
          "is as far from it as what contains it.",
      .options = watch_options,
      .check = check_topic,
      .request = "watch",
      .shape = shape_watches,
      .print = print_watch,
      .variant = &many },
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
