/*
 * What is remembered of mail servers, by address, so that the next connection need not find it out
 * again: that one does not answer, that its TLS is broken, that it offers what it cannot do. All of
 * it for a bounded time and of a bounded number of hosts; the one that was longest not heard of is
 * forgotten first. In memory alone: a daemon that starts anew finds it out anew.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_HOST_MEMORY_H
#define POSTROOM_SERVICES_DELIVERY_HOST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/ip.h"
#include "base/random.h"

struct host_memory;

enum { HOST_MEMORY_MOST = 10000 };

/* What a host was met with. */
enum host_trouble {
    HOST_DOWN,            /* no mail could be offered: behind all others until it is well again */
    HOST_TLS_BROKEN,      /* STARTTLS did not come to an end: in the clear, if that is allowed */
    HOST_CHUNKING_BROKEN, /* it offers CHUNKING and does not take it */
    HOST_GROUPS_BROKEN,   /* it broke while a mail's commands stood behind another's content */
    HOST_TROUBLES
};

/* What holds of a host at a moment. */
struct host_marks {
    bool has[HOST_TROUBLES];
};

MUST_USE struct host_memory *host_memory_new(void);
void host_memory_free(struct host_memory *memory);

/* host_memory_note remembers a trouble from now on (monotonic ms), longer each time it comes
 * again; gives for how long, in ms. */
int64_t host_memory_note(struct host_memory *memory, const struct ip *ip, enum host_trouble trouble,
                         int64_t now_ms, struct random *chance);

/* host_memory_note_well: the host was ready for mail, so it is not down; true when it was. */
bool host_memory_note_well(struct host_memory *memory, const struct ip *ip);

/* host_memory_marks tells what is remembered of a host. */
MUST_USE struct host_marks host_memory_marks(const struct host_memory *memory, const struct ip *ip,
                                             int64_t now_ms);

/* host_memory_probe asks whether a host that is down may be tried again now. If so the asker is
 * the one to try it: nobody else may for the time that a connection can take. */
MUST_USE bool host_memory_probe(struct host_memory *memory, const struct ip *ip, int64_t now_ms);

/* host_memory_count gives how many hosts something is remembered of. */
MUST_USE size_t host_memory_count(const struct host_memory *memory);

#endif
