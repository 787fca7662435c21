/*
 * What the end of a try means: the one place that turns (stage, answer or failure of our own,
 * place in the session, dot sent or not) into an outcome. Pure.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_OUTCOME_POLICY_H
#define POSTROOM_SERVICES_DELIVERY_OUTCOME_POLICY_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/span.h"
#include "domain/outcome.h"
#include "protocol/smtp/result.h"

/* What surrounded the try. */
struct outcome_situation {
    bool session_used; /* the session has served a mail before this one */
};

/* outcome_of_result decides about a mail to a single recipient. */
MUST_USE struct outcome outcome_of_result(const struct smtp_result *result,
                                          struct outcome_situation situation);

/* outcome_of_lookup makes the outcome of a domain without a host to talk to: `lasting` when the
 * domain name system has answered so, not when it has failed to answer. `status` and `text` say
 * it ("5.1.2", "example.org does not exist"). */
MUST_USE struct outcome outcome_of_lookup(bool lasting, const char *status, const char *text);

/* outcome_tries_next_host is true when the same mail may go to the next host of its domain in the
 * same pass: nothing was said about the mail, and the content has not been asked for. */
MUST_USE bool outcome_tries_next_host(const struct outcome *outcome);

/* outcome_blames_session is true when the session ended on its own between two mails: the mail
 * starts over in another session, and it was no attempt. */
MUST_USE bool outcome_blames_session(const struct outcome *outcome);

/* outcome_outlasts is true when, of one host after the other that failed, the earlier one's answer
 * says more than the latest one's. Both are about the same mail. */
MUST_USE bool outcome_outlasts(const struct outcome *earlier, const struct outcome *latest);

#endif
