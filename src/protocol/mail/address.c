/*
 * Mailboxes of an SMTP envelope: Local-part "@" ( Domain / address-literal ) of RFC 5321 section
 * 4.1.2, with UTF-8 in both parts (RFC 6531 section 3.3). Not the addresses of header fields:
 * no comments, no folding white space, no display names, no source routes, and "postmaster"
 * without a domain is not a mailbox.
 */
#include "protocol/mail/address.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/mail/atom.h"
#include "protocol/mail/ip_literal.h"

/* A local part while it is decoded. */
struct local_reader {
    struct span rest; /* of the whole text */
    char *to;
    size_t n;
    bool other_script;
};

/* Takes `n` bytes of the text over into the decoded local part. */
static bool keep(struct local_reader *r, size_t n, struct error *err)
{
    if (r->n + n > ADDRESS_LOCAL_MOST)
        return error_set(err, ERROR_INVALID, "local part over 64 octets");
    memcpy(r->to + r->n, r->rest.at, n);
    r->n += n;
    r->rest = span_rest(r->rest, n);
    return true;
}

/* One character beyond ASCII. The C1 controls pass RFC 6531's grammar and nobody's sense. */
static bool take_other_script(struct local_reader *r, struct error *err)
{
    uint32_t rune = 0;
    size_t n = text_utf8_length(r->rest, &rune);

    if (n == 0)
        return error_set(err, ERROR_INVALID, "not UTF-8");
    if (rune < 0xa0)
        return error_set(err, ERROR_INVALID, "control character in the local part");
    r->other_script = true;
    return keep(r, n, err);
}

static bool refuse_character(char c, struct error *err)
{
    if ((unsigned char)c < 32 || c == 127)
        return error_set(err, ERROR_INVALID, "control character in the local part");
    return error_set(err, ERROR_INVALID, "character not allowed in the local part");
}

static bool take_dot_string(struct local_reader *r, struct error *err)
{
    bool after_dot = true; /* or at the start: an atom must follow */

    while (r->rest.n > 0 && r->rest.at[0] != '@') {
        char c = r->rest.at[0];

        if (c == '.' && after_dot)
            return error_set(err, ERROR_INVALID, "misplaced dot in the local part");
        after_dot = c == '.';
        if ((unsigned char)c >= 128) {
            if (!take_other_script(r, err))
                return false;
        } else if (c != '.' && !atom_has(c)) {
            return refuse_character(c, err);
        } else if (!keep(r, 1, err)) {
            return false;
        }
    }
    if (r->n == 0)
        return error_set(err, ERROR_INVALID, "empty local part");
    if (after_dot)
        return error_set(err, ERROR_INVALID, "misplaced dot in the local part");
    return true;
}

/* One character of a quoted string, or a pair of backslash and character. */
static bool take_quoted(struct local_reader *r, struct error *err)
{
    if ((unsigned char)r->rest.at[0] >= 128)
        return take_other_script(r, err);
    if (r->rest.at[0] == '\\') {
        r->rest = span_rest(r->rest, 1);
        if (r->rest.n == 0 || (unsigned char)r->rest.at[0] >= 128)
            return error_set(err, ERROR_INVALID, "backslash before no ASCII character");
    }
    if ((unsigned char)r->rest.at[0] < 32 || r->rest.at[0] == 127)
        return refuse_character(r->rest.at[0], err);
    return keep(r, 1, err);
}

static bool take_quoted_string(struct local_reader *r, struct error *err)
{
    r->rest = span_rest(r->rest, 1);
    while (r->rest.n > 0 && r->rest.at[0] != '"')
        if (!take_quoted(r, err))
            return false;
    if (r->rest.n == 0)
        return error_set(err, ERROR_INVALID, "quoted local part not closed");
    r->rest = span_rest(r->rest, 1);
    if (r->rest.n > 0 && r->rest.at[0] != '@')
        return error_set(err, ERROR_INVALID, "text after the quoted local part");
    return true;
}

static bool take_local(struct span *text, struct address *a, struct error *err)
{
    struct local_reader r = { .rest = *text, .to = a->local };

    if (text->n > 0 && text->at[0] == '"') {
        if (!take_quoted_string(&r, err))
            return false;
    } else if (!take_dot_string(&r, err)) {
        return false;
    }
    if (text->n - r.rest.n > ADDRESS_LOCAL_MOST)
        return error_set(err, ERROR_INVALID, "local part over 64 octets");
    if (r.rest.n == 0)
        return error_set(err, ERROR_INVALID, "no @");
    a->needs_smtputf8 = r.other_script;
    *text = span_rest(r.rest, 1);
    return true;
}

static bool take_literal(struct span text, struct address *a, struct error *err)
{
    CLEANUP(buf_fini) struct buf canonical;
    struct ip_literal literal;

    buf_init(&canonical, IP_LITERAL_MOST);
    if (!ip_literal_parse(text, &literal, err))
        return false;
    ip_literal_put(&canonical, &literal);
    memcpy(a->domain, buf_text(&canonical), canonical.n + 1);
    memcpy(a->ip, literal.ip, sizeof a->ip);
    a->ip_n = literal.n;
    return true;
}

bool address_parse(struct span text, struct address *ret_address, struct error *err)
{
    struct address a = { 0 };
    struct span rest = text;
    bool domain_is_good;

    if (text.n == 0)
        return error_set(err, ERROR_INVALID, "empty");
    if (!take_local(&rest, &a, err))
        return false;
    domain_is_good = rest.n > 0 && rest.at[0] == '[' ? take_literal(rest, &a, err)
                                                     : domain_name_parse(rest, a.domain, err);
    if (!domain_is_good)
        return false;
    /* Both what came and what will be sent must fit into a path of 256. */
    if (text.n > ADDRESS_MOST || text.n - rest.n + strlen(a.domain) > ADDRESS_MOST)
        return error_set(err, ERROR_INVALID, "over 254 octets");
    *ret_address = a;
    return true;
}

static bool is_dot_string(const char *local)
{
    char before = '.';

    for (; *local != '\0'; before = *local++) {
        if (*local == '.' ? before == '.' : (unsigned char)*local < 128 && !atom_has(*local))
            return false;
    }
    return before != '.';
}

static void put_local(struct buf *to, const char *local)
{
    if (is_dot_string(local)) {
        buf_put_text(to, local);
        return;
    }
    buf_put_byte(to, '"');
    for (; *local != '\0'; local++) {
        if (*local == '"' || *local == '\\')
            buf_put_byte(to, '\\');
        buf_put_byte(to, *local);
    }
    buf_put_byte(to, '"');
}

void address_put(struct buf *to, const struct address *a)
{
    put_local(to, a->local);
    buf_put_byte(to, '@');
    buf_put_text(to, a->domain);
}

void address_put_display(struct buf *to, const struct address *a)
{
    put_local(to, a->local);
    buf_put_byte(to, '@');
    domain_name_put_display(to, a->domain);
}

struct span address_domain(const struct address *a)
{
    return span_of(a->domain);
}
