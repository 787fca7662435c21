/*
 * DNS messages of any bytes: read without harm into an answer that keeps its promises. The first
 * byte chooses the question's type.
 */
#include <assert.h>
#include <string.h>

#include "domain/dns_message.h"
#include "tests/fuzz/target.h"

static void check_record(const struct dns_record *r, enum dns_type type)
{
    size_t n = strnlen(r->name, sizeof r->name);

    assert(n < sizeof r->name);
    assert(n == 0 || (type == DNS_MX && r->name[n - 1] != '.'));
    for (size_t i = 0; i < n; i++)
        assert(strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.", r->name[i]) != NULL);
    assert(type != DNS_A || r->ip.version == 4);
    assert(type != DNS_AAAA || r->ip.version == 6);
}

static void check_answer(const struct dns_answer *a, enum dns_type type)
{
    assert((a->status == DNS_OK) == (a->count > 0));
    assert(a->count <= DNS_RECORDS_LIMIT && (a->count > 0) == (a->records != NULL));
    assert(dns_answer_is_soft(a) == (a->problem[0] != '\0'));
    assert(a->ttl_s <= INT32_MAX && (!dns_answer_is_soft(a) || a->ttl_s == 0));
    assert(strnlen(a->canonical, sizeof a->canonical) < sizeof a->canonical);
    for (size_t i = 0; i < a->count; i++)
        check_record(&a->records[i], type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum dns_type types[] = { DNS_MX, DNS_A, DNS_AAAA };
    struct dns_answer answer;

    if (size < 1)
        return 0;
    dns_message_read((struct span){ (const char *)data + 1, size - 1 }, "example.org",
                     types[data[0] % 3], &answer);
    check_answer(&answer, types[data[0] % 3]);
    dns_answer_fini(&answer);
    return 0;
}
