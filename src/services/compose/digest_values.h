/*
 * The values of a mail of several threads, in the shape of digest_model: a section a thread, made
 * as the values of a notice are, and what is said of all of them together.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_DIGEST_VALUES_H
#define POSTROOM_SERVICES_COMPOSE_DIGEST_VALUES_H

#include "base/arena.h"
#include "base/compiler.h"
#include "domain/watching.h"
#include "services/compose/notice_values.h"
#include "services/compose/value.h"

enum {
    DIGEST_SECTIONS_MOST = 50, /* shown; of the other threads only the number is told */
    DIGEST_ITEMS_MOST = 10,    /* of a section, the newest */
    DIGEST_ITEMS_ALL = 100,    /* which its sections share: mail programs cut off long mails */
    DIGEST_CONTENTS_LEAST = 4, /* sections from which on there is a table of contents */
    DIGEST_NAMED_MOST = 3,     /* topics a subject names */
    DIGEST_WATCHED_MOST = 10   /* watched topics that are named as the reason */
};

/* What the values are made of. */
struct digest_material {
    const struct notice_material *threads; /* each has something to tell, in their order */
    size_t count;                          /* at least one */
    enum watch_mode mode;                  /* WATCH_NOW: a roundup */
};

/* digest_values_make gives the root record. All of it lives in the arena and in the material. The
 * field subject is empty: it is set when the subject is known. */
MUST_USE struct value *digest_values_make(const struct digest_material *material,
                                          struct arena *arena);

#endif
