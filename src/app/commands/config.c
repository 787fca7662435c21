/*
 * `config check` and `config explain`.
 */
#include <string.h>
#include <sysexits.h>

#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/config/config.h"
#include "app/config/key.h"
#include "app/config/value.h"
#include "app/letters.h"
#include "app/secret_file.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "io/tls.h"

enum { VALUE_MOST = 10000 };

/* What `serve` would read beside the settings. */
static bool check_files(const struct settings *settings, struct error *err)
{
    const struct tls_client_options tls = { .extra_ca_file = settings->extra_ca_file };
    struct tls_context *context;
    struct secret_keys keys;
    bool fine;

    if (!secret_file_read(settings->secret_file, &keys, err))
        return false;
    fine = letters_check(settings, &keys, err);
    secret_keys_wipe(&keys);
    if (!fine)
        return false;
    context = tls_client_context_new(&tls, err);
    if (context == NULL)
        return error_wrap(err, "smtp.extra_ca_file");
    tls_context_free(context);
    return true;
}

/* What mails lack to be answered by a click. */
static const char *missing_of_buttons(const struct settings *settings)
{
    if (settings->public_url == NULL)
        return "mails have no buttons and no List-Unsubscribe: public_url is not set";
    if (!span_starts_nocase(span_of(settings->public_url), SPAN("https://")))
        return "mail programs cannot unsubscribe with one click: public_url is not https";
    if (settings->http.listen == NULL)
        return "http.listen is not set: the buttons of mails lead to what answers at public_url";
    return NULL;
}

static int run_check(const struct invocation *call)
{
    const struct config *config = call->config;
    const char *missing = missing_of_buttons(&config->settings);
    CLEANUP(buf_fini) struct buf deliver;
    struct error err;

    buf_init(&deliver, VALUE_MOST);
    if (config->file != NULL && !check_files(&config->settings, &err))
        return command_fail(call, &err);
    config_put_value(&deliver, config, key_find(SPAN("deliver")));
    if (call->json) {
        json_t *answer = json_pack("{s:b, s:s}", "ok", 1, "deliver", buf_text(&deliver));

        if (missing != NULL)
            (void)json_object_set_new(answer, "buttons", json_string(missing));
        (void)json_dumpf(answer, call->out, 0);
        (void)fputc('\n', call->out);
        json_decref(answer);
        return EX_OK;
    }
    (void)fprintf(call->out, "%s: all is well\n",
                  config->file != NULL ? config->file : "no configuration file, the defaults hold");
    if (config->settings.deliver != DELIVER_ALL)
        (void)fprintf(call->out, "staging, not everybody gets their mail: deliver: %s\n",
                      buf_text(&deliver));
    if (missing != NULL)
        (void)fprintf(call->out, "%s\n", missing);
    return EX_OK;
}

static json_t *row_json(const struct config *config, const struct key *key, int line,
                        const char *value, const char *range)
{
    json_t *row =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "key", key->name, "type", key_type_name(key->type),
                  "value", value, "allowed", range, "help", key->help);

    if (key->fallback != NULL)
        (void)json_object_set_new(row, "default", json_string(key->fallback));
    if (line > 0)
        (void)json_object_set_new(row, "set_at", json_sprintf("%s:%d", config->file, line));
    return row;
}

static void print_row(FILE *out, const struct config *config, const struct key *key, int line,
                      const char *value, const char *range)
{
    (void)fprintf(out, "%s: %s\n", key->name, value[0] != '\0' ? value : "-");
    if (line > 0)
        (void)fprintf(out, "    set in %s, line %d\n", config->file, line);
    else
        (void)fprintf(out, "    the default\n");
    (void)fprintf(out, "    %s", key_type_name(key->type));
    if (key_has_range(key))
        (void)fprintf(out, ": %s", range);
    (void)fprintf(out, "\n    %s\n", key->help);
}

/* Prints a key, or adds it to the rows of --json. */
static void explain(const struct invocation *call, const struct key *key, int line, json_t *rows)
{
    CLEANUP(buf_fini) struct buf value;
    CLEANUP(buf_fini) struct buf range;

    buf_init(&value, VALUE_MOST);
    buf_init(&range, 300);
    config_put_value(&value, call->config, key);
    value_put_range(&range, key);
    if (call->json)
        (void)json_array_append_new(
            rows, row_json(call->config, key, line, buf_text(&value), buf_text(&range)));
    else
        print_row(call->out, call->config, key, line, buf_text(&value), buf_text(&range));
}

static int run_explain(const struct invocation *call)
{
    const char *wanted = json_string_value(json_object_get(call->args, "key"));
    json_t *rows = json_array();
    size_t count;
    size_t shown = 0;
    const struct key *keys = key_table(&count);

    for (size_t i = 0; i < count; i++) {
        if (wanted != NULL && !span_starts(span_of(keys[i].name), span_of(wanted)))
            continue;
        explain(call, &keys[i], call->config->origins[i].line, rows);
        shown++;
    }
    if (call->json && shown > 0) {
        (void)json_dumpf(rows, call->out, JSON_INDENT(2));
        (void)fputc('\n', call->out);
    }
    json_decref(rows);
    if (shown == 0) {
        struct error err;

        (void)error_set(&err, ERROR_NOT_FOUND, "no key begins with %s: `config explain` lists all",
                        wanted);
        return command_fail(call, &err);
    }
    return EX_OK;
}

static const struct option explain_options[] = {
    { "KEY", OPTION_MAY_OPERAND, NULL, "key", NULL },
    { NULL },
};

const struct command config_commands[] = {
    { .name = "config check",
      .summary = "read the configuration and say what is wrong with it",
      .details =
          "Templates, keys and certificates that the settings name are read as well. Nothing\n"
          "is changed, so it may be asked before a daemon is told to read them (SIGHUP).",
      .run = run_check },
    { .name = "config explain",
      .summary = "show each setting, where it comes from and what it means",
      .details = "KEY limits the list to the keys that begin so: `config explain smtp`.",
      .options = explain_options,
      .run = run_explain },
    { 0 },
};
