/*
 * The log: one line an event, `time level event key=value ...`, to standard error. Values are
 * quoted and escaped so that no byte from the network can start a line or forge a key. The event
 * names are an interface. Safe from any thread.
 */
#ifndef POSTROOM_BASE_LOG_H
#define POSTROOM_BASE_LOG_H

#include <stdint.h>

#include "base/span.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_field {
    const char *key; /* NULL ends the list */
    struct span text;
    int64_t number;
    enum { LOG_FIELD_TEXT, LOG_FIELD_NUMBER } type;
};

/* log_text, log_span and log_number make a field; what they point to is read before log_write
 * returns. */
struct log_field log_text(const char *key, const char *text);
struct log_field log_span(const char *key, struct span text);
struct log_field log_number(const char *key, int64_t number);

/* log_set_level drops events below `level` (default LOG_INFO); log_set_descriptor writes
 * elsewhere than to standard error. Both are for the start of the program and for tests. */
void log_set_level(enum log_level level);
void log_set_descriptor(int descriptor);

/* log_write writes one event; use the macros. */
void log_write(enum log_level level, const char *event, const struct log_field *fields);

#define LOG_FIELDS(...) ((const struct log_field[]){ __VA_ARGS__, { 0 } })
#define log_debug(event, ...) log_write(LOG_DEBUG, (event), LOG_FIELDS(__VA_ARGS__))
#define log_info(event, ...) log_write(LOG_INFO, (event), LOG_FIELDS(__VA_ARGS__))
#define log_warning(event, ...) log_write(LOG_WARNING, (event), LOG_FIELDS(__VA_ARGS__))
#define log_error(event, ...) log_write(LOG_ERROR, (event), LOG_FIELDS(__VA_ARGS__))

#endif
