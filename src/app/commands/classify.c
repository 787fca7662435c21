/*
 * `classify --replies`: what mail servers' replies mean, as the engine reads them. JSON strings on
 * standard input, one a line; a verdict a line out.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "protocol/smtp/result.h"
#include "services/delivery/outcome_policy.h"

static void free_line(char **line)
{
    free(*line); /* NOLINT(check-calls): getline's own memory */
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Cuts "550 " or "550-" off a line. */
static bool take_code(struct span *line, int *ret_code)
{
    if (line->n < 3 || !is_digit(line->at[0]) || !is_digit(line->at[1]) || !is_digit(line->at[2]))
        return false;
    if (line->n > 3 && line->at[3] != ' ' && line->at[3] != '-')
        return false;
    *ret_code = (line->at[0] - '0') * 100 + (line->at[1] - '0') * 10 + (line->at[2] - '0');
    *line = span_trim(span_rest(*line, 4));
    return true;
}

/* Replies come from logs and status reports as well as from the wire: "smtp; 550 ...", lines
 * joined without their codes, an enhanced code alone. So this is more lenient than the engine,
 * whose parser sees the wire itself. */
static bool read_reply(struct span text, struct smtp_reply *ret_reply, struct error *err)
{
    CLEANUP(buf_fini) struct buf words;
    struct smtp_status status = { 0, 0, 0 };
    struct smtp_status again;
    int code = 0;
    int later;

    buf_init(&words, text.n + 1);
    text = span_trim(text);
    if (span_starts_nocase(text, SPAN("smtp;")))
        text = span_trim(span_rest(text, 5));
    for (bool is_first = true; text.n > 0; is_first = false) {
        struct span line = span_trim(span_take_until(&text, '\n'));

        if (is_first && !take_code(&line, &code))
            code = 0;
        if (is_first && smtp_status_take(&line, &status) && code == 0)
            code = status.class * 100 + 50;
        if (!is_first && take_code(&line, &later) && later != code)
            return error_set(err, ERROR_INVALID, "one reply has the codes %d and %d", code, later);
        if (!is_first)
            (void)!smtp_status_take(&line, &again);
        if (buf_view(&words).n > 0)
            buf_put(&words, SPAN("\n"));
        buf_put(&words, line);
    }
    if (code < 200 || code > 599)
        return error_set(err, ERROR_INVALID,
                         "a reply begins with its code, 200 to 599: \"550 5.1.1 no such user\"");
    *ret_reply = smtp_reply_make(code, status, buf_view(&words));
    return true;
}

static bool read_line(struct span line, struct smtp_reply *ret_reply, struct error *err)
{
    json_error_t where;
    json_t *value = json_loadb(line.at, line.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &where);
    bool ok;

    if (!json_is_string(value))
        ok = error_set(err, ERROR_INVALID, "this is no JSON string");
    else
        ok = read_reply((struct span){ json_string_value(value), json_string_length(value) },
                        ret_reply, err);
    json_decref(value);
    return ok;
}

static void print_object(FILE *out, const struct reply_meaning *meaning)
{
    const struct outcome *outcome = &meaning->outcome;
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:i, s:s, s:s}", "verdict", refusal_verdict_name(meaning->verdict), "kind",
        refusal_kind_name(outcome->kind), "scope", outcome_scope_name(outcome->scope), "code",
        outcome->code, "status", outcome->status, "why", meaning->why);

    (void)json_dumpf(object, out, JSON_COMPACT);
    (void)fputc('\n', out);
    json_decref(object);
}

static void print_meaning(const struct invocation *call, const struct smtp_reply *reply)
{
    const struct reply_meaning meaning = outcome_of_reply(reply);

    if (call->json)
        print_object(call->out, &meaning);
    else
        (void)fprintf(call->out, "%s\n", refusal_verdict_name(meaning.verdict));
}

static bool classify_line(const struct invocation *call, struct span line, unsigned long number)
{
    struct smtp_reply reply;
    struct error err;

    if (read_line(line, &reply, &err)) {
        print_meaning(call, &reply);
        return true;
    }
    (void)error_wrap(&err, "line %lu", number);
    (void)fprintf(stderr, "postroom classify: %s\n", err.text);
    (void)fprintf(call->out, call->json ? "null\n" : "bad\n");
    return false;
}

static int run_classify(const struct invocation *call)
{
    CLEANUP(free_line) char *line = NULL;
    size_t room = 0;
    unsigned long number = 0;
    bool ok = true;
    ssize_t n;
    struct error err;

    if (json_object_get(call->args, "replies") == NULL) {
        (void)error_set(&err, ERROR_INVALID, "say --replies: replies are all it classifies yet");
        return command_fail(call, &err);
    }
    while ((n = getline(&line, &room, stdin)) >= 0)
        ok = classify_line(call, span_trim((struct span){ line, (size_t)n }), ++number) && ok;
    if (ferror(stdin))
        return EX_IOERR;
    return ok ? EX_OK : EX_DATAERR;
}

static const struct option classify_options[] = {
    { "replies", OPTION_FLAG, NULL, "replies", "read replies of mail servers" },
    { 0 },
};

const struct command classify_commands[] = {
    { .name = "classify",
      .summary = "say what replies of mail servers mean",
      .details =
          "With --replies, reads JSON strings from standard input, one a line: a reply as it "
          "came,\n"
          "its code and all its lines. Writes a verdict a line:\n"
          "\n"
          "  hard   the address takes no mail: suppress it\n"
          "  soft   try again: the address is good, or nothing is said against it\n"
          "  block  our content, reputation or their policy: nothing against the address\n"
          "  ok     taken\n"
          "\n"
          "With --json, an object a line: verdict; kind, what the reply is about; scope, what it\n"
          "concerns; code; status; and why, the words or the code that decided. The reply is read\n"
          "as one to a mail with a single recipient. For a line that is no reply it writes `bad`\n"
          "(null with --json), names it on standard error, and ends with code 65.",
      .options = classify_options,
      .run = run_classify,
      .without_config = true },
    { 0 },
};
