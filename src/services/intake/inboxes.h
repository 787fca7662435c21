/*
 * Requests about inboxes: inbox.list, inbox.retry.
 */
#ifndef POSTROOM_SERVICES_INTAKE_INBOXES_H
#define POSTROOM_SERVICES_INTAKE_INBOXES_H

#include "services/request/request.h"

/* inboxes_list gives {"inboxes": [{"path", "waiting", "refused": [{"id", "reason", "at",
 * "payload"}], "next"} or {"path", "error"}]}: `limit` refused rows of each after id `after`.
 * Waiting rows are counted up to 1,000. Reads. */
request_handler inboxes_list;

/* inboxes_retry puts refused rows back to be taken in again: that of `id`, or all; of the inbox of
 * `path`, which only needs to be named when there are several. Answers {"path", "retried"}. */
request_handler inboxes_retry;

#endif
