/*
 * The reply to EHLO: RFC 5321, 4.1.1.1. Keywords are matched without regard to case; the old
 * forms "SIZE=1000" and "AUTH=..." of some servers are not offers we would use.
 */
#include "protocol/smtp/capabilities.h"

#include <stddef.h>

#include "base/text.h"

/* clang-format off */
static const struct {
    const char *name;
    size_t flag; /* offset of the bool in struct smtp_capabilities */
} keywords[] = {
    { "PIPELINING",          offsetof(struct smtp_capabilities, pipelining) },
    { "SIZE",                offsetof(struct smtp_capabilities, size) },
    { "8BITMIME",            offsetof(struct smtp_capabilities, eight_bit) },
    { "SMTPUTF8",            offsetof(struct smtp_capabilities, smtputf8) },
    { "STARTTLS",            offsetof(struct smtp_capabilities, starttls) },
    { "CHUNKING",            offsetof(struct smtp_capabilities, chunking) },
    { "DSN",                 offsetof(struct smtp_capabilities, dsn) },
    { "ENHANCEDSTATUSCODES", offsetof(struct smtp_capabilities, enhanced_status) },
    { "REQUIRETLS",          offsetof(struct smtp_capabilities, requiretls) },
    { "DELIVERBY",           offsetof(struct smtp_capabilities, deliver_by) },
    { "LIMITS",              offsetof(struct smtp_capabilities, limits) },
};
/* clang-format on */

/* A parameter that is no number leaves what it was to fill at 0: none told. */
static int64_t number_or_none(struct span text, int64_t most)
{
    int64_t number = 0;

    return text_to_integer(text, 0, most, &number) ? number : 0;
}

static void read_limits(struct smtp_capabilities *caps, struct span parameters)
{
    while (parameters.n > 0) {
        struct span value = span_take_until(&parameters, ' ');
        struct span name = span_take_until(&value, '=');

        if (span_equal_nocase(name, SPAN("MAILMAX")))
            caps->mail_limit = (uint32_t)number_or_none(value, UINT32_MAX);
        else if (span_equal_nocase(name, SPAN("RCPTMAX")))
            caps->recipient_limit = (uint32_t)number_or_none(value, UINT32_MAX);
        else if (span_equal_nocase(name, SPAN("RCPTDOMAINMAX")))
            caps->domain_limit = (uint32_t)number_or_none(value, UINT32_MAX);
    }
}

static void read_parameters(struct smtp_capabilities *caps, struct span keyword, struct span rest)
{
    struct span first = span_first(rest, span_index(rest, ' '));

    if (span_equal_nocase(keyword, SPAN("SIZE")))
        caps->size_limit = (uint64_t)number_or_none(first, INT64_MAX);
    else if (span_equal_nocase(keyword, SPAN("DELIVERBY")))
        caps->deliver_by_min = number_or_none(first, 999999999);
    else if (span_equal_nocase(keyword, SPAN("LIMITS")))
        read_limits(caps, rest);
}

static void read_line(struct smtp_capabilities *caps, struct span line)
{
    struct span keyword = span_take_until(&line, ' ');

    for (size_t i = 0; i < ARRAY_LENGTH(keywords); i++) {
        if (!span_equal_nocase(keyword, span_of(keywords[i].name)))
            continue;
        *(bool *)((char *)caps + keywords[i].flag) = true;
        read_parameters(caps, keyword, span_trim(line));
    }
}

struct smtp_capabilities smtp_capabilities_read(const struct smtp_reply *ehlo)
{
    struct smtp_capabilities caps = { 0 };
    struct span text = smtp_reply_text(ehlo);

    /* A line that was cut short could name another keyword: what is not whole is not read. */
    if (ehlo->text_cut)
        text = span_first(text, span_last_index(text, '\n'));
    text = span_rest(text, span_index(text, '\n') + 1); /* after the server's name and greeting */
    while (text.n > 0)
        read_line(&caps, span_trim(span_take_until(&text, '\n')));
    return caps;
}
