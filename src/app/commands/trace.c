/*
 * `trace`: what was said about a delivery, and whose dialogues are kept.
 */
#include <sysexits.h>

#include "app/asking.h"
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"

static const struct option trace_options[] = {
    { "DELIVERY", OPTION_MAY_OPERAND, NULL, "delivery", NULL },
    { "live", OPTION_TEXT, "NAME", "name", "follow the sessions to a domain, site or host" },
    { "for", OPTION_TEXT, "TIME", "for", "how long to follow, such as 10m; 1h unless given" },
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

/* "ordered     2026-11-24T18:00:00Z hold, by uid 1000: words", a line an order */
static void print_orders(FILE *out, const json_t *orders)
{
    size_t i;
    json_t *order;

    json_array_foreach (orders, i, order) {
        (void)fprintf(out, "ordered     %.19sZ %s, %s\n",
                      json_string_value(json_object_get(order, "at")),
                      json_string_value(json_object_get(order, "order")),
                      json_string_value(json_object_get(order, "text")));
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
    print_orders(out, json_object_get(answer, "orders"));
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

/* What is said in sessions under way, as it is said. */
static void print_live(FILE *out, const json_t *line)
{
    json_int_t ms = json_integer_value(json_object_get(line, "ms"));
    const char *by = json_string_value(json_object_get(line, "by"));
    const json_t *lost = json_object_get(line, "lost");
    const char *name = json_string_value(json_object_get(line, "following"));

    if (name != NULL)
        (void)fprintf(out, "following %s until %.19sZ, or Ctrl-C\n", name,
                      json_string_value(json_object_get(line, "until")));
    if (lost != NULL)
        (void)fprintf(out, "... %lld pieces came too fast and are lost\n",
                      (long long)json_integer_value(lost));
    if (by == NULL)
        return;
    (void)fprintf(out, "%.19sZ %lld %s mail %lld %lld.%03d %s %s\n",
                  json_string_value(json_object_get(line, "at")),
                  (long long)json_integer_value(json_object_get(line, "session")),
                  json_string_value(json_object_get(line, "host")),
                  (long long)json_integer_value(json_object_get(line, "delivery")),
                  (long long)(ms / 1000), (int)(ms % 1000),
                  by[0] == 's'   ? "S:"
                  : by[0] == 'c' ? "C:"
                                 : "--",
                  json_string_value(json_object_get(line, "line")));
}

static bool tell_live(void *owner, const json_t *line)
{
    const struct invocation *call = owner;

    if (json_object_get(line, "end") != NULL)
        return false;
    if (call->json) {
        (void)json_dumpf(line, call->out, JSON_COMPACT);
        (void)fputc('\n', call->out);
    } else {
        print_live(call->out, line);
    }
    return fflush(call->out) == 0;
}

static int run_trace(const struct invocation *call)
{
    bool has_delivery = json_object_get(call->args, "delivery") != NULL;
    bool is_live = json_object_get(call->args, "name") != NULL;
    struct invocation owner = *call;
    struct error err;

    if (has_delivery && !is_live && json_object_get(call->args, "for") == NULL)
        return command_ask(call);
    if (has_delivery || !is_live)
        (void)error_set(&err, ERROR_INVALID, "needs a DELIVERY, or --live NAME [--for TIME]");
    else if (asking_follow(call->config, "trace.live", call->args, tell_live, &owner, &err))
        return EX_OK;
    return command_fail(call, &err);
}

static void print_keep(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "name kept until");
    if (json_is_false(json_object_get(answer, "known")))
        (void)fprintf(out, "Nothing is known of that name yet: the order waits for mail that goes "
                           "there.\n");
}

static void print_kept(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "kept"), "name:NAME until:UNTIL by:BY", "none");
}

const struct command trace_commands[] = {
    { .name = "trace",
      .summary = "show each try of a delivery in the server's own words",
      .details =
          "With the dialogue, as long as it is kept: that of a try that failed or is in\n"
          "doubt for delivery.keep_dialogues, others by `trace keep`. Times are seconds\n"
          "since the connection began; content is only counted.\n\n"
          "With --live what is said to a recipient domain, a site or an exchanger is shown\n"
          "as it is said, with the numbers of the session and of the mail, until Ctrl-C or\n"
          "the time of --for is over; of a session that\n"
          "was under way before, what follows. Who reads too slowly loses lines, and is told\n"
          "so. With --json each line is an object.",
      .options = trace_options,
      .request = "trace",
      .shape = mail_shape_delivery,
      .print = print_trace,
      .run = run_trace },
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
