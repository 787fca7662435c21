/*
 * The request route.explain: which way mail to an address would go, and what would stop it; nothing
 * is sent.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_ROUTE_H
#define POSTROOM_SERVICES_INQUIRY_ROUTE_H

#include "services/request/request.h"

/* route_explain answers for an `address`, of whose `site` the caller knows the key by the DNS
 * (absent: no host may be tried): {"address", "normal", "domain", "deliver", "deliver_to",
 * "sources", "helo", "port", "tls", "site", "provider", "limits", "paused", "stops",
 * "host_troubles", "domain_facts": {"failures", "asleep_until", "paused", "text"}, "stopped_by":
 * [sentences]}. With nothing in "stopped_by" a mail would be tried now. Reads. */
request_handler route_explain;

#endif
