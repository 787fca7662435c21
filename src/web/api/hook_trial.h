/*
 * The one route of the API that waits for somebody else: trying a webhook out.
 */
#ifndef POSTROOM_WEB_API_HOOK_TRIAL_H
#define POSTROOM_WEB_API_HOOK_TRIAL_H

#include "web/web.h"

/* api_test_webhook sends a webhook a ping and answers with what it said. */
void api_test_webhook(struct web_call *call);

#endif
