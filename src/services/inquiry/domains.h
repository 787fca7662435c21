/*
 * Requests about recipient domains: domain.list, domain.show. Both read.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_DOMAINS_H
#define POSTROOM_SERVICES_INQUIRY_DOMAINS_H

#include "services/request/request.h"

/* domains_list gives {"domains": [{"domain", "site", "waiting", "failures", "asleep_until",
 * "paused", "paused_until", "text"}], "next": name}, in order, after the name `after`: those that
 * failed or were ordered about; of `only` "paused" or "asleep" these. The sleeping ones come in
 * order of waking, without "next". */
request_handler domains_list;

/* domains_show gives the same of one `domain`, with "seen", "paused_since", "paused_text",
 * "waiting": {stream: n}, "waiting_in_all" and "states": {...}; and {"known": false} when nothing
 * ever went there. */
request_handler domains_show;

#endif
