/*
 * The real resolver against a real nameserver on loopback.
 */
#include "net/resolver.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "tests/support/cmocka.h"
#include "tests/support/nameserver.h"

enum { TIMEOUT_MS = 10000, MANY = 60, FLOOD = 100 };

/* Asks and waits on a loop of its own. */
struct asker {
    struct loop *loop;
    struct mailbox *box;
    struct resolver *resolver;
    int answered;
    int awaited;
};

static void receive(void *owner, struct list *posted)
{
    struct asker *asker = owner;

    LIST_EACH (posted, link) {
        list_remove(link);
        asker->answered++;
    }
    if (asker->answered >= asker->awaited)
        loop_stop(asker->loop);
}

static void open_asker(struct asker *asker, const char *forward_to, int timeout_ms)
{
    struct resolver_options options = { .forward_to = forward_to, .timeout_ms = timeout_ms };
    struct error err;

    *asker = (struct asker){ .loop = loop_new("test") };
    asker->box = mailbox_new(asker->loop, receive, asker);
    asker->resolver = resolver_new(asker->loop, &options, &err);
    assert_non_null(asker->resolver);
}

static void close_asker(struct asker *asker)
{
    resolver_free(asker->resolver);
    mailbox_free(asker->box);
    loop_free(asker->loop);
}

static struct dns_answer ask(struct asker *asker, const char *name, enum dns_type type)
{
    struct dns_question question = { .type = type, .answers = asker->box };

    (void)snprintf(question.name, sizeof(question.name), "%s", name);
    asker->awaited = asker->answered + 1;
    resolver_ask(asker->resolver, &question);
    loop_run(asker->loop);
    return question.answer;
}

static struct nameserver server;
static struct asker asker;

static int start_server(void **state)
{
    CLEANUP(buf_fini) struct buf zone;

    (void)state;
    buf_init(&zone, 1 << 16);
    buf_put_text(&zone, "$ORIGIN test.\n$TTL 300\n"
                        "@ SOA ns hostmaster 1 3600 600 86400 77\n@ NS ns\nns A 127.0.0.1\n"
                        "two MX 20 MX2.two.test.\ntwo MX 10 mx1.two.test.\n"
                        "mx1.two A 192.0.2.1\nmx1.two A 192.0.2.2\nmx1.two AAAA 2001:db8::1\n"
                        "mx1.two 60 A 192.0.2.3\n"
                        "null MX 0 .\n"
                        "alias CNAME two\nalias2 CNAME alias\nloop1 CNAME loop2\n"
                        "loop2 CNAME loop1\n"
                        "short 5 A 192.0.2.9\n");
    for (int i = 0; i < MANY; i++)
        buf_printf(&zone, "many MX %d a-host-with-a-rather-long-name-number-%d.many.test.\n", i, i);
    nameserver_start(&server, buf_text(&zone));
    /* nsd needs a moment before it answers */
    for (int i = 0; i < 200; i++) {
        struct dns_answer first;

        open_asker(&asker, server.forward_to, TIMEOUT_MS);
        first = ask(&asker, "ns.test", DNS_A);
        dns_answer_fini(&first);
        if (first.status == DNS_OK)
            return 0;
        close_asker(&asker);
    }
    return -1;
}

static int stop_server(void **state)
{
    (void)state;
    close_asker(&asker);
    nameserver_stop(&server);
    return 0;
}

static void mx_records_come_in_lower_case(void **state)
{
    struct dns_answer mx = ask(&asker, "two.test", DNS_MX);
    int better = mx.records[0].preference == 10 ? 0 : 1;

    (void)state;
    assert_int_equal(mx.status, DNS_OK);
    assert_int_equal(mx.count, 2);
    assert_string_equal(mx.records[better].name, "mx1.two.test");
    assert_string_equal(mx.records[1 - better].name, "mx2.two.test");
    assert_int_equal(mx.records[1 - better].preference, 20);
    assert_in_range(mx.ttl_s, 290, 300);
    assert_string_equal(mx.canonical, "two.test");
    assert_false(mx.secure);
    dns_answer_fini(&mx);
}

static void addresses_come_in_both_families(void **state)
{
    struct dns_answer a = ask(&asker, "mx1.two.test", DNS_A);
    struct dns_answer aaaa = ask(&asker, "mx1.two.test", DNS_AAAA);

    (void)state;
    assert_int_equal(a.count, 3);
    assert_int_equal(a.records[0].ip.version, 4);
    assert_int_equal(a.records[0].ip.bytes[0], 192);
    assert_int_equal(aaaa.count, 1);
    assert_int_equal(aaaa.records[0].ip.version, 6);
    dns_answer_fini(&a);
    dns_answer_fini(&aaaa);
}

static void a_null_mx_has_an_empty_name(void **state)
{
    struct dns_answer mx = ask(&asker, "null.test", DNS_MX);

    (void)state;
    assert_int_equal(mx.count, 1);
    assert_string_equal(mx.records[0].name, "");
    dns_answer_fini(&mx);
}

static void aliases_are_followed(void **state)
{
    struct dns_answer mx = ask(&asker, "alias2.test", DNS_MX);

    (void)state;
    assert_int_equal(mx.status, DNS_OK);
    assert_int_equal(mx.count, 2);
    assert_string_equal(mx.canonical, "two.test");
    dns_answer_fini(&mx);
}

