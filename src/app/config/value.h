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

/* What is to be read: one text, or several for a list; paths among them are taken relative to
 * `folder` ("" for the current one). */
struct value_source {
    const struct span *texts;
    size_t count;
    bool is_list; /* else there is one text */
    const char *folder;
};

/* value_read fills the place of `key`; what it keeps is copied to the arena. The error names the
 * key, what is allowed and what was given, but no line. */
MUST_USE bool value_read(struct settings *settings, const struct key *key,
                         const struct value_source *from, struct arena *arena, struct error *err);

/* value_put writes the value the way the file would say it. */
void value_put(struct buf *to, const struct settings *settings, const struct key *key);

/* value_copy gives the place of `key` the value it has in `from`, which is borrowed. */
void value_copy(struct settings *to, const struct settings *from, const struct key *key);

/* value_put_range writes what is allowed: "1m-30d", "resend or hold", ... */
void value_put_range(struct buf *to, const struct key *key);

#endif
