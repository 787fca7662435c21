/*
 * What an operator may order about mail that waits: queue.now, queue.hold, queue.release,
 * queue.cancel, queue.resolve. Each takes `deliveries`, a list of numbers, and `reason`, words that
 * are kept with who ordered it; all of them are done or, when one does not allow it, none.
 *
 * Answers {"deliveries": [{"delivery", "to", "state", "attempts", "due", "changed"}]}: `changed` is
 * false for those that were so already.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_QUEUE_ORDERS_H
#define POSTROOM_SERVICES_DELIVERY_QUEUE_ORDERS_H

#include "services/request/request.h"

/* queue_orders_now makes what is scheduled or deferred due at once, and wakes its domain. What may
 * have arrived already is not hastened. */
request_handler queue_orders_now;

/* queue_orders_hold keeps mail until it is released; queue_orders_release lets it go on, not before
 * it would have been due. */
request_handler queue_orders_hold;
request_handler queue_orders_release;

/* queue_orders_cancel ends mail for good. */
request_handler queue_orders_cancel;

/* queue_orders_resolve settles mail in doubt, also when it is held for that: `as` "delivered" takes
 * it for delivered, with all that follows; "resend" sends it once more, at once. */
request_handler queue_orders_resolve;

#endif