static void an_alias_without_end_is_a_failure(void **state)
{
    struct dns_answer mx = ask(&asker, "loop1.test", DNS_MX);

    (void)state;
    assert_int_equal(mx.status, DNS_SERVFAIL);
    assert_string_not_equal(mx.problem, "");
    dns_answer_fini(&mx);
}

static void absence_comes_in_two_kinds_and_lives_as_the_soa_says(void **state)
{
    struct dns_answer nodata = ask(&asker, "ns.test", DNS_MX);
    struct dns_answer nxdomain = ask(&asker, "nobody.test", DNS_MX);

    (void)state;
    assert_int_equal(nodata.status, DNS_NODATA);
    assert_in_range(nodata.ttl_s, 70, 77);
    assert_int_equal(nxdomain.status, DNS_NXDOMAIN);
    assert_in_range(nxdomain.ttl_s, 70, 77);
    assert_null(nodata.records);
}

/* More than fits into a datagram: asked again over TCP. */
static void a_truncated_answer_comes_whole(void **state)
{
    struct dns_answer mx = ask(&asker, "many.test", DNS_MX);

    (void)state;
    assert_int_equal(mx.status, DNS_OK);
    assert_int_equal(mx.count, MANY);
    dns_answer_fini(&mx);
}

static void a_refusal_is_a_failure(void **state)
{
    struct dns_answer mx = ask(&asker, "example.invalid", DNS_MX); /* not in the server's zones */

    (void)state;
    assert_int_equal(mx.status, DNS_SERVFAIL);
    assert_string_not_equal(mx.problem, "");
}

static void many_questions_are_all_answered(void **state)
{
    static struct dns_question questions[FLOOD];

    (void)state;
    asker.awaited = asker.answered + FLOOD;
    for (int i = 0; i < FLOOD; i++) {
        questions[i] = (struct dns_question){ .type = DNS_A, .answers = asker.box };
        (void)snprintf(questions[i].name, sizeof(questions[i].name), "no%d.test", i);
        resolver_ask(asker.resolver, &questions[i]);
    }
    loop_run(asker.loop);
    for (int i = 0; i < FLOOD; i++)
        assert_int_equal(questions[i].answer.status, DNS_NXDOMAIN);
}

/* A server that never says anything: a socket that nobody reads. */
static int silent_socket(char forward_to[32])
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t n = sizeof(address);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &n), 0);
    (void)snprintf(forward_to, 32, "127.0.0.1@%d", ntohs(address.sin_port));
    return fd;
}

static void a_silent_server_is_a_timeout(void **state)
{
    struct asker impatient;
    char forward_to[32];
    int fd = silent_socket(forward_to);
    struct dns_answer mx;

    (void)state;
    open_asker(&impatient, forward_to, 50);
    mx = ask(&impatient, "two.test", DNS_MX);
    assert_int_equal(mx.status, DNS_TIMEOUT);
    assert_string_equal(mx.problem, "no answer within 50 ms");
    close_asker(&impatient);
    (void)close(fd);
}

static void a_silent_server_is_given_up_by_itself(void **state)
{
    struct asker patient;
    char forward_to[32];
    int fd = silent_socket(forward_to);
    struct dns_answer mx;

    (void)state;
    open_asker(&patient, forward_to, 60000);
    mx = ask(&patient, "two.test", DNS_MX);
    assert_int_equal(mx.status, DNS_SERVFAIL);
    close_asker(&patient);
    (void)close(fd);
}

static void the_end_answers_what_is_open(void **state)
{
    struct asker leaving;
    char forward_to[32];
    int fd = silent_socket(forward_to);
    struct dns_question question = { .type = DNS_MX, .name = "two.test" };

    (void)state;
    open_asker(&leaving, forward_to, 60000);
    question.answers = leaving.box;
    leaving.awaited = 1;
    resolver_ask(leaving.resolver, &question);
    resolver_free(leaving.resolver);
    leaving.resolver = NULL;
    loop_run(leaving.loop);
    assert_int_equal(question.answer.status, DNS_TIMEOUT);
    close_asker(&leaving);
    (void)close(fd);
}

static void a_bad_forwarder_is_refused(void **state)
{
    struct resolver_options options = { .forward_to = "nowhere", .timeout_ms = 1000 };
    struct error err;

    (void)state;
    assert_null(resolver_new(NULL, &options, &err));
    assert_int_equal(err.kind, ERROR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mx_records_come_in_lower_case),
        cmocka_unit_test(addresses_come_in_both_families),
        cmocka_unit_test(a_null_mx_has_an_empty_name),
        cmocka_unit_test(aliases_are_followed),
        cmocka_unit_test(an_alias_without_end_is_a_failure),
        cmocka_unit_test(absence_comes_in_two_kinds_and_lives_as_the_soa_says),
        cmocka_unit_test(a_truncated_answer_comes_whole),
        cmocka_unit_test(a_refusal_is_a_failure),
        cmocka_unit_test(many_questions_are_all_answered),
        cmocka_unit_test(a_silent_server_is_a_timeout),
        cmocka_unit_test(a_silent_server_is_given_up_by_itself),
        cmocka_unit_test(the_end_answers_what_is_open),
        cmocka_unit_test(a_bad_forwarder_is_refused),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
