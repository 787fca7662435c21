/*
 * Submissions, as commands and the API ask for them.
 */
#ifndef POSTROOM_SERVICES_INTAKE_SUBMISSIONS_H
#define POSTROOM_SERVICES_INTAKE_SUBMISSIONS_H

#include "services/request/request.h"

/* submission.add: takes in a ready-made message, by `message` or `message_base64`, for `to`, and
 * with `to_from_header` for those its header names. `from` is the envelope's sender, empty for the
 * null path; without it, the sender of mails. Recipients mail is suppressed for are named in
 * `refused`; when there are no others, it is refused. */
request_handler submissions_add;

/* ... and what of it needs no store: the message is read and repaired. */
request_readier submissions_ready;

/* submission.list: the newest first; `before`, `limit`. */
request_handler submissions_list;

/* submission.show: one by `id`, with its deliveries; `content` adds the bytes. */
request_handler submissions_show;

#endif
