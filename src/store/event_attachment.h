/*
 * The files of events.
 */
#ifndef POSTROOM_STORE_EVENT_ATTACHMENT_H
#define POSTROOM_STORE_EVENT_ATTACHMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "domain/attachment.h"

struct db;

/* event_attachments_set replaces the files of an event by those, which have their content; none
 * takes them away. */
MUST_USE bool event_attachments_set(struct db *db, int64_t event,
                                    const struct attachment_list *attachments, struct error *err);

/* event_attachments_read reads them in their order, without content. */
MUST_USE bool event_attachments_read(struct db *db, struct arena *arena, int64_t event,
                                     struct attachment_list *ret_attachments, struct error *err);

/* event_attachment_content reads what the file at a place holds; ERROR_NOT_FOUND when there is
 * none. */
MUST_USE bool event_attachment_content(struct db *db, struct arena *arena, int64_t event,
                                       int64_t position, struct span *ret_content,
                                       struct error *err);

#endif
