/*
 * `trace`: what was said about a delivery, and whose dialogues are kept.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"

static const struct option trace_options[] = {
    { "DELIVERY", OPTION_OPERAND, NULL, "delivery", NULL },
    { NULL },
};

static const struct option keep_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "name", NULL },
    { "for", OPTION_TEXT, "TIME", "for", "how long, such as 2h; 1h unless given; 0 ends it" },
    { NULL },
};

/* "    0.012 S: 220 mx.example ESMTP", a line each */
static void print_dialogue(FILE *out, const json_t *lines)
{
    size_t i;
    json_t *line;

    json_array_foreach (lines, i, line) {
        json_int_t ms = json_integer_value(json_object_get(line, "ms"));
        const char *by = json_string_value(json_object_get(line, "by"));

        (void)fprintf(out, "%7lld.%03d %s %s\n", (long long)(ms / 1000), (int)(ms % 1000),
                      by[0] == 's'   ? "S:"
                      : by[0] == 'c' ? "C:"
                                     : "--",
                      json_string_value(json_object_get(line, "line")));
    }
}

/* People count the tries of a delivery; the ids that JSON gives number those of all. */
static void print_try(FILE *out, const json_t *attempt, size_t number)
{
    json_t *shown = json_copy((json_t *)attempt);

    (void)json_object_set_new(shown, "try", json_integer((json_int_t)number));
    (void)fputc('\n', out);
    show_fields(out, shown,
                "try at host ip source tls stage said_by code status text ms:took-ms outcome");
    json_decref(shown);
    print_dialogue(out, json_object_get(attempt, "dialogue"));
}

/* "tells  issue/12 commented (event 7)", a line an event */
static void print_events(FILE *out, const json_t *events)
{
    size_t i;
    json_t *event;

    json_array_foreach (events, i, event) {
        (void)fprintf(out, "tells       %s: %s (event %lld)\n",
                      json_string_value(json_object_get(event, "topic")),
                      json_string_value(json_object_get(event, "kind")),
                      (long long)json_integer_value(json_object_get(event, "event")));
    }
}

static void print_trace(FILE *out, const json_t *answer)
{
    size_t i;
    json_t *row;

    show_fields(out, answer,
                "delivery person to stream state reason text made first_due due deadline ended "
                "message_id");
    print_events(out, json_object_get(answer, "events"));
    json_array_foreach (json_object_get(answer, "intents"), i, row) {
        (void)fputc('\n', out);
        show_fields(out, row,
                    "intent at mail_from from subject date size sha256 template language "
                    "template_revision");
    }
    json_array_foreach (json_object_get(answer, "tries"), i, row) {
        print_try(out, row, i + 1);
    }
}

static const struct option no_options[] = {
    { NULL },
};

static void print_keep(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "name kept until");
}

static void print_kept(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "kept"), "name:NAME until:UNTIL by:BY", "none");
}

const struct command trace_commands[] = {
    { .name = "trace",
      .summary = "show each try of a delivery in the server's own words",
      .details = "With the dialogue, as long as it is kept: that of a try that failed or is in\n"
                 "doubt for delivery.keep_dialogues, others by `trace keep`. Times are seconds\n"
                 "since the connection began; content is only counted.",
      .options = trace_options,
      .request = "trace",
      .shape = mail_shape_delivery,
      .print = print_trace },
    { .name = "trace keep",
      .summary = "keep the dialogues of a domain, a site or a host for a while",
      .details =
          "Those of delivered mail too, from now on, for trace to show. NAME is a recipient\n"
          "domain, a site that `queue` names, or an exchanger. They are kept as long as\n"
          "delivery.keep_dialogues says, at least a day.",
      .options = keep_options,
      .request = "trace.keep",
      .print = print_keep },
    { .name = "trace kept",
      .summary = "list whose dialogues are kept by order",
      .options = no_options,
      .request = "trace.kept",
      .print = print_kept },
    { 0 },
};
