/*
 * postroom-template(5): prose about the language, and the fields as the model has them. A record
 * that is found at several places of the model is described once.
 */
#include "app/manual_template.h"

#include <assert.h>

#include "app/manual.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "services/compose/notice_model.h"
#include "services/compose/template.h"
#include "services/compose/template_escape.h"
#include "services/compose/template_scan.h"
#include "services/compose/text_wrap.h"

static const char head[] =
    ".\\\" Made by `postroom manual postroom-template`; edit src/app/manual_template.c and\n"
    ".\\\" src/services/compose/notice_model.c instead.\n"
    ".Dd November 24, 2026\n"
    ".Dt POSTROOM-TEMPLATE 5\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm postroom-template\n"
    ".Nd how the mails of postroom are written\n"
    ".Sh DESCRIPTION\n"
    "A notice is written by a template: a subject, a plain text and a HTML page\n"
    "with places for what happened.\n"
    "Some are built in.\n"
    "The files of the folder that the setting\n"
    ".Ic templates\n"
    "names, see\n"
    ".Xr postroom.yaml 5 ,\n"
    "go before built-in ones of the same name.\n"
    "The daemon reads them when it starts and on SIGHUP.\n"
    "Before both go those that\n"
    ".Ic postroom template set\n"
    "or a PUT to\n"
    ".Pa /api/v1/templates/NAME\n"
    "has put into the store, by which mail is made from then on.\n"
    "One with a fault is refused with file, line, column and reason: nothing is left\n"
    "to the moment when mail is made.\n"
    ".Ss Files\n"
    ".Bl -tag -width Ds\n"
    ".It Pa NAME.text.txt\n"
    "The plain text, which every template has.\n"
    ".It Pa NAME.html\n"
    "The page; without one, mails are plain text.\n"
    ".It Pa NAME.subject.txt\n"
    "The subject; without one, that of\n"
    ".Pa notice .\n"
    "The first mail of a thread to a person fixes the subject for all that follow;\n"
    "a digest's is its own.\n"
    ".It Pa NAME.partial.txt , NAME.partial.html\n"
    "A piece that others take in.\n"
    ".El\n"
    ".Pp\n"
    "A language may stand after the name:\n"
    ".Pa NAME.de.text.txt .\n"
    "Without one the language is English.\n"
    "Names that begin with a dot or end with\n"
    ".Ql ~\n"
    "are passed over.\n"
    ".Ss Choice\n"
    "Names are tried in this order: the kind of the events, when the mail tells of\n"
    "one kind alone; the kind of the topic;\n"
    ".Pa notice .\n"
    "Of a name, the one in the best of the person's languages is taken, else the\n"
    "English one, else the next name is tried;\n"
    ".Ql de\n"
    "will do for\n"
    ".Ql de-AT .\n"
    ".Ic postroom template list --for KIND\n"
    "shows the order for a kind.\n"
    "Mails of several threads, which are digests and roundups of what came at once,\n"
    "are written by\n"
    ".Pa digest\n"
    "alone, whose fields are others; no kind stands for it.\n"
    ".Ss Revisions\n"
    "Each template with other content than before is kept in the store as a revision.\n"
    "A mail that may have arrived is made again by the revision it was made by.\n"
    ".Ic postroom template show NAME\n"
    "lists them.\n"
    ".Ss Previews\n"
    ".Ic postroom template preview\n"
    "shows a mail as it would be: of an event of the store for a person with\n"
    ".Fl -event\n"
    "and\n"
    ".Fl -person ,\n"
    "else of sample data: those of the kind, see\n"
    ".Ic kind add --sample\n"
    "in\n"
    ".Xr postroom 1 ,\n"
    "or built-in ones.\n"
    "Samples are an event or an array of up to 20 of them, in JSON, each with\n"
    ".Ic topic\n"
    "(a key, or an object of\n"
    ".Ic key , title , url\n"
    "and\n"
    ".Ic parent ,\n"
    "which is such an object or a key),\n"
    ".Ic kind , actor\n"
    "(a name),\n"
    ".Ic title , text , url\n"
    "and\n"
    ".Ic changes\n"
    "as in\n"
    ".Xr postroom-event 5 .\n"
    ".Sh LANGUAGE\n"
    "All text stands for itself but for tags, in double braces:\n"
    ".Bl -tag -width Ds\n"
    ".It Ic {{name}}\n"
    "The value of a field, as one line of text.\n"
    ".It Ic {{name|layout}}\n"
    "The same in another layout, see below.\n"
    ".It Ic {{#name}} No ... Ic {{/name}}\n"
    "A section: what is between is there when the field is neither false, 0, empty\n"
    "nor absent.\n"
    "Over a list it is there once for each entry.\n"
    "In a section over a record or a list its fields are named first,\n"
    "then those around it.\n"
    ".It Ic {{^name}} No ... Ic {{/name}}\n"
    "The contrary: there when the section with # would not be.\n"
    ".It Ic {{>name}}\n"
    "A partial of that name for the same part, in the language of the template\n"
    "if there is one.\n"
    "It names the fields that could be named in its place, and takes itself in\n"
    "nowhere, not even by way of another.\n"
    ".It Ic {{! any words }}\n"
    "A comment.\n"
    ".El\n"
    ".Pp\n"
    "A field of a record is also named from outside, with dots:\n"
    ".Ic {{topic.name}} .\n"
    "In a loop,\n"
    ".Ic @first\n"
    "and\n"
    ".Ic @last\n"
    "are true in the first and last round, and\n"
    ".Ic @number\n"
    "counts the rounds from 1.\n"
    "A section, partial or comment tag alone on its line takes the line with it.\n"
    "A name that does not exist is an error of the template.\n"
    ".Ss Layouts\n"
    ".Bl -tag -width Ds\n"
    ".It none\n"
    "One line: line breaks and blanks become one space.\n";

