/*
 * Sockets for a library that connects by itself (libcurl): whoever uses it may look at the peer's
 * address before there is one. For our own connections there is io/stream.
 */
#ifndef POSTROOM_IO_LIBRARY_SOCKET_H
#define POSTROOM_IO_LIBRARY_SOCKET_H

#include "base/compiler.h"
#include "base/ip.h"

struct sockaddr;

/* library_socket_ip gives the address of `peer`; version 0 when it is not of the internet. */
MUST_USE struct ip library_socket_ip(const struct sockaddr *peer);

/* library_socket_open opens a TCP socket to connect to `peer` by; -1 and errno when it cannot. */
MUST_USE int library_socket_open(const struct sockaddr *peer);

#endif
