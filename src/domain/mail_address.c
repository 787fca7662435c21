/*
 * The forms of an address. RFC 5321 section 2.4 leaves the case of a local part to its host; no
 * host in use tells Ann from ann, so to compare we fold ASCII letters, and mail what was given.
 */
#include "domain/mail_address.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "protocol/mail/address.h"

static void copy(char *to, size_t room, struct span from, bool fold)
{
    size_t n = from.n < room ? from.n : room - 1;

    for (size_t i = 0; i < n; i++) {
        char c = from.at[i];

        to[i] = fold && c >= 'A' && c <= 'Z' ? "abcdefghijklmnopqrstuvwxyz"[c - 'A'] : c;
    }
    to[n] = '\0';
}

bool mail_address_read(struct span text, struct mail_address *ret_address, struct error *err)
{
    struct address parsed;
    CLEANUP(buf_fini) struct buf wire;

    buf_init(&wire, MAIL_ADDRESS_ROOM - 1);
    if (!address_parse(text, &parsed, err))
        return false;
    address_put(&wire, &parsed);
    copy(ret_address->address, MAIL_ADDRESS_ROOM, buf_view(&wire), false);
    copy(ret_address->normal, MAIL_ADDRESS_ROOM, buf_view(&wire), true);
    copy(ret_address->domain, MAIL_DOMAIN_ROOM, address_domain(&parsed), true);
    return true;
}
