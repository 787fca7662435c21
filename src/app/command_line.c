/*
 * Reading options by the command's table. "--name value" and "--name=value" are the same; "--"
 * ends options; "-" alone is an operand.
 */
#include "app/command_line.h"

#include <string.h>

#include "app/command.h"
#include "base/span.h"
#include "base/text.h"

struct reading {
    char **argv;
    int argc;
    int at;
    const struct option *operand; /* the next operand to fill */
    bool options_over;
    struct command_line *line;
};

static size_t words_in(const char *name)
{
    size_t words = 1;

    for (; *name != '\0'; name++)
        words += *name == ' ';
    return words;
}

/* How many of the words at `argv` spell the command's name; 0 when they do not. */
static size_t spelled(const char *name, char **argv, int argc)
{
    struct span rest = span_of(name);
    size_t words = words_in(name);

    if ((size_t)argc < words)
        return 0;
    for (size_t i = 0; i < words; i++)
        if (!span_equal(span_take_until(&rest, ' '), span_of(argv[i])))
            return 0;
    return words;
}

static const struct command *find_command(char **argv, int argc, size_t *ret_words)
{
    const struct command *best = NULL;

    *ret_words = 0;
    for (const struct command *const *list = command_table(); *list != NULL; list++) {
        for (const struct command *c = *list; c->name != NULL; c++) {
            size_t words = spelled(c->name, argv, argc);

            if (words > *ret_words) {
                *ret_words = words;
                best = c;
            }
        }
    }
    return best;
}

static bool is_family(const char *word)
{
    for (const struct command *const *list = command_table(); *list != NULL; list++)
        for (const struct command *c = *list; c->name != NULL; c++)
            if (span_starts(span_of(c->name), span_of(word)) && c->name[strlen(word)] == ' ')
                return true;
    return false;
}

static const struct option *find_option(const struct command *command, struct span name)
{
    for (const struct option *o = command->options; o != NULL && o->name != NULL; o++)
        if (o->type < OPTION_OPERAND && span_equal(name, span_of(o->name)))
            return o;
    return NULL;
}

static const struct option *next_operand(const struct option *o)
{
    while (o != NULL && o->name != NULL && o->type < OPTION_OPERAND)
        o++;
    return o != NULL && o->name != NULL ? o : NULL;
}

static bool append(json_t *args, const char *field, const char *value)
{
    json_t *list = json_object_get(args, field);

    if (list == NULL) {
        list = json_array();
        (void)json_object_set_new(args, field, list);
    }
    return json_array_append_new(list, json_string(value)) == 0;
}

static bool is_given(const struct reading *r, const struct option *o)
{
    for (int i = 1; i < r->at; i++) {
        struct span word = span_of(r->argv[i]);

        if (span_starts(word, SPAN("--")) &&
            span_equal(span_rest(span_first(word, span_index(word, '=')), 2), span_of(o->name)))
            return true;
    }
    return false;
}

/* Two options may fill the same field, as --for and --until do. */
static bool refuse_second(const struct reading *r, const struct option *o, struct error *err)
{
    for (const struct option *other = r->line->command->options; other->name != NULL; other++)
        if (other != o && strcmp(other->field, o->field) == 0 && is_given(r, other))
            return error_set(err, ERROR_INVALID, "--%s and --%s exclude each other", other->name,
                             o->name);
    return error_set(err, ERROR_INVALID, "--%s is given twice", o->name);
}

static bool store(struct reading *r, const struct option *o, const char *value, struct error *err)
{
    json_t *args = r->line->args;
    int64_t number;

    if (value != NULL && !text_is_utf8(span_of(value)))
        return error_set(err, ERROR_INVALID, "%s: not UTF-8", o->name);
    switch (o->type) {
    case OPTION_FLAG:
        return json_object_set_new(args, o->field, json_true()) == 0;
    case OPTION_TEXTS:
    case OPTION_OPERANDS:
        return append(args, o->field, value);
    case OPTION_NUMBER:
        if (!text_to_integer(span_of(value), INT64_MIN, INT64_MAX, &number))
            return error_set(err, ERROR_INVALID, "--%s: must be a whole number, got \"%s\"",
                             o->name, value);
        return json_object_set_new(args, o->field, json_integer(number)) == 0;
    case OPTION_TEXT:
    case OPTION_OPERAND:
    case OPTION_MAY_OPERAND:
        if (json_object_get(args, o->field) != NULL)
            return refuse_second(r, o, err);
        return json_object_set_new(args, o->field, json_string(value)) == 0;
    }
    return error_set(err, ERROR_INTERNAL, "option of no type");
}

/* Takes the value of an option: behind '=' or the next word. */
static bool take_value(struct reading *r, struct span name, bool has_inline, const char **ret_value,
                       struct error *err)
{
    if (has_inline) {
        *ret_value = name.at + name.n + 1;
        return true;
    }
    if (r->at >= r->argc)
        return error_set(err, ERROR_INVALID, "--%.*s needs a value", SPAN_ARGS(name));
    *ret_value = r->argv[r->at++];
    return true;
}

static bool refuse_value(struct span name, struct error *err)
{
    return error_set(err, ERROR_INVALID, "--%.*s takes no value", SPAN_ARGS(name));
}

static bool take_config(struct reading *r, struct span name, bool has_inline, struct error *err)
{
    if (r->line->config_file != NULL)
        return error_set(err, ERROR_INVALID, "--config is given twice");
    return take_value(r, name, has_inline, &r->line->config_file, err);
}

