/*
 * A listening socket on a loop.
 */
#ifndef POSTROOM_IO_LISTENER_H
#define POSTROOM_IO_LISTENER_H

#include "base/compiler.h"
#include "base/error.h"
#include "io/endpoint.h"
#include "io/stream.h"

struct listener;
struct loop;

struct listener_events {
    /* a connection came; the owner calls stream_adopt or stream_close on it */
    void (*accepted)(void *owner, struct stream *stream);
};

/* listener_open binds and listens; port 0 picks a free one. A Unix socket gets mode `unix_mode`
 * and replaces a stale file nobody listens on. */
MUST_USE struct listener *listener_open(struct loop *loop, const struct endpoint *at,
                                        unsigned unix_mode, const struct listener_events *events,
                                        void *owner, struct error *err);

/* listener_endpoint gives where it listens, with the port that was picked. */
MUST_USE struct endpoint listener_endpoint(const struct listener *l);

/* listener_close stops listening and removes a Unix socket's file. */
void listener_close(struct listener *l);

/* listener_socket binds and listens without a loop, for a library that accepts by itself; false
 * with `err` when it cannot. The descriptor does not block. */
MUST_USE bool listener_socket(const struct endpoint *at, int *ret_fd, struct error *err);

/* stream_adopt gives an accepted stream its owner; events start after this. */
void stream_adopt(struct stream *s, const struct stream_events *events, void *owner);

#endif
