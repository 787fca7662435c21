/*
 * Alarms: what a person must look at. One open alarm a cause, however often it is raised.
 */
#ifndef POSTROOM_STORE_ALARM_H
#define POSTROOM_STORE_ALARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

enum alarm_severity { ALARM_WARNING, ALARM_ERROR };

/* alarm_raise opens an alarm for `cause` ("site-blocks notices mx.example.net"), or counts one more
 * of the one that is open and gives it the latest words. */
MUST_USE bool alarm_raise(struct db *db, enum alarm_severity severity, struct span cause,
                          struct span text, int64_t now_ms, struct error *err);

/* alarm_end closes the open alarm of a cause, if there is one. */
MUST_USE bool alarm_end(struct db *db, struct span cause, int64_t now_ms, struct error *err);

/* alarm_end_by_id closes one; *ret_ended is false when there is no open one of that id. */
MUST_USE bool alarm_end_by_id(struct db *db, int64_t id, int64_t now_ms, bool *ret_ended,
                              struct error *err);

/* One as it is on record; texts are in the arena. */
struct alarm_row {
    int64_t id;
    struct span severity; /* "warning", "error" */
    struct span cause;
    struct span text;
    int64_t since;
    int64_t last_at;
    int64_t times;
    int64_t until; /* 0: it goes on */
};

struct alarm_list {
    struct alarm_row *at;
    size_t n;
};

/* alarm_list_read gives at most `room` alarms, the latest first, of those with ids below `before`:
 * the open ones, or `with_ended` all. */
struct alarm_page {
    int64_t before;
    bool with_ended;
    size_t room;
};

MUST_USE bool alarm_list_read(struct db *db, struct arena *arena, const struct alarm_page *page,
                              struct alarm_list *ret_list, struct error *err);

#endif
