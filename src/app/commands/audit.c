/*
 * `audit`: who changed what.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"

static const struct option audit_options[] = {
    { "by", OPTION_TEXT, "WHO", "by", "only this one's: 'uid 1000', 'token shop'" },
    { "subject", OPTION_TEXT, "WHAT", "subject",
      "only about this: 'person brian', 'topic issue/12'" },
    { "since", OPTION_TEXT, "WHEN", "since", "not before this time, or so long ago" },
    { "after", OPTION_NUMBER, "N", "before", "go on after this row of the page before" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static void print_audit(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "audit"),
               "audit:ROW at:AT by:BY request:REQUEST subject:SUBJECT", "nothing on record");
    show_next(out, answer);
}

const struct command audit_commands[] = {
    { .name = "audit",
      .summary = "list who changed what, the latest first",
      .details =
          "Each change by command, control socket or HTTP is on record with who asked, when,\n"
          "about what, what stood before where that is known, and what was answered: --json\n"
          "shows all of it. Secrets and the words of messages are left out. Events and\n"
          "submissions are records themselves and not repeated here.",
      .options = audit_options,
      .request = "audit",
      .print = print_audit },
    { 0 },
};
