/*
 * Requests about mail that was made: deliveries, trace. What they show stays when the body is long
 * gone.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_MAIL_H
#define POSTROOM_SERVICES_INQUIRY_MAIL_H

#include "services/request/request.h"

/* mail_deliveries gives {"deliveries": [...], "next": id}, the newest first, before the id
 * `before`: of the address or person `to`, with the `message_id`, in the `state`, made `since`, to
 * a `domain` or `site`, with `subject` in their subject and `words` in what was said about them.
 * With "next" more may follow; "cut" is true when a page is short since each looks at a bounded
 * number of mails. "filter" repeats what was asked. Reads. */
request_handler mail_deliveries;

/* mail_trace gives all that is kept of `delivery`: envelope, the events it tells, what each intent
 * fixed, and each attempt in the server's own words. Reads. */
request_handler mail_trace;

#endif
