/*
 * Reading, writing and judging IP addresses.
 */
#include "base/ip.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

static int family_of(const struct ip *ip)
{
    return ip->version == 4 ? AF_INET : AF_INET6;
}

bool ip_parse(struct span text, struct ip *ret_ip)
{
    char copy[INET6_ADDRSTRLEN];
    struct ip ip = { 0 };

    if (text.n == 0 || text.n >= sizeof(copy))
        return false;
    memcpy(copy, text.at, text.n);
    copy[text.n] = '\0';
    ip.version = span_index(text, ':') < text.n ? 6 : 4;
    if (strlen(copy) != text.n || inet_pton(family_of(&ip), copy, ip.bytes) != 1)
        return false;
    *ret_ip = ip;
    return true;
}

void ip_put(struct buf *to, const struct ip *ip)
{
    char text[INET6_ADDRSTRLEN];

    if (ip->version == 0 || inet_ntop(family_of(ip), ip->bytes, text, sizeof(text)) == NULL)
        buf_put_byte(to, '-');
    else
        buf_put_text(to, text);
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
    return a->version == b->version &&
           memcmp(a->bytes, b->bytes, a->version == 4 ? 4 : sizeof(a->bytes)) == 0;
}

static bool in_network(const struct ip *ip, const uint8_t *network, unsigned bits)
{
    for (unsigned i = 0; i < bits; i++) {
        unsigned mask = 0x80U >> (i % 8);

        if ((ip->bytes[i / 8] & mask) != (network[i / 8] & mask))
            return false;
    }
    return true;
}

/* IPv6 that only carries IPv4. Whoever translates in the local-use prefix chose its length; we
 * know the longest and the shortest one. */
static const struct carrier {
    uint8_t bits;
    uint8_t prefix[16];
    uint8_t at[4]; /* the bytes that are the IPv4 address */
} carriers[] = {
    { 96, { [10] = 0xff, [11] = 0xff }, { 12, 13, 14, 15 } },          /* mapped, RFC 4291 */
    { 96, { 0x00, 0x64, 0xff, 0x9b }, { 12, 13, 14, 15 } },            /* NAT64, RFC 6052 */
    { 48, { 0x00, 0x64, 0xff, 0x9b, 0, 0x01 }, { 12, 13, 14, 15 } },   /* local NAT64, RFC 8215 */
    { 16, { 0x20, 0x02 }, { 2, 3, 4, 5 } },                            /* 6to4, RFC 3056 */
}, short_translation = { 48, { 0x00, 0x64, 0xff, 0x9b, 0, 0x01 }, { 6, 7, 9, 10 } };

static struct ip carried_at(const struct ip *ip, const uint8_t *at)
{
    struct ip v4 = { .version = 4 };

    for (size_t i = 0; i < 4; i++)
        v4.bytes[i] = ip->bytes[at[i]];
    return v4;
}

/* The IPv4 address inside of one that only carries it, or the address itself. */
static struct ip unmapped(const struct ip *ip)
{
    static const uint8_t no_host[3] = { 0 };
    const struct carrier *local = &short_translation;

    if (ip->version != 6)
        return *ip;
    if (in_network(ip, local->prefix, local->bits) && memcmp(ip->bytes + 13, no_host, 3) == 0)
        return carried_at(ip, local->at);
    for (size_t i = 0; i < ARRAY_LENGTH(carriers); i++)
        if (in_network(ip, carriers[i].prefix, carriers[i].bits))
            return carried_at(ip, carriers[i].at);
    return *ip;
}

bool ip_is_loopback(const struct ip *ip)
{
    static const uint8_t one[16] = { [15] = 1 };
    struct ip plain = unmapped(ip);

    if (plain.version == 4)
        return plain.bytes[0] == 127;
    return memcmp(plain.bytes, one, sizeof(one)) == 0;
}

bool ip_is_internal(const struct ip *ip)
{
    static const struct {
        uint8_t version;
        uint8_t bits;
        uint8_t bytes[16];
    } networks[] = {
        { 4, 8, { 0 } },           /* this network, RFC 1122 */
        { 4, 8, { 10 } },          /* RFC 1918 */
        { 4, 10, { 100, 64 } },    /* RFC 6598 */
        { 4, 8, { 127 } },         /* loopback */
        { 4, 16, { 169, 254 } },   /* link-local, RFC 3927 */
        { 4, 12, { 172, 16 } },    /* RFC 1918 */
        { 4, 16, { 192, 168 } },   /* RFC 1918 */
        { 4, 3, { 224 } },         /* multicast and reserved */
        { 6, 96, { 0 } },          /* unspecified, loopback, IPv4-compatible: RFC 4291 */
        { 6, 10, { 0xfe, 0x80 } }, /* link-local */
        { 6, 10, { 0xfe, 0xc0 } }, /* site-local, RFC 3879 */
        { 6, 7, { 0xfc } },        /* unique local, RFC 4193 */
        { 6, 8, { 0xff } },        /* multicast */
    };
    struct ip plain = unmapped(ip);

    for (size_t i = 0; i < ARRAY_LENGTH(networks); i++)
        if (networks[i].version == plain.version &&
            in_network(&plain, networks[i].bytes, networks[i].bits))
            return true;
    return false;
}

static bool bit_of(const struct ip *ip, unsigned bit)
{
    return (ip->bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

bool ip_network_parse(struct span text, struct ip_network *ret_network)
{
    struct ip_network network;
    struct span number = text;
    struct span address = span_take_until(&number, '/');
    unsigned most;
    int64_t bits;

    if (!ip_parse(address, &network.ip))
        return false;
    most = network.ip.version == 4 ? 32 : 128;
    bits = most;
    if (address.n < text.n && !text_to_integer(number, 0, most, &bits))
        return false;
    network.bits = (unsigned)bits;
    for (unsigned bit = network.bits; bit < most; bit++)
        if (bit_of(&network.ip, bit))
            return false;
    *ret_network = network;
    return true;
}

bool ip_network_holds(const struct ip_network *network, const struct ip *ip)
{
    if (ip->version != network->ip.version)
        return false;
    for (unsigned bit = 0; bit < network->bits; bit++)
        if (bit_of(&network->ip, bit) != bit_of(ip, bit))
            return false;
    return true;
}
