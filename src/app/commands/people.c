/*
 * `person ...` and `grant ...`.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/span.h"

#define PERSON_OPTIONS                                                                             \
    { "address", OPTION_TEXTS, "ADDRESS", "addresses", "mail address, the best one first" },       \
        { "name", OPTION_TEXT, "NAME", "name", "how they are called in mail" },                    \
        { "language", OPTION_TEXTS, "LANGUAGE", "languages",                                       \
          "language such as de, the best first" },                                                 \
        { "timezone", OPTION_TEXT, "ZONE", "timezone", "time zone such as Europe/Berlin" },        \
        { "quiet", OPTION_TEXT, "FROM-TO", "quiet",                                                \
          "hours of their day, such as 22:00-07:00, in which only urgent mail is sent" },          \
        { "auto-watch", OPTION_TEXT, "RULE,RULE", "auto_watch",                                    \
          "which rules may watch topics for them: author, assignee, ...; all or no" },             \
        { "status", OPTION_TEXT, "STATUS", "status", "active, inactive, suspended" },              \
    {                                                                                              \
        "self-notify", OPTION_TEXT, "YES|NO", "self_notify",                                       \
            "whether to tell them of what they did themselves"                                     \
    }

static const struct option add_options[] = {
    { "PERSON", OPTION_OPERAND, NULL, "person", NULL },
    PERSON_OPTIONS,
    { NULL },
};

static const struct option show_options[] = {
    { "PERSON", OPTION_OPERAND, NULL, "person", NULL },
    { NULL },
};

static const struct option merge_options[] = {
    { "FROM", OPTION_OPERAND, NULL, "person", NULL },
    { "INTO", OPTION_OPERAND, NULL, "into", NULL },
    { "dry-run", OPTION_FLAG, NULL, "dry_run", "only count what would go over" },
    { "yes", OPTION_FLAG, NULL, "yes", "do it, for good" },
    { NULL },
};

static const struct option page_options[] = {
    { "after", OPTION_NUMBER, "ID", "after", "go on after this id" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static const struct option grant_options[] = {
    { "PERSON", OPTION_OPERAND, NULL, "person", NULL },
    { "LABEL", OPTION_OPERAND, NULL, "label", NULL },
    { NULL },
};

/* --self-notify takes a word so that set can switch it off again. */
static bool shape_person(json_t *args, struct error *err)
{
    const json_t *word = json_object_get(args, "self_notify");
    struct span text = span_of(json_string_value(word));
    bool yes = span_equal(text, SPAN("yes"));

    if (word == NULL)
        return true;
    if (!yes && !span_equal(text, SPAN("no")))
        return error_set(err, ERROR_INVALID, "--self-notify: must be yes or no");
    return json_object_set_new(args, "self_notify", json_boolean(yes)) == 0;
}

static void print_merge(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "person into addresses watches lists grants notices dry_run");
}

static void print_person(FILE *out, const json_t *answer)
{
    show_fields(
        out, answer,
        "id key name addresses languages timezone quiet status auto_watch self_notify grants "
        "suppressions attributes");
}

static void print_erased(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "person erased addresses watches lists mails cancelled");
}

static void print_people(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "people"),
               "id:ID key:KEY name:NAME addresses:ADDRESSES status:STATUS", "nobody yet");
    show_next(out, answer);
}

static void print_grant(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "person label changed");
}

const struct command people_commands[] = {
    { .name = "person add",
      .summary = "make a person",
      .details = "PERSON is the application's own key for them, or their address.",
      .options = add_options,
      .request = "person.add",
      .shape = shape_person,
      .print = print_person },
    { .name = "person set",
      .summary = "change a person; an empty text clears a field",
      .details =
          "Who is inactive is told nothing. Who is suspended keeps watches and memberships and\n"
          "is told nothing either; what happens meanwhile comes in one mail when they are active\n"
          "again, and in their next digests.",
      .options = add_options,
      .request = "person.set",
      .shape = shape_person,
      .print = print_person },
    { .name = "person show",
      .summary = "show all that is known of a person",
      .options = show_options,
      .request = "person.show",
      .print = print_person },
    { .name = "person merge",
      .summary = "make one person of two",
      .details =
          "Addresses, watches, memberships, grants, what waits and the record of mails go to\n"
          "INTO. Where both watch a topic INTO's watch stays; what either was told of a thread\n"
          "counts as told. Mail to FROM that has not ended is cancelled, and told anew. FROM's\n"
          "key and number lead to INTO from then on. It cannot be undone, so it needs --yes.",
      .options = merge_options,
      .request = "person.merge",
      .print = print_merge },
    { .name = "person erase",
      .summary = "forget who a person is, for good",
      .details =
          "Name, key, addresses, attributes, grants, watches and memberships go, and mail that\n"
          "has not ended is cancelled. The record keeps numbers. Addresses nobody else has are\n"
          "never mailed again: they are kept as keyed hashes, and suppressed if they come back.\n"
          "While a mail to them is being sent it is refused; try again in a minute.",
      .options = show_options,
      .request = "person.erase",
      .print = print_erased },
    { .name = "person list",
      .summary = "list people",
      .options = page_options,
      .request = "person.list",
      .print = print_people },
    { .name = "grant add",
      .summary = "let a person see what carries a label",
      .options = grant_options,
      .request = "grant.add",
      .print = print_grant },
    { .name = "grant rm",
      .summary = "end that a person may see what carries a label",
      .options = grant_options,
      .request = "grant.rm",
      .print = print_grant },
    { 0 },
};
