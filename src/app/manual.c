/*
 * postroom(1), made of the table of commands.
 */
#include "app/manual.h"

#include <string.h>

#include "app/command.h"
#include "base/span.h"

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
    "finds whoever watches that topic, or one that contains it, and sends each of them one mail\n"
    "with all that changed since the last one, straight to the exchangers of their domain.\n"
    "For each person it keeps what became of it, in the receiving server's own words.\n"
    ".Pp\n"
    "The daemon is\n"
    ".Nm Cm serve .\n"
    "All other commands work with the daemon running or not: those that change something ask it\n"
    "over its control socket, or do the same work themselves when there is none; those that only\n"
    "look open the store read-only.\n"
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

static const char tail[] =
    ".Sh FILES\n"
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
    ".Xr sysexits 3 :\n"
    "64 for a wrong command line, 65 for wrong input or a limit passed, 66 for something that\n"
    "does not exist, 69 for a conflict, 70 for a fault of the program, 74 when the system "
    "refuses,\n"
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
    ".Xr postroom-template 5 ,\n"
    ".Xr postroom.yaml 5\n";

void manual_print_text(FILE *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        bool line_start = at == text || at[-1] == '\n';

        if (at[0] == '\n' && at[1] == '\n') {
            (void)fputs("\n.Pp", out);
        } else if (at[0] == ' ' && at > text && at[-1] == '.' && at[1] >= 'A' && at[1] <= 'Z') {
            (void)fputc('\n', out);
        } else if (at[0] == '\\') {
            (void)fputs("\\e", out);
        } else {
            if (line_start && (at[0] == '.' || at[0] == '\''))
                (void)fputs("\\&", out);
            if (!(at[0] == '\n' && at > text && at[-1] == '\n'))
                (void)fputc(at[0], out);
            else
                (void)fputc('\n', out);
        }
    }
    (void)fputc('\n', out);
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
            (void)fprintf(out, " Ar %s ...", o->name);
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

static void print_command(FILE *out, const struct command *c)
{
    (void)fprintf(out, ".Ss %s\n.Nm postroom Cm %s", c->name, c->name);
    print_operands(out, c);
    (void)fputs(".Pp\n", out);
    (void)fprintf(out, "%c",
                  c->summary[0] >= 'a' && c->summary[0] <= 'z' ? c->summary[0] - 'a' + 'A'
                                                               : c->summary[0]);
    manual_print_text(out, c->summary + 1);
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
