/*
 * `changes`: what happened, for programs that ask, or that follow.
 */
#include <signal.h>
#include <stdint.h>
#include <sysexits.h>
#include <time.h>

#include "app/asking.h"
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"

enum { LOOK_NS = 300000000 };

static const struct option changes_options[] = {
    { "after", OPTION_NUMBER, "SEQ", "after", "only what happened after this change" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { "follow", OPTION_FLAG, NULL, "follow", "print changes as they come, until it is stopped" },
    { NULL },
};

/* What a change is about, in a word. */
static json_t *find_about(const json_t *change)
{
    static const char *const places[][2] = { { "event", "topic" },
                                             { "delivery", "to" },
                                             { "suppression", "target" },
                                             { "watch", "topic" } };
    json_t *about = NULL;

    for (size_t i = 0; i < ARRAY_LENGTH(places) && about == NULL; i++)
        about = json_object_get(json_object_get(change, places[i][0]), places[i][1]);
    return about;
}

static void print_changes(FILE *out, const json_t *answer)
{
    json_t *rows = json_deep_copy(json_object_get(answer, "changes"));
    size_t i;
    json_t *row;

    json_array_foreach (rows, i, row) {
        (void)json_object_set(row, "about", find_about(row));
    }
    show_table(out, rows, "seq:SEQ at:AT type:TYPE about:ABOUT", "no changes");
    json_decref(rows);
    if (json_array_size(json_object_get(answer, "kept")) == 0)
        (void)fprintf(out, "None are kept: see changes.events in postroom.yaml(5).\n");
}

/* ---- following ---- */

static void print_change(const struct invocation *call, const json_t *change)
{
    const char *about = json_string_value(find_about(change));

    if (call->json) {
        (void)json_dumpf(change, call->out, JSON_COMPACT);
        (void)fputc('\n', call->out);
        return;
    }
    (void)fprintf(call->out, "%lld %s %s %s\n",
                  (long long)json_integer_value(json_object_get(change, "seq")),
                  json_string_value(json_object_get(change, "at")),
                  json_string_value(json_object_get(change, "type")), about != NULL ? about : "-");
}

/* Prints what has come after `after`, which moves on; false when nobody reads any more. */
static bool print_page(const struct invocation *call, const json_t *answer, json_int_t *after)
{
    const json_t *dropped = json_object_get(answer, "dropped");
    size_t i;
    json_t *change;

    if (dropped != NULL)
        (void)fprintf(stderr, "postroom changes: those up to %lld are not kept any more\n",
                      (long long)json_integer_value(dropped));
    json_array_foreach (json_object_get(answer, "changes"), i, change) {
        print_change(call, change);
    }
    *after = json_integer_value(json_object_get(answer, "after"));
    return fflush(call->out) == 0;
}

static bool look(const struct invocation *call, json_int_t after, json_t **ret_answer,
                 struct error *err)
{
    json_t *args = json_pack("{s:I}", "after", after);
    bool ok = asking_ask(call->config, "changes", args, 0, ret_answer, err);

    json_decref(args);
    return ok;
}

/* Without --after it begins with what comes from now on. */
static bool find_start(const struct invocation *call, json_int_t *ret_after, struct error *err)
{
    const json_t *given = json_object_get(call->args, "after");
    json_t *answer;

    *ret_after = json_integer_value(given);
    if (given != NULL)
        return true;
    if (!look(call, INT64_MAX, &answer, err))
        return false;
    *ret_after = json_integer_value(json_object_get(answer, "last"));
    json_decref(answer);
    return true;
}

static bool is_full(const json_t *answer)
{
    return json_array_size(json_object_get(answer, "changes")) > 0;
}

static int follow(const struct invocation *call)
{
    const struct timespec pause = { .tv_nsec = LOOK_NS };
    sigset_t ends;
    json_int_t after;
    json_t *answer;
    struct error err;
    bool goes_on = true;

    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &ends, NULL);
    if (!find_start(call, &after, &err))
        return command_fail(call, &err);
    while (goes_on) {
        const struct timespec none = { 0 };

        if (!look(call, after, &answer, &err))
            return command_fail(call, &err);
        goes_on = print_page(call, answer, &after) &&
                  sigtimedwait(&ends, NULL, is_full(answer) ? &none : &pause) < 0;
        json_decref(answer);
    }
    return EX_OK;
}

static int run_changes(const struct invocation *call)
{
    bool follows = json_object_get(call->args, "follow") != NULL;
    struct error err;

    if (!follows)
        return command_ask(call);
    if (json_object_get(call->args, "limit") == NULL)
        return follow(call);
    (void)error_set(&err, ERROR_INVALID, "--limit: --follow has no end");
    return command_fail(call, &err);
}

const struct command changes_commands[] = {
    { .name = "changes",
      .summary = "list what happened, in order, for programs that ask",
      .details = "Ask again with --after and the last SEQ to go on. With --json each change has\n"
                 "all that a webhook is told.\n"
                 "\n"
                 "With --follow each change is a line, printed when it comes: all after --after\n"
                 "SEQ, or those from now on. With --json the line is the change. SIGINT and\n"
                 "SIGTERM end it.",
      .options = changes_options,
      .request = "changes",
      .print = print_changes,
      .run = run_changes },
    { 0 },
};
