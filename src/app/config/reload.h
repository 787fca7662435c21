/*
 * A configuration read anew while a daemon runs on an earlier one.
 */
#ifndef POSTROOM_APP_CONFIG_RELOAD_H
#define POSTROOM_APP_CONFIG_RELOAD_H

#include "app/config/config.h"
#include "base/buf.h"

/* config_keep_running gives `fresh` the running values of all keys that are not live, borrowed
 * from `running`, which outlives it. The names of live keys that differ are appended to `changed`,
 * those of the others to `waiting`, for they wait for a restart. */
void config_keep_running(struct config *fresh, const struct settings *running, struct buf *changed,
                         struct buf *waiting);

#endif
