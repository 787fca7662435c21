/*
 * From argv to a running command.
 */
#include "app/command.h"

#include <string.h>
#include <sysexits.h>

#include "app/asking.h"
#include "app/command_line.h"
#include "app/config/config.h"
#include "app/control_protocol.h"
#include "app/help.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"

/* One line, whatever it quotes: a foreign text must not drive the terminal. */
static void print_error(const char *name, const struct error *err)
{
    CLEANUP(buf_fini) struct buf line;

    buf_init(&line, 4 * sizeof(err->text));
    text_put_visible(&line, span_of(err->text));
    (void)fprintf(stderr, "postroom%s%s: %s\n", name[0] != '\0' ? " " : "", name, buf_text(&line));
}

static void print_error_json(FILE *out, const struct error *err)
{
    json_t *answer = control_error_json(err);

    (void)json_dumpf(answer, out, JSON_INDENT(2));
    (void)fputc('\n', out);
    json_decref(answer);
}

static int usage_error(const struct error *err, const struct command_line *line)
{
    const char *name = line->command != NULL ? line->command->name : "";

    if (line->json) {
        print_error_json(stdout, err);
        return EX_USAGE;
    }
    print_error(name, err);
    (void)fprintf(stderr, "Try `postroom %s%s--help`.\n", name, name[0] != '\0' ? " " : "");
    return EX_USAGE;
}

/* The option or operand that fills a field of the request. */
static const struct option *option_of(const struct command *command, struct span field)
{
    for (const struct option *o = command->options; o != NULL && o->name != NULL; o++)
        if (span_equal(span_of(o->field), field))
            return o;
    return NULL;
}

/* "FIELD: sentence" names what a program sends; a person typed an option. */
static struct error error_for_line(const struct command *command, const struct error *err)
{
    struct span text = span_of(err->text);
    struct span field = span_first(text, span_index(text, ':'));
    const struct option *o = field.n < text.n ? option_of(command, field) : NULL;
    struct error told = *err;

    if (o != NULL)
        (void)snprintf(told.text, sizeof told.text, "%s%s%.*s",
                       o->type < OPTION_OPERAND ? "--" : "", o->name,
                       SPAN_ARGS(span_rest(text, field.n)));
    return told;
}

int command_fail(const struct invocation *call, const struct error *err)
{
    struct error told;

    if (call->json) {
        print_error_json(call->out, err);
    } else {
        told = error_for_line(call->command, err);
        print_error(call->command->name, &told);
    }
    return error_exit_code(err->kind);
}

/* The command's own way, or the variant whose flag is given. */
static struct command_variant way_of(const struct invocation *call)
{
    const struct command *command = call->command;
    const struct command_variant *variant = command->variant;

    if (variant != NULL && json_object_get(call->args, variant->flag) != NULL) {
        (void)json_object_del(call->args, variant->flag);
        return *variant;
    }
    return (struct command_variant){ .request = command->request, .print = command->print };
}

/* A daemon that does not answer keeps nobody waiting for what the store alone says. */
static void add_beside(const struct invocation *call, json_t *answer)
{
    enum { PATIENCE_S = 2 };
    json_t *beside = NULL;
    json_t *args = json_object();
    struct error err;

    if (asking_ask(call->config, call->command->beside, args, PATIENCE_S, &beside, &err))
        (void)json_object_update(answer, beside);
    json_decref(beside);
    json_decref(args);
}

int command_ask(const struct invocation *call)
{
    struct command_variant way;
    struct error err;
    json_t *answer = NULL;

    if (call->command->shape != NULL && !call->command->shape(call->args, &err))
        return command_fail(call, &err);
    way = way_of(call);
    if (!asking_ask(call->config, way.request, call->args, 0, &answer, &err))
        return command_fail(call, &err);
    if (call->json && call->command->beside != NULL)
        add_beside(call, answer);
    if (call->json) {
        (void)json_dumpf(answer, call->out, JSON_INDENT(2));
        (void)fputc('\n', call->out);
    } else if (way.print != NULL) {
        way.print(call->out, answer);
    }
    json_decref(answer);
    return EX_OK;
}

static int run(struct invocation *call)
{
    struct config *config = NULL;
    struct error err;
    int code;

    if (!call->command->without_config && !config_load(call->config_file, &config, &err)) {
        (void)command_fail(call, &err);
        return EX_CONFIG;
    }
    call->config = config;
    code = call->command->run != NULL ? call->command->run(call) : command_ask(call);
    config_free(config);
    if (fflush(call->out) != 0 && code == EX_OK)
        code = EX_IOERR;
    return code;
}

int command_main(int argc, char **argv)
{
    struct command_line line;
    struct error err;
    int code;

    if (!command_line_read(argc, argv, &line, &err))
        return usage_error(&err, &line);
    switch (line.wish) {
    case LINE_HELP:
        help_print(stdout, line.command, line.topic);
        code = EX_OK;
        break;
    case LINE_HELP_JSON:
        help_print_json(stdout);
        code = EX_OK;
        break;
    case LINE_VERSION:
        (void)printf("postroom " POSTROOM_VERSION "\n");
        code = EX_OK;
        break;
    case LINE_RUN: {
        struct invocation call = { .command = line.command,
                                   .config_file = line.config_file,
                                   .args = line.args,
                                   .json = line.json,
                                   .out = stdout };

        code = run(&call);
        break;
    }
    default:
        code = EX_SOFTWARE;
    }
    command_line_fini(&line);
    return code;
}
