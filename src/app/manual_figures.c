/*
 * Figures of one name follow each other in the table: they differ by their label, and are one item.
 */
#include "app/manual_figures.h"

#include <string.h>

#include "app/manual.h"
#include "domain/figure.h"

static const char head[] =
    ".\\\" Made by `postroom manual postroom-figures`; edit src/domain/figure.c instead.\n"
    ".Dd November 24, 2026\n"
    ".Dt POSTROOM-FIGURES 7\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm postroom-figures\n"
    ".Nd what a running postroom counts\n"
    ".Sh DESCRIPTION\n"
    "While a daemon runs,\n"
    ".Nm postroom Cm queue figures\n"
    "and\n"
    ".Nm postroom Cm queue Fl -json\n"
    "show these figures.\n"
    "A counter counts since the daemon's start; a gauge says how it stands.\n"
    "Figures of one reading may be a moment apart.\n"
    "Where a name has a label, there is a figure for each of its values.\n"
    ".Sh FIGURES\n"
    ".Bl -tag -width Ds\n";

static const char tail[] = ".El\n"
                           ".Sh SEE ALSO\n"
                           ".Xr postroom 1 ,\n"
                           ".Xr postroom-log 7\n";

static const char *kind_name(enum figure_kind kind)
{
    switch (kind) {
    case FIGURE_COUNTER:
        return "counter";
    case FIGURE_GAUGE:
        return "gauge";
    case FIGURE_HISTOGRAM:
        break;
    }
    return "part of a histogram";
}

static bool is_first(int i)
{
    return i == 0 || strcmp(figure_entry((enum figure)(i - 1))->name,
                            figure_entry((enum figure)i)->name) != 0;
}

static void print_values(FILE *out, int i)
{
    (void)fputs("Labels:\n", out);
    do {
        bool is_last = i + 1 == FIGURES || is_first(i + 1);

        (void)fprintf(out, ".Ql %s%s\n", figure_entry((enum figure)i)->label,
                      is_last ? " ." : " ,");
        i++;
    } while (i < FIGURES && !is_first(i));
}

void manual_print_figures(FILE *out)
{
    (void)fputs(head, out);
    for (int i = 0; i < FIGURES; i++) {
        const struct figure_entry *entry = figure_entry((enum figure)i);

        if (!is_first(i))
            continue;
        (void)fprintf(out, ".It Sy %s Pq %s\n", entry->name, kind_name(entry->kind));
        manual_print_text(out, entry->help);
        if (entry->label[0] != '\0')
            print_values(out, i);
    }
    (void)fputs(tail, out);
}
