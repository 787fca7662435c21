/*
 * How a listener makes streams.
 */
#ifndef POSTROOM_IO_STREAM_INTERNAL_H
#define POSTROOM_IO_STREAM_INTERNAL_H

#include "io/stream.h"

/* stream_accepted makes a stream of an accepted socket, whose descriptor it takes. No events come
 * before stream_adopt. */
MUST_USE struct stream *stream_accepted(struct loop *loop, int fd, const struct endpoint *peer);

#endif
