/*
 * `template ...`: how mail is written.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "app/standard_input.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/span.h"
#include "base/text.h"
#include "services/compose/template_scan.h"

#define LANGUAGE "lang", OPTION_TEXT, "LANGUAGE", "language", "in this language (default: en)"
#define PART                                                                                       \
    "part", OPTION_TEXT, "PART", "part",                                                           \
        "subject, text (default), html, partial.txt or partial.html"

static const struct option list_options[] = {
    { "for", OPTION_TEXT, "KIND", "for",
      "those that mail about this kind of event or topic is made with, the first that fits" },
    { NULL },
};

static const struct option show_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "name", NULL },
    { LANGUAGE },
    { "revision", OPTION_NUMBER, "N", "revision", "as it was in this revision" },
    { "source", OPTION_FLAG, NULL, "source", "the parts themselves" },
    { NULL },
};

static const struct option set_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "name", NULL },
    { "FILE", OPTION_OPERAND, NULL, "source", NULL },
    { LANGUAGE },
    { PART },
    { NULL },
};

static const struct option preview_options[] = {
    { "NAME", OPTION_MAY_OPERAND, NULL, "name", NULL },
    { "kind", OPTION_TEXT, "KIND", "kind", "the one that mail about this kind gets" },
    { "event", OPTION_NUMBER, "ID", "event", "the mail about this event, for a person" },
    { "person", OPTION_TEXT, "PERSON", "person", "whom it is for" },
    { "lang", OPTION_TEXT, "LANGUAGE", "language", "in this language (default: the person's)" },
    { "part", OPTION_TEXT, "PART", "part", "plain (default), html, headers or raw" },
    { NULL },
};

static const struct option reset_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "name", NULL },
    { LANGUAGE },
    { "part", OPTION_TEXT, "PART", "part", "only this part (default: all of them)" },
    { NULL },
};

static bool shape_source(json_t *args, struct error *err)
{
    CLEANUP(buf_fini) struct buf source;
    const char *path = json_string_value(json_object_get(args, "source"));

    buf_init(&source, TEMPLATE_SOURCE_MOST + (size_t)65536);
    if (!standard_input_or_file_read(path, &source, err))
        return false;
    if (!text_is_utf8(buf_view(&source)))
        return error_set(err, ERROR_INVALID, "%s is not UTF-8", path);
    return json_object_set_new(args, "source", json_stringn(buf_text(&source), source.n)) == 0;
}

static void print_list(FILE *out, const json_t *answer)
{
    const json_t *templates = json_object_get(answer, "templates");
    const json_t *partials = json_object_get(answer, "partials");
    bool in_order = json_object_get(json_array_get(templates, 0), "for") != NULL;

    show_table(out, templates,
               in_order ? "for:FOR name:NAME language:LANGUAGE revision:REVISION subject:SUBJECT "
                          "text:TEXT html:HTML"
                        : "name:NAME language:LANGUAGE revision:REVISION subject:SUBJECT "
                          "text:TEXT html:HTML",
               "no templates");
    if (json_array_size(partials) > 0) {
        (void)fputc('\n', out);
        show_table(out, partials, "file:PARTIAL from:FROM", "no partials");
    }
}

static void print_template(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "name language revision at");
    (void)fputc('\n', out);
    show_table(out, json_object_get(answer, "parts"), "part:PART file:FILE from:FROM", "no parts");
    if (json_object_get(answer, "revisions") == NULL)
        return;
    (void)fputc('\n', out);
    show_table(out, json_object_get(answer, "revisions"), "revision:REVISION at:AT",
               "no revisions: no mail was made with it");
}

static void print_sources(FILE *out, const json_t *answer)
{
    const json_t *parts = json_object_get(answer, "parts");
    size_t i;
    json_t *part;

    json_array_foreach (parts, i, part) {
        const json_t *file = json_object_get(part, "file");

        (void)fprintf(out, "%s==> %s <==\n%s", i > 0 ? "\n" : "",
                      json_string_value(file != NULL ? file : json_object_get(part, "part")),
                      json_string_value(json_object_get(part, "source")));
    }
}

static void print_preview(FILE *out, const json_t *answer)
{
    const char *because = json_string_value(json_object_get(answer, "because"));

    if (because != NULL)
        (void)fprintf(stderr, "They are not told of this event: %s.\n", because);
    (void)fputs(json_string_value(json_object_get(answer, "content")), out);
}

static void print_set(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "file");
    show_table(out, json_object_get(answer, "revisions"),
               "name:NAME language:LANGUAGE revision:REVISION", "nothing has changed by it");
}

static void print_reset(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "name language files");
}

static const struct command_variant sources = { .flag = "source",
                                                .request = "template.show",
                                                .print = print_sources };

const struct command templates_commands[] = {
    { .name = "template list",
      .summary = "list the templates of mails and where they are from",
      .options = list_options,
      .request = "template.list",
      .print = print_list },
    { .name = "template show",
      .summary = "show a template, its parts and its revisions",
      .options = show_options,
      .request = "template.show",
      .print = print_template,
      .variant = &sources },
    { .name = "template preview",
      .summary = "show a mail as it would be, without making one",
      .details = "Without --event it tells of the sample data of the kind (kind add --sample), or\n"
                 "else of built-in ones.",
      .options = preview_options,
      .request = "template.preview",
      .print = print_preview },
    { .name = "template set",
      .summary = "set a part of a template; - reads standard input",
      .details = "It goes before the built-in part and a file of the folder `templates`, and mail\n"
                 "composed from now on is made with it. One with a fault is refused with line,\n"
                 "column and reason. The language of templates is in postroom-template(5).",
      .options = set_options,
      .request = "template.set",
      .shape = shape_source,
      .print = print_set },
    { .name = "template reset",
      .summary = "take back what was set for a template",
      .options = reset_options,
      .request = "template.reset",
      .print = print_reset },
    { 0 },
};
