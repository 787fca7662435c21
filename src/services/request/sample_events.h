/*
 * Sample data for templates: events in JSON, as an application would tell of them, made into
 * threads that a mail can tell of. They are never stored as events.
 */
#ifndef POSTROOM_SERVICES_REQUEST_SAMPLE_EVENTS_H
#define POSTROOM_SERVICES_REQUEST_SAMPLE_EVENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "domain/notice_content.h"
#include "services/request/request.h"

enum { SAMPLE_EVENTS_MOST = 20, SAMPLE_JSON_MOST = 64 * 1024 };

struct sample_threads {
    const struct notice_thread *at;
    size_t n;
};

/* sample_events_read reads an event or an array of them with the fields topic (a key, or {key,
 * title, url, parent}), kind, actor (a name), title, text, url and changes ({field, old, new}),
 * the first a while before now. Texts borrow from the JSON; failures name the field. */
MUST_USE bool sample_events_read(const struct request *request, json_t *sample, struct arena *arena,
                                 struct sample_threads *ret_threads, struct error *err);

#endif
