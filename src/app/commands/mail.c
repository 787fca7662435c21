/*
 * `queue`, `deliveries`, `trace`, `suppress ...`: what became of mail, and who gets none.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/span.h"
#include "base/text.h"

static const struct option no_options[] = {
    { NULL },
};

static const struct option deliveries_options[] = {
    { "to", OPTION_TEXT, "PERSON", "to", "only to this person or address" },
    { "message-id", OPTION_TEXT, "ID", "message_id", "only the one with this Message-ID" },
    { "state", OPTION_TEXT, "STATE", "state", "only in this state, such as deferred" },
    { "since", OPTION_TEXT, "WHEN", "since", "only those made since then" },
    { "before", OPTION_NUMBER, "ID", "before", "go on before this delivery" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static const struct option trace_options[] = {
    { "DELIVERY", OPTION_OPERAND, NULL, "delivery", NULL },
    { NULL },
};

static const struct option suppress_add_options[] = {
    { "TARGET", OPTION_OPERAND, NULL, "target", NULL },
    { "scope", OPTION_TEXT, "TOPIC", "scope", "only mail about this topic" },
    { "reason", OPTION_TEXT, "WORD", "reason",
      "why: unsubscribed, complaint, ... (default manual)" },
    { "until", OPTION_TEXT, "WHEN", "until", "when it ends by itself" },
    { NULL },
};

static const struct option suppress_rm_options[] = {
    { "TARGET", OPTION_OPERAND, NULL, "target", NULL },
    { "scope", OPTION_TEXT, "TOPIC", "scope", "the one for this topic" },
    { NULL },
};

static const struct option suppress_list_options[] = {
    { "after", OPTION_TEXT, "TARGET", "after", "go on after this one" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static void print_queue(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "streams"),
               "stream:STREAM queued:QUEUED deferred:DEFERRED sending:SENDING "
               "in_doubt:IN-DOUBT held:HELD delivered:DELIVERED failed:FAILED expired:EXPIRED "
               "suppressed:SUPPRESSED cancelled:CANCELLED",
               "no mail yet");
}

static void print_deliveries(FILE *out, const json_t *answer)
{
    const json_t *next = json_object_get(answer, "next");

    show_table(out, json_object_get(answer, "deliveries"),
               "delivery:DELIVERY stream:STREAM to:TO state:STATE attempts:TRIES made:MADE "
               "due:DUE reason:REASON",
               "none");
    if (next != NULL)
        (void)fprintf(out, "... more: --before %lld\n", (long long)json_integer_value(next));
}

static void print_try(FILE *out, const json_t *attempt)
{
    (void)fputc('\n', out);
    show_fields(out, attempt,
                "attempt:try at host ip source tls stage said_by code status text ms:took-ms "
                "outcome");
}

static void print_trace(FILE *out, const json_t *answer)
{
    size_t i;
    json_t *row;

    show_fields(out, answer,
                "delivery to stream state reason text made first_due due deadline ended "
                "message_id");
    json_array_foreach (json_object_get(answer, "intents"), i, row) {
        (void)fputc('\n', out);
        show_fields(out, row,
                    "intent at mail_from from subject date size sha256 template_revision");
    }
    json_array_foreach (json_object_get(answer, "tries"), i, row) {
        print_try(out, row);
    }
}

static void print_suppression(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "target scope reason origin at until ended_deliveries removed");
}

static void print_suppressions(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "suppressions"),
               "target:TARGET scope:SCOPE reason:REASON origin:ORIGIN at:SINCE until:UNTIL",
               "nobody");
    if (json_object_get(answer, "next") != NULL)
        (void)fprintf(out, "... more: --after %s\n",
                      json_string_value(json_object_get(answer, "next")));
}

static bool shape_number(json_t *args, struct error *err)
{
    struct span text = span_of(json_string_value(json_object_get(args, "delivery")));
    int64_t id;

    if (!text_to_integer(text, 1, INT64_MAX, &id))
        return error_set(err, ERROR_INVALID, "DELIVERY must be a number, got \"%.*s\"",
                         SPAN_ARGS(text));
    return json_object_set_new(args, "delivery", json_integer(id)) == 0;
}

const struct command mail_commands[] = {
    { .name = "queue",
      .summary = "count mail by stream and state",
      .options = no_options,
      .request = "queue",
      .print = print_queue },
    { .name = "deliveries",
      .summary = "list mail, the newest first",
      .options = deliveries_options,
      .request = "deliveries",
      .print = print_deliveries },
    { .name = "trace",
      .summary = "show each try of a delivery in the server's own words",
      .options = trace_options,
      .request = "trace",
      .shape = shape_number,
      .print = print_trace },
    { .name = "suppress add",
      .summary = "mail an address, or @ and a domain, no more",
      .details = "Acts at once, on mail that waits as well.",
      .options = suppress_add_options,
      .request = "suppress.add",
      .print = print_suppression },
    { .name = "suppress rm",
      .summary = "end a suppression",
      .options = suppress_rm_options,
      .request = "suppress.rm",
      .print = print_suppression },
    { .name = "suppress list",
      .summary = "list who is not mailed, and why",
      .options = suppress_list_options,
      .request = "suppress.list",
      .print = print_suppressions },
    { 0 },
};
