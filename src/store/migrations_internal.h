/*
 * The migrations of sql/, as the build embeds them.
 */
#ifndef POSTROOM_STORE_MIGRATIONS_INTERNAL_H
#define POSTROOM_STORE_MIGRATIONS_INTERNAL_H

struct migration {
    int version; /* counted from 1, without gaps */
    const char *name;
    const char *script;
};

/* In order; one without a name ends the list. */
extern const struct migration migrations[];

#endif
