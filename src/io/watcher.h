/*
 * Watching a descriptor that a library owns (libunbound's sockets, say) on a loop. For our own
 * connections there is io/stream. Only the real io has it: what uses it has a simulated twin.
 */
#ifndef POSTROOM_IO_WATCHER_H
#define POSTROOM_IO_WATCHER_H

#include "base/compiler.h"

struct loop;
struct watcher;

enum { WATCH_READ = 1, WATCH_WRITE = 2 };

/* watcher_new lets `ready` be called with what `fd` is ready for, as long as it is, for any of
 * `wanted`; an error of the descriptor counts as ready for all. */
MUST_USE struct watcher *watcher_new(struct loop *loop, int fd, int wanted,
                                     void (*ready)(void *owner, int what), void *owner);

/* watcher_free ends it; the descriptor may be closed right after, also from inside `ready`. */
void watcher_free(struct watcher *w);

#endif
