/*
 * The table of settings: one row per key gives its type, range, default, help and the place in
 * struct settings it fills. The reader, `config explain` and postroom.yaml(5) come from it.
 */
#ifndef POSTROOM_APP_CONFIG_KEY_H
#define POSTROOM_APP_CONFIG_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

enum key_type {
    KEY_TEXT,          /* const char * */
    KEY_PATH,          /* const char *, relative to the folder of the file */
    KEY_DOMAIN,        /* const char *, a domain name */
    KEY_ADDRESS,       /* const char *, a mail address */
    KEY_SERVER,        /* const char *, an IP address or IP@PORT */
    KEY_ENDPOINT,      /* const char *, ADDRESS:PORT to listen at */
    KEY_URL,           /* const char * */
    KEY_INTEGER,       /* int */
    KEY_SIZE,          /* size_t, bytes with optional k or M */
    KEY_DURATION,      /* int64_t, milliseconds */
    KEY_FLAG,          /* bool */
    KEY_CHOICE,        /* int-sized enum, by `choices` */
    KEY_TEXT_LIST,     /* struct text_list */
    KEY_PATH_LIST,     /* struct text_list of paths */
    KEY_IP_LIST,       /* struct text_list of IP addresses */
    KEY_DURATION_LIST, /* struct duration_list */
    KEY_DELIVER        /* deliver, deliver_only and deliver_redirect at once */
};

struct key {
    const char *name; /* dotted path in the YAML file */
    enum key_type type;
    size_t offset; /* in struct settings */
    int64_t least; /* integers, sizes, durations: the range */
    int64_t most;
    const char *fallback; /* default as the file would say it; NULL: none; "" for an empty list */
    const char *choices;  /* KEY_CHOICE: names divided by spaces, in the enum's order */
    const char *help;     /* a sentence */
    bool live;            /* a running daemon takes a new value on SIGHUP */
};

/* key_table gives all rows in the order the manual shows them. */
MUST_USE const struct key *key_table(size_t *ret_count);

/* key_find gives the row of a name, or NULL. */
MUST_USE const struct key *key_find(struct span name);

/* key_has_range tells whether a key has limits or choices beyond what its type says. */
MUST_USE bool key_has_range(const struct key *key);

/* key_type_name gives the words "duration", "list of paths", ... for people. */
MUST_USE const char *key_type_name(enum key_type type);

#endif
