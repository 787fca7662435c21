/*
 * Requests about suppressions: suppress.add, suppress.rm, suppress.list.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_SUPPRESSIONS_H
#define POSTROOM_SERVICES_DIRECTORY_SUPPRESSIONS_H

#include "services/request/request.h"

/* suppressions_add bars `target`, an address or '@' and a domain, from all mail or, with `scope`,
 * from mail about that topic: `reason` (default "manual"), `until`. Gives what stands now, which
 * with `kept` is an earlier, stronger reason. Mail to an address ends suppressed at once:
 * `ended_deliveries`, of which `in_doubt` may have arrived; `sending` cannot be stopped. Of a
 * domain's mail `waiting` tells how much will end when its turn comes; a topic's the composer sees
 * to. */
request_handler suppressions_add;

/* suppressions_remove ends one of `target` and `scope` and gives what stood, so that it can be put
 * back. What ended by it stays ended; of a thread's events it is told by the next mail. */
request_handler suppressions_remove;

/* suppressions_list gives {"suppressions": [...], "next": target, "next_scope": scope} after
 * `after` and `after_scope`. Reads. */
request_handler suppressions_list;

#endif
