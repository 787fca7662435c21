/*
 * Reading results: names and the plain verdict. No policy: no retry times, no scopes.
 */
#include "protocol/smtp/result.h"

/* clang-format off */
static const char *const stage_names[SMTP_STAGES] = {
    [SMTP_STAGE_CONNECT]   = "connect",
    [SMTP_STAGE_GREETING]  = "greeting",
    [SMTP_STAGE_EHLO]      = "ehlo",
    [SMTP_STAGE_HELO]      = "helo",
    [SMTP_STAGE_STARTTLS]  = "starttls",
    [SMTP_STAGE_HANDSHAKE] = "handshake",
    [SMTP_STAGE_READY]     = "ready",
    [SMTP_STAGE_RSET]      = "rset",
    [SMTP_STAGE_MAIL]      = "mail",
    [SMTP_STAGE_RCPT]      = "rcpt",
    [SMTP_STAGE_DATA]      = "data",
    [SMTP_STAGE_CONTENT]   = "content",
    [SMTP_STAGE_DOT]       = "dot",
    [SMTP_STAGE_LONE_DOT]  = "lone_dot",
    [SMTP_STAGE_QUIT]      = "quit",
    [SMTP_STAGE_DONE]      = "done",
};

static const struct {
    const char *name;
    bool for_ever; /* trying again at this server cannot help */
} causes[SMTP_CAUSES] = {
    [SMTP_CAUSE_NONE]          = { "none",          false },
    [SMTP_CAUSE_REPLY]         = { "reply",         false },
    [SMTP_CAUSE_LOST]          = { "lost",          false },
    [SMTP_CAUSE_TIMEOUT]       = { "timeout",       false },
    [SMTP_CAUSE_PROTOCOL]      = { "protocol",      false },
    [SMTP_CAUSE_TLS]           = { "tls",           false },
    [SMTP_CAUSE_TLS_MISSING]   = { "tls_missing",   false },
    [SMTP_CAUSE_TOO_LARGE]     = { "too_large",     true },
    [SMTP_CAUSE_NEEDS_UTF8]    = { "needs_utf8",    true },
    [SMTP_CAUSE_NEEDS_8BIT]    = { "needs_8bit",    true },
    [SMTP_CAUSE_UNFIT_ADDRESS] = { "unfit_address", true },
    [SMTP_CAUSE_UNFIT_CONTENT] = { "unfit_content", true },
    [SMTP_CAUSE_WITHHELD]      = { "withheld",      false },
    [SMTP_CAUSE_CHUNKING]      = { "chunking",      false },
    [SMTP_CAUSE_NO_ROOM]       = { "no_room",       false },
    [SMTP_CAUSE_UNTRIED]       = { "untried",       false },
};

static const char *const verdict_names[] = {
    [SMTP_VERDICT_DELIVERED] = "delivered",
    [SMTP_VERDICT_RETRY]     = "retry",
    [SMTP_VERDICT_FAILED]    = "failed",
    [SMTP_VERDICT_IN_DOUBT]  = "in_doubt",
};
/* clang-format on */

static enum smtp_verdict verdict_of_reply(const struct smtp_result *r)
{
    int class = smtp_reply_class(&r->reply);

    if (class == 2 && r->stage == SMTP_STAGE_DOT && r->dot_sent)
        return SMTP_VERDICT_DELIVERED;
    if (class == 5 && r->reply.code != 503)
        return SMTP_VERDICT_FAILED;
    return SMTP_VERDICT_RETRY;
}

enum smtp_verdict smtp_result_verdict(const struct smtp_result *r)
{
    if (r->cause == SMTP_CAUSE_REPLY)
        return verdict_of_reply(r);
    if (r->dot_sent)
        return SMTP_VERDICT_IN_DOUBT;
    return causes[r->cause].for_ever ? SMTP_VERDICT_FAILED : SMTP_VERDICT_RETRY;
}

bool smtp_result_settled(const struct smtp_result *r)
{
    return r->cause != SMTP_CAUSE_NONE;
}

bool smtp_result_is_tls_trouble(const struct smtp_result *r)
{
    if (r->cause == SMTP_CAUSE_TLS)
        return true;
    return (r->stage == SMTP_STAGE_STARTTLS || r->stage == SMTP_STAGE_HANDSHAKE) &&
           r->cause != SMTP_CAUSE_REPLY;
}

const char *smtp_stage_name(enum smtp_stage stage)
{
    return stage_names[stage];
}

const char *smtp_cause_name(enum smtp_cause cause)
{
    return causes[cause].name;
}

const char *smtp_verdict_name(enum smtp_verdict verdict)
{
    return verdict_names[verdict];
}
