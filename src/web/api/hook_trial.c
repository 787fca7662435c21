/*
 * The exchange waits as for the ledger; what was asked lives in its arena.
 */
#include "web/api/hook_trial.h"

#include "services/hooks/hook_trial.h"
#include "web/answer_http.h"
#include "web/api/api.h"

static void answer(void *owner, json_t *result, bool taken)
{
    (void)taken;
    web_answer_json(owner, 200, result, NULL);
    json_decref(result);
}

void api_test_webhook(struct web_call *call)
{
    json_t *ping;

    if (!api_look(call, &ping))
        return;
    hook_trial_start(web_loop(call->web), web_settings(call->web), ping, answer, call);
    json_decref(ping);
}
