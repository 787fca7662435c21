/*
 * Requests about what recurs: an event that is taken in again and again, by a rule.
 */
#ifndef POSTROOM_SERVICES_INTAKE_RECURRENCES_H
#define POSTROOM_SERVICES_INTAKE_RECURRENCES_H

#include "services/request/request.h"

/* recurrences_add takes the fields of a recurrence (name in `recurrence`, `rule`, the time of day
 * `at`, `zone`, the first day `from`, `until`, `holidays`, `holiday_calendar`, `catch_up`) and,
 * beside them, those of its event but key, revision and not_before. Answers as recurrences_show. */
request_handler recurrences_add;

/* recurrences_list gives a page, each with its next three times; recurrences_show one, with its
 * event. Both read. */
request_handler recurrences_list;
request_handler recurrences_show;

/* recurrences_set changes one in place: what is absent stays, an empty text or list takes a field
 * away. The next time is reckoned anew. Answers as recurrences_show. */
request_handler recurrences_set;

/* recurrences_remove ends one; recurrences_pause lets it rest; recurrences_resume lets it go on
 * with what comes next. */
request_handler recurrences_remove;
request_handler recurrences_pause;
request_handler recurrences_resume;

#endif
