/*
 * The requests import.check and import.take: rows of another program's data, in our words, become
 * people, topics and watches. What we have already stays as it is; a row that is no good is told
 * with its reason and holds up no other.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_MOVING_H
#define POSTROOM_SERVICES_DIRECTORY_MOVING_H

#include "services/request/request.h"

enum { MOVING_ROWS_LIMIT = 500 };

/* moving_take takes {"part": "people"|"topics"|"watches", "from": "trac", "rows": [{"place",
 * "row": {...}, "coming"}]}, at most MOVING_ROWS_LIMIT. A row is what `person add`, `topic add` or
 * `watch` take. Answers {"made", "kept", "changed", "notes": [{"place", "text"}], "refused":
 * [{"place", "text"}]}; all that is not refused is done.
 *
 * moving_check answers the same and changes nothing. The person of a watch that is `coming` with
 * the same move need not exist yet. Reads. */
request_handler moving_take;
request_handler moving_check;

#endif
