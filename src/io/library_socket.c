/*
 * Sockets of other libraries.
 */
#include "io/library_socket.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

struct ip library_socket_ip(const struct sockaddr *peer)
{
    struct ip ip = { 0 };

    if (peer->sa_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, peer, sizeof(v4));
        ip.version = 4;
        memcpy(ip.bytes, &v4.sin_addr, 4);
    } else if (peer->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, peer, sizeof(v6));
        ip.version = 6;
        memcpy(ip.bytes, &v6.sin6_addr, sizeof(ip.bytes));
    }
    return ip;
}

int library_socket_open(const struct sockaddr *peer)
{
    return socket(peer->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}
