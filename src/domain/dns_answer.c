/*
 * The life of a DNS answer.
 */
#include "domain/dns_answer.h"

#include "base/alloc.h"

void dns_answer_fini(struct dns_answer *answer)
{
    alloc_free(answer->records);
    answer->records = NULL;
    answer->count = 0;
}

bool dns_answer_is_soft(const struct dns_answer *answer)
{
    return answer->status == DNS_SERVFAIL || answer->status == DNS_TIMEOUT;
}

const char *dns_status_name(enum dns_status status)
{
    switch (status) {
    case DNS_OK:
        return "ok";
    case DNS_NODATA:
        return "nodata";
    case DNS_NXDOMAIN:
        return "nxdomain";
    case DNS_SERVFAIL:
        return "servfail";
    case DNS_TIMEOUT:
        return "timeout";
    }
    return "unknown";
}
