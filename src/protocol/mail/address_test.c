/*
 * What an envelope may carry, by the rules of RFC 5321 and RFC 6531 one after the other, and the
 * reasons given for what it may not.
 */
#include "protocol/mail/address.h"

#include <string.h>

#include "base/text.h"
#include "tests/support/cmocka.h"

/* bytes with their length, in tables: the text may hold zeros */
#define BYTES(literal)                                                                             \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

#define A10 "aaaaaaaaaa"
#define A60 A10 A10 A10 A10 A10 A10
#define A63 A60 "aaa"
#define A64 A60 "aaaa"
#define U10                                                                                        \
    "\xc3\xbc.\xc3\xbc.\xc3\xbc.\xc3\xbc.\xc3\xbc.\xc3\xbc.\xc3\xbc.\xc3\xbc.\xc3\xbc.\xc3\xbc."
#define LABELS_189                                                                                 \
    A63 "." A63 "."                                                                                \
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* clang-format off */
static const struct good {
    const char *text;
    const char *stored; /* NULL: the same */
} good[] = {
    /* dot-strings: every character of atext */
    { "ann@example.org", NULL },
    { "Ann.Smith@example.org", NULL },
    { "a@b", NULL },
    { "a@localhost", NULL },
    { "1@2", NULL },
    { "!#$%&'*+-/=?^_`{|}~@example.org", NULL },
    { "abcdefghijklmnopqrstuvwxyz@example.org", NULL },
    { "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@example.org", NULL },
    { "a.b.c.d.e@example.org", NULL },
    { "-@example.org", NULL },
    { "ann+tag@example.org", NULL },
    { "=?utf-8?q?x?=@example.org", NULL },
    { A64 "@example.org", NULL },
    { "user%host@example.org", NULL },
    { "bang!path@example.org", NULL },
    /* quoted strings: quoted again only where it must be */
    { "\"ann\"@example.org", "ann@example.org" },
    { "\"ann smith\"@example.org", NULL },
    { "\"\"@example.org", NULL },
    { "\" \"@example.org", NULL },
    { "\".\"@example.org", NULL },
    { "\"a..b\"@example.org", NULL },
    { "\".a\"@example.org", NULL },
    { "\"a.\"@example.org", NULL },
    { "\"a.b\"@example.org", "a.b@example.org" },
    { "\"a@b\"@example.org", NULL },
    { "\"a\\\"b\"@example.org", NULL },
    { "\"a\\\\b\"@example.org", NULL },
    { "\"a\\b\"@example.org", "ab@example.org" },
    { "\"a\\ b\"@example.org", "\"a b\"@example.org" },
    { "\"a\\.b\"@example.org", "a.b@example.org" },
    { "\"\\\"\"@example.org", NULL },
    { "\" ann\"@example.org", NULL },
    { "\"\\a\\n\\n\"@example.org", "ann@example.org" },
    { "\"@a,@b:c\"@example.org", NULL },
    { "\"\\@\"@example.org", "\"@\"@example.org" },
    { "\"<>()[],:;\"@example.org", NULL },
    { "\"!#$%&'*+-/=?^_`{|}~\"@example.org", "!#$%&'*+-/=?^_`{|}~@example.org" },
    { "\"RCPT TO:<b@c>\"@example.org", NULL },
    { "\"" A60 "  \"@example.org", NULL },
    /* domains */
    { "ann@EXAMPLE.Org", "ann@example.org" },
    { "ann@a-b.c--d.org", NULL },
    { "ann@1.2.3.4", NULL },
    { "ann@3com.com", NULL },
    { "ann@ab--cd.org", NULL },
    { "ann@xn--zzzzzz.org", NULL }, /* whatever it means: its bytes may be sent */
    { "ann@a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p", NULL },
    { "ann@" A63 ".org", NULL },
    { "ann@xn--bcher-kva.example", NULL },
    { "ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example" },
    { "a@" LABELS_189 "." A60 "a", NULL },
    /* address literals */
    { "ann@[192.0.2.1]", NULL },
    { "ann@[0.0.0.0]", NULL },
    { "ann@[255.255.255.255]", NULL },
    { "ann@[192.000.002.001]", "ann@[192.0.2.1]" },
    { "ann@[IPv6:2001:db8::1]", NULL },
    { "ann@[ipv6:2001:DB8:0:0:0:0:0:1]", "ann@[IPv6:2001:db8::1]" },
    { "ann@[IPv6:::]", NULL },
    { "ann@[IPv6:::1]", NULL },
    { "ann@[IPv6:1::]", NULL },
    { "ann@[IPv6:1:2:3:4:5:6:7:8]", NULL },
    { "ann@[IPv6:1:2:3:4:5:6::]", "ann@[IPv6:1:2:3:4:5:6::]" },
    { "ann@[IPv6:1:0:0:2:0:0:0:3]", "ann@[IPv6:1:0:0:2::3]" },
    { "ann@[IPv6:1:0:2:3:4:5:6:7]", NULL },
    { "ann@[IPv6:0001:0002::0003]", "ann@[IPv6:1:2::3]" },
    { "ann@[IPv6:::ffff:192.0.2.1]", "ann@[IPv6:::ffff:c000:201]" },
    { "ann@[IPv6:1:2:3:4:5:6:192.0.2.1]", "ann@[IPv6:1:2:3:4:5:6:c000:201]" },
    { "ann@[IPv6:1:2:3:4::192.0.2.1]", "ann@[IPv6:1:2:3:4::c000:201]" },
    /* other scripts */
    { "j\xc3\xbcrgen@example.org", NULL },
    { "\xe7\x94\xa8\xe6\x88\xb7@\xe4\xbe\x8b\xe5\xad\x90.\xe5\xb9\xbf\xe5\x91\x8a",
      "\xe7\x94\xa8\xe6\x88\xb7@xn--fsqu00a.xn--4rr70v" },
    { "ann@b\xc3\xbc" "cher.example", "ann@xn--bcher-kva.example" },
    { "ann@B\xc3\x9c" "CHER.example", "ann@xn--bcher-kva.example" },
    { "ann@bu\xcc\x88" "cher.example", "ann@xn--bcher-kva.example" },
    { "ann@fa\xc3\x9f.de", "ann@xn--fa-hia.de" },
    { "\"j\xc3\xbcrgen m\"@example.org", NULL },
    { "\"j\xc3\xbcrgen\"@example.org", "j\xc3\xbcrgen@example.org" },
    { "\xf0\x9f\x93\xac@example.org", NULL },
    { "\xc3\xbc" A60 "aa@example.org", NULL }, /* 64 octets */
    { "a.\xc3\xbc.b@example.org", NULL },
    { "\"\xc3\xbc.\"@example.org", NULL },
    { "\xc3\xbc@[192.0.2.1]", NULL },
    { "\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x82@\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x82.com",
      "\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x82@xn--nxasmm1c.com" }, /* the final sigma stays */
    { "ann@\xd9\x86\xd8\xa7\xd9\x85\xd9\x87\xe2\x80\x8c\xd8\xa7\xdb\x8c.com",
      "ann@xn--mgba3gch31f060k.com" }, /* a joiner where its script needs it */
    { "ann@\xd7\x90\xd7\x91\xd7\x92.example", "ann@xn--4dbcd.example" },
    { "ann@\xef\xbc\xa5\xef\xbc\xb8.org", "ann@ex.org" }, /* full width */
    { "ann@example\xe3\x80\x82org", "ann@example.org" },
    { "ann@mixed.b\xc3\xbc" "cher.xn--bcher-kva.example",
      "ann@mixed.xn--bcher-kva.xn--bcher-kva.example" },
    { "\xe0\xa4\x85\xe0\xa4\x9c\xe0\xa4\xaf@\xe0\xa4\xa1\xe0\xa4\xbe\xe0\xa4\x9f\xe0\xa4\xbe.\xe0"
      "\xa4\xad\xe0\xa4\xbe\xe0\xa4\xb0\xe0\xa4\xa4",
      "\xe0\xa4\x85\xe0\xa4\x9c\xe0\xa4\xaf@xn--c2bd1gb.xn--h2brj9c" },
};

