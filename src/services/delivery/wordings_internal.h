/*
 * data/wordings.txt, as the build embeds it.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_WORDINGS_INTERNAL_H
#define POSTROOM_SERVICES_DELIVERY_WORDINGS_INTERNAL_H

#include "base/embedded.h"

/* One file; one without a name ends the list. */
extern const struct embedded_file shipped_wordings[];

#endif
