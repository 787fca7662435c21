/*
 * postroom.yaml(5) as mdoc source.
 */
#ifndef POSTROOM_APP_MANUAL_CONFIG_H
#define POSTROOM_APP_MANUAL_CONFIG_H

#include <stdio.h>

/* manual_print_config writes postroom.yaml(5). */
void manual_print_config(FILE *out);

#endif
