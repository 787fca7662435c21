/*
 * Reading them.
 */
#include "protocol/smtp/dsn.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "protocol/smtp/xtext.h"

enum { ORCPT_MOST = 500 };

static bool read_one(struct span word, unsigned *ret_notify)
{
    static const struct {
        const char *word;
        unsigned notify;
    } words[] = { { "NEVER", SMTP_NOTIFY_NEVER },
                  { "SUCCESS", SMTP_NOTIFY_SUCCESS },
                  { "FAILURE", SMTP_NOTIFY_FAILURE },
                  { "DELAY", SMTP_NOTIFY_DELAY } };

    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (span_equal_nocase(word, span_of(words[i].word))) {
            *ret_notify = words[i].notify;
            return true;
        }
    }
    return false;
}

bool smtp_notify_read(struct span text, unsigned *ret_notify)
{
    unsigned all = 0;
    bool goes_on = true;

    while (goes_on) {
        unsigned one;

        goes_on = span_index(text, ',') < text.n;
        if (!read_one(span_take_until(&text, ','), &one))
            return false;
        all |= one;
    }
    *ret_notify = all;
    return (all & SMTP_NOTIFY_NEVER) == 0 || all == SMTP_NOTIFY_NEVER;
}

bool smtp_return_read(struct span text, enum smtp_return *ret_return)
{
    *ret_return = span_equal_nocase(text, SPAN("FULL")) ? SMTP_RETURN_WHOLE : SMTP_RETURN_HEADERS;
    return *ret_return == SMTP_RETURN_WHOLE || span_equal_nocase(text, SPAN("HDRS"));
}

static bool is_atom(struct span word)
{
    for (size_t i = 0; i < word.n; i++) {
        char c = span_lower(word.at[i]);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return word.n > 0;
}

bool smtp_orcpt_is_valid(struct span text)
{
    CLEANUP(buf_fini) struct buf decoded;
    struct span address = text;
    struct span type = span_take_until(&address, ';');

    buf_init(&decoded, ORCPT_MOST);
    return text.n <= ORCPT_MOST && is_atom(type) && address.n > 0 && xtext_read(&decoded, address);
}
