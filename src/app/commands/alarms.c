/*
 * `alarms`, `alarms clear`: what a person must look at.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/span.h"
#include "base/text.h"

static const struct option list_options[] = {
    { "all", OPTION_FLAG, NULL, "all", "those that have ended, too" },
    { "after", OPTION_NUMBER, "ID", "before", "go on after this one of the page before" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static const struct option clear_options[] = {
    { "ALARM", OPTION_OPERAND, NULL, "alarm", NULL },
    { NULL },
};

static bool shape_clear(json_t *args, struct error *err)
{
    struct span text = span_of(json_string_value(json_object_get(args, "alarm")));
    int64_t id;

    if (!text_to_integer(text, 1, INT64_MAX, &id))
        return error_set(err, ERROR_INVALID,
                         "ALARM must be a number that `alarms` shows, got \"%.*s\"",
                         SPAN_ARGS(text));
    return json_object_set_new(args, "alarm", json_integer(id)) == 0;
}

static void print_alarms(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "alarms"),
               "alarm:ALARM severity:SEVERITY since:SINCE last:LAST times:TIMES until:ENDED "
               "cause:CAUSE text:WORDS",
               "no alarms");
    show_next(out, answer);
}

static void print_cleared(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "alarm until:ended");
    (void)fprintf(out, "It opens anew when its cause comes again.\n");
}

const struct command alarms_commands[] = {
    { .name = "alarms",
      .summary = "list what a person must look at, the latest first",
      .options = list_options,
      .request = "alarms.list",
      .print = print_alarms },
    { .name = "alarms clear",
      .summary = "end an alarm that was looked at",
      .details = "Changes nothing else: `site resume` lets mail go on that a site refused.",
      .options = clear_options,
      .request = "alarms.clear",
      .shape = shape_clear,
      .print = print_cleared },
    { 0 },
};
