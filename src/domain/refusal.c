/*
 * One row a kind: its name, and the verdict on a reply of the classes 4 and 5.
 */
#include "domain/refusal.h"

static const struct {
    const char *name;
    enum refusal_verdict deferred; /* 4xx */
    enum refusal_verdict refused;  /* 5xx */
    bool passes;
} kinds[REFUSAL_KINDS] = {
    /* clang-format off */
    [REFUSAL_NONE]             = { "none",             REFUSAL_IS_SOFT,  REFUSAL_IS_BLOCK, false },
    [REFUSAL_UNKNOWN_USER]     = { "unknown_user",     REFUSAL_IS_SOFT,  REFUSAL_IS_HARD,  false },
    [REFUSAL_MAILBOX_DISABLED] = { "mailbox_disabled", REFUSAL_IS_SOFT,  REFUSAL_IS_HARD,  false },
    [REFUSAL_BAD_ADDRESS]      = { "bad_address",      REFUSAL_IS_SOFT,  REFUSAL_IS_HARD,  false },
    [REFUSAL_MAILBOX_FULL]     = { "mailbox_full",     REFUSAL_IS_SOFT,  REFUSAL_IS_SOFT,  true },
    [REFUSAL_MAILBOX_BUSY]     = { "mailbox_busy",     REFUSAL_IS_SOFT,  REFUSAL_IS_SOFT,  true },
    [REFUSAL_BLOCKED]          = { "blocked",          REFUSAL_IS_BLOCK, REFUSAL_IS_BLOCK, false },
    [REFUSAL_REPUTATION]       = { "reputation",       REFUSAL_IS_BLOCK, REFUSAL_IS_BLOCK, false },
    [REFUSAL_AUTHENTICATION]   = { "authentication",   REFUSAL_IS_BLOCK, REFUSAL_IS_BLOCK, false },
    [REFUSAL_CONTENT]          = { "content",          REFUSAL_IS_BLOCK, REFUSAL_IS_BLOCK, false },
    [REFUSAL_POLICY]           = { "policy",           REFUSAL_IS_SOFT,  REFUSAL_IS_BLOCK, false },
    [REFUSAL_RELAYING]         = { "relaying",         REFUSAL_IS_SOFT,  REFUSAL_IS_BLOCK, false },
    [REFUSAL_TOO_LARGE]        = { "too_large",        REFUSAL_IS_SOFT,  REFUSAL_IS_BLOCK, false },
    [REFUSAL_RATE]             = { "rate",             REFUSAL_IS_SOFT,  REFUSAL_IS_SOFT,  true },
    [REFUSAL_CONNECTIONS]      = { "connections",      REFUSAL_IS_SOFT,  REFUSAL_IS_SOFT,  true },
    [REFUSAL_MESSAGES]         = { "messages",         REFUSAL_IS_SOFT,  REFUSAL_IS_SOFT,  true },
    [REFUSAL_GREYLISTED]       = { "greylisted",       REFUSAL_IS_SOFT,  REFUSAL_IS_SOFT,  false },
    [REFUSAL_SYSTEM]           = { "system",           REFUSAL_IS_SOFT,  REFUSAL_IS_SOFT,  false },
    /* clang-format on */
};

const char *refusal_kind_name(enum refusal_kind kind)
{
    return kinds[kind].name;
}

bool refusal_kind_find(struct span name, enum refusal_kind *ret_kind)
{
    for (enum refusal_kind kind = REFUSAL_NONE; kind < REFUSAL_KINDS; kind++) {
        if (span_equal(name, span_of(kinds[kind].name))) {
            *ret_kind = kind;
            return true;
        }
    }
    return false;
}

enum refusal_verdict refusal_judge(int class, enum refusal_kind kind)
{
    if (class == 4)
        return kinds[kind].deferred;
    return class == 5 ? kinds[kind].refused : REFUSAL_IS_OK;
}

const char *refusal_verdict_name(enum refusal_verdict verdict)
{
    static const char *const names[] = {
        [REFUSAL_IS_OK] = "ok",
        [REFUSAL_IS_HARD] = "hard",
        [REFUSAL_IS_SOFT] = "soft",
        [REFUSAL_IS_BLOCK] = "block",
    };

    return names[verdict];
}

bool refusal_passes(enum refusal_kind kind)
{
    return kinds[kind].passes;
}
