/*
 * `site list`, `site show`, `site pause`, `site resume`, `site limit`: the servers behind recipient
 * domains, what holds for them, and by whose word.
 */
#include <string.h>

#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/span.h"
#include "base/text.h"

#define SITE_NAMES                                                                                 \
    "SITE is a name that `site list` shows, one of its MX hosts, or a recipient domain\n"          \
    "it serves."

static const struct option list_options[] = {
    { "paused", OPTION_FLAG, NULL, "paused", "only those of which you paused something" },
    { "blocked", OPTION_FLAG, NULL, "blocked", "only those that take nothing of a stream" },
    { "after", OPTION_TEXT, "SITE", "after", "go on after this one" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most, up to 100" },
    { NULL },
};

static const struct option show_options[] = {
    { "SITE|DOMAIN", OPTION_OPERAND, NULL, "site", NULL },
    { "after", OPTION_TEXT, "DOMAIN", "after", "go on with the domains after this one" },
    { NULL },
};

static const struct option pause_options[] = {
    { "SITE", OPTION_OPERAND, NULL, "site", NULL },
    { "stream", OPTION_TEXT, "STREAM", "stream", "only mail of this one, such as notices" },
    { "for", OPTION_TEXT, "D", "until", "for so long, such as 2h (default: until resumed)" },
    { "until", OPTION_TEXT, "WHEN", "until", "until then" },
    { "reason", OPTION_TEXT, "TEXT", "reason", "words that are kept with it" },
    { NULL },
};

static const struct option resume_options[] = {
    { "SITE", OPTION_OPERAND, NULL, "site", NULL },
    { "stream", OPTION_TEXT, "STREAM", "stream", "only mail of this one" },
    { NULL },
};

static const struct option limit_options[] = {
    { "SITE", OPTION_OPERAND, NULL, "site", NULL },
    { "KIND=VALUE", OPTION_OPERANDS, NULL, "limits", NULL },
    { "for", OPTION_TEXT, "D", "until", "for so long, such as 2h (default: for good)" },
    { "until", OPTION_TEXT, "WHEN", "until", "until then" },
    { "reason", OPTION_TEXT, "TEXT", "reason", "words that are kept with it" },
    { NULL },
};

static bool shape_list(json_t *args, struct error *err)
{
    bool paused = json_is_true(json_object_get(args, "paused"));
    bool blocked = json_is_true(json_object_get(args, "blocked"));

    if (paused && blocked)
        return error_set(err, ERROR_INVALID, "--paused and --blocked exclude each other");
    (void)json_object_del(args, "paused");
    (void)json_object_del(args, "blocked");
    if (paused || blocked)
        (void)json_object_set_new(args, "only", json_string(paused ? "paused" : "blocked"));
    return true;
}

/* "mails=60", "idle_time=30s", "connections=default" */
static bool put_limit(json_t *limits, struct span text, struct error *err)
{
    struct span value = text;
    struct span kind = span_take_until(&value, '=');
    char name[60];
    int64_t number;
    json_t *json;

    if (kind.n == text.n || kind.n == 0 || value.n == 0)
        return error_set(err, ERROR_INVALID, "\"%.*s\" must be KIND=VALUE, such as mails=60",
                         SPAN_ARGS(text));
    span_copy(kind, name, sizeof name);
    if (json_object_get(limits, name) != NULL)
        return error_set(err, ERROR_INVALID, "%s is given twice", name);
    if (span_equal(value, SPAN("default")))
        json = json_null();
    else if (text_to_integer(value, 0, INT64_MAX, &number))
        json = json_integer(number);
    else
        json = json_stringn(value.at, value.n);
    return json_object_set_new(limits, name, json) == 0 ||
           error_set(err, ERROR_INVALID, "\"%.*s\" is no text", SPAN_ARGS(text));
}

static bool shape_limit(json_t *args, struct error *err)
{
    json_t *limits = json_object();
    json_t *text;
    size_t i;

    json_array_foreach (json_object_get(args, "limits"), i, text) {
        if (!put_limit(limits, span_of(json_string_value(text)), err)) {
            json_decref(limits);
            return false;
        }
    }
    return json_object_set_new(args, "limits", limits) == 0;
}

static void print_sites(FILE *out, const json_t *answer)
{
    const char *next = json_string_value(json_object_get(answer, "next"));

    show_table(out, json_object_get(answer, "sites"),
               "waiting:WAITING paused:PAUSED paused_streams:PAUSED-STREAMS "
               "blocked_streams:BLOCKED-STREAMS site:SITE",
               "no sites");
    if (next != NULL)
        (void)fprintf(out, "... more: --after '%s'\n", next);
}

static void print_part(FILE *out, const json_t *answer, const char *field, const char *columns)
{
    const json_t *rows = json_object_get(answer, field);

    if (json_array_size(rows) == 0)
        return;
    (void)fputc('\n', out);
    show_table(out, rows, columns, "");
}

static void print_site(FILE *out, const json_t *answer)
{
    const char *next = json_string_value(json_object_get(answer, "next"));

    show_fields(out, answer, "site provider waiting_in_all:waiting waiting:by-stream paused");
    print_part(out, answer, "stops", "stream:STOPPED by:BY since:SINCE until:UNTIL text:WORDS");
    print_part(out, answer, "limits",
               "limit:LIMIT value:VALUE by:BY holds:HOLDS since:SINCE until:UNTIL text:WORDS");
    print_part(out, answer, "host_troubles",
               "ip:HOST trouble:TROUBLE since:SINCE until:UNTIL text:WORDS");
    print_part(out, answer, "domains",
               "domain:DOMAIN waiting:WAITING failures:FAILURES asleep_until:ASLEEP-UNTIL "
               "text:WORDS");
    if (next != NULL)
        (void)fprintf(out, "... more domains: --after '%s'\n", next);
}

/* A name that several sites have a host of meant the one that is called so. */
static void print_others(FILE *out, const json_t *answer)
{
    if (json_object_get(answer, "others_with_host") == NULL)
        return;
    (void)fprintf(out, "Other sites have a host of that name; they are left as they are:\n");
    show_fields(out, answer, "others_with_host:sites");
}

static void print_pause(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "site stream until changed");
    print_others(out, answer);
    (void)fprintf(out, "What is under way ends; nothing new goes there. `site resume` ends it.\n");
}

