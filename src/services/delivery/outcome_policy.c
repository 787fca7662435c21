/*
 * The policy of outcomes. Reading a reply's words is reply_words' part, waiting is
 * retry_schedule's; this file decides scope and class.
 *
 *   stage                    answer                            class      scope
 *   before MAIL              any refusal, 5xx too              retry      host
 *                            521 (RFC 7504)                    failed     host
 *   MAIL on a used session   421, lost                         retry      session
 *   never begun              session ended, or has no room     retry      session
 *   BDAT                     offered, but not known            retry      session
 *   MAIL, RCPT               421, 4.3.x, lost, timeout         retry      host
 *   any                      503, garbage                      retry      host or message
 *   MAIL                     4xx / 5xx                         retry / failed  message
 *   RCPT                     4xx / 5xx                         retry / failed  recipient
 *   DATA, content, dot       4xx / 5xx                         retry / failed  message
 *   after the dot            lost, timeout, garbage            in doubt   message
 *   before a word            too large, late, needs SMTPUTF8   failed     host
 *
 * The class of the basic code comes first. One exception: what time mends (a full mailbox, a limit
 * on how fast we may be) is tried again even when it was said with 5xx. The words of the reply say
 * what it is about (domain/refusal.h); where it was said may correct them: MAIL is about us, and
 * 452 or 552 to a mail's only recipient is about the mailbox (RFC 5321, section 4.5.3.1.10).
 */
#include "services/delivery/outcome_policy.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "services/delivery/reply_words.h"

/* The words without codes, on one line, with nothing in them that a terminal would obey. */
static void take_text(struct outcome *outcome, const struct smtp_reply *reply)
{
    struct smtp_reply words = *reply;
    CLEANUP(buf_fini) struct buf line;

    words.code = 0;
    words.status.class = 0;
    buf_init(&line, 4 * SMTP_REPLY_TEXT_MAX);
    smtp_reply_put(&line, &words);
    span_copy(buf_view(&line), outcome->text, sizeof outcome->text);
}

static void take_facts(struct outcome *outcome, const struct smtp_result *result)
{
    const struct smtp_reply *reply = &result->reply;

    outcome->local = result->cause != SMTP_CAUSE_REPLY;
    outcome->timed_out = result->cause == SMTP_CAUSE_TIMEOUT;
    outcome->code = reply->code;
    if (reply->status.class != 0)
        (void)snprintf(outcome->status, sizeof outcome->status, "%u.%u.%u",
                       reply->status.class % 10U, reply->status.subject % 1000U,
                       reply->status.detail % 1000U);
    span_copy(span_of(smtp_stage_name(result->stage)), outcome->stage, sizeof outcome->stage);
    take_text(outcome, reply);
}

static bool before_mail(enum smtp_stage stage)
{
    return stage < SMTP_STAGE_READY;
}

/* Between two mails, or at the first word of the next one. */
static bool at_the_seam(enum smtp_stage stage)
{
    return stage == SMTP_STAGE_READY || stage == SMTP_STAGE_RSET || stage == SMTP_STAGE_MAIL;
}

/* While the envelope is spoken another host may still be asked. */
static bool in_envelope(enum smtp_stage stage)
{
    return at_the_seam(stage) || stage == SMTP_STAGE_RCPT;
}

static bool session_is_over(const struct smtp_result *r)
{
    return r->cause == SMTP_CAUSE_LOST || r->cause == SMTP_CAUSE_TIMEOUT ||
           (r->cause == SMTP_CAUSE_REPLY && r->reply.code == 421);
}

/* The host speaks of itself: closing, full, overloaded, out of step. */
static bool speaks_of_host(const struct smtp_result *r)
{
    const struct smtp_reply *reply = &r->reply;

    if (r->cause != SMTP_CAUSE_REPLY)
        return true;
    return reply->code == 421 || reply->code == 503 || smtp_reply_class(reply) == 3 ||
           (smtp_reply_class(reply) == 4 && reply->status.class == 4 && reply->status.subject == 3);
}

