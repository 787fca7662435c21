/*
 * postroom-template(5) as mdoc source.
 */
#ifndef POSTROOM_APP_MANUAL_TEMPLATE_H
#define POSTROOM_APP_MANUAL_TEMPLATE_H

#include <stdio.h>

/* manual_print_template writes postroom-template(5). */
void manual_print_template(FILE *out);

#endif