/* The options that every command has. */
static bool take_global(struct reading *r, struct span name, bool has_inline, struct error *err)
{
    if (span_equal(name, SPAN("config")))
        return take_config(r, name, has_inline, err);
    if (span_equal(name, SPAN("json")))
        r->line->json = r->line->json || !has_inline;
    else if (span_equal(name, SPAN("help")))
        r->line->wish = LINE_HELP;
    else if (span_equal(name, SPAN("version")) && r->line->command == NULL)
        r->line->wish = LINE_VERSION;
    else
        return error_set(err, ERROR_INVALID, "unknown option --%.*s", SPAN_ARGS(name));
    return !has_inline || refuse_value(name, err);
}

static bool take_option(struct reading *r, const char *word, struct error *err)
{
    struct span whole = span_rest(span_of(word), 2);
    struct span name = span_first(whole, span_index(whole, '='));
    bool has_inline = name.n < whole.n;
    const struct option *o;
    const char *value = NULL;

    o = r->line->command != NULL ? find_option(r->line->command, name) : NULL;
    if (o == NULL)
        return take_global(r, name, has_inline, err);
    if (o->type == OPTION_FLAG)
        return has_inline ? refuse_value(name, err) : store(r, o, NULL, err);
    return take_value(r, name, has_inline, &value, err) && store(r, o, value, err);
}

static bool take_operand(struct reading *r, const char *word, struct error *err)
{
    if (r->operand == NULL)
        return error_set(err, ERROR_INVALID, "\"%s\" is one word too many", word);
    if (!store(r, r->operand, word, err))
        return false;
    if (r->operand->type != OPTION_OPERANDS)
        r->operand = next_operand(r->operand + 1);
    return true;
}

/* All that is left, as it stands. */
static bool take_raw(struct reading *r, struct error *err)
{
    json_t *words = json_array();

    (void)json_object_set_new(r->line->args, "words", words);
    if (r->at < r->argc && strcmp(r->argv[r->at], "--help") == 0)
        r->line->wish = LINE_HELP;
    for (; r->at < r->argc; r->at++)
        if (json_array_append_new(words, json_string(r->argv[r->at])) != 0)
            return error_set(err, ERROR_INVALID, "a word is no UTF-8");
    return true;
}

static bool take_command(struct reading *r, struct error *err)
{
    size_t words;
    const char *first = r->argv[r->at];

    r->line->command = find_command(r->argv + r->at, r->argc - r->at, &words);
    if (r->line->command == NULL) {
        if (!is_family(first))
            return error_set(err, ERROR_INVALID, "unknown command \"%s\"", first);
        r->line->topic = first;
        if (r->at + 1 < r->argc && strcmp(r->argv[r->at + 1], "--help") != 0)
            return error_set(err, ERROR_INVALID, "unknown command \"%s %s\"", first,
                             r->argv[r->at + 1]);
        r->line->wish = LINE_HELP;
        r->at = r->argc;
        return true;
    }
    r->at += (int)words;
    r->operand = next_operand(r->line->command->options);
    return !r->line->command->is_raw || take_raw(r, err);
}

static bool check_operands(const struct reading *r, struct error *err)
{
    const struct option *o = r->operand;

    if (r->line->wish != LINE_RUN || r->line->command == NULL || o == NULL ||
        o->type == OPTION_MAY_OPERAND)
        return true;
    if (o->type == OPTION_OPERANDS && json_object_get(r->line->args, o->field) != NULL)
        return r->line->command->check == NULL || r->line->command->check(r->line->args, err);
    return error_set(err, ERROR_INVALID, "%s is missing", o->name);
}

/* A word that begins with a dash and is more than one. */
static bool take_dashes(struct reading *r, const char *word, struct error *err)
{
    r->at++;
    if (strcmp(word, "--") == 0)
        r->options_over = true;
    else if (strcmp(word, "-h") == 0)
        r->line->wish = LINE_HELP;
    else if (word[1] == '-')
        return take_option(r, word, err);
    else
        return error_set(err, ERROR_INVALID, "unknown option %s (options have two dashes)", word);
    return true;
}

static bool take_word(struct reading *r, struct error *err)
{
    const char *word = r->argv[r->at];

    if (!r->options_over && word[0] == '-' && word[1] != '\0')
        return take_dashes(r, word, err);
    if (r->line->command == NULL)
        return take_command(r, err);
    r->at++;
    return take_operand(r, word, err);
}

/* `postroom help [WORDS]` is `postroom [WORDS] --help`. */
static void take_help_word(struct reading *r)
{
    if (r->argc < 2 || strcmp(r->argv[1], "help") != 0)
        return;
    r->at = 2;
    r->line->wish = LINE_HELP;
}

/* Behind the word that was wrong, too: the error is to be read by a program then. */
static bool asks_for_json(const struct reading *r)
{
    for (int i = r->at; i < r->argc && strcmp(r->argv[i], "--") != 0; i++)
        if (strcmp(r->argv[i], "--json") == 0)
            return true;
    return false;
}

bool command_line_read(int argc, char **argv, struct command_line *ret_line, struct error *err)
{
    struct reading r = { .argv = argv, .argc = argc, .at = 1, .line = ret_line };
    bool ok = true;

    *ret_line = (struct command_line){ .wish = LINE_RUN, .args = json_object() };
    take_help_word(&r);
    while (ok && r.at < argc)
        ok = take_word(&r, err);
    ok = ok && check_operands(&r, err);
    if (ok && ret_line->wish == LINE_HELP && ret_line->json)
        ret_line->wish = LINE_HELP_JSON;
    if (ok && ret_line->wish == LINE_RUN && ret_line->command == NULL)
        ok = error_set(err, ERROR_INVALID, "which command?");
    if (!ok) {
        ret_line->json = ret_line->json || asks_for_json(&r);
        json_decref(ret_line->args);
        ret_line->args = NULL;
    }
    return ok;
}

void command_line_fini(struct command_line *line)
{
    json_decref(line->args);
    line->args = NULL;
}
