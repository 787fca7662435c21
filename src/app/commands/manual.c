/*
 * `manual`: the source of the manual pages.
 */
#include <string.h>
#include <sysexits.h>

#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/manual.h"
#include "app/manual_config.h"
#include "app/manual_event.h"
#include "app/manual_figures.h"
#include "app/manual_pages_internal.h"
#include "app/manual_template.h"
#include "base/span.h"
#include "web/api/openapi.h"

#define PAGE_NAMES                                                                                 \
    "postroom, postroom.yaml, postroom-event, postroom-template, postroom-figures, "               \
    "postroom-api, postroom-log, postroom-pages, postroom-sql, postroom-visibility, "              \
    "postroom-webhook and postroom.3"

static void print_openapi(FILE *out)
{
    json_t *document = openapi_json();

    (void)json_dumpf(document, out, JSON_INDENT(2));
    (void)fputc('\n', out);
    json_decref(document);
}

struct page {
    const char *name;
    void (*print)(FILE *out);
};

/* Those that are made of what the program runs on. */
static const struct page pages[] = {
    { "postroom", manual_print_commands },        { "postroom.yaml", manual_print_config },
    { "postroom-event", manual_print_event },     { "postroom-template", manual_print_template },
    { "postroom-figures", manual_print_figures }, { "openapi", print_openapi },
};

/* "postroom-log" and "postroom-log.7" are the same page; postroom.3 goes with its number. */
static bool is_called(struct span file, struct span name)
{
    struct span number = span_rest(file, name.n);

    return span_equal(file, name) ||
           (span_starts(file, name) && number.n == 2 && number.at[0] == '.');
}

static bool print_page(FILE *out, const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(pages); i++)
        if (strcmp(name, pages[i].name) == 0) {
            pages[i].print(out);
            return true;
        }
    for (const struct embedded_file *page = manual_pages; page->name != NULL; page++)
        if (is_called(span_of(page->name), span_of(name))) {
            (void)fwrite(page->bytes, 1, page->n, out);
            return true;
        }
    return false;
}

static int run_manual(const struct invocation *call)
{
    const char *page = json_string_value(json_object_get(call->args, "page"));
    struct error err;

    if (print_page(call->out, page))
        return EX_OK;
    (void)error_set(&err, ERROR_NOT_FOUND, "no page %s: there are " PAGE_NAMES, page);
    return command_fail(call, &err);
}

static const struct option manual_options[] = {
    { "PAGE", OPTION_OPERAND, NULL, "page", NULL },
    { NULL },
};

const struct command manual_commands[] = {
    { .name = "manual",
      .summary = "print the source of a manual page",
      .details = "PAGE is one of " PAGE_NAMES "; the output\n"
                 "is mdoc: `postroom manual PAGE | mandoc -l` or `| man -l -` shows it.\n"
                 "openapi is the description of the HTTP API, in JSON.",
      .options = manual_options,
      .run = run_manual,
      .without_config = true },
    { 0 },
};
