/*
 * How a simulated listener makes streams.
 */
#ifndef POSTROOM_TESTS_SIMULATION_IO_STREAM_INTERNAL_H
#define POSTROOM_TESTS_SIMULATION_IO_STREAM_INTERNAL_H

#include "io/stream.h"

struct wire;

/* stream_accepted makes the server's end of a wire. No events come before stream_adopt. */
MUST_USE struct stream *stream_accepted(struct loop *loop, struct wire *wire);

#endif
