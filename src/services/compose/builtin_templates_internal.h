/*
 * The files of templates/, as the build embeds them.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_BUILTIN_TEMPLATES_INTERNAL_H
#define POSTROOM_SERVICES_COMPOSE_BUILTIN_TEMPLATES_INTERNAL_H

#include "base/embedded.h"

/* One without a name ends the list. */
extern const struct embedded_file builtin_templates[];
extern const struct embedded_file builtin_samples[];

#endif
