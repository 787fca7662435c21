/*
 * Requests about what happened, for those who pull.
 */
#ifndef POSTROOM_SERVICES_HOOKS_CHANGES_H
#define POSTROOM_SERVICES_HOOKS_CHANGES_H

#include "services/request/request.h"

/* changes_list gives {"changes": [...], "after": seq}: what is in the outbox after `after`, `limit`
 * at a time; `after` in the answer is where the next page begins. "dropped" is there when what
 * followed the asked one is not kept any more: the highest seq that is gone. "kept" lists the kinds
 * that are written now. Reads. */
request_handler changes_list;

#endif
