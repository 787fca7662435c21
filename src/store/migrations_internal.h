/*
 * The migrations of sql/, as the build embeds them.
 */
#ifndef POSTROOM_STORE_MIGRATIONS_INTERNAL_H
#define POSTROOM_STORE_MIGRATIONS_INTERNAL_H

#include "base/embedded.h"

/* In order; each name begins with its version, counted from 1, without gaps. */
extern const struct embedded_file migrations[];

#endif
