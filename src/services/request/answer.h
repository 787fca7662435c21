/*
 * Writing answers: the parts of a JSON object that many requests give. Absent values are left
 * out, times are RFC 3339, durations as in the configuration.
 */
#ifndef POSTROOM_SERVICES_REQUEST_ANSWER_H
#define POSTROOM_SERVICES_REQUEST_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

/* answer_text sets a text unless it is absent (at == NULL). Bytes that are no UTF-8 become "?". */
void answer_text(json_t *object, const char *name, struct span text);

/* answer_string sets a C string, answer_number a number, answer_flag true or false. */
void answer_string(json_t *object, const char *name, const char *text);
void answer_number(json_t *object, const char *name, int64_t number);
void answer_flag(json_t *object, const char *name, bool flag);

/* answer_moment sets a time unless it is 0, answer_duration a duration unless it is negative. */
void answer_moment(json_t *object, const char *name, int64_t utc_ms);
void answer_duration(json_t *object, const char *name, int64_t ms);

/* answer_json sets what a JSON text says; a broken one becomes null. */
void answer_json(json_t *object, const char *name, struct span json);

/* answer_take gives `value` away to the object. */
void answer_take(json_t *object, const char *name, json_t *value);

/* answer_filter sets "filter" to what a listing was asked for, without its page; nothing when all
 * was. */
void answer_filter(json_t *object, const json_t *args);

/* answer_names_json gives an array of the names in a text divided by commas. */
MUST_USE json_t *answer_names_json(struct span names);

/* answer_person sets what a command can name the person by. */
MUST_USE bool answer_person(json_t *object, const char *name, struct db *db, int64_t person,
                            struct error *err);

/* answer_topic sets the key of a topic. */
MUST_USE bool answer_topic(json_t *object, const char *name, struct db *db, int64_t topic,
                           struct error *err);

/* answer_kinds sets an array of the names in a mask; nothing for the mask of all. */
MUST_USE bool answer_kinds(json_t *object, const char *name, struct db *db, int64_t mask,
                           struct error *err);

#endif
