/*
 * postroom.yaml(5), made of the table of keys.
 */
#include "app/manual_config.h"

#include "app/config/key.h"
#include "app/config/value.h"
#include "app/manual.h"
#include "base/buf.h"
#include "base/cleanup.h"

static const char head[] =
    ".\\\" Made by `postroom manual postroom.yaml`; edit src/app/config/key.c instead.\n"
    ".Dd November 24, 2026\n"
    ".Dt POSTROOM.YAML 5\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm postroom.yaml\n"
    ".Nd settings of postroom\n"
    ".Sh DESCRIPTION\n"
    "One YAML file holds the settings of\n"
    ".Xr postroom 1 .\n"
    "Commands and the daemon read\n"
    ".Pa ./postroom.yaml\n"
    "or the file given with\n"
    ".Fl -config ;\n"
    "without a file the defaults hold and the store is\n"
    ".Pa ./postroom.db .\n"
    "Relative paths are relative to the folder of the file.\n"
    ".Pp\n"
    "A dot in a key stands for a nested mapping:\n"
    ".Ic smtp.port\n"
    "is\n"
    ".Bd -literal -offset indent\n"
    "smtp:\n"
    "  port: 25\n"
    ".Ed\n"
    ".Pp\n"
    "Durations are numbers with the units\n"
    ".Cm ms , s , m , h\n"
    "and\n"
    ".Cm d ,\n"
    "such as\n"
    ".Ql 90s\n"
    "or\n"
    ".Ql 1h30m ;\n"
    "sizes may end in\n"
    ".Cm k\n"
    "or\n"
    ".Cm M .\n"
    "Lists are YAML lists.\n"
    "An unknown key, a key given twice and a value out of range are errors\n"
    "that name the line.\n"
    ".Pp\n"
    "On SIGHUP the daemon reads the file again and takes over the keys\n"
    "marked as live;\n"
    "it names the others that have changed in its log, for they wait for a restart.\n"
    "A file that is refused changes nothing.\n"
    ".Pp\n"
    ".Nm postroom Cm config explain\n"
    "shows every setting, its value and where it was set.\n"
    ".Sh KEYS\n"
    ".Bl -tag -width Ds\n";

static const char tail[] = ".El\n"
                           ".Sh FILES\n"
                           ".Bl -tag -width Ds\n"
                           ".It Pa postroom.yaml\n"
                           "The file in the current folder that is read by default.\n"
                           ".El\n"
                           ".Sh EXAMPLES\n"
                           "A staging installation that mails nobody outside:\n"
                           ".Bd -literal -offset indent\n"
                           "domain: example.org\n"
                           "dkim:\n"
                           "  key_file: dkim.pem\n"
                           "inboxes:\n"
                           "  - /srv/tracker/app.db\n"
                           "deliver: only example.org\n"
                           ".Ed\n"
                           ".Sh SEE ALSO\n"
                           ".Xr postroom 1 ,\n"
                           ".Xr postroom-template 5\n";

static void print_key(FILE *out, const struct key *key)
{
    CLEANUP(buf_fini) struct buf range;

    buf_init(&range, 300);
    value_put_range(&range, key);
    (void)fprintf(out, ".It Ic %s\n", key->name);
    manual_print_text(out, key->help);
    if (!key_has_range(key))
        (void)fprintf(out, "Type: %s", key_type_name(key->type));
    else
        (void)fprintf(out, "Type: %s,\n%s", key_type_name(key->type), buf_text(&range));
    if (key->live)
        (void)fputs(",\nlive", out);
    if (key->fallback == NULL)
        (void)fputs(".\n", out);
    else if (key->fallback[0] == '\0')
        (void)fputs("; default: an empty list.\n", out);
    else
        (void)fprintf(out, "; default:\n.Ql %s .\n", key->fallback);
}

void manual_print_config(FILE *out)
{
    size_t count;
    const struct key *keys = key_table(&count);

    (void)fputs(head, out);
    for (size_t i = 0; i < count; i++)
        print_key(out, &keys[i]);
    (void)fputs(tail, out);
}
