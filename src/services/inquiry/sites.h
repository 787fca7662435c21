/*
 * Requests about sites: site.list, site.show. Both read.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_SITES_H
#define POSTROOM_SERVICES_INQUIRY_SITES_H

#include "services/request/request.h"

/* sites_list gives {"sites": [{"site", "waiting", "paused", "paused_streams", "blocked_streams"}],
 * "next": key}, in order, after the key `after`: all, or of `only` "paused" or "blocked". */
request_handler sites_list;

/* sites_show gives all about `site`, named by its key, a host or a domain: {"site", "provider",
 * "paused": {"since", "text"}, "stops": [{"stream", "by", "since", "until", "text"}],
 * "host_troubles" (what the daemon remembers of single hosts), "limits":
 * [{"limit", "value", "by", "since", "until", "holds", "text"}], "waiting": {stream: n},
 * "waiting_in_all", "domains": [{"domain", "waiting", "failures", "asleep_until", "text"}],
 * "more_domains"}: the first domains after `after`, of each limit first the one that holds. */
request_handler sites_show;

#endif
