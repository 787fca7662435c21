/*
 * `suppress ...`: who gets no mail.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"

static const struct option suppress_add_options[] = {
    { "TARGET", OPTION_OPERAND, NULL, "target", NULL },
    { "scope", OPTION_TEXT, "TOPIC", "scope", "only mail about it; '*/*': about any topic" },
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
    { "after-scope", OPTION_TEXT, "TOPIC", "after_scope", "and its scope" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static void print_count(FILE *out, const json_t *answer, const char *field, const char *words)
{
    json_int_t n = json_integer_value(json_object_get(answer, field));

    if (n > 0)
        (void)fprintf(out, "%lld %s\n", (long long)n, words);
}

static void print_suppressed(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "target scope reason origin at until");
    if (json_is_true(json_object_get(answer, "kept")))
        (void)fprintf(out, "This earlier reason is stronger than the new one, and stays.\n");
    print_count(out, answer, "ended_deliveries", "mail(s) to it end here, suppressed.");
    print_count(out, answer, "in_doubt", "of them may have arrived; none is sent again.");
    print_count(out, answer, "sending", "being sent right now cannot be stopped.");
    print_count(out, answer, "waiting", "wait; those to this domain end when their turn comes.");
}

static void print_removed(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "target scope reason origin at until");
    (void)fprintf(out, "Mail may go there again.\n");
}

static void print_suppressions(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "suppressions"),
               "target:TARGET scope:SCOPE reason:REASON origin:ORIGIN at:SINCE until:UNTIL",
               "nobody");
    if (json_object_get(answer, "next") != NULL)
        (void)fprintf(out, "... more: --after '%s' --after-scope '%s'\n",
                      json_string_value(json_object_get(answer, "next")),
                      json_string_value(json_object_get(answer, "next_scope")));
}

const struct command suppress_commands[] = {
    { .name = "suppress add",
      .summary = "mail an address, or @ and a domain, no more",
      .details = "Acts at once, on mail that waits as well. Of several reasons for one address\n"
                 "the strongest stands: what the recipient asked for (unsubscribed, complaint,\n"
                 "objection), then any word of yours, then what was found out (unknown user,\n"
                 "bounced).",
      .options = suppress_add_options,
      .request = "suppress.add",
      .print = print_suppressed },
    { .name = "suppress rm",
      .summary = "end a suppression",
      .details = "Shows what stood, so that it can be put back. Mail that ended by it stays\n"
                 "ended; what it was to tell begins the next mail of its thread.",
      .options = suppress_rm_options,
      .request = "suppress.rm",
      .print = print_removed },
    { .name = "suppress list",
      .summary = "list who is not mailed, and why",
      .options = suppress_list_options,
      .request = "suppress.list",
      .print = print_suppressions },
    { 0 },
};
