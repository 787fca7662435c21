/*
 * The system's sockets as the rest of io wants them: non-blocking, closed on exec, addressed by
 * endpoints.
 */
#ifndef POSTROOM_IO_SOCKET_INTERNAL_H
#define POSTROOM_IO_SOCKET_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "io/endpoint.h"

/* What came of moving bytes over a socket, in the clear or under TLS. */
enum transfer {
    TRANSFER_DONE,       /* some bytes, or all that was to do */
    TRANSFER_WAIT_READ,  /* again when the socket is readable */
    TRANSFER_WAIT_WRITE, /* again when the socket is writable */
    TRANSFER_END,        /* the peer ended in order */
    TRANSFER_FAILED      /* `err` says how */
};

/* socket_connect starts a connection; it stands or has failed when the socket is writable. */
MUST_USE bool socket_connect(const struct endpoint *source, const struct endpoint *peer,
                             int *ret_fd, struct error *err);

/* socket_connect_result tells, once the socket is writable, whether the connection stands. */
MUST_USE bool socket_connect_result(int fd, const struct endpoint *peer, struct error *err);

/* socket_listen binds and listens. A Unix socket's file gets `unix_mode` and replaces one that
 * nobody listens on. */
MUST_USE bool socket_listen(const struct endpoint *at, unsigned unix_mode, int *ret_fd,
                            struct error *err);

/* socket_accept takes a waiting connection: its descriptor, or -1 and errno. */
MUST_USE int socket_accept(int listening, struct endpoint *ret_peer);

/* socket_has_input is true when a read would not have to wait: bytes, the end, or an error. */
MUST_USE bool socket_has_input(int fd);

MUST_USE enum transfer socket_read(int fd, char *to, size_t room, size_t *ret_n, struct error *err);
MUST_USE enum transfer socket_write(int fd, struct span bytes, size_t *ret_n, struct error *err);

/* socket_end tells the peer that no more bytes come; reading goes on. */
void socket_end(int fd);

/* socket_local gives the local end, zero when the system does not say. */
MUST_USE struct endpoint socket_local(int fd);

/* socket_peer_ids gives the credentials of a Unix socket's peer. */
MUST_USE bool socket_peer_ids(int fd, unsigned *ret_uid, unsigned *ret_gid);

#endif