/* The rest of the prose, with the limits of the program. */
static void print_layouts(FILE *out)
{
    (void)fprintf(out,
                  ".It Cm brief\n"
                  "The first line that says something, at most %d characters of it.\n"
                  ".It Cm lines\n"
                  "Lines stay lines; in HTML with <br>, and addresses on the web become links.\n"
                  ".It Cm quote\n"
                  "In plain text, each line after\n"
                  ".Ql \"> \" .\n"
                  ".El\n"
                  ".Pp\n"
                  "A field of many lines must say its layout; a subject has room for one line\n"
                  "anyway.\n"
                  "Plain text is wrapped at %d columns.\n",
                  BRIEF_COLUMNS, TEXT_WRAP_COLUMNS);
}

static const char safety[] =
    ".Ss Safety\n"
    "Values are other people's words.\n"
    "They are escaped for the place they stand in: text, an attribute, a link,\n"
    "part of a link; a link that is none of http, https, mailto and cid leads\n"
    "nowhere.\n"
    "There are no unescaped values and no other delimiters.\n"
    "In HTML no value may stand in the name of a tag or an attribute, in an attribute\n"
    "without quotes or one that holds code, in a style sheet, a script or a comment,\n"
    "and a section must end in such a place as it began.\n"
    "A template reaches its fields and partials and nothing else.\n"
    ".Pp\n";

static void print_limits(FILE *out)
{
    (void)fprintf(
        out,
        "A file has at most %d KiB, a template %d tags and texts, partials included,\n"
        "%d sections within sections and %d partials within partials; making a mail takes\n"
        "at most %d rounds of loops and %d KiB for each part.\n"
        "A mail beyond that is held and tells the reason.\n",
        TEMPLATE_SOURCE_MOST / 1024, TEMPLATE_OPS_MOST, TEMPLATE_DEPTH_MOST,
        TEMPLATE_PARTIAL_DEPTH_MOST, TEMPLATE_ROUNDS_MOST, TEMPLATE_OUTPUT_MOST / 1024);
}

