/*
 * Address literals by the letter of RFC 5321 section 4.1.3, which differs from inet_pton: leading
 * zeros are allowed in IPv4, "::" stands for two groups or more, and the tag "IPv6:" must be there.
 * "IPv6" is the only tag ever registered, so other general literals are refused.
 */
#include "protocol/mail/ip_literal.h"

#include <string.h>

enum { GROUPS = 8 };

/* The groups of an IPv6 address as they are read: those before and those after "::". */
struct groups {
    uint16_t group[GROUPS];
    size_t n;
    size_t gap; /* where "::" stood */
    bool has_gap;
};

static bool take_ipv4(struct span text, unsigned char ret_ip[4])
{
    for (int i = 0; i < 4; i++) {
        bool last = i == 3;
        unsigned value = 0;
        size_t n = 0;

        for (; n < text.n && text.at[n] >= '0' && text.at[n] <= '9'; n++) {
            value = value * 10 + (unsigned)(text.at[n] - '0');
            if (n == 3)
                return false;
        }
        if (n == 0 || value > 255)
            return false;
        text = span_rest(text, n);
        if (last ? text.n != 0 : text.n == 0 || text.at[0] != '.')
            return false;
        text = span_rest(text, last ? 0 : 1);
        ret_ip[i] = (unsigned char)value;
    }
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool take_group(struct span *text, struct groups *g)
{
    unsigned value = 0;
    size_t n = 0;

    for (; n < text->n && hex_value(text->at[n]) >= 0; n++) {
        if (n == 4)
            return false;
        value = value << 4 | (unsigned)hex_value(text->at[n]);
    }
    if (n == 0 || g->n == GROUPS)
        return false;
    g->group[g->n++] = (uint16_t)value;
    *text = span_rest(*text, n);
    return true;
}

/* The dotted end of "::ffff:192.0.2.1" counts as two groups. */
static bool take_dotted_end(struct span text, struct groups *g)
{
    unsigned char ip[4];

    if (g->n > GROUPS - 2 || !take_ipv4(text, ip))
        return false;
    g->group[g->n++] = (uint16_t)(ip[0] << 8 | ip[1]);
    g->group[g->n++] = (uint16_t)(ip[2] << 8 | ip[3]);
    return true;
}

static bool take_groups(struct span text, struct groups *g)
{
    static const struct span gap = { "::", 2 };

    while (text.n > 0) {
        if (span_starts(text, gap)) {
            if (g->has_gap)
                return false;
            g->has_gap = true;
            g->gap = g->n;
            text = span_rest(text, 2);
            continue;
        }
        if (g->n > 0 && !(g->has_gap && g->gap == g->n)) {
            if (text.at[0] != ':')
                return false;
            text = span_rest(text, 1);
        }
        if (span_index(text, '.') < span_index(text, ':'))
            return take_dotted_end(text, g);
        if (!take_group(&text, g))
            return false;
    }
    return true;
}

static bool take_ipv6(struct span text, unsigned char ret_ip[16])
{
    struct groups g = { 0 };
    size_t zeros;

    if (!take_groups(text, &g))
        return false;
    if (g.has_gap ? g.n > GROUPS - 2 : g.n != GROUPS)
        return false;
    zeros = GROUPS - g.n;
    memset(ret_ip, 0, 16);
    for (size_t i = 0; i < g.n; i++) {
        size_t place = g.has_gap && i >= g.gap ? i + zeros : i;

        ret_ip[2 * place] = (unsigned char)(g.group[i] >> 8);
        ret_ip[2 * place + 1] = (unsigned char)g.group[i];
    }
    return true;
}

bool ip_literal_parse(struct span text, struct ip_literal *ret_literal, struct error *err)
{
    static const struct span tag = { "IPv6:", 5 };
    struct ip_literal literal = { 0 };
    struct span inner;

    if (text.n < 2 || text.at[0] != '[' || text.at[text.n - 1] != ']')
        return error_set(err, ERROR_INVALID, "address literal not closed");
    inner = span_rest(span_first(text, text.n - 1), 1);
    if (span_starts_nocase(inner, tag)) {
        if (!take_ipv6(span_rest(inner, tag.n), literal.ip))
            return error_set(err, ERROR_INVALID, "wrong IPv6 address");
        literal.n = 16;
    } else {
        if (!take_ipv4(inner, literal.ip))
            return error_set(err, ERROR_INVALID, "wrong address literal");
        literal.n = 4;
    }
    *ret_literal = literal;
    return true;
}

static uint16_t group_at(const unsigned char *ip, size_t i)
{
    return (uint16_t)(ip[2 * i] << 8 | ip[2 * i + 1]);
}

/* The longest run of zero groups, the first of equals, of two or more. */
static size_t longest_zeros(const unsigned char *ip, size_t *ret_n)
{
    size_t best = 0;
    size_t best_n = 0;

    for (size_t i = 0; i < GROUPS; i++) {
        size_t n = 0;

        while (i + n < GROUPS && group_at(ip, i + n) == 0)
            n++;
        if (n > best_n) {
            best = i;
            best_n = n;
        }
    }
    *ret_n = best_n >= 2 ? best_n : 0;
    return best;
}

static void put_ipv6(struct buf *to, const unsigned char *ip)
{
    size_t zeros_n;
    size_t zeros = longest_zeros(ip, &zeros_n);

    for (size_t i = 0; i < GROUPS; i++) {
        if (zeros_n > 0 && i == zeros) {
            buf_put_text(to, "::");
            i += zeros_n - 1;
            continue;
        }
        if (i > 0 && !(zeros_n > 0 && i == zeros + zeros_n))
            buf_put_byte(to, ':');
        buf_printf(to, "%x", (unsigned)group_at(ip, i));
    }
}

void ip_literal_put(struct buf *to, const struct ip_literal *literal)
{
    const unsigned char *ip = literal->ip;

    if (literal->n == 4) {
        buf_printf(to, "[%u.%u.%u.%u]", ip[0], ip[1], ip[2], ip[3]);
        return;
    }
    buf_put_text(to, "[IPv6:");
    put_ipv6(to, ip);
    buf_put_byte(to, ']');
}