static void print_resume(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "site stream changed");
    print_others(out, answer);
}

static void print_limits(FILE *out, const json_t *answer)
{
    const char *kind;
    json_t *value;

    show_fields(out, answer, "site until");
    print_others(out, answer);
    json_object_foreach (json_object_get(answer, "limits"), kind, value) {
        if (json_is_null(value))
            (void)fprintf(out, "%s  as without you\n", kind);
        else if (json_is_string(value))
            (void)fprintf(out, "%s  %s\n", kind, json_string_value(value));
        else
            (void)fprintf(out, "%s  %lld\n", kind, (long long)json_integer_value(value));
    }
}

const struct command sites_commands[] = {
    { .name = "site list",
      .summary = "list the sites mail goes to",
      .details = "A site is the servers behind one or many recipient domains: those with the same\n"
                 "MX hosts are one.",
      .options = list_options,
      .request = "site.list",
      .shape = shape_list,
      .print = print_sites },
    { .name = "site show",
      .summary = "show a site: its limits and by whose word, what is stopped, what waits",
      .details = SITE_NAMES "\n"
                            "Of each limit the first line holds.",
      .options = show_options,
      .request = "site.show",
      .print = print_site },
    { .name = "site pause",
      .summary = "let no mail go to a site until it is resumed",
      .details = SITE_NAMES "\n"
                            "Acts at once; mail that is being sent ends. `site resume` undoes it.",
      .options = pause_options,
      .request = "site.pause",
      .print = print_pause },
    { .name = "site resume",
      .summary = "let mail go to a site again",
      .details = SITE_NAMES "\n"
                            "Ends what you paused, and what the site itself refused for a while.",
      .options = resume_options,
      .request = "site.resume",
      .print = print_resume },
    { .name = "site limit",
      .summary = "set how much a site is asked at most",
      .details =
          SITE_NAMES "\n"
                     "Kinds: connections (at a time), new_connections (a minute), mails (a\n"
                     "minute), connection_mails (over one connection), connection_time,\n"
                     "idle_time (durations). Your word goes before what the servers say, what\n"
                     "was learned and what is shipped. KIND=default takes it back. Acts at\n"
                     "once.",
      .options = limit_options,
      .request = "site.limit",
      .shape = shape_limit,
      .print = print_limits },
    { 0 },
};
