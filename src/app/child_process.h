/*
 * Another program, run to its end: arguments as they are, no shell, nothing on its standard input,
 * its standard error ours.
 */
#ifndef POSTROOM_APP_CHILD_PROCESS_H
#define POSTROOM_APP_CHILD_PROCESS_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct child_process {
    const char *const *argv; /* ended by NULL; the program is looked for in PATH */
    void (*take)(void *owner, struct span bytes); /* what it writes, as it comes */
    void *owner;
};

/* child_process_run runs it and waits. *ret_code is its exit code, 128 + the signal that ended
 * it. */
MUST_USE bool child_process_run(const struct child_process *child, int *ret_code,
                                struct error *err);

#endif