static enum outcome_scope scope_of(const struct smtp_result *r, struct outcome_situation situation)
{
    if (r->cause == SMTP_CAUSE_TOO_LARGE || r->cause == SMTP_CAUSE_NEEDS_UTF8 ||
        r->cause == SMTP_CAUSE_NEEDS_8BIT)
        return SCOPE_HOST;
    if (r->cause == SMTP_CAUSE_UNTRIED || r->cause == SMTP_CAUSE_NO_ROOM ||
        r->cause == SMTP_CAUSE_CHUNKING)
        return SCOPE_SESSION;
    if (r->cause == SMTP_CAUSE_UNFIT_ADDRESS)
        return SCOPE_RECIPIENT;
    if (r->cause == SMTP_CAUSE_UNFIT_CONTENT)
        return SCOPE_MESSAGE;
    if (before_mail(r->stage))
        return SCOPE_HOST;
    if (at_the_seam(r->stage) && situation.session_used && session_is_over(r))
        return SCOPE_SESSION;
    if (in_envelope(r->stage) && speaks_of_host(r))
        return SCOPE_HOST;
    return r->stage == SMTP_STAGE_RCPT ? SCOPE_RECIPIENT : SCOPE_MESSAGE;
}

static enum outcome_class class_of(const struct smtp_result *r)
{
    if (r->cause == SMTP_CAUSE_REPLY && before_mail(r->stage))
        return r->reply.code == 521 ? OUTCOME_FAILED : OUTCOME_RETRY;
    switch (smtp_result_verdict(r)) {
    case SMTP_VERDICT_DELIVERED:
        return OUTCOME_DELIVERED;
    case SMTP_VERDICT_FAILED:
        return OUTCOME_FAILED;
    case SMTP_VERDICT_IN_DOUBT:
        return OUTCOME_IN_DOUBT;
    case SMTP_VERDICT_RETRY:
        break;
    }
    return OUTCOME_RETRY;
}

/* Where a reply can be about the one recipient: MAIL is about the sender, what comes before is
 * about us. */
static bool may_name_recipient(enum smtp_stage stage)
{
    return stage == SMTP_STAGE_RCPT || stage == SMTP_STAGE_DATA || stage == SMTP_STAGE_LONE_DOT ||
           stage == SMTP_STAGE_CONTENT || stage == SMTP_STAGE_DOT;
}

static bool is_about_storage(const struct smtp_reply *reply)
{
    uint16_t subject = reply->status.class == 0 ? 0 : reply->status.subject;

    return (reply->code == 452 || reply->code == 552) && (subject == 0 || subject == 2);
}

static enum refusal_kind kind_of(const struct smtp_result *r)
{
    enum refusal_kind kind = reply_read(&r->reply).kind;
    bool is_about_mailbox = refusal_judge(5, kind) == REFUSAL_IS_HARD ||
                            kind == REFUSAL_MAILBOX_FULL || kind == REFUSAL_MAILBOX_BUSY;

    if (!may_name_recipient(r->stage) && is_about_mailbox)
        return r->reply.code == 552 ? REFUSAL_TOO_LARGE : REFUSAL_POLICY;
    if (r->stage == SMTP_STAGE_RCPT && kind == REFUSAL_SYSTEM && is_about_storage(&r->reply))
        return REFUSAL_MAILBOX_FULL;
    return kind;
}

struct outcome outcome_of_result(const struct smtp_result *result,
                                 struct outcome_situation situation)
{
    struct outcome outcome = { .class = class_of(result), .scope = scope_of(result, situation) };

    take_facts(&outcome, result);
    if (result->cause == SMTP_CAUSE_REPLY)
        outcome.kind = kind_of(result);
    if (outcome.class == OUTCOME_FAILED && may_name_recipient(result->stage) &&
        refusal_passes(outcome.kind))
        outcome.class = OUTCOME_RETRY;
    return outcome;
}

