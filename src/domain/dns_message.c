/*
 * DNS messages come from a resolver that has checked them already; they are read as if it had
 * not: every offset is checked, compression points backwards only, counts are bounded.
 *
 * Names are read in lower case; a byte that no host name has (anything but letters, digits,
 * hyphens and underscores) turns into '?', which no name of ours contains.
 */
#include "domain/dns_message.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

enum {
    HEADER_SIZE = 12,
    CLASS_IN = 1,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    RCODE_NOERROR = 0,
    RCODE_NXDOMAIN = 3,
    RECORDS_READ_MOST = 2000, /* of all sections: more is no answer to our questions */
    NAME_SIZE = 256
};

struct record {
    char owner[NAME_SIZE];
    unsigned type;
    unsigned class;
    uint32_t ttl;
    size_t data; /* offset */
    size_t data_n;
};

/* The place of reading in a message. */
struct cursor {
    struct span message;
    size_t at;
};

static bool take_number(struct cursor *c, size_t bytes, uint32_t *ret_number)
{
    uint32_t number = 0;

    if (c->message.n - c->at < bytes)
        return false;
    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | (unsigned char)c->message.at[c->at++];
    *ret_number = number;
    return true;
}

static char folded(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
        return (char)c;
    return '?';
}

/* Appends one label of `length` bytes at `at`; false when the name grows too long. */
static bool put_label(struct span message, size_t at, size_t length, char *name, size_t *n)
{
    if (at + length > message.n || *n + length + 2 > NAME_SIZE)
        return false;
    if (*n > 0)
        name[(*n)++] = '.';
    for (size_t i = 0; i < length; i++)
        name[(*n)++] = folded((unsigned char)message.at[at + i]);
    name[*n] = '\0';
    return true;
}

/* Reads a name without its last dot. Each pointer must lead before where the name, or the part
 * the last pointer led to, began: so the reading ends. */
static bool take_name(struct cursor *c, char ret_name[NAME_SIZE])
{
    const unsigned char *bytes = (const unsigned char *)c->message.at;
    size_t floor = c->at;
    size_t at = c->at;
    bool jumped = false;
    size_t n = 0;

    ret_name[0] = '\0';
    while (at < c->message.n && bytes[at] != 0) {
        if ((bytes[at] & 0xc0) == 0xc0) {
            size_t to = at + 1 < c->message.n ? (size_t)(bytes[at] & 0x3f) << 8 | bytes[at + 1]
                                              : c->message.n;
            if (to >= floor)
                return false;
            if (!jumped)
                c->at = at + 2;
            jumped = true;
            floor = at = to;
        } else if ((bytes[at] & 0xc0) != 0 ||
                   !put_label(c->message, at + 1, bytes[at], ret_name, &n)) {
            return false;
        } else {
            at += 1U + bytes[at];
        }
    }
    if (at >= c->message.n)
        return false;
    if (!jumped)
        c->at = at + 1;
    return true;
}

static bool take_record(struct cursor *c, struct record *ret_record)
{
    uint32_t type;
    uint32_t class;
    uint32_t length;

    if (!take_name(c, ret_record->owner) || !take_number(c, 2, &type) ||
        !take_number(c, 2, &class) || !take_number(c, 4, &ret_record->ttl) ||
        !take_number(c, 2, &length) || c->message.n - c->at < length)
        return false;
    if (ret_record->ttl > INT32_MAX)
        ret_record->ttl = 0; /* RFC 2181 section 8 */
    ret_record->type = type;
    ret_record->class = class;
    ret_record->data = c->at;
    ret_record->data_n = length;
    c->at += length;
    return true;
}

struct header {
    unsigned rcode;
    uint32_t questions;
    uint32_t answers;
    uint32_t authorities;
};

static bool take_header(struct cursor *c, struct header *ret_header)
{
    uint32_t id;
    uint32_t flags;
    uint32_t additional;

    if (!take_number(c, 2, &id) || !take_number(c, 2, &flags) ||
        !take_number(c, 2, &ret_header->questions) || !take_number(c, 2, &ret_header->answers) ||
        !take_number(c, 2, &ret_header->authorities) || !take_number(c, 2, &additional))
        return false;
    ret_header->rcode = flags & 0x0f;
    return ret_header->questions <= 1 &&
           ret_header->answers + ret_header->authorities <= RECORDS_READ_MOST;
}

/* A read message: where its sections begin. */
struct message {
    struct span bytes;
    struct header header;
    size_t answers_at;
    size_t authorities_at;
};

/* Walks over the sections once, so that later walks meet no broken record. */
static bool open_message(struct span bytes, struct message *ret_message)
{
    struct cursor c = { bytes, 0 };
    struct record record;
    uint32_t type_and_class;

    ret_message->bytes = bytes;
    if (!take_header(&c, &ret_message->header))
        return false;
    if (ret_message->header.questions == 1 &&
        (!take_name(&c, record.owner) || !take_number(&c, 4, &type_and_class)))
        return false;
    ret_message->answers_at = c.at;
    for (uint32_t i = 0; i < ret_message->header.answers; i++)
        if (!take_record(&c, &record))
            return false;
    ret_message->authorities_at = c.at;
    for (uint32_t i = 0; i < ret_message->header.authorities; i++)
        if (!take_record(&c, &record))
            return false;
    return true;
}

static void lower_ttl(struct dns_answer *answer, uint32_t ttl)
{
    if (ttl < answer->ttl_s)
        answer->ttl_s = ttl;
}