static const char tail[] = ".Sh EXAMPLES\n"
                           "A plain text of few words,\n"
                           ".Pa notice.text.txt :\n"
                           ".Bd -literal -offset indent\n"
                           "{{topic.name}}\n"
                           "{{url}}\n"
                           "\n"
                           "{{#changes}}\n"
                           "{{field}}: {{old|brief}} -> {{new|brief}}\n"
                           "{{/changes}}\n"
                           "{{#items}}\n"
                           "{{actor}}, {{at.date}} {{at.clock}}\n"
                           "{{text|quote}}\n"
                           "{{/items}}\n"
                           ".Ed\n"
                           ".Sh SEE ALSO\n"
                           ".Xr postroom 1 ,\n"
                           ".Xr postroom.yaml 5\n";

/* ---- the fields ---- */

enum { RECORDS_MOST = 32, PATHS_ROOM = 300 };

/* A record of the model, and where it is found. */
struct described {
    const struct value_field *fields;
    struct buf paths;
};

struct description {
    struct described at[RECORDS_MOST];
    size_t count;
};

static struct described *describe(struct description *d, const struct value_field *fields)
{
    struct described *found = d->at;

    while (found < d->at + d->count && found->fields != fields)
        found++;
    if (found < d->at + d->count)
        return found;
    assert(d->count < RECORDS_MOST);
    found->fields = fields;
    buf_init(&found->paths, PATHS_ROOM);
    d->count++;
    return found;
}

/* Breadth first: what is found is looked into in its turn. Names suffice, no path goes on below a
 * record that was described elsewhere. */
static void collect(struct description *d, const struct value_field *root)
{
    size_t i = d->count;

    (void)describe(d, root);
    for (; i < d->count; i++) {
        for (const struct value_field *f = d->at[i].fields; f->name != NULL; f++) {
            struct described *record;

            if (f->fields == NULL)
                continue;
            record = describe(d, f->fields);
            buf_printf(&record->paths, "%s%s", record->paths.n > 0 ? ", " : "", f->name);
        }
    }
}

static void print_field(FILE *out, const struct value_field *field)
{
    static const char *const types[] = {
        [VALUE_FLAG] = "true or false", [VALUE_NUMBER] = "number", [VALUE_TEXT] = "text",
        [VALUE_LIST] = "list",          [VALUE_RECORD] = "record",
    };

    (void)fprintf(out, ".It Ic %s Pq %s%s\n", field->name, types[field->type],
                  field->whole ? " of many lines" : "");
    manual_print_text(out, field->help);
}

static void print_fields(FILE *out, struct described *record)
{
    if (record->paths.n > 0)
        (void)fprintf(out, ".Ss Fields of %s\n", buf_text(&record->paths));
    (void)fputs(".Bl -tag -width Ds\n", out);
    for (const struct value_field *f = record->fields; f->name != NULL; f++)
        print_field(out, f);
    (void)fputs(".El\n", out);
}

static void print_model(FILE *out)
{
    struct description d = { .count = 0 };

    collect(&d, notice_model);
    collect(&d, digest_model);
    for (size_t i = 0; i < d.count; i++) {
        if (d.at[i].fields == notice_model)
            (void)fputs(".Sh FIELDS OF A NOTICE\n", out);
        if (d.at[i].fields == digest_model)
            (void)fputs(".Sh FIELDS OF A DIGEST\n"
                        "A record that is described above is not described again.\n",
                        out);
        print_fields(out, &d.at[i]);
    }
    for (size_t i = 0; i < d.count; i++)
        buf_fini(&d.at[i].paths);
}

void manual_print_template(FILE *out)
{
    (void)fputs(head, out);
    print_layouts(out);
    (void)fputs(safety, out);
    print_limits(out);
    print_model(out);
    (void)fputs(tail, out);
}
