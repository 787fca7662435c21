/*
 * `domain list`, `domain show`, `domain recheck`, `domain set`: recipient domains.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"

static const struct option list_options[] = {
    { "paused", OPTION_FLAG, NULL, "paused", "only those you paused" },
    { "asleep", OPTION_FLAG, NULL, "asleep", "only those left alone for now, in order of waking" },
    { "after", OPTION_TEXT, "DOMAIN", "after", "go on after this one" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most, up to 200" },
    { NULL },
};

static const struct option domain_options[] = {
    { "DOMAIN", OPTION_OPERAND, NULL, "domain", NULL },
    { NULL },
};

static const struct option set_options[] = {
    { "DOMAIN", OPTION_OPERAND, NULL, "domain", NULL },
    { "pause", OPTION_FLAG, NULL, "pause", "let no mail go there" },
    { "resume", OPTION_FLAG, NULL, "resume", "let mail go there again" },
    { "for", OPTION_TEXT, "D", "until", "paused for so long, such as 2h (default: until resumed)" },
    { "until", OPTION_TEXT, "WHEN", "until", "paused until then" },
    { "reason", OPTION_TEXT, "TEXT", "reason", "words that are kept with it" },
    { NULL },
};

static bool shape_list(json_t *args, struct error *err)
{
    bool paused = json_is_true(json_object_get(args, "paused"));
    bool asleep = json_is_true(json_object_get(args, "asleep"));

    if (paused && asleep)
        return error_set(err, ERROR_INVALID, "--paused and --asleep exclude each other");
    (void)json_object_del(args, "paused");
    (void)json_object_del(args, "asleep");
    if (paused || asleep)
        (void)json_object_set_new(args, "only", json_string(paused ? "paused" : "asleep"));
    return true;
}

static bool shape_set(json_t *args, struct error *err)
{
    bool pauses = json_is_true(json_object_get(args, "pause"));
    bool resumes = json_is_true(json_object_get(args, "resume"));

    if (pauses == resumes)
        return error_set(err, ERROR_INVALID, "say --pause or --resume, one of them");
    (void)json_object_del(args, "pause");
    (void)json_object_del(args, "resume");
    return json_object_set_new(args, "paused", json_boolean(pauses)) == 0;
}

static void print_domains(FILE *out, const json_t *answer)
{
    const char *next = json_string_value(json_object_get(answer, "next"));

    show_table(out, json_object_get(answer, "domains"),
               "domain:DOMAIN waiting:WAITING failures:FAILURES asleep_until:ASLEEP-UNTIL "
               "paused:PAUSED text:WORDS",
               "no domains");
    if (next != NULL)
        (void)fprintf(out, "... more: --after '%s'\n", next);
}

static void print_domain(FILE *out, const json_t *answer)
{
    show_fields(out, answer,
                "domain site waiting_in_all:waiting waiting:by-stream failures asleep_until text "
                "paused paused_since paused_until paused_text:paused-by seen states");
    if (!json_is_true(json_object_get(answer, "known")))
        (void)fprintf(out, "No mail was ever to go there. `postroom route explain` looks at its "
                           "way.\n");
}

static void print_recheck(FILE *out, const json_t *answer)
{
    bool is_paused = json_is_true(json_object_get(answer, "paused"));
    bool waits = json_integer_value(json_object_get(answer, "waiting")) > 0;

    show_fields(out, answer, "domain waiting was_asleep_until");
    (void)fprintf(out, "A daemon that runs looks its hosts up anew%s\n",
                  is_paused ? "; it is paused, so nothing is tried: see `domain set`."
                  : waits   ? " and tries what is due; `queue now` tries a mail before its time."
                            : ". Nothing waits there, so nothing is tried.");
}

static void print_set(FILE *out, const json_t *answer)
{
    const json_t *replaced = json_object_get(answer, "replaced");

    show_fields(out, answer, "domain paused until changed");
    if (replaced == NULL)
        return;
    (void)fprintf(out, "In place of the pause\n");
    show_fields(out, replaced, "since until text:ordered");
}

const struct command domains_commands[] = {
    { .name = "domain list",
      .summary = "list recipient domains that failed or were ordered about",
      .options = list_options,
      .request = "domain.list",
      .shape = shape_list,
      .print = print_domains },
    { .name = "domain show",
      .summary = "show what is known of a recipient domain: its site, what waits, what failed",
      .options = domain_options,
      .request = "domain.show",
      .print = print_domain },
    { .name = "domain recheck",
      .summary = "look up a domain's hosts anew, and try what is due at once",
      .details = "Ends its sleep, and that of the site it goes to. Mail that waits for its own\n"
                 "time goes on waiting: `queue now` is for that.",
      .options = domain_options,
      .request = "domain.recheck",
      .print = print_recheck },
    { .name = "domain set",
      .summary = "pause a recipient domain, or let it go on",
      .details = "Acts at once, on this domain alone: `site pause` is for all that share its\n"
                 "servers. Mail that is being sent ends.",
      .options = set_options,
      .request = "domain.set",
      .shape = shape_set,
      .print = print_set },
    { 0 },
};
