/*
 * `kind ...` and `topic ...`.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "app/standard_input.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "services/request/sample_events.h"

static const struct option kind_add_options[] = {
    { "KIND", OPTION_OPERAND, NULL, "name", NULL },
    { "of", OPTION_TEXT, "WHAT", "of", "event (default) or topic" },
    { "urgent", OPTION_FLAG, NULL, "urgent", "its events do not wait for more" },
    { "stream", OPTION_TEXT, "STREAM", "stream",
      "of events: the stream of mail that tells of them: notices (at first), submissions, "
      "mailouts; "
      "urgent kinds have their own" },
    { "auto-watch", OPTION_TEXT, "RULE,RULE", "auto_watch",
      "of topics: who watches one from now on by themselves: author, assignee, mentioned, cc, "
      "participant; no: nobody" },
    { "sample", OPTION_TEXT, "FILE", "sample",
      "an event as JSON, or some, to show templates with" },
    { "body", OPTION_TEXT, "none|full", "body",
      "none: mail says only that something happened, and where; full: all of it" },
    { "default-mode", OPTION_TEXT, "MODE", "default_mode",
      "of topics: the mode of watches that name none: now (at first), hourly, daily, weekly" },
    { NULL },
};

static const struct option kind_show_options[] = {
    { "KIND", OPTION_OPERAND, NULL, "name", NULL },
    { "of", OPTION_TEXT, "WHAT", "of", "event (default) or topic" },
    { NULL },
};

static const struct option kind_list_options[] = {
    { "of", OPTION_TEXT, "WHAT", "of", "event or topic; both by default" },
    { NULL },
};

static const struct option topic_options[] = {
    { "TOPIC", OPTION_OPERAND, NULL, "key", NULL },
    { "kind", OPTION_TEXT, "KIND", "kind", "what it is; default: its key up to the slash" },
    { "title", OPTION_TEXT, "TITLE", "title", "how people call it" },
    { "url", OPTION_TEXT, "URL", "url", "where it is to be seen" },
    { "label", OPTION_TEXT, "LABEL", "label", "only people with a grant of it may see the topic" },
    { "parent", OPTION_TEXTS, "TOPIC", "parents", "a topic that contains it" },
    { "default-watch", OPTION_TEXT, "MODE", "default_watch",
      "who is made from now on watches it: now, daily, ...; no: not" },
    { "body", OPTION_TEXT, "none|full", "body",
      "none: mail says only that something happened in it or what it contains, and where; full: "
      "all of it" },
    { NULL },
};

static const struct option topic_rm_options[] = {
    { "TOPIC", OPTION_OPERAND, NULL, "key", NULL },
    { "force", OPTION_FLAG, NULL, "force", "end its watches and let go the topics in it" },
    { NULL },
};

static const struct option topic_key_options[] = {
    { "TOPIC", OPTION_OPERAND, NULL, "key", NULL },
    { NULL },
};

static const struct option topic_list_options[] = {
    { "in", OPTION_TEXT, "PARENT", "in", "only those directly in this topic" },
    { "after", OPTION_NUMBER, "ID", "after", "go on after this id" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static bool shape_sample(json_t *args, struct error *err)
{
    CLEANUP(buf_fini) struct buf text;
    const char *path = json_string_value(json_object_get(args, "sample"));
    json_error_t fault;
    json_t *sample;

    buf_init(&text, SAMPLE_JSON_MOST + (size_t)65536);
    if (path == NULL)
        return true;
    if (!standard_input_or_file_read(path, &text, err))
        return error_wrap(err, "--sample");
    sample = json_loadb(buf_text(&text), text.n, JSON_REJECT_DUPLICATES, &fault);
    if (sample == NULL)
        return error_set(err, ERROR_INVALID, "--sample: %s:%d:%d: %s", path, fault.line,
                         fault.column, fault.text);
    return json_object_set_new(args, "sample", sample) == 0;
}

static void print_kind(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "name of urgent stream auto_watch default_mode body names");
}

static void print_kinds(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "kinds"),
               "name:KIND of:OF urgent:URGENT stream:STREAM names:NAMES", "no kinds yet");
}

static void print_topic(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "topic id kind title url label default_watch body in removed");
}

static void print_topics(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "topics"),
               "id:ID topic:TOPIC kind:KIND title:TITLE label:LABEL", "no topics");
    show_next(out, answer);
}

const struct command topics_commands[] = {
    { .name = "kind add",
      .summary = "declare what can happen, or be watched",
      .options = kind_add_options,
      .request = "kind.add",
      .shape = shape_sample,
      .print = print_kind },
    { .name = "kind show",
      .summary = "show a kind",
      .options = kind_show_options,
      .request = "kind.show",
      .print = print_kind },
    { .name = "kind list",
      .summary = "list kinds",
      .options = kind_list_options,
      .request = "kind.list",
      .print = print_kinds },
    { .name = "topic add",
      .summary = "make a topic",
      .details = "Parents that do not exist are made; a cycle of parents is refused.",
      .options = topic_options,
      .request = "topic.add",
      .print = print_topic },
    { .name = "topic set",
      .summary = "change a topic; --parent replaces all its parents",
      .options = topic_options,
      .request = "topic.set",
      .print = print_topic },
    { .name = "topic show",
      .summary = "show a topic and what contains it",
      .options = topic_key_options,
      .request = "topic.show",
      .print = print_topic },
    { .name = "topic list",
      .summary = "list topics",
      .options = topic_list_options,
      .request = "topic.list",
      .print = print_topics },
    { .name = "topic rm",
      .summary = "remove a topic nothing happened to and nobody watches; --force ends its watches",
      .options = topic_rm_options,
      .request = "topic.rm",
      .print = print_topic },
    { 0 },
};
