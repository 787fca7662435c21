/*
 * Sheets (domain/sight.h) as JSON: what the application is asked, what it answers, and what of the
 * answers the intent keeps so that the same mail can be made again.
 */
#ifndef POSTROOM_SERVICES_REQUEST_SIGHT_JSON_H
#define POSTROOM_SERVICES_REQUEST_SIGHT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "domain/sight.h"

struct sight_batch {
    struct sight_sheet **sheets;
    size_t count;
};

/* sight_question_put writes the question of all sheets together: an object whose `items` are
 * numbered from 1 through all of them. */
void sight_question_put(struct buf *to, const struct sight_batch *batch);

/* sight_answer_read fills in the answers of all items: {"items": [{"item": 1, "see": "yes"}, ...]}.
 * An item without an answer, with two, or with one that breaks a rule is SIGHT_UNANSWERED. Fails,
 * and fills in nothing, when `json` is nothing of the kind. */
MUST_USE bool sight_answer_read(struct span json, const struct sight_batch *batch, int64_t now_ms,
                                struct error *err);

/* sight_fields_read reads the fields of an answer, an object of texts, numbers and truth values,
 * into the arena; false when it breaks a rule of domain/sight.h. */
MUST_USE bool sight_fields_read(struct span json, struct arena *arena,
                                struct sight_answer *ret_answer);

/* sight_data_read reads of an event's own data what could be fields of an answer, too; the rest
 * is left out. */
void sight_data_read(struct span json, struct arena *arena, struct sight_answer *ret_answer);

/* sight_record_put writes what of the sheet's answers is no plain yes; nothing when all are. */
void sight_record_put(struct buf *to, const struct sight_sheet *sheet);

/* sight_record_read gives a sheet back as it was recorded, ended by sight_sheet_free: it has the
 * exceptions alone. NULL when `json` is no record. */
MUST_USE struct sight_sheet *sight_record_read(struct span json);

#endif
