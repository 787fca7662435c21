/*
 * One value of the configuration: reading its text into struct settings and writing it back.
 */
#ifndef POSTROOM_APP_CONFIG_VALUE_H
#define POSTROOM_APP_CONFIG_VALUE_H

#include <stdbool.h>

#include "app/config/key.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"

/* value_read fills the place of `key` from `count` texts (one for what is no list). Texts are
 * copied to the arena; paths are taken relative to `folder` ("" for the current one). The error
 * names the key, what is allowed and what was given, but no line. */
MUST_USE bool value_read(struct settings *settings, const struct key *key, const struct span *texts,
                         size_t count, const char *folder, struct arena *arena, struct error *err);

/* value_put writes the value the way the file would say it. */
void value_put(struct buf *to, const struct settings *settings, const struct key *key);

/* value_put_range writes what is allowed: "1m-30d", "resend or hold", ... */
void value_put_range(struct buf *to, const struct key *key);

#endif
