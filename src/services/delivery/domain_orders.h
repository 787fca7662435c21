/*
 * What an operator may order about a recipient domain: domain.recheck, domain.set. The engine acts
 * on it at once.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_DOMAIN_ORDERS_H
#define POSTROOM_SERVICES_DELIVERY_DOMAIN_ORDERS_H

#include "services/request/request.h"

/* domain_orders_recheck asks the DNS anew for the hosts of `domain` and ends its sleep, and that of
 * its site. Answers {"domain", "waiting",
 * "was_asleep_until", "paused"}; a domain no mail was ever to go to is not found. */
request_handler domain_orders_recheck;

/* domain_orders_set: `paused` true keeps the mail to `domain` back until it is set to false, or
 * until the time `until`; `reason` is kept with who ordered it. Answers {"domain", "paused",
 * "until", "changed", "replaced"}: the pause that does not hold any more, {"since", "until",
 * "text"}. */
request_handler domain_orders_set;

#endif
