/*
 * The only file that calls socket(2) and its kin for connections of ours.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "io/socket_internal.h"

enum { BACKLOG = 1024 };

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

static socklen_t address_of(const struct endpoint *e, union address *ret_address)
{
    *ret_address = (union address){ 0 };
    if (e->ip.version == 4) {
        ret_address->v4.sin_family = AF_INET;
        ret_address->v4.sin_port = htons(e->port);
        memcpy(&ret_address->v4.sin_addr, e->ip.bytes, 4);
        return sizeof(ret_address->v4);
    }
    if (e->ip.version == 6) {
        ret_address->v6.sin6_family = AF_INET6;
        ret_address->v6.sin6_port = htons(e->port);
        memcpy(&ret_address->v6.sin6_addr, e->ip.bytes, 16);
        return sizeof(ret_address->v6);
    }
    ret_address->local.sun_family = AF_UNIX;
    memcpy(ret_address->local.sun_path, e->path, sizeof(e->path));
    return sizeof(ret_address->local);
}

static struct endpoint endpoint_of(const union address *address, socklen_t n)
{
    struct endpoint e = { 0 };
    size_t path =
        n > offsetof(struct sockaddr_un, sun_path) ? n - offsetof(struct sockaddr_un, sun_path) : 0;

    if (address->any.sa_family == AF_INET) {
        e.ip.version = 4;
        e.port = ntohs(address->v4.sin_port);
        memcpy(e.ip.bytes, &address->v4.sin_addr, 4);
    } else if (address->any.sa_family == AF_INET6) {
        e.ip.version = 6;
        e.port = ntohs(address->v6.sin6_port);
        memcpy(e.ip.bytes, &address->v6.sin6_addr, 16);
    } else if (address->any.sa_family == AF_UNIX) {
        memcpy(e.path, address->local.sun_path, path < sizeof(e.path) ? path : sizeof(e.path) - 1);
    }
    return e;
}

/* Fills `err` with "what 192.0.2.1:25: why". Being out of descriptors or memory passes. */
static bool refuse(struct error *err, int reason, const char *what, const struct endpoint *e)
{
    CLEANUP(buf_fini) struct buf name;

    buf_init(&name, 256);
    endpoint_put(&name, e);
    (void)error_set_errno(err, reason, "%s %s", what, buf_text(&name));
    if (reason == EMFILE || reason == ENFILE || reason == ENOBUFS || reason == ENOMEM)
        err->kind = ERROR_TEMPORARY;
    return false;
}

static int open_for(const struct endpoint *e)
{
    int family = e->ip.version == 4 ? AF_INET : e->ip.version == 6 ? AF_INET6 : AF_UNIX;

    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static void set_flag(int fd, int level, int option)
{
    int one = 1;

    (void)setsockopt(fd, level, option, &one, sizeof(one));
}

/* The port is chosen at connect(2), so that one port serves many peers. */
static bool bind_source(int fd, const struct endpoint *source, struct error *err)
{
    union address address;
    socklen_t n = address_of(source, &address);

    if (source->port == 0)
        set_flag(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    if (bind(fd, &address.any, n) != 0)
        return refuse(err, errno, "sending from", source);
    return true;
}

bool socket_connect(const struct endpoint *source, const struct endpoint *peer, int *ret_fd,
                    struct error *err)
{
    union address address;
    socklen_t n = address_of(peer, &address);
    int fd = open_for(peer);

    if (fd < 0)
        return refuse(err, errno, "connecting to", peer);
    if (peer->ip.version != 0)
        set_flag(fd, IPPROTO_TCP, TCP_NODELAY); /* we write whole groups of commands */
    if (source != NULL && !bind_source(fd, source, err)) {
        (void)close(fd);
        return false;
    }
    if (connect(fd, &address.any, n) != 0 && errno != EINPROGRESS) {
        (void)refuse(err, errno, "connecting to", peer);
        (void)close(fd);
        return false;
    }
    *ret_fd = fd;
    return true;
}

bool socket_connect_result(int fd, const struct endpoint *peer, struct error *err)
{
    int reason = 0;
    socklen_t n = sizeof(reason);

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &reason, &n) != 0)
        reason = errno;
    return reason == 0 || refuse(err, reason, "connecting to", peer);
}

