/*
 * A connected byte stream on a loop: TCP or a Unix socket, in the clear or, after
 * stream_start_tls, under TLS. Reports by events; never calls back from inside one of its own
 * functions; never frees itself while its owner may be on the stack.
 */
#ifndef POSTROOM_IO_STREAM_H
#define POSTROOM_IO_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "io/endpoint.h"
#include "io/tls.h"

struct loop;
struct stream;

enum { STREAM_UNSENT_LIMIT = 64 * 1024 * 1024 };

struct stream_events {
    /* the connection stands (only for stream_connect) */
    void (*connected)(void *owner);
    /* bytes came, borrowed for the call; under TLS the plain ones */
    void (*received)(void *owner, struct span bytes);
    /* stream_unsent fell from above zero to zero; may be NULL. What the kernel takes at once makes
     * no such event. */
    void (*drained)(void *owner);
    /* the TLS handshake is done; facts borrowed for the call; may be NULL without TLS */
    void (*secured)(void *owner, const struct tls_facts *facts);
    /* the last event. `why` is NULL when the peer ended the stream in order; a failed connect,
     * a reset and a failed handshake say what happened. The owner still calls stream_close. */
    void (*closed)(void *owner, const struct error *why);
};

/* stream_connect starts connecting to `peer`, from `source` unless it is NULL. Failures that show
 * at once come as the `closed` event too. The events table is kept by pointer. */
MUST_USE struct stream *stream_connect(struct loop *loop, const struct endpoint *source,
                                       const struct endpoint *peer,
                                       const struct stream_events *events, void *owner);

/* stream_give lets another owner have a stream's events from now on, within an event too; not after
 * `closed`. */
void stream_give(struct stream *s, const struct stream_events *events, void *owner);

/* stream_write sends bytes, copying what the kernel does not take at once; the owner keeps an eye
 * on stream_unsent and waits for `drained` above its own limit (above STREAM_UNSENT_LIMIT the
 * stream breaks). Before `connected` bytes wait; between stream_start_tls and `secured` nothing may
 * be written. After `closed` it does nothing. When the peer went away meanwhile, what it had sent
 * is still received before `closed` comes. */
void stream_write(struct stream *s, struct span bytes);

/* stream_unsent gives how many written bytes the kernel has not taken: they wait here, or, when the
 * connection has failed, will never go. */
MUST_USE size_t stream_unsent(const struct stream *s);

/* stream_has_input is true when something that was not read yet has come: bytes, or the end. */
MUST_USE bool stream_has_input(const struct stream *s);

/* stream_has_input is true when something has come that was not read yet: bytes, or the end. */
MUST_USE bool stream_has_input(const struct stream *s);

/* stream_pause stops reading (back-pressure), stream_resume goes on. */
void stream_pause(struct stream *s);
void stream_resume(struct stream *s);

/* stream_start_tls begins a handshake, as client or server by the context's kind. Bytes that were
 * received before and not yet consumed are the owner's affair: it must not start TLS then. */
void stream_start_tls(struct stream *s, struct tls_context *context, const struct tls_peer *peer);

/* stream_end closes the sending side after what is unsent; reading goes on until `closed`. */
void stream_end(struct stream *s);

/* stream_close drops the connection with what is unsent; no event comes after; the memory goes
 * between events. Called once for each stream, whatever became of it. */
void stream_close(struct stream *s);

/* stream_local and stream_peer give the two ends; the local one is zero before `connected`. */
MUST_USE struct endpoint stream_local(const struct stream *s);
MUST_USE struct endpoint stream_peer(const struct stream *s);

/* stream_peer_ids gives the user behind a Unix socket; false for other streams. */
MUST_USE bool stream_peer_ids(const struct stream *s, unsigned *ret_uid, unsigned *ret_gid);

#endif