struct reply_meaning outcome_of_reply(const struct smtp_reply *reply)
{
    const struct smtp_result result = { .cause = SMTP_CAUSE_REPLY,
                                        .stage = SMTP_STAGE_RCPT,
                                        .reply = *reply };
    const struct reply_reading reading = reply_read(reply);
    struct reply_meaning meaning = {
        .outcome = outcome_of_result(&result, (struct outcome_situation){ .session_used = false })
    };

    meaning.verdict = refusal_judge(smtp_reply_class(reply), meaning.outcome.kind);
    span_copy(span_of(reading.why), meaning.why, sizeof meaning.why);
    return meaning;
}

const char *outcome_scope_name(enum outcome_scope scope)
{
    static const char *const names[] = {
        [SCOPE_RECIPIENT] = "recipient", [SCOPE_MESSAGE] = "message", [SCOPE_SESSION] = "session",
        [SCOPE_HOST] = "host",           [SCOPE_DOMAIN] = "domain",
    };

    return names[scope];
}

struct outcome outcome_of_connect(const char *why)
{
    struct outcome outcome = {
        .class = OUTCOME_RETRY, .scope = SCOPE_HOST, .local = true, .code = 451, .status = "4.4.1"
    };

    span_copy(span_of(smtp_stage_name(SMTP_STAGE_CONNECT)), outcome.stage, sizeof outcome.stage);
    span_copy(span_of(why), outcome.text, sizeof outcome.text);
    return outcome;
}

struct outcome outcome_of_lookup(bool lasting, const char *status, const char *text)
{
    struct outcome outcome = { .class = lasting ? OUTCOME_FAILED : OUTCOME_RETRY,
                               .scope = SCOPE_DOMAIN,
                               .local = true,
                               .stage = "dns" };

    span_copy(span_of(status), outcome.status, sizeof outcome.status);
    span_copy(span_of(text), outcome.text, sizeof outcome.text);
    return outcome;
}

bool outcome_suppresses(const struct outcome *outcome)
{
    return outcome->class == OUTCOME_FAILED && outcome->kind == REFUSAL_UNKNOWN_USER;
}

bool outcome_counts_against_address(const struct outcome *outcome)
{
    return outcome->class == OUTCOME_FAILED && refusal_judge(5, outcome->kind) == REFUSAL_IS_HARD;
}

bool outcome_breaks_session(const struct outcome *outcome)
{
    bool in_midst = strcmp(outcome->stage, "rcpt") == 0 || strcmp(outcome->stage, "data") == 0 ||
                    strcmp(outcome->stage, "content") == 0;

    return outcome->class == OUTCOME_RETRY && outcome->scope != SCOPE_SESSION && in_midst &&
           (outcome->local || outcome->code == 421);
}

bool outcome_is_unreachable(const struct outcome *outcome)
{
    return outcome->class == OUTCOME_RETRY && outcome->local &&
           (strcmp(outcome->stage, "dns") == 0 || strcmp(outcome->stage, "connect") == 0);
}

bool outcome_tries_next_host(const struct outcome *outcome)
{
    return outcome->scope == SCOPE_HOST && outcome->class != OUTCOME_DELIVERED &&
           outcome->class != OUTCOME_IN_DOUBT;
}

bool outcome_blames_session(const struct outcome *outcome)
{
    return outcome->scope == SCOPE_SESSION;
}

/* How much an outcome says: a refusal for good counts only when no host says "later", so "later"
 * stands above it; a server's words stand above our own sentence. */
static int weight(const struct outcome *outcome)
{
    return (outcome->class == OUTCOME_RETRY ? 2 : 0) + (outcome->local ? 0 : 1);
}

bool outcome_outlasts(const struct outcome *earlier, const struct outcome *latest)
{
    return latest->scope == SCOPE_HOST && weight(earlier) > weight(latest);
}
