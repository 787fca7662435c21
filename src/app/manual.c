/*
 * postroom(1), made of the table of commands.
 */
#include "app/manual.h"

#include <string.h>

#include "app/command.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/span.h"

enum { LINE_WIDTH = 76 };

static const char head[] =
    ".\\\" Made by `postroom manual postroom`; edit the tables in src/app/commands/ instead.\n"
    ".Dd November 24, 2026\n"
    ".Dt POSTROOM 1\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm postroom\n"
    ".Nd get mail to everybody who should hear, and know what became of it\n"
    ".Sh SYNOPSIS\n"
    ".Nm postroom\n"
    ".Op Fl -config Ar file\n"
    ".Op Fl -json\n"
    ".Ar command ...\n"
    ".Sh DESCRIPTION\n"
    "An application records that something happened to a topic: an event.\n"
    ".Nm\n"
    "finds whoever watches that topic, or one that contains it,\n"
    "and sends each of them one mail with all that changed since the last one,\n"
    "straight to the exchangers of their domain.\n"
    "For each person it keeps what became of it, in the receiving server's own words.\n"
    ".Pp\n"
    "The daemon is\n"
    ".Nm Cm serve .\n"
    "All other commands work with the daemon running or not:\n"
    "those that change something ask it over its control socket,\n"
    "or do the same work themselves when there is none;\n"
    "those that only look open the store read-only.\n"
    ".Pp\n"
    "A\n"
    ".Ar PERSON\n"
    "is a key of the application's own or a mail address; a\n"
    ".Ar TOPIC\n"
    "is a key such as\n"
    ".Ql issue/12 .\n"
    "Times are RFC 3339\n"
    ".Pq Ql 2026-11-24T18:00:00Z\n"
    "or durations from now\n"
    ".Pq Ql 2h .\n"
    ".Pp\n"
    "Options every command knows:\n"
    ".Bl -tag -width Ds\n"
    ".It Fl -config Ar file\n"
    "Settings, see\n"
    ".Xr postroom.yaml 5 .\n"
    "Default:\n"
    ".Pa ./postroom.yaml ,\n"
    "if there is one.\n"
    ".It Fl -json\n"
    "Answer in JSON, errors included.\n"
    ".It Fl -help\n"
    "Show what the command does and its options.\n"
    ".It Fl -version\n"
    "Show the version.\n"
    ".El\n"
    ".Sh COMMANDS\n";

static const char tail[] = ".Sh FILES\n"
                           ".Bl -tag -width Ds\n"
                           ".It Pa postroom.yaml\n"
                           "Settings.\n"
                           ".It Pa postroom.db\n"
                           "The store, an SQLite database;\n"
                           ".Pa postroom.db.sock\n"
                           "is the daemon's control socket and\n"
                           ".Pa postroom.db.lock\n"
                           "its lock.\n"
                           ".El\n"
                           ".Sh EXIT STATUS\n"
                           "0 on success; otherwise a code of\n"
                           ".In sysexits.h :\n"
                           "64 for a wrong command line, 65 for wrong input or a limit passed,\n"
                           "66 for something that does not exist, 69 for a conflict,\n"
                           "70 for a fault of the program, 74 when the system refuses,\n"
                           "75 when trying again may help, 78 for a wrong configuration.\n"
                           ".Sh EXAMPLES\n"
                           "A first notification:\n"
                           ".Bd -literal -offset indent\n"
                           "postroom init --domain example.org\n"
                           "postroom person add brian --address brian@example.net --name Brian\n"
                           "postroom topic add project/x --title 'Project X'\n"
                           "postroom topic add issue/12 --title 'It crashes' --parent project/x\n"
                           "postroom watch brian project/x\n"
                           "postroom serve &\n"
                           "postroom event issue/12 commented --text 'Fixed it.'\n"
                           "postroom why brian 1\n"
                           ".Ed\n"
                           ".Sh SEE ALSO\n"
                           ".Xr postroom 3 ,\n"
                           ".Xr postroom-event 5 ,\n"
                           ".Xr postroom-template 5 ,\n"
                           ".Xr postroom.yaml 5 ,\n"
                           ".Xr postroom-api 7 ,\n"
                           ".Xr postroom-figures 7 ,\n"
                           ".Xr postroom-log 7 ,\n"
                           ".Xr postroom-pages 7 ,\n"
                           ".Xr postroom-sql 7 ,\n"
                           ".Xr postroom-visibility 7 ,\n"
                           ".Xr postroom-webhook 7\n";