static const struct bad {
    struct span text;
    const char *reason;
} bad[] = {
    { BYTES(""), "empty" },
    { BYTES("ann"), "no @" },
    { BYTES("postmaster"), "no @" },
    { BYTES("@"), "empty local part" },
    { BYTES("@example.org"), "empty local part" },
    { BYTES("ann@"), "empty domain" },
    { BYTES("a@b@example.org"), "character not allowed in the domain" },
    { BYTES("@a,@b:ann@example.org"), "empty local part" }, /* a source route */
    { BYTES("@a:ann@example.org"), "empty local part" },
    { BYTES("<@a:ann@example.org>"), "character not allowed in the local part" },
    { BYTES("<>"), "character not allowed in the local part" },
    { BYTES("ann@@example.org"), "character not allowed in the domain" },
    { BYTES("mailto:ann@example.org"), "character not allowed in the local part" },
    { BYTES("ann%example.org"), "no @" },
    { BYTES("ann@example.org SIZE=1"), "character not allowed in the domain" },
    { BYTES("ann@example.org;bob@example.org"), "character not allowed in the domain" },
    { BYTES("group:ann@example.org;"), "character not allowed in the local part" },
    { BYTES("\"Ann\" <ann@example.org>"), "text after the quoted local part" },
    { BYTES("<ann@example.org>"), "character not allowed in the local part" },
    { BYTES("ann@example.org>"), "character not allowed in the domain" },
    { BYTES("Ann <ann@example.org>"), "character not allowed in the local part" },
    { BYTES("ann@example.org, bob@example.org"), "character not allowed in the domain" },
    { BYTES("ann@example.org (Ann)"), "character not allowed in the domain" },
    { BYTES("(c)ann@example.org"), "character not allowed in the local part" },
    { BYTES(" ann@example.org"), "character not allowed in the local part" },
    { BYTES("ann@example.org "), "character not allowed in the domain" },
    { BYTES("ann @example.org"), "character not allowed in the local part" },
    { BYTES("ann@ example.org"), "character not allowed in the domain" },
    { BYTES(".ann@example.org"), "misplaced dot in the local part" },
    { BYTES("ann.@example.org"), "misplaced dot in the local part" },
    { BYTES("a..n@example.org"), "misplaced dot in the local part" },
    { BYTES(".@example.org"), "misplaced dot in the local part" },
    { BYTES("a,b@example.org"), "character not allowed in the local part" },
    { BYTES("a:b@example.org"), "character not allowed in the local part" },
    { BYTES("a;b@example.org"), "character not allowed in the local part" },
    { BYTES("a[b@example.org"), "character not allowed in the local part" },
    { BYTES("a\\b@example.org"), "character not allowed in the local part" },
    { BYTES("a\"b\"@example.org"), "character not allowed in the local part" },
    { BYTES("a.\"b\"@example.org"), "character not allowed in the local part" },
    { BYTES("\"a\".b@example.org"), "text after the quoted local part" },
    { BYTES("\"a\"b@example.org"), "text after the quoted local part" },
    { BYTES("\"a\"\"b\"@example.org"), "text after the quoted local part" },
    { BYTES("\"a\".\"b\"@example.org"), "text after the quoted local part" },
    { BYTES("\"a\"(c)@example.org"), "text after the quoted local part" },
    { BYTES("\"a\" @example.org"), "text after the quoted local part" },
    { BYTES("\"a@example.org"), "quoted local part not closed" },
    { BYTES("\""), "quoted local part not closed" },
    { BYTES("\"\""), "no @" },
    { BYTES("\"a\\\"@example.org"), "quoted local part not closed" },
    { BYTES("\"a\\"), "backslash before no ASCII character" },
    { BYTES("\"\\\xc3\xbc\"@example.org"), "backslash before no ASCII character" },
    /* controls, and what tries to add a command */
    { BYTES("a\r\nRCPT TO:<b@c>@example.org"), "control character in the local part" },
    { BYTES("a\0b@example.org"), "control character in the local part" },
    { BYTES("a\x7f@example.org"), "control character in the local part" },
    { BYTES("a\t@example.org"), "control character in the local part" },
    { BYTES("\"a\tb\"@example.org"), "control character in the local part" },
    { BYTES("\"a\\\rb\"@example.org"), "control character in the local part" },
    { BYTES("\"a\0b\"@example.org"), "control character in the local part" },
    { BYTES("\"a\r\n b\"@example.org"), "control character in the local part" },
    { BYTES("ann@example.org\r\nDATA"), "control character in the domain" },
    { BYTES("ann@example.org\n"), "control character in the domain" },
    { BYTES("ann@exa\0mple.org"), "control character in the domain" },
    { BYTES("a\xc2\x85@example.org"), "control character in the local part" },
    { BYTES("ann@exa\xc2\x85mple.org"), "not an international domain name" },
    /* lengths, in octets */
    { BYTES(A64 "a@example.org"), "local part over 64 octets" },
    { BYTES("\"" A63 "\"@example.org"), "local part over 64 octets" },
    { BYTES("\"" A64 "a\"@example.org"), "local part over 64 octets" },
    { BYTES("\xc3\xbc" A63 "@example.org"), "local part over 64 octets" },
    { BYTES("ann@" A64 ".org"), "label over 63 octets in the domain" },
    { BYTES("aa@" LABELS_189 "." A63), "over 254 octets" },
    { BYTES("aaaa@" LABELS_189 "." A60), "over 254 octets" },
    { BYTES(A64 "@" U10 U10 U10 "a"), "over 254 octets" }, /* as A-labels, which we send */
    { BYTES("ann@" A63 "." A63 "." A63 "." A63 "." A63), "domain over 253 octets" },
    { BYTES("ann@\xc3\xbc" A60 ".org"), "label over 63 octets in the domain" },
    /* domains */
    { BYTES("ann@example.org."), "dot at the end of the domain" },
    { BYTES("ann@.example.org"), "empty label in the domain" },
    { BYTES("ann@example..org"), "empty label in the domain" },
    { BYTES("ann@."), "dot at the end of the domain" },
    { BYTES("ann@-example.org"), "hyphen at the edge of a label in the domain" },
    { BYTES("ann@example-.org"), "hyphen at the edge of a label in the domain" },
    { BYTES("ann@example.-org"), "hyphen at the edge of a label in the domain" },
    { BYTES("ann@-"), "hyphen at the edge of a label in the domain" },
    { BYTES("ann@exa_mple.org"), "character not allowed in the domain" },
    { BYTES("ann@exa/mple.org"), "character not allowed in the domain" },
    { BYTES("ann@xn--.org"), "hyphen at the edge of a label in the domain" },
    { BYTES("ann@(c)example.org"), "character not allowed in the domain" },
    { BYTES("ann@exam ple.org"), "character not allowed in the domain" },
    { BYTES("ann@example.org\xc2\xa0"), "character not allowed in the domain" },
    { BYTES("ann@*.example.org"), "character not allowed in the domain" },
    { BYTES("ann@example.org,"), "character not allowed in the domain" },
    { BYTES("ann@%41.org"), "character not allowed in the domain" },
    /* IDNA: bidi, a leading mark, digits of two scripts, a broken A-label beside a U-label */
    { BYTES("ann@0\xd7\x90.example"), "not an international domain name" },
    { BYTES("ann@\xd7\x90" "a.example"), "not an international domain name" },
    { BYTES("ann@\xcc\x81" "abc.example"), "not an international domain name" },
    { BYTES("ann@\xd9\xa0\xdb\xb0.example"), "not an international domain name" },
    { BYTES("ann@xn--\xc3\xbc.example"), "not an international domain name" },
    { BYTES("ann@\xf0\x9f\x98\x80.example"), "not an international domain name" },
    { BYTES("ann@\xe2\x80\x8d.example"), "not an international domain name" },
    { BYTES("ann@example.org:25"), "character not allowed in the domain" },
    { BYTES("ann@\"example.org\""), "character not allowed in the domain" },
    { BYTES("ann@192.0.2.1]"), "character not allowed in the domain" },
    { BYTES("ann@b\xc3\xbc_cher.example"), "character not allowed in the domain" },
    { BYTES("ann@-b\xc3\xbc" "cher.example"), "not an international domain name" },
    { BYTES("ann@b\xc3\xbc" "cher.example."), "dot at the end of the domain" },
    { BYTES("ann@b\xc3\xbc" "cher..example"), "empty label in the domain" },
    { BYTES("ann@\xe2\x98\x83.example"), "not an international domain name" },
    /* address literals */
    { BYTES("ann@["), "address literal not closed" },
    { BYTES("ann@[]"), "wrong address literal" },
    { BYTES("ann@[192.0.2.1"), "address literal not closed" },
    { BYTES("ann@[192.0.2.1]x"), "address literal not closed" },
    { BYTES("ann@[192.0.2.1].org"), "address literal not closed" },
    { BYTES("ann@[192.0.2.1]]"), "wrong address literal" },
    { BYTES("ann@[[192.0.2.1]]"), "wrong address literal" },
    { BYTES("ann@[IPv4:192.0.2.1]"), "wrong address literal" },
    { BYTES("ann@[192.0.2.0001]"), "wrong address literal" },
    { BYTES("ann@[192.0.2.-1]"), "wrong address literal" },
    { BYTES("ann@[192.0.2.1e]"), "wrong address literal" },
    { BYTES("ann@[0x7f.0.0.1]"), "wrong address literal" },
    { BYTES("ann@[3221225985]"), "wrong address literal" },
    { BYTES("ann@[\xd9\xa1.0.0.1]"), "wrong address literal" },
    { BYTES("ann@[192.0.2.1\r\n]"), "wrong address literal" },
    { BYTES("ann@[192.0.2.1\0]"), "wrong address literal" },
    { BYTES("ann@[IPv6 2001:db8::1]"), "wrong address literal" },
    { BYTES("ann@[IPv6:2001:db8::1%25eth0]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6: 2001:db8::1]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:2001:db8::1 ]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:2001:db8:::1]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:2001:db8::1:]"), "wrong IPv6 address" },
    { BYTES("ann@[192.0.2.256]"), "wrong address literal" },
    { BYTES("ann@[192.0.2]"), "wrong address literal" },
    { BYTES("ann@[192.0.2.1.1]"), "wrong address literal" },
    { BYTES("ann@[192.0.2.]"), "wrong address literal" },
    { BYTES("ann@[192.0.2.1.]"), "wrong address literal" },
    { BYTES("ann@[0192.0.2.1]"), "wrong address literal" },
    { BYTES("ann@[ 192.0.2.1]"), "wrong address literal" },
    { BYTES("ann@[example.org]"), "wrong address literal" },
    { BYTES("ann@[2001:db8::1]"), "wrong address literal" },
    { BYTES("ann@[x400:abc]"), "wrong address literal" },
    { BYTES("ann@[IPv6:]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6::]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:1:2:3:4:5:6:7]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:1:2:3:4:5:6:7:8:9]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:1:2:3:4:5:6:7::]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:1:2:3::4:5:6:7]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:1::2::3]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6::::1]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:1:]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6::1:2:3:4:5:6:7:8]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:12345::1]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:g::1]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:fe80::1%eth0]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:192.0.2.1]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:::ffff:192.0.2]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:::192.0.2.1:1]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:1:2:3:4:5::192.0.2.1]"), "wrong IPv6 address" },
    { BYTES("ann@[IPv6:1:2:3:4:5:6:7:192.0.2.1]"), "wrong IPv6 address" },
    /* UTF-8 */
    { BYTES("j\xfcrgen@example.org"), "not UTF-8" },
    { BYTES("j\xc0\xafx@example.org"), "not UTF-8" },
    { BYTES("j\xe0\x80\xafx@example.org"), "not UTF-8" },
    { BYTES("j\xed\xa0\x80@example.org"), "not UTF-8" },
    { BYTES("j\xf4\x90\x80\x80@example.org"), "not UTF-8" },
    { BYTES("j\xc3@example.org"), "not UTF-8" },
    { BYTES("\"j\xfc\"@example.org"), "not UTF-8" },
    { BYTES("ann@b\xfc" "cher.example"), "not UTF-8" },
    { BYTES("ann@b\xed\xa0\x80.example"), "not UTF-8" },
};
/* clang-format on */

