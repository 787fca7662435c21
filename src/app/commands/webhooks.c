/*
 * `webhook ...` and `changes`: telling other programs what happened.
 */
#include <sysexits.h>

#include "app/asking.h"
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/config/config.h"
#include "app/show.h"
#include "base/span.h"
#include "io/loop.h"
#include "net/http_client.h"
#include "services/hooks/hook_outcome.h"
#include "services/hooks/hook_sender.h"

enum { ANSWER_LIMIT = 64 * 1024, FIELDS_MOST = 8 };

static const struct option add_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "name", NULL },
    { "URL", OPTION_OPERAND, NULL, "url", NULL },
    { "kinds", OPTION_TEXT, "KIND,KIND", "kinds",
      "what it gets whole: event, delivery, suppression, watch" },
    { "label", OPTION_TEXTS, "LABEL", "labels", "it may see what carries this label" },
    { NULL },
};

static const struct option name_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "name", NULL },
    { NULL },
};

static const struct option page_options[] = {
    { "after", OPTION_NUMBER, "N", "after", "go on after the page before" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static const struct option replay_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "name", NULL },
    { "after", OPTION_NUMBER, "SEQ", "after", "all that happened after this change" },
    { "since", OPTION_TEXT, "WHEN", "since", "all that happened since then" },
    { NULL },
};

static const struct option changes_options[] = {
    { "after", OPTION_NUMBER, "SEQ", "after", "only what happened after this change" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static void print_hook(FILE *out, const json_t *answer)
{
    show_fields(out, answer,
                "name url state kinds labels made through answered failures failing_since next "
                "problem disabled disabled_because");
}

static void print_made(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "name url kinds labels");
    (void)fprintf(out,
                  "\n%s\n\nThis is the only time the secret is shown: the receiver checks with it\n"
                  "that calls come from here, see postroom-webhook(7).\n",
                  json_string_value(json_object_get(answer, "secret")));
}

static void print_hooks(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "webhooks"),
               "name:NAME state:STATE kinds:KINDS through:THROUGH answered:ANSWERED url:URL",
               "no webhooks");
    show_next(out, answer);
}

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

/* ---- webhook test ---- */

struct trial {
    struct loop *loop;
    json_t *result;
    bool taken;
};

static void on_done(void *owner, const struct http_answer *answer)
{
    struct trial *trial = owner;
    struct hook_outcome outcome = hook_outcome_of(answer);

    trial->taken = outcome.taken;
    trial->result = json_object();
    if (answer->status != 0)
        (void)json_object_set_new(trial->result, "status", json_integer(answer->status));
    if (!outcome.taken)
        (void)json_object_set_new(trial->result, "problem", json_string(outcome.problem));
    loop_stop(trial->loop);
}

static void send_ping(const struct settings *settings, const json_t *ping, struct trial *trial)
{
    const struct http_client_options options = {
        .loop = trial->loop,
        .internal_allowed = hook_client_internal(settings),
        .extra_ca_file = settings->extra_ca_file,
        .connections = 1,
        .host_connections = 1,
    };
    struct http_client *client = http_client_new(&options);
    const char *fields[FIELDS_MOST + 1] = { NULL };
    struct http_call call = { .method = "POST",
                              .url = json_string_value(json_object_get(ping, "url")),
                              .fields = fields,
                              .body = span_of(json_string_value(json_object_get(ping, "body"))),
                              .timeout_ms = settings->webhooks.timeout,
                              .answer_limit = ANSWER_LIMIT,
                              .done = on_done,
                              .owner = trial };
    size_t i;
    json_t *field;

    json_array_foreach (json_object_get(ping, "fields"), i, field) {
        if (i < FIELDS_MOST)
            fields[i] = json_string_value(field);
    }
    http_client_call(client, &call);
    loop_run(trial->loop);
    http_client_free(client);
}

static void show_trial(const struct invocation *call, const struct trial *trial)
{
    if (call->json)
        (void)json_dumpf(trial->result, call->out, JSON_INDENT(2));
    else
        show_fields(call->out, trial->result, "status problem");
    if (call->json)
        (void)fputc('\n', call->out);
}

static int run_test(const struct invocation *call)
{
    struct trial trial = { .taken = false };
    json_t *ping;
    struct error err;

    if (!asking_ask(call->config, "webhook.test", call->args, 0, &ping, &err))
        return command_fail(call, &err);
    trial.loop = loop_new("test");
    send_ping(&call->config->settings, ping, &trial);
    loop_free(trial.loop);
    show_trial(call, &trial);
    json_decref(trial.result);
    json_decref(ping);
    return trial.taken ? EX_OK : EX_TEMPFAIL;
}

const struct command webhooks_commands[] = {
    { .name = "webhook add",
      .summary = "tell a program of changes by HTTP",
      .details = "It is told of events as it watches (`watch hook:NAME TOPIC`), and of the kinds\n"
                 "named by --kinds in whole. What carries a label is told only to those webhooks\n"
                 "that have it granted by --label. The secret is shown once.",
      .options = add_options,
      .shape = shape_kinds,
      .request = "webhook.add",
      .print = print_made },
    { .name = "webhook list",
      .summary = "list webhooks and how they do",
      .options = page_options,
      .request = "webhook.list",
      .print = print_hooks },
    { .name = "webhook show",
      .summary = "show a webhook, what it gets and how it does",
      .options = name_options,
      .request = "webhook.show",
      .print = print_hook },
    { .name = "webhook rm",
      .summary = "remove a webhook and its watches",
      .options = name_options,
      .request = "webhook.rm",
      .print = print_hook },
    { .name = "webhook test",
      .summary = "send a webhook a ping and show the answer",
      .options = name_options,
      .run = run_test },
    { .name = "webhook replay",
      .summary = "tell a webhook again of what happened",
      .details = "Each change has the id it had before, so the receiver can tell which ones it\n"
                 "knows. Changes are kept for changes.keep.",
      .options = replay_options,
      .request = "webhook.replay",
      .print = print_hook },
    { .name = "webhook disable",
      .summary = "stop telling a webhook for now",
      .options = name_options,
      .request = "webhook.disable",
      .print = print_hook },
    { .name = "webhook enable",
      .summary = "let a webhook go on where it stood",
      .options = name_options,
      .request = "webhook.enable",
      .print = print_hook },
    { .name = "changes",
      .summary = "list what happened, in order, for programs that ask",
      .details = "Ask again with --after and the last SEQ to go on. With --json each change has\n"
                 "all that a webhook is told.",
      .options = changes_options,
      .request = "changes",
      .print = print_changes },
    { 0 },
};
