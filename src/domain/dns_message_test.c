#include "domain/dns_message.h"

#include <string.h>

#include "base/buf.h"
#include "base/random.h"
#include "tests/support/cmocka.h"

enum { TYPE_CNAME = 5, TYPE_SOA = 6, GARBAGE_RUNS = 20000 };

static void put_number(struct buf *to, int bytes, uint32_t number)
{
    for (int i = bytes - 1; i >= 0; i--)
        buf_put_byte(to, (char)(number >> (8 * i)));
}

/* "a.example" in labels; "" is the root. */
static void put_name(struct buf *to, const char *name)
{
    struct span rest = span_of(name);

    while (rest.n > 0) {
        struct span label = span_take_until(&rest, '.');

        buf_put_byte(to, (char)label.n);
        buf_put(to, label);
    }
    buf_put_byte(to, 0);
}

/* The header and the question for x.example, which begins at offset 12. */
static void begin(struct buf *to, unsigned rcode, unsigned answers, unsigned authorities)
{
    buf_init(to, 1 << 16);
    put_number(to, 2, 4711);
    put_number(to, 2, 0x8180 | rcode);
    put_number(to, 2, 1);
    put_number(to, 2, answers);
    put_number(to, 2, authorities);
    put_number(to, 2, 0);
    put_name(to, "X.Example");
    put_number(to, 4, 0x000f0001);
}

static void put_record(struct buf *to, const char *owner, unsigned type, uint32_t ttl,
                       struct span data)
{
    put_name(to, owner);
    put_number(to, 2, type);
    put_number(to, 2, 1);
    put_number(to, 4, ttl);
    put_number(to, 2, (uint32_t)data.n);
    buf_put(to, data);
}

static void put_named(struct buf *to, const char *owner, unsigned type, uint32_t ttl,
                      const char *target)
{
    CLEANUP(buf_fini) struct buf data;

    buf_init(&data, 300);
    if (type == DNS_MX)
        put_number(&data, 2, 10);
    put_name(&data, target);
    put_record(to, owner, type, ttl, buf_view(&data));
}

static void records_are_read_over_aliases_with_the_least_ttl(void **state)
{
    CLEANUP(buf_fini) struct buf message;
    struct dns_answer answer;

    (void)state;
    begin(&message, 0, 4, 0);
    put_named(&message, "x.example", TYPE_CNAME, 500, "Y.example");
    put_named(&message, "y.example", DNS_MX, 400, "Mail.Example");
    put_named(&message, "y.example", DNS_MX, 300, "");
    put_named(&message, "stranger.example", DNS_MX, 1, "evil.example");
    dns_message_read(buf_view(&message), "X.EXAMPLE", DNS_MX, &answer);
    assert_int_equal(answer.status, DNS_OK);
    assert_int_equal(answer.count, 2);
    assert_string_equal(answer.records[0].name, "mail.example");
    assert_int_equal(answer.records[0].preference, 10);
    assert_string_equal(answer.records[1].name, "");
    assert_int_equal(answer.ttl_s, 300);
    assert_string_equal(answer.canonical, "y.example");
    dns_answer_fini(&answer);
}

static void compressed_names_are_read(void **state)
{
    CLEANUP(buf_fini) struct buf message;
    struct dns_answer answer;

    (void)state;
    begin(&message, 0, 1, 0);
    put_number(&message, 2, 0xc00c); /* x.example */
    put_number(&message, 2, DNS_MX);
    put_number(&message, 2, 1);
    put_number(&message, 4, 60);
    put_number(&message, 2, 7);
    put_number(&message, 2, 5);
    buf_put(&message, SPAN("\002mx\xc0\x0c"));
    dns_message_read(buf_view(&message), "x.example", DNS_MX, &answer);
    assert_int_equal(answer.status, DNS_OK);
    assert_string_equal(answer.records[0].name, "mx.x.example");
    dns_answer_fini(&answer);
}

static void absence_lives_as_the_soa_says(void **state)
{
    static const char soa[22] = { [21] = 42 };
    static const struct {
        unsigned rcode;
        uint32_t ttl;
        enum dns_status status;
        uint32_t expect;
    } cases[] = { { 0, 100, DNS_NODATA, 42 },
                  { 3, 100, DNS_NXDOMAIN, 42 },
                  { 3, 7, DNS_NXDOMAIN, 7 },
                  { 3, 0x80000001, DNS_NXDOMAIN, 0 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf message;
        struct dns_answer answer;

        begin(&message, cases[i].rcode, 0, 1);
        put_record(&message, "example", TYPE_SOA, cases[i].ttl, (struct span){ soa, sizeof(soa) });
        dns_message_read(buf_view(&message), "x.example", DNS_MX, &answer);
        assert_int_equal(answer.status, cases[i].status);
        assert_int_equal(answer.ttl_s, cases[i].expect);
    }
}

/* RFC 2308, section 5: without a SOA the absence may not be kept. */
static void absence_without_a_soa_does_not_live(void **state)
{
    static const unsigned rcodes[] = { 0, 3 };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rcodes); i++) {
        CLEANUP(buf_fini) struct buf message;
        struct dns_answer answer;

        begin(&message, rcodes[i], 0, 0);
        dns_message_read(buf_view(&message), "x.example", DNS_MX, &answer);
        assert_int_equal(answer.status, rcodes[i] == 0 ? DNS_NODATA : DNS_NXDOMAIN);
        assert_int_equal(answer.ttl_s, 0);
    }
}

