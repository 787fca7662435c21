/*
 * Requests about questions: an event asks those whom it addresses, and stays open in the list of
 * each until one of them has answered.
 */
#ifndef POSTROOM_SERVICES_INTAKE_APPROVALS_H
#define POSTROOM_SERVICES_INTAKE_APPROVALS_H

#include "services/request/request.h"

/* approvals_list gives what a `person` is asked and nobody has answered yet. Reads. */
request_handler approvals_list;

/* approvals_answer takes the `answer` of a `person` to event `id` or `key`, with a `text` if there
 * is more to say. The first one counts and closes the question for all who were asked. It is an
 * event of kind "answered" on the same topic, which also addresses whoever asked. */
request_handler approvals_answer;

#endif
