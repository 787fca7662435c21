/*
 * What an operator may order about a site, named by its key, an MX host or a recipient domain:
 * site.pause, site.resume, site.limit. The engine acts on it at once.
 *
 * Each answers with "others_with_host", too, when other sites have a host of the name that was
 * meant.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_SITE_ORDERS_H
#define POSTROOM_SERVICES_DELIVERY_SITE_ORDERS_H

#include "services/request/request.h"

/* site_orders_pause keeps all mail back that is to go to `site`, or that of a `stream`, until it is
 * resumed or until the time `until`; `reason` is kept with who ordered it. Answers {"site",
 * "stream", "until", "changed"}. */
request_handler site_orders_pause;

/* site_orders_resume ends what was paused, wholly or for a `stream`, and what the site itself
 * refused; alarms about that end. Answers {"site", "stream", "changed"}. */
request_handler site_orders_resume;

/* site_orders_limit sets limits, {"connections": 5, "idle_time": "30s", "mails": null}, until the
 * time `until` or for good: they go before what the server said, what was learned and what is
 * shipped. null ends one. Answers {"site", "limits": {...}, "until"}. */
request_handler site_orders_limit;

#endif