static void broken_records_are_passed_over(void **state)
{
    CLEANUP(buf_fini) struct buf message;
    struct dns_answer answer;

    (void)state;
    begin(&message, 0, 4, 0);
    put_record(&message, "x.example", DNS_A, 60, SPAN("\x01\x02\x03"));
    put_record(&message, "x.example", DNS_A, 60, SPAN("\xc0\x00\x02\x01"));
    put_record(&message, "x.example", DNS_A, 60, SPAN("\x01\x02\x03\x04\x05"));
    put_record(&message, "x.example", DNS_A, 60, SPAN(""));
    dns_message_read(buf_view(&message), "x.example", DNS_A, &answer);
    assert_int_equal(answer.status, DNS_OK);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.records[0].ip.bytes[0], 192);
    dns_answer_fini(&answer);
}

static void only_broken_records_are_a_failure(void **state)
{
    static const char *const targets[] = { "bad name.example", "a/b.example", "\001.example" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(targets); i++) {
        CLEANUP(buf_fini) struct buf message;
        struct dns_answer answer;

        begin(&message, 0, 1, 0);
        put_named(&message, "x.example", DNS_MX, 60, targets[i]);
        dns_message_read(buf_view(&message), "x.example", DNS_MX, &answer);
        assert_int_equal(answer.status, DNS_SERVFAIL);
        assert_string_equal(answer.problem, "all records are malformed");
        assert_null(answer.records);
    }
}

static void aliases_without_end_are_a_failure(void **state)
{
    CLEANUP(buf_fini) struct buf message;
    struct dns_answer answer;

    (void)state;
    begin(&message, 0, 2, 0);
    put_named(&message, "x.example", TYPE_CNAME, 60, "y.example");
    put_named(&message, "y.example", TYPE_CNAME, 60, "x.example");
    dns_message_read(buf_view(&message), "x.example", DNS_MX, &answer);
    assert_int_equal(answer.status, DNS_SERVFAIL);
}

static void a_pointer_that_leads_nowhere_breaks_the_message(void **state)
{
    static const unsigned pointers[] = { 0xc01b, 0xc0ff, 0xffff, 0x4000 };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(pointers); i++) {
        CLEANUP(buf_fini) struct buf message;
        struct dns_answer answer;

        begin(&message, 0, 1, 0);
        assert_int_equal(message.n, 0x1b);
        put_number(&message, 2, pointers[i]); /* itself, ahead, outside, no pointer at all */
        buf_put(&message, SPAN("\0\x0f\0\x01\0\0\0\x3c\0\0"));
        dns_message_read(buf_view(&message), "x.example", DNS_MX, &answer);
        assert_int_equal(answer.status, DNS_SERVFAIL);
        assert_string_equal(answer.problem, "the answer is malformed");
    }
}

static void failure_codes_are_failures(void **state)
{
    static const unsigned codes[] = { 1, 2, 4, 5, 9 };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
        CLEANUP(buf_fini) struct buf message;
        struct dns_answer answer;

        begin(&message, codes[i], 0, 0);
        dns_message_read(buf_view(&message), "x.example", DNS_MX, &answer);
        assert_int_equal(answer.status, DNS_SERVFAIL);
        assert_string_not_equal(answer.problem, "");
    }
}

static void more_records_than_wanted_are_cut(void **state)
{
    CLEANUP(buf_fini) struct buf message;
    struct dns_answer answer;

    (void)state;
    begin(&message, 0, 200, 0);
    for (int i = 0; i < 200; i++)
        put_record(&message, "x.example", DNS_A, 60, SPAN("\xc0\x00\x02\x01"));
    dns_message_read(buf_view(&message), "x.example", DNS_A, &answer);
    assert_int_equal(answer.count, DNS_RECORDS_LIMIT);
    dns_answer_fini(&answer);
}

/* Cut anywhere, changed anywhere: read to some end, inside its bounds (the sanitizers look). */
static void damaged_messages_are_survived(void **state)
{
    CLEANUP(buf_fini) struct buf message;
    struct dns_answer answer;
    struct random random;

    (void)state;
    random_seed(&random, 5);
    begin(&message, 0, 3, 0);
    put_named(&message, "x.example", TYPE_CNAME, 500, "y.example");
    put_named(&message, "y.example", DNS_MX, 400, "mail.example");
    put_named(&message, "y.example", DNS_MX, 400, "mail2.example");
    for (size_t n = 0; n < message.n; n++) {
        dns_message_read(span_first(buf_view(&message), n), "x.example", DNS_MX, &answer);
        assert_int_equal(answer.status, DNS_SERVFAIL);
    }
    for (int i = 0; i < GARBAGE_RUNS; i++) {
        size_t at = random_below(&random, message.n);
        char was = message.at[at];

        message.at[at] = (char)random_below(&random, 256);
        dns_message_read(buf_view(&message), "x.example", DNS_MX, &answer);
        assert_true(answer.count <= 2);
        dns_answer_fini(&answer);
        message.at[at] = was;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_over_aliases_with_the_least_ttl),
        cmocka_unit_test(compressed_names_are_read),
        cmocka_unit_test(absence_lives_as_the_soa_says),
        cmocka_unit_test(absence_without_a_soa_does_not_live),
        cmocka_unit_test(broken_records_are_passed_over),
        cmocka_unit_test(only_broken_records_are_a_failure),
        cmocka_unit_test(aliases_without_end_are_a_failure),
        cmocka_unit_test(a_pointer_that_leads_nowhere_breaks_the_message),
        cmocka_unit_test(failure_codes_are_failures),
        cmocka_unit_test(more_records_than_wanted_are_cut),
        cmocka_unit_test(damaged_messages_are_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