/* Follows one alias of answer->canonical; false when there is none. */
static bool follow_alias(const struct message *m, struct dns_answer *answer)
{
    struct cursor c = { m->bytes, m->answers_at };
    struct record record;

    for (uint32_t i = 0; i < m->header.answers && take_record(&c, &record); i++) {
        struct cursor data = { m->bytes, record.data };
        char target[NAME_SIZE];

        if (record.type != TYPE_CNAME || record.class != CLASS_IN ||
            strcmp(record.owner, answer->canonical) != 0 || !take_name(&data, target))
            continue;
        memcpy(answer->canonical, target, sizeof(target));
        lower_ttl(answer, record.ttl);
        return true;
    }
    return false;
}

/* Turns the data of an MX record; a host name that no host can have is refused. */
static bool read_mx(struct span message, const struct record *record, struct dns_record *ret_record)
{
    struct cursor c = { message, record->data };
    uint32_t preference;

    if (!take_number(&c, 2, &preference) || !take_name(&c, ret_record->name) ||
        c.at != record->data + record->data_n || strchr(ret_record->name, '?') != NULL)
        return false;
    ret_record->preference = (uint16_t)preference;
    return true;
}

static bool read_address(struct span message, const struct record *record, uint8_t version,
                         struct dns_record *ret_record)
{
    if (record->data_n != (version == 4 ? 4 : 16))
        return false;
    ret_record->ip.version = version;
    memcpy(ret_record->ip.bytes, message.at + record->data, record->data_n);
    return true;
}

static bool read_data(struct span message, const struct record *record,
                      struct dns_record *ret_record)
{
    *ret_record = (struct dns_record){ 0 };
    if (record->type == DNS_MX)
        return read_mx(message, record, ret_record);
    return read_address(message, record, record->type == DNS_A ? 4 : 6, ret_record);
}

/* Takes the records of the canonical name; returns how many there were, good or broken. */
static size_t take_records(const struct message *m, enum dns_type type, struct dns_answer *answer)
{
    struct cursor c = { m->bytes, m->answers_at };
    struct record record;
    size_t seen = 0;

    for (uint32_t i = 0; i < m->header.answers && take_record(&c, &record); i++) {
        if (record.type != (unsigned)type || record.class != CLASS_IN ||
            strcmp(record.owner, answer->canonical) != 0)
            continue;
        seen++;
        if (answer->records == NULL)
            answer->records = alloc_array(DNS_RECORDS_LIMIT, sizeof(struct dns_record));
        if (answer->count < DNS_RECORDS_LIMIT &&
            read_data(m->bytes, &record, &answer->records[answer->count])) {
            answer->count++;
            lower_ttl(answer, record.ttl);
        }
    }
    return seen;
}

/* A negative answer lives as long as the SOA beside it says (RFC 2308 section 5). */
static void take_negative_ttl(const struct message *m, struct dns_answer *answer)
{
    struct cursor c = { m->bytes, m->authorities_at };
    struct record record;

    for (uint32_t i = 0; i < m->header.authorities && take_record(&c, &record); i++) {
        struct cursor minimum = { m->bytes, record.data + record.data_n - 4 };
        uint32_t ttl;

        if (record.type != TYPE_SOA || record.data_n < 22 || !take_number(&minimum, 4, &ttl))
            continue;
        lower_ttl(answer, record.ttl);
        lower_ttl(answer, ttl);
        return;
    }
    answer->ttl_s = 0;
}

static void give_up(struct dns_answer *answer, const char *problem)
{
    dns_answer_fini(answer);
    answer->status = DNS_SERVFAIL;
    answer->ttl_s = 0;
    (void)snprintf(answer->problem, sizeof(answer->problem), "%s", problem);
}

static void read_answer(const struct message *m, enum dns_type type, struct dns_answer *answer)
{
    int aliases = 0;
    size_t seen;

    while (aliases <= DNS_ALIASES_MOST && follow_alias(m, answer))
        aliases++;
    if (aliases > DNS_ALIASES_MOST) {
        give_up(answer, "the aliases have no end");
        return;
    }
    seen = take_records(m, type, answer);
    if (answer->count > 0) {
        answer->status = DNS_OK;
        answer->records =
            alloc_grow(answer->records, answer->count * sizeof(struct dns_record)); /* the rest */
    } else if (seen > 0) {
        give_up(answer, "all records are malformed");
    } else {
        answer->status = m->header.rcode == RCODE_NXDOMAIN ? DNS_NXDOMAIN : DNS_NODATA;
        take_negative_ttl(m, answer);
    }
}

static void fold_name(const char *name, char ret_name[NAME_SIZE])
{
    size_t n = strnlen(name, NAME_SIZE - 1);

    for (size_t i = 0; i < n; i++)
        ret_name[i] = name[i] == '.' ? '.' : folded((unsigned char)name[i]);
    ret_name[n] = '\0';
}

void dns_message_read(struct span message, const char *name, enum dns_type type,
                      struct dns_answer *ret_answer)
{
    struct dns_answer answer = { .status = DNS_NODATA, .ttl_s = INT32_MAX };
    struct message m = { 0 };

    fold_name(name, answer.canonical);
    if (!open_message(message, &m))
        give_up(&answer, "the answer is malformed");
    else if (m.header.rcode != RCODE_NOERROR && m.header.rcode != RCODE_NXDOMAIN)
        give_up(&answer, m.header.rcode == 5 ? "the server refused" : "the server failed");
    else
        read_answer(&m, type, &answer);
    *ret_answer = answer;
}
