/*
 * `token ...`, `operator ...`: who may use the API, and for what.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"

static const struct option token_add_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "name", NULL },
    { "scopes", OPTION_TEXT, "SCOPE,SCOPE", "scopes",
      "what it may: events:write, people:read, ..." },
    { "operator", OPTION_TEXT, "NAME", "operator", "whose it is: their role bounds it" },
    { "expires", OPTION_TEXT, "WHEN", "expires", "when it ends by itself (default: never)" },
    { NULL },
};

static const struct option token_revoke_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "name", NULL },
    { NULL },
};

static const struct option token_list_options[] = {
    { "all", OPTION_FLAG, NULL, "all", "those that are revoked, too" },
    { "after", OPTION_NUMBER, "N", "after", "go on after the page before" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static const struct option operator_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "name", NULL },
    { "ROLE", OPTION_OPERAND, NULL, "role", NULL },
    { NULL },
};

static const struct option operator_list_options[] = {
    { "after", OPTION_NUMBER, "N", "after", "go on after the page before" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

/* Scopes in one cell. */
static void join_scopes(json_t *row)
{
    const json_t *scopes = json_object_get(row, "scopes");
    json_t *joined = json_string("");
    size_t i;
    const json_t *scope;

    json_array_foreach (scopes, i, scope) {
        json_t *longer = json_sprintf("%s%s%s", json_string_value(joined), i > 0 ? "," : "",
                                      json_string_value(scope));

        json_decref(joined);
        joined = longer;
    }
    (void)json_object_set_new(row, "scopes", joined);
}

static void print_made(FILE *out, const json_t *answer)
{
    json_t *shown = json_deep_copy(answer);

    join_scopes(shown);
    show_fields(out, shown, "name scopes operator expires");
    json_decref(shown);
    (void)fprintf(out,
                  "\n%s\n\nThis is the only time it is shown: send it with each request as\n"
                  "Authorization: Bearer TOKEN\n",
                  json_string_value(json_object_get(answer, "token")));
}

static void print_revoked(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "name revoked");
}

static void print_tokens(FILE *out, const json_t *answer)
{
    const json_t *rows = json_object_get(answer, "tokens");
    json_t *shown = json_deep_copy(rows);
    size_t i;
    json_t *row;

    json_array_foreach (shown, i, row) {
        join_scopes(row);
    }
    show_table(out, shown,
               "name:NAME prefix:BEGINS operator:OPERATOR used:USED expires:EXPIRES "
               "revoked:REVOKED scopes:SCOPES",
               "no tokens");
    json_decref(shown);
    show_next(out, answer);
}

static void print_operator(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "name role made");
}

static void print_operators(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "operators"), "name:NAME role:ROLE made:SINCE",
               "no operators");
    show_next(out, answer);
}

const struct command tokens_commands[] = {
    { .name = "token add",
      .summary = "make a token for the HTTP API",
      .details = "It is shown once: the store keeps a digest alone. Scopes are listed in\n"
                 "postroom-api(7); a scope to write is one to read, too. A token of an operator\n"
                 "has all that their role may when no scopes are named, and never more.",
      .options = token_add_options,
      .request = "token.add",
      .print = print_made },
    { .name = "token revoke",
      .summary = "end a token, at once",
      .options = token_revoke_options,
      .request = "token.revoke",
      .print = print_revoked },
    { .name = "token list",
      .summary = "list tokens, what they may and when they were used",
      .options = token_list_options,
      .request = "token.list",
      .print = print_tokens },
    { .name = "operator add",
      .summary = "make somebody an operator",
      .details = "ROLE is reader (looks), author (events, people, topics, watches, lists,\n"
                 "templates, submissions), approver (approves mailouts, too), operator (grants,\n"
                 "mail, suppressions, sites, too) or administrator (tokens, operators, audit,\n"
                 "too).",
      .options = operator_options,
      .request = "operator.add",
      .print = print_operator },
    { .name = "operator role",
      .summary = "change an operator's role; their tokens follow at once",
      .options = operator_options,
      .request = "operator.role",
      .print = print_operator },
    { .name = "operator list",
      .summary = "list operators and their roles",
      .options = operator_list_options,
      .request = "operator.list",
      .print = print_operators },
    { 0 },
};
