/*
 * Answers in sentences: each is written into a buf and ended into a list.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_SENTENCES_H
#define POSTROOM_SERVICES_INQUIRY_SENTENCES_H

#include <jansson.h>
#include <stdint.h>

#include "base/buf.h"

enum { SENTENCE_LIMIT = 2000 };

/* sentence_end adds the sentence to the list and empties it for the next one. */
void sentence_end(struct buf *sentence, json_t *list);

/* sentence_put_moment writes a time as people need it: "2026-11-24T18:00:00Z". */
void sentence_put_moment(struct buf *to, int64_t utc_ms);

/* sentence_put_distance writes the same and how far off it is: "2026-11-24T18:00:00Z (in 4m10s)",
 * "(2h ago)". */
void sentence_put_distance(struct buf *to, int64_t utc_ms, int64_t now_ms);

#endif
