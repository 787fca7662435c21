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

/* What a reply means by itself. */
struct reply_meaning {
    struct outcome outcome;
    enum refusal_verdict verdict;
    char why[80]; /* the words, or the code, that decided */
};

/* outcome_of_reply reads one given for the only recipient of a mail. */
MUST_USE struct reply_meaning outcome_of_reply(const struct smtp_reply *reply);

/* outcome_scope_name gives "recipient", "message", "session", "host", "domain". */
MUST_USE const char *outcome_scope_name(enum outcome_scope scope);

/* outcome_of_connect makes the outcome of an address that cannot be connected to, as `why` says. */
MUST_USE struct outcome outcome_of_connect(const char *why);

/* outcome_of_lookup makes the outcome of a domain without a host to talk to: `lasting` when the
 * domain name system has answered so, not when it has failed to answer. `status` and `text` say
 * it ("5.1.2", "example.org does not exist"). */
MUST_USE struct outcome outcome_of_lookup(bool lasting, const char *status, const char *text);

/* outcome_suppresses is true when there is no such address: it gets no more mail, at once.
 * outcome_counts_against_address is true for that and every other refusal for good that is about
 * the address; one about us, our mail or their rules never is. */
MUST_USE bool outcome_suppresses(const struct outcome *outcome);
MUST_USE bool outcome_counts_against_address(const struct outcome *outcome);

/* outcome_breaks_session is true when the session ended in the midst of the mail, before its final
 * dot was out: the mail may be what it cannot bear. */
MUST_USE bool outcome_breaks_session(const struct outcome *outcome);

/* So often a mail breaks sessions before it is set aside: from then on it has a schedule of its
 * own, and its sessions are not held against the site. */
enum { OUTCOME_BREAKS_MOST = 3 };

/* outcome_is_unreachable is true when no host of the domain could be spoken to. */
MUST_USE bool outcome_is_unreachable(const struct outcome *outcome);

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
