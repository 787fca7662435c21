/*
 * --help and `help --json`.
 */
#include "app/help.h"

#include <jansson.h>
#include <string.h>

#include "app/command.h"
#include "app/config/key.h"
#include "app/requests.h"
#include "app/show_cell.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/span.h"

enum { OPTION_COLUMN = 28, COMMAND_COLUMN = 23, LINE = 79 };

static void print_synopsis(FILE *out, const struct command *c)
{
    bool has_options = false;

    (void)fprintf(out, "postroom %s", c->name);
    for (const struct option *o = c->options; o != NULL && o->name != NULL; o++) {
        has_options = has_options || o->type < OPTION_OPERAND;
        if (o->type == OPTION_OPERAND)
            (void)fprintf(out, " %s", o->name);
        else if (o->type == OPTION_MAY_OPERAND)
            (void)fprintf(out, " [%s]", o->name);
        else if (o->type == OPTION_OPERANDS)
            (void)fprintf(out, strchr(o->name, ' ') != NULL ? " %s" : " %s...", o->name);
    }
    (void)fprintf(out, "%s\n", has_options ? " [OPTIONS]" : "");
}

/* Lines of a text; `used` characters of the first one are there already. */
static void print_in_column(FILE *out, int column, int used, struct span text)
{
    do {
        struct span line = cell_take_line(&text, (size_t)(LINE - column));

        (void)fprintf(out, "%*s%.*s\n", column - used, "", SPAN_ARGS(line));
        used = 0;
    } while (text.n > 0);
}

static void print_option(FILE *out, const struct option *o)
{
    int used = fprintf(out, "  --%s%s%s", o->name, o->value != NULL ? " " : "",
                       o->value != NULL ? o->value : "");
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 1000);
    buf_printf(&text, "%s%s", o->help, o->type == OPTION_TEXTS ? " (may be repeated)" : "");
    if (used >= OPTION_COLUMN)
        used = fprintf(out, "\n") - 1;
    print_in_column(out, OPTION_COLUMN, used, buf_view(&text));
}

/* Paragraphs are divided by empty lines; one that is indented stays as it is. */
static void print_details(FILE *out, struct span details)
{
    while (details.n > 0) {
        size_t end = span_find(details, SPAN("\n\n"));
        struct span paragraph = span_first(details, end);
        CLEANUP(buf_fini) struct buf text;

        details = span_rest(details, end + 2);
        buf_init(&text, 10000);
        buf_put(&text, paragraph);
        for (size_t i = 0; i < text.n && !span_starts(paragraph, SPAN("  ")); i++)
            if (text.at[i] == '\n')
                text.at[i] = ' ';
        (void)fputc('\n', out);
        if (span_starts(paragraph, SPAN("  ")))
            (void)fprintf(out, "%s\n", buf_text(&text));
        else
            print_in_column(out, 0, 0, buf_view(&text));
    }
}

static void print_command(FILE *out, const struct command *c)
{
    (void)fprintf(out, "usage: ");
    print_synopsis(out, c);
    (void)fprintf(out, "\n%s.\n", c->summary);
    if (c->details != NULL)
        print_details(out, span_of(c->details));
    (void)fprintf(out, "\noptions:\n");
    for (const struct option *o = c->options; o != NULL && o->name != NULL; o++)
        if (o->type < OPTION_OPERAND)
            print_option(out, o);
    (void)fprintf(out, "  --json                    answer in JSON\n"
                       "  --config FILE             settings (default ./postroom.yaml)\n"
                       "  --help                    this text\n");
}

static void print_list(FILE *out, const char *topic)
{
    for (const struct command *const *list = command_table(); *list != NULL; list++) {
        for (const struct command *c = *list; c->name != NULL; c++) {
            if (topic != NULL && !(span_starts(span_of(c->name), span_of(topic)) &&
                                   (c->name[strlen(topic)] == ' ' || c->name[strlen(topic)] == 0)))
                continue;
            print_in_column(out, COMMAND_COLUMN, fprintf(out, "  %s", c->name),
                            span_of(c->summary));
        }
    }
}

void help_print(FILE *out, const struct command *command, const char *topic)
{
    if (command != NULL) {
        print_command(out, command);
        return;
    }
    (void)fprintf(out, "usage: postroom [--config FILE] [--json] COMMAND ...\n\n"
                       "postroom gets mail to everybody who should hear, and knows for each\n"
                       "person what became of it.\n\n"
                       "commands:\n");
    print_list(out, topic);
    (void)fprintf(out, "\n`postroom COMMAND --help` tells more; so do postroom(1) and "
                       "postroom.yaml(5).\n");
}

static json_t *options_json(const struct command *c)
{
    json_t *options = json_array();

    for (const struct option *o = c->options; o != NULL && o->name != NULL; o++)
        if (o->type < OPTION_OPERAND)
            (void)json_array_append_new(options, json_string(o->name));
    return options;
}

/* A command without a request is none of the store's: whether it reads is not said. */
static json_t *command_json(const struct command *c)
{
    json_t *object = json_pack("{s:s, s:s, s:o}", "name", c->name, "summary", c->summary, "options",
                               options_json(c));

    if (c->request != NULL)
        (void)json_object_set_new(object, "reads", json_boolean(requests_find(c->request)->reads));
    return object;
}

void help_print_json(FILE *out)
{
    json_t *commands = json_array();
    json_t *keys = json_array();
    json_t *all;
    size_t count;
    const struct key *table = key_table(&count);

    for (const struct command *const *list = command_table(); *list != NULL; list++)
        for (const struct command *c = *list; c->name != NULL; c++)
            (void)json_array_append_new(commands, command_json(c));
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(keys, json_string(table[i].name));
    all = json_pack("{s:s, s:o, s:o}", "version", POSTROOM_VERSION, "commands", commands, "keys",
                    keys);
    (void)json_dumpf(all, out, JSON_INDENT(1));
    (void)fputc('\n', out);
    json_decref(all);
}
