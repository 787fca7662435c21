/*
 * `why`: was this person told, and why or why not.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/span.h"
#include "base/text.h"

static const struct option why_options[] = {
    { "PERSON", OPTION_OPERAND, NULL, "person", NULL },
    { "EVENT", OPTION_OPERAND, NULL, "event", NULL },
    { NULL },
};

/* An event's number, or else its key. */
static bool shape_event_name(json_t *args, struct error *err)
{
    int64_t id;

    (void)err;
    if (!text_to_integer(span_of(json_string_value(json_object_get(args, "event"))), 1, INT64_MAX,
                         &id))
        return true;
    return json_object_set_new(args, "event", json_integer(id)) == 0;
}

static void print_why(FILE *out, const json_t *answer)
{
    show_sentences(out, answer);
}

const struct command why_commands[] = {
    { .name = "why",
      .summary = "say why a person was or was not told of an event",
      .details = "EVENT is an event's number or its key.",
      .options = why_options,
      .request = "why",
      .shape = shape_event_name,
      .print = print_why },
    { 0 },
};
