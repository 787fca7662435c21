/*
 * Names of violations: an interface, they stand in journals and tests.
 */
#include "protocol/smtp/violations.h"

/* clang-format off */
static const char *const names[SMTP_VIOLATIONS] = {
    [SMTP_EARLY_TALKER]             = "early-talker",
    [SMTP_PIPELINING_NOT_OFFERED]   = "pipelining-not-offered",
    [SMTP_PIPELINED_AFTER_GROUP]    = "pipelined-after-group",
    [SMTP_DATA_BEFORE_354]          = "data-before-354",
    [SMTP_PLAINTEXT_AFTER_STARTTLS] = "plaintext-after-starttls",
    [SMTP_UNKNOWN_COMMAND]          = "unknown-command",
    [SMTP_BAD_SYNTAX]               = "bad-syntax",
    [SMTP_BAD_SEQUENCE]             = "bad-sequence",
    [SMTP_COMMAND_LINE_TOO_LONG]    = "command-line-too-long",
    [SMTP_COMMAND_ENDED_BY_LF]      = "command-ended-by-lf",
    [SMTP_PARAMETER_NOT_OFFERED]    = "parameter-not-offered",
    [SMTP_CHUNKING_NOT_OFFERED]     = "chunking-not-offered",
    [SMTP_SIZE_OVER_OFFER]          = "size-over-offer",
    [SMTP_BY_UNDER_MINIMUM]         = "by-under-minimum",
    [SMTP_OVER_TOLD_LIMIT]          = "over-told-limit",
    [SMTP_RECIPIENT_TWICE]          = "recipient-twice",
    [SMTP_UTF8_NOT_DECLARED]        = "utf8-not-declared",
    [SMTP_BARE_LF_IN_DATA]          = "bare-lf-in-data",
    [SMTP_BARE_CR_IN_DATA]          = "bare-cr-in-data",
    [SMTP_SMUGGLING_LF_DOT]         = "smuggling-lf-dot",
    [SMTP_DOT_NOT_STUFFED]          = "dot-not-stuffed",
    [SMTP_LINE_OVER_998]            = "line-over-998",
    [SMTP_EIGHT_BIT_NOT_DECLARED]   = "eight-bit-not-declared",
    [SMTP_NUL_IN_DATA]              = "nul-in-data",
};
/* clang-format on */

bool smtp_violations_any(const struct smtp_violations *v)
{
    for (int i = 0; i < SMTP_VIOLATIONS; i++)
        if (v->count[i] > 0)
            return true;
    return false;
}

void smtp_violations_put(struct buf *to, const struct smtp_violations *v)
{
    const char *separator = "";

    for (int i = 0; i < SMTP_VIOLATIONS; i++) {
        if (v->count[i] == 0)
            continue;
        buf_put_text(to, separator);
        buf_put_text(to, names[i]);
        separator = ",";
    }
}

const char *smtp_violation_name(enum smtp_violation violation)
{
    return names[violation];
}
