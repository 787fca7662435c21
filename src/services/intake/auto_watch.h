/*
 * Watches that an event makes by itself, by the rules of its topic's kind.
 */
#ifndef POSTROOM_SERVICES_INTAKE_AUTO_WATCH_H
#define POSTROOM_SERVICES_INTAKE_AUTO_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/watching.h"

struct db;

/* The topic of an event, and its rules. */
struct auto_watch {
    int64_t topic;
    struct span rules;    /* of its kind; absent: none */
    enum watch_mode mode; /* of its kind */
    const char *cause;    /* for the log: "event 12" */
    int64_t now_ms;
};

/* auto_watch_read reads the rules for the topic. */
MUST_USE bool auto_watch_read(struct db *db, struct arena *arena, struct auto_watch *watch,
                              struct error *err);

/* auto_watch_offer lets a person watch the topic by a rule, if its kind has it and they do not
 * refuse. NULL is no rule. */
MUST_USE bool auto_watch_offer(struct db *db, struct arena *arena, const struct auto_watch *watch,
                               int64_t person, const char *rule, struct error *err);

#endif
