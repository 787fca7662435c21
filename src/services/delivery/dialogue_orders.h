/*
 * Requests about dialogues that are kept by order, delivered mail or not.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_DIALOGUE_ORDERS_H
#define POSTROOM_SERVICES_DELIVERY_DIALOGUE_ORDERS_H

#include "services/request/request.h"

/* dialogue_orders_keep keeps those with a recipient domain, site or host, `name`, for a time,
 * `for`: "0" ends it. "known" is false when no mail was ever to go there. */
request_handler dialogue_orders_keep;

/* dialogue_orders_list shows the orders that hold. */
request_handler dialogue_orders_list;

#endif
