/*
 * The manual pages that people wrote, doc/man/, as the build embeds them.
 */
#ifndef POSTROOM_APP_MANUAL_PAGES_INTERNAL_H
#define POSTROOM_APP_MANUAL_PAGES_INTERNAL_H

#include "base/embedded.h"

/* One without a name ends the list. */
extern const struct embedded_file manual_pages[];

#endif
