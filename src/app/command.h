/*
 * Commands: rows of a table. A row says how the command line becomes the arguments of a request
 * and how its answer is shown; the few that are no request (serve, init, sink, ...) have a `run`.
 */
#ifndef POSTROOM_APP_COMMAND_H
#define POSTROOM_APP_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/compiler.h"
#include "base/error.h"

struct config;

enum option_type {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_TEXTS,       /* may be given several times: an array */
    OPTION_NUMBER,      /* a whole number */
    OPTION_OPERAND,     /* not a --name but a place on the line */
    OPTION_MAY_OPERAND, /* the same, may be left out; only last */
    OPTION_OPERANDS     /* all that is left, at least one: an array; a name of several words says
                         * itself what may be repeated */
};

struct option {
    const char *name; /* "mode" for --mode; "PERSON" for an operand; NULL ends the list */
    enum option_type type;
    const char *value; /* what --help shows for the value: "MODE"; NULL for flags, operands */
    const char *field; /* field of the request's arguments */
    const char *help;  /* a sentence without the dot; NULL: not worth one (operands) */
};

/* One call of a command. */
struct invocation {
    const struct command *command;
    const struct config *config;
    const char *config_file; /* as given; NULL */
    json_t *args;            /* fields by the options' `field` */
    bool json;               /* --json */
    FILE *out;
};

/* Another request for the same line, when one of its flags is given. */
struct command_variant {
    const char *flag; /* the flag's field, which the request is not sent */
    const char *request;
    void (*print)(FILE *out, const json_t *answer);
};

struct command {
    const char *name;    /* "person add"; NULL ends a list */
    const char *summary; /* a few words for the list of commands */
    const char *details; /* paragraphs for --help; NULL: none */
    const struct option *options;
    bool (*check)(const json_t *args, struct error *err); /* NULL, or what of the line the options
                                                           * cannot say: a refusal is of usage */

    /* either: the request asked with the args, its answer shown by `print` (with --json as is);
     * `shape` may turn the args of the line into those of the request */
    const char *request;
    bool (*shape)(json_t *args, struct error *err);
    void (*print)(FILE *out, const json_t *answer);
    const struct command_variant *variant; /* NULL: none */
    const char *beside; /* asked too for --json, if a daemon runs: its fields join the answer's */

    /* or: runs by itself (command_ask takes the way above) and gives the exit code */
    int (*run)(const struct invocation *call);
    bool is_raw;         /* all words behind its name are its own: "words", an array */
    bool without_config; /* run it even where the configuration is broken or missing */
};

/* command_table gives all commands as a list of lists, ended by NULL. */
MUST_USE const struct command *const *command_table(void);

/* command_main finds the command of the line, reads its options and runs it. Gives the exit code
 * (sysexits.h). */
MUST_USE int command_main(int argc, char **argv);

/* command_ask asks the request of the call's command and shows its answer, for a `run` that has
 * nothing else to do. Gives the exit code. */
MUST_USE int command_ask(const struct invocation *call);

/* command_fail prints "postroom NAME: sentence", or the error as JSON under --json, and gives the
 * exit code for it. */
int command_fail(const struct invocation *call, const struct error *err);

#endif
