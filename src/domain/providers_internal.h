/*
 * data/providers.txt, as the build embeds it.
 */
#ifndef POSTROOM_DOMAIN_PROVIDERS_INTERNAL_H
#define POSTROOM_DOMAIN_PROVIDERS_INTERNAL_H

#include "base/embedded.h"

/* One file; one without a name ends the list. */
extern const struct embedded_file shipped_providers[];

#endif