/* One word: escaped where mdoc would take it for something else. */
static void print_word(FILE *out, struct span word)
{
    if (word.n > 0 && (word.at[0] == '.' || word.at[0] == '\''))
        (void)fputs("\\&", out);
    for (size_t i = 0; i < word.n; i++) {
        if (word.at[i] == '\\')
            (void)fputs("\\e", out);
        else
            (void)fputc(word.at[i], out);
    }
}

static void print_paragraph(FILE *out, struct span text)
{
    size_t column = 0;
    bool sentence_over = false;

    while (text.n > 0) {
        struct span word = span_take_until(&text, ' ');

        if (word.n == 0)
            continue;
        if (column > 0 && (sentence_over || column + 1 + word.n > LINE_WIDTH)) {
            (void)fputc('\n', out);
            column = 0;
        } else if (column > 0) {
            (void)fputc(' ', out);
            column++;
        }
        print_word(out, word);
        column += word.n;
        sentence_over = word.n > 2 && span_ends(word, SPAN("."));
    }
    (void)fputc('\n', out);
}

static void print_filled(FILE *out, struct span text)
{
    char *paragraph = span_text(text);

    for (char *at = paragraph; *at != '\0'; at++)
        if (*at == '\n')
            *at = ' ';
    print_paragraph(out, span_of(paragraph));
    alloc_free(paragraph);
}

#define INDENT "  " /* before lines that are to stay as they are */

static void print_literal(FILE *out, struct span text)
{
    (void)fputs(".Bd -literal -offset indent\n", out);
    while (text.n > 0) {
        struct span line = span_take_until(&text, '\n');

        print_word(out, span_rest(line, sizeof INDENT - 1));
        (void)fputc('\n', out);
    }
    (void)fputs(".Ed\n", out);
}

void manual_print_text(FILE *out, const char *text)
{
    struct span rest = span_of(text);

    while (rest.n > 0) {
        size_t end = span_find(rest, SPAN("\n\n"));
        struct span paragraph = span_first(rest, end);
        bool is_literal = span_starts(paragraph, SPAN(INDENT));

        rest = span_rest(rest, end + 2);
        if (is_literal)
            print_literal(out, paragraph);
        else
            print_filled(out, paragraph);
        if (rest.n > 0 && (is_literal || !span_starts(rest, SPAN(INDENT))))
            (void)fputs(".Pp\n", out);
    }
}

static void print_operands(FILE *out, const struct command *c)
{
    bool has_options = false;

    for (const struct option *o = c->options; o != NULL && o->name != NULL; o++) {
        has_options = has_options || o->type < OPTION_OPERAND;
        if (o->type == OPTION_OPERAND)
            (void)fprintf(out, " Ar %s", o->name);
        else if (o->type == OPTION_MAY_OPERAND)
            (void)fprintf(out, " Op Ar %s", o->name);
        else if (o->type == OPTION_OPERANDS)
            (void)fprintf(out, strchr(o->name, ' ') != NULL ? " Ar %s" : " Ar %s ...", o->name);
    }
    if (has_options)
        (void)fputs(" Op Ar options", out);
    (void)fputc('\n', out);
}

static void print_options(FILE *out, const struct command *c)
{
    bool begun = false;

    for (const struct option *o = c->options; o != NULL && o->name != NULL; o++) {
        if (o->type >= OPTION_OPERAND)
            continue;
        if (!begun)
            (void)fputs(".Bl -tag -width Ds -offset indent\n", out);
        begun = true;
        (void)fprintf(out, ".It Fl -%s%s%s\n", o->name, o->value != NULL ? " Ar " : "",
                      o->value != NULL ? o->value : "");
        manual_print_text(out, o->help);
    }
    if (begun)
        (void)fputs(".El\n", out);
}

/* A summary as a sentence: a capital first, a full stop last. */
static void print_sentence(FILE *out, const char *summary)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 1000);
    buf_put_text(&text, summary);
    if (text.n > 0 && text.at[0] >= 'a' && text.at[0] <= 'z')
        text.at[0] = (char)(text.at[0] - 'a' + 'A');
    buf_put_byte(&text, '.');
    manual_print_text(out, buf_text(&text));
}

static void print_command(FILE *out, const struct command *c)
{
    (void)fprintf(out, ".Ss %s\n.Nm postroom Cm %s", c->name, c->name);
    print_operands(out, c);
    (void)fputs(".Pp\n", out);
    print_sentence(out, c->summary);
    if (c->details != NULL) {
        (void)fputs(".Pp\n", out);
        manual_print_text(out, c->details);
    }
    print_options(out, c);
}

void manual_print_commands(FILE *out)
{
    (void)fputs(head, out);
    for (const struct command *const *list = command_table(); *list != NULL; list++)
        for (const struct command *c = *list; c->name != NULL; c++)
            print_command(out, c);
    (void)fputs(tail, out);
}
