/*
 * Addresses: what is taken can be written into a command without adding to it, means the same
 * when it is read again, and the store's forms of it agree.
 */
#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "domain/mail_address.h"
#include "protocol/mail/address.h"
#include "tests/fuzz/target.h"

/* Nothing in a mailbox may end a command line, a path or a header field. */
static void check_text(struct span text)
{
    bool quoted = false;

    assert(text.n <= ADDRESS_MOST && text_is_utf8(text) && !text_has_control(text));
    for (size_t i = 0; i < text.n; i++) {
        if (quoted && text.at[i] == '\\')
            i++;
        else if (text.at[i] == '"')
            quoted = !quoted;
        else
            assert(quoted || strchr(" <>,;:", text.at[i]) == NULL || i > span_index(text, '['));
    }
    assert(!quoted);
}

static void check_again(const struct address *a, struct span text)
{
    CLEANUP(buf_fini) struct buf again;
    struct address b;
    struct error err;

    buf_init(&again, ADDRESS_MOST);
    assert(address_parse(text, &b, &err));
    address_put(&again, &b);
    assert(span_equal(buf_view(&again), text));
    assert(strcmp(a->local, b.local) == 0 && strcmp(a->domain, b.domain) == 0);
    assert(a->ip_n == b.ip_n && a->needs_smtputf8 == b.needs_smtputf8);
}

static void check_forms(struct span input, struct span text)
{
    struct mail_address stored;
    struct mail_address normal;
    struct error err;

    assert(mail_address_read(input, &stored, &err));
    assert(span_equal(span_of(stored.address), text));
    assert(span_equal_nocase(span_of(stored.normal), text));
    assert(mail_address_read(span_of(stored.normal), &normal, &err));
    assert(strcmp(normal.normal, stored.normal) == 0);
    assert(strcmp(normal.domain, stored.domain) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf_fini) struct buf text;
    CLEANUP(buf_fini) struct buf shown;
    struct span input = { (const char *)data, size };
    struct mail_address stored;
    struct address a;
    struct error err = { .text = "" };

    buf_init(&text, ADDRESS_MOST);
    buf_init(&shown, 4 * ADDRESS_MOST);
    if (!address_parse(input, &a, &err)) {
        assert(err.kind == ERROR_INVALID && err.text[0] != '\0');
        assert(!mail_address_read(input, &stored, &err));
        return 0;
    }
    address_put(&text, &a);
    assert(!text.overflown);
    check_text(buf_view(&text));
    assert(a.needs_smtputf8 == !text_is_ascii(buf_view(&text)));
    check_again(&a, buf_view(&text));
    check_forms(input, buf_view(&text));
    address_put_display(&shown, &a);
    assert(!shown.overflown && text_is_utf8(buf_view(&shown)));
    assert(!text_has_control(buf_view(&shown)));
    return 0;
}
