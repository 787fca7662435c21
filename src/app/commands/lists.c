/*
 * `list ...`: named sets of people.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"

static const struct option new_options[] = {
    { "LIST", OPTION_OPERAND, NULL, "list", NULL },
    { "title", OPTION_TEXT, "TEXT", "title", "how it is called in mail" },
    { NULL },
};

static const struct option name_options[] = {
    { "LIST", OPTION_OPERAND, NULL, "list", NULL },
    { NULL },
};

static const struct option show_options[] = {
    { "LIST", OPTION_OPERAND, NULL, "list", NULL },
    { "past", OPTION_FLAG, NULL, "past", "who has left it instead" },
    { "after", OPTION_NUMBER, "ID", "after", "go on after this id" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many members at most" },
    { NULL },
};

static const struct option page_options[] = {
    { "after", OPTION_NUMBER, "ID", "after", "go on after this id" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static const struct option add_options[] = {
    { "LIST", OPTION_OPERAND, NULL, "list", NULL },
    { "PERSON", OPTION_OPERANDS, NULL, "people", NULL },
    { "basis", OPTION_TEXT, "TEXT", "basis", "why they may be on it, for the record" },
    { "origin", OPTION_TEXT, "WORD", "origin", "where it comes from; default: manual" },
    { NULL },
};

static const struct option remove_options[] = {
    { "LIST", OPTION_OPERAND, NULL, "list", NULL },
    { "PERSON", OPTION_OPERANDS, NULL, "people", NULL },
    { NULL },
};

static void print_list(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "list title made removed members");
}

static void print_lists(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "lists"), "list:LIST title:TITLE made:MADE",
               "no lists yet");
    show_next(out, answer);
}

static void print_shown(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "list title made");
    show_table(out, json_object_get(answer, "watches"), "topic:WATCHES mode:MODE",
               "watches nothing");
    show_table(out, json_object_get(answer, "members"),
               "person:MEMBER basis:BASIS origin:ORIGIN since:SINCE left:LEFT", "nobody");
    show_next(out, answer);
}

static void print_moved(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "list changed unchanged");
}

const struct command lists_commands[] = {
    { .name = "list new",
      .summary = "make a list of people",
      .details = "A list may watch topics: `watch list:NAME TOPIC` lets all its members hear of\n"
                 "them, each of whom may watch the same topic otherwise, or mute it.",
      .options = new_options,
      .request = "list.new",
      .print = print_list },
    { .name = "list list",
      .summary = "list the lists",
      .options = page_options,
      .request = "list.list",
      .print = print_lists },
    { .name = "list show",
      .summary = "show a list, what it watches and who is on it",
      .options = show_options,
      .request = "list.show",
      .print = print_shown },
    { .name = "list add",
      .summary = "put people on a list",
      .details = "All or none: somebody who is not known refuses the whole line.",
      .options = add_options,
      .request = "list.add",
      .print = print_moved },
    { .name = "list remove",
      .summary = "take people off a list; the record stays",
      .options = remove_options,
      .request = "list.remove",
      .print = print_moved },
    { .name = "list rm",
      .summary = "end a list, its memberships and what it watches",
      .options = name_options,
      .request = "list.rm",
      .print = print_list },
    { 0 },
};
