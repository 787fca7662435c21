/*
 * Requests about suppressions: suppress.add, suppress.rm, suppress.list.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_SUPPRESSIONS_H
#define POSTROOM_SERVICES_DIRECTORY_SUPPRESSIONS_H

#include "services/request/request.h"

/* suppressions_add bars `target`, an address or '@' and a domain, from all mail or, with `scope`,
 * from mail about that topic: `reason` (default "manual"), `until`. What waits for the address ends
 * suppressed at once, unless a scope was given: then the composer sees to it. */
request_handler suppressions_add;

/* suppressions_remove ends one of `target` and `scope`. */
request_handler suppressions_remove;

/* suppressions_list gives {"suppressions": [...], "next": target} after `after`. Reads. */
request_handler suppressions_list;

#endif