/* A socket file whose process is gone answers ECONNREFUSED and may be replaced. */
static bool remove_stale(const struct endpoint *at, struct error *err)
{
    CLEANUP(cleanup_descriptor) int probe = open_for(at);
    union address address;
    socklen_t n = address_of(at, &address);
    struct stat file;

    if (probe < 0)
        return refuse(err, errno, "listening at", at);
    if (lstat(at->path, &file) != 0 || !S_ISSOCK(file.st_mode))
        return error_set(err, ERROR_CONFLICT, "%s exists and is no socket", at->path);
    if (connect(probe, &address.any, n) == 0 || errno != ECONNREFUSED)
        return error_set(err, ERROR_CONFLICT, "another process listens at %s", at->path);
    if (unlink(at->path) != 0)
        return refuse(err, errno, "replacing", at);
    return true;
}

/* On Linux the mode of the socket before bind(2), less the umask, is the file's at its birth: it
 * is never wider than asked for. */
static bool bind_unix(int fd, const struct endpoint *at, unsigned mode, struct error *err)
{
    union address address;
    socklen_t n = address_of(at, &address);

    (void)fchmod(fd, mode);
    if (bind(fd, &address.any, n) != 0) {
        if (errno != EADDRINUSE)
            return refuse(err, errno, "listening at", at);
        if (!remove_stale(at, err))
            return false;
        if (bind(fd, &address.any, n) != 0)
            return refuse(err, errno, "listening at", at);
    }
    if (chmod(at->path, mode) != 0)
        return refuse(err, errno, "setting the mode of", at);
    return true;
}

static bool bind_ip(int fd, const struct endpoint *at, struct error *err)
{
    union address address;
    socklen_t n = address_of(at, &address);

    set_flag(fd, SOL_SOCKET, SO_REUSEADDR);
    set_flag(fd, IPPROTO_TCP, TCP_NODELAY); /* accepted sockets inherit it */
    if (at->ip.version == 6)
        set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    if (bind(fd, &address.any, n) != 0)
        return refuse(err, errno, "listening at", at);
    return true;
}

bool socket_listen(const struct endpoint *at, unsigned unix_mode, int *ret_fd, struct error *err)
{
    CLEANUP(cleanup_descriptor) int fd = open_for(at);

    if (fd < 0)
        return refuse(err, errno, "listening at", at);
    if (!(at->ip.version == 0 ? bind_unix(fd, at, unix_mode, err) : bind_ip(fd, at, err)))
        return false;
    if (listen(fd, BACKLOG) != 0)
        return refuse(err, errno, "listening at", at);
    *ret_fd = fd;
    fd = -1;
    return true;
}

int socket_accept(int listening, struct endpoint *ret_peer)
{
    union address address = { 0 };
    socklen_t n = sizeof(address);
    int fd = accept4(listening, &address.any, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0)
        *ret_peer = endpoint_of(&address, n);
    return fd;
}

enum transfer socket_read(int fd, char *to, size_t room, size_t *ret_n, struct error *err)
{
    ssize_t n;

    do
        n = recv(fd, to, room, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return TRANSFER_WAIT_READ;
    if (n < 0) {
        (void)error_set_errno(err, errno, "reading");
        return TRANSFER_FAILED;
    }
    *ret_n = (size_t)n;
    return n == 0 ? TRANSFER_END : TRANSFER_DONE;
}

bool socket_has_input(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_PEEK) >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

enum transfer socket_write(int fd, struct span bytes, size_t *ret_n, struct error *err)
{
    ssize_t n;

    do
        n = send(fd, bytes.at, bytes.n, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return TRANSFER_WAIT_WRITE;
    if (n < 0) {
        (void)error_set_errno(err, errno, "writing");
        return TRANSFER_FAILED;
    }
    *ret_n = (size_t)n;
    return TRANSFER_DONE;
}

void socket_end(int fd)
{
    (void)shutdown(fd, SHUT_WR);
}

struct endpoint socket_local(int fd)
{
    union address address = { 0 };
    socklen_t n = sizeof(address);

    if (getsockname(fd, &address.any, &n) != 0)
        return (struct endpoint){ 0 };
    return endpoint_of(&address, n);
}

bool socket_peer_ids(int fd, unsigned *ret_uid, unsigned *ret_gid)
{
    struct ucred ids;
    socklen_t n = sizeof(ids);
    int domain = 0;
    socklen_t domain_n = sizeof(domain);

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_n) != 0 || domain != AF_UNIX ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &ids, &n) != 0)
        return false;
    *ret_uid = ids.uid;
    *ret_gid = ids.gid;
    return true;
}
