/*
 * postroom-figures(7), made of the table of figures.
 */
#ifndef POSTROOM_APP_MANUAL_FIGURES_H
#define POSTROOM_APP_MANUAL_FIGURES_H

#include <stdio.h>

/* manual_print_figures writes the page. */
void manual_print_figures(FILE *out);

#endif
