#include "base/ip.h"

#include "tests/support/cmocka.h"

static struct ip parsed(const char *text)
{
    struct ip ip = { 0 };

    assert_true(ip_parse(span_of(text), &ip));
    return ip;
}

static void addresses_are_read_and_written(void **state)
{
    static const char *const texts[] = { "192.0.2.1", "2001:db8::1", "::1", "::ffff:10.0.0.1" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        CLEANUP(buf_fini) struct buf written;
        struct ip ip = parsed(texts[i]);

        buf_init(&written, 64);
        ip_put(&written, &ip);
        assert_string_equal(buf_text(&written), texts[i]);
    }
}

static void wrong_addresses_are_refused(void **state)
{
    static const char *const texts[] = { "",
                                         "1.2.3",
                                         "1.2.3.4.5",
                                         "256.1.1.1",
                                         "fe80::1%eth0",
                                         "[::1]",
                                         "example.org",
                                         "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001" };
    struct ip ip;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        assert_false(ip_parse(span_of(texts[i]), &ip));
}

static void loopback_has_many_forms(void **state)
{
    static const struct {
        const char *text;
        bool loopback;
    } cases[] = {
        { "127.0.0.1", true },  { "127.255.1.2", true },
        { "128.0.0.1", false }, { "::1", true },
        { "::2", false },       { "::ffff:127.0.0.1", true },
        { "1::1", false },      { "64:ff9b::127.0.0.1", true },
        { "10.0.0.1", false },  { "::127.0.0.1", false }, /* goes nowhere, and is internal */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct ip ip = parsed(cases[i].text);

        assert_int_equal(ip_is_loopback(&ip), cases[i].loopback);
    }
}

static void no_address_is_written_as_a_dash(void **state)
{
    CLEANUP(buf_fini) struct buf written;
    struct ip none = { 0 };

    (void)state;
    buf_init(&written, 64);
    ip_put(&written, &none);
    assert_string_equal(buf_text(&written), "-");
}

static void internal_networks_are_known(void **state)
{
    static const struct {
        const char *text;
        bool internal;
    } cases[] = {
        { "10.1.2.3", true },
        { "172.16.0.1", true },
        { "172.32.0.1", false },
        { "192.168.1.1", true },
        { "127.0.0.1", true },
        { "169.254.1.1", true },
        { "100.64.0.1", true },
        { "100.128.0.1", false },
        { "8.8.8.8", false },
        { "0.0.0.0", true },
        { "239.1.1.1", true },
        { "::1", true },
        { "::", true },
        { "fe80::1", true },
        { "fd00::1", true },
        { "2001:db8::1", false },
        { "::ffff:10.0.0.1", true },
        { "::ffff:8.8.8.8", false },
        { "::10.0.0.1", true },
        { "64:ff9b::10.0.0.1", true },
        { "64:ff9b::8.8.8.8", false },
        { "64:ff9b:1::a00:1", true },
        { "64:ff9b:1::808:808", false },
        { "64:ff9b:1:a00:0:100::", true }, /* 10.0.0.1 around bits 64 to 71 */
        { "64:ff9b:1:808:8:800::", false },
        { "64:ff9b:2::a00:1", false },
        { "2002:a00:1::1", true },
        { "2002:7f00:1::", true },
        { "2002:808:808::1", false },
        { "fec0::1", true },
        { "::1:0:0:1", false },
        { "11.0.0.1", false },
        { "223.255.255.255", false },
        { "255.255.255.255", true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct ip ip = parsed(cases[i].text);

        assert_int_equal(ip_is_internal(&ip), cases[i].internal);
    }
}

static void a_network_holds_its_addresses(void **state)
{
    static const struct {
        const char *network;
        const char *ip;
        bool holds;
    } cases[] = {
        { "192.0.2.0/24", "192.0.2.7", true },      { "192.0.2.0/24", "192.0.3.7", false },
        { "0.0.0.0/0", "203.0.113.9", true },       { "0.0.0.0/0", "2001:db8::1", false },
        { "127.0.0.1", "127.0.0.1", true },         { "127.0.0.1", "127.0.0.2", false },
        { "2001:db8::/33", "2001:db8:1::1", true }, { "2001:db8::/33", "2001:db8:8000::1", false },
    };
    static const char *const none[] = { "", "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/", "x/8" };
    struct ip_network network;
    struct ip ip;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_true(ip_network_parse(span_of(cases[i].network), &network));
        assert_true(ip_parse(span_of(cases[i].ip), &ip));
        assert_int_equal(ip_network_holds(&network, &ip), cases[i].holds);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(none); i++)
        assert_false(ip_network_parse(span_of(none[i]), &network));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(wrong_addresses_are_refused),
        cmocka_unit_test(loopback_has_many_forms),
        cmocka_unit_test(no_address_is_written_as_a_dash),
        cmocka_unit_test(internal_networks_are_known),
        cmocka_unit_test(a_network_holds_its_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
