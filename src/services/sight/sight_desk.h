/*
 * The application's say in who sees what, over HTTP: sheets of several mails go in one question,
 * and while the application is away the answer is so at once. On a loop of its own.
 *
 * Nothing is kept: an answer lives as long as the mail it was asked for, for a person is told of an
 * event once.
 */
#ifndef POSTROOM_SERVICES_SIGHT_SIGHT_DESK_H
#define POSTROOM_SERVICES_SIGHT_SIGHT_DESK_H

#include <stdbool.h>

#include "base/compiler.h"
#include "domain/settings.h"
#include "domain/sight.h"

struct ledger;
struct sight_desk;

struct sight_desk_options {
    const struct settings *settings; /* `visibility` has a url */
    struct ledger *ledger;           /* for the alarm when the application does not answer */
};

/* sight_desk_new makes the desk with its loop, which sight_desk_start lets run. */
MUST_USE struct sight_desk *sight_desk_new(const struct sight_desk_options *options);
void sight_desk_start(struct sight_desk *desk);

/* sight_desk_ask has a sheet answered: as sight_source's `ask`, with the desk for its context. */
void sight_desk_ask(void *desk, struct sight_ask *ask);

/* sight_desk_stop ends the loop, when nobody asks any more and while the ledger runs;
 * sight_desk_free frees the desk (NULL is allowed). */
void sight_desk_stop(struct sight_desk *desk);
void sight_desk_free(struct sight_desk *desk);

#endif
