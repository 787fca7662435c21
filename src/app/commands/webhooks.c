/*
 * `webhook ...`: telling other programs what happened.
 */
#include <sysexits.h>

#include "app/asking.h"
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/config/config.h"
#include "app/show.h"
#include "io/loop.h"
#include "services/hooks/hook_trial.h"

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

static const struct option rotate_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "name", NULL },
    { "keep", OPTION_TEXT, "TIME", "keep",
      "so long the old secret signs as well; 24h unless given" },
    { NULL },
};

static void print_hook(FILE *out, const json_t *answer)
{
    show_fields(
        out, answer,
        "name url state kinds labels made through dropped answered failures failing_since next "
        "problem disabled disabled_because old_secret_until");
}

static void print_made(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "name url kinds labels old_secret_until");
    (void)fprintf(out,
                  "\n%s\n\nThis is the only time the secret is shown: the receiver checks with it\n"
                  "that calls come from here, see postroom-webhook(7).\n",
                  json_string_value(json_object_get(answer, "secret")));
}

static void print_hooks(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "webhooks"),
               "name:NAME state:STATE kinds:KINDS through:THROUGH dropped:DROPPED "
               "answered:ANSWERED url:URL",
               "no webhooks");
    show_next(out, answer);
}

/* ---- webhook test ---- */

struct trial {
    struct loop *loop;
    json_t *result;
    bool taken;
};

static void on_done(void *owner, json_t *result, bool taken)
{
    struct trial *trial = owner;

    trial->taken = taken;
    trial->result = result;
    loop_stop(trial->loop);
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
    hook_trial_start(trial.loop, &call->config->settings, ping, on_done, &trial);
    loop_run(trial.loop);
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
    { .name = "webhook rotate",
      .summary = "give a webhook a new secret",
      .details = "The new secret is shown once. Until the old one ends each call is signed with\n"
                 "both, so the receiver can change over in its own time.",
      .options = rotate_options,
      .request = "webhook.rotate",
      .print = print_made },
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
      .details =
          "Changes are kept for changes.keep: DROPPED, if it is there, is the last one that\n"
          "the webhook was not told of and that is not kept any more.",
      .options = name_options,
      .request = "webhook.enable",
      .print = print_hook },
    { 0 },
};