static void good_addresses_are_stored_in_one_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        const char *stored = good[i].stored != NULL ? good[i].stored : good[i].text;
        CLEANUP(buf_fini) struct buf put;
        struct address a;
        struct address again;
        struct error err = { 0 };

        if (!address_parse(span_of(good[i].text), &a, &err))
            fail_msg("%s: %s", good[i].text, err.text);
        buf_init(&put, ADDRESS_MOST);
        address_put(&put, &a);
        assert_string_equal(buf_text(&put), stored);
        assert_true(address_parse(buf_view(&put), &again, &err));
        assert_memory_equal(&a, &again, sizeof a);
    }
}

static void bad_addresses_have_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct address a = { .local = "untouched" };
        struct error err = { 0 };

        if (address_parse(bad[i].text, &a, &err))
            fail_msg("%.*s is taken", SPAN_ARGS(bad[i].text));
        if (strcmp(err.text, bad[i].reason) != 0)
            fail_msg("%.*s: %s, expected %s", SPAN_ARGS(bad[i].text), err.text, bad[i].reason);
        assert_string_equal(a.local, "untouched");
    }
}

/* Every byte in every place: what is taken must be in the grammar's own tables. */
static void single_bytes_follow_the_grammar(void **state)
{
    static const char atext[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~";

    (void)state;
    for (int c = 0; c < 256; c++) {
        const char bare[] = { (char)c, '@', 'b' };
        const char quoted[] = { '"', (char)c, '"', '@', 'b' };
        const char escaped[] = { '"', '\\', (char)c, '"', '@', 'b' };
        const char domain[] = { 'a', '@', 'b', (char)c, 'c' };
        bool is_printable = c >= 32 && c <= 126;
        bool is_alphanumeric = c != 0 && strchr(atext, c) != NULL && strchr(atext, c) < atext + 62;
        struct address a;
        struct error err;

        assert_int_equal(address_parse((struct span){ bare, 3 }, &a, &err),
                         c != 0 && strchr(atext, c) != NULL);
        assert_int_equal(address_parse((struct span){ quoted, 5 }, &a, &err),
                         is_printable && c != '"' && c != '\\');
        assert_int_equal(address_parse((struct span){ escaped, 6 }, &a, &err), is_printable);
        assert_int_equal(address_parse((struct span){ domain, 5 }, &a, &err),
                         is_alphanumeric || c == '-' || c == '.');
    }
}

static void parts_are_decoded(void **state)
{
    struct address a;
    struct error err;

    (void)state;
    assert_true(address_parse(SPAN("\"ann \\\"x\"@B\xc3\xbc"
                                   "cher.Example"),
                              &a, &err));
    assert_string_equal(a.local, "ann \"x");
    assert_true(span_equal(address_domain(&a), SPAN("xn--bcher-kva.example")));
    assert_false(a.needs_smtputf8);
    assert_int_equal(a.ip_n, 0);
    assert_true(address_parse(SPAN("j\xc3\xbcrgen@[IPv6:::ffff:192.0.2.1]"), &a, &err));
    assert_true(a.needs_smtputf8);
    assert_int_equal(a.ip_n, 16);
    assert_memory_equal(a.ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", 16);
    assert_true(address_parse(SPAN("ann@[192.0.2.1]"), &a, &err));
    assert_int_equal(a.ip_n, 4);
    assert_memory_equal(a.ip, "\xc0\0\2\1", 4);
}

static void people_see_domains_in_their_script(void **state)
{
    static const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        { "ann@xn--bcher-kva.example", "ann@b\xc3\xbc"
                                       "cher.example" },
        { "ann@xn--fa-hia.de", "ann@fa\xc3\x9f.de" },
        { "ann@example.org", "ann@example.org" },
        { "\"a b\"@[192.0.2.1]", "\"a b\"@[192.0.2.1]" },
        { "ann@xn--9999999999999999.example", "ann@xn--9999999999999999.example" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf shown;
        struct address a;
        struct error err;

        assert_true(address_parse(span_of(cases[i].text), &a, &err));
        buf_init(&shown, 1000);
        address_put_display(&shown, &a);
        assert_string_equal(buf_text(&shown), cases[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_addresses_are_stored_in_one_form),
        cmocka_unit_test(bad_addresses_have_a_reason),
        cmocka_unit_test(single_bytes_follow_the_grammar),
        cmocka_unit_test(parts_are_decoded),
        cmocka_unit_test(people_see_domains_in_their_script),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
