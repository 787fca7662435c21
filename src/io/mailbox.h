/*
 * How threads talk: anybody posts, the loop that owns the mailbox receives, in order of posting.
 */
#ifndef POSTROOM_IO_MAILBOX_H
#define POSTROOM_IO_MAILBOX_H

#include "base/compiler.h"
#include "base/list.h"

struct loop;
struct mailbox;

/* mailbox_new makes a mailbox on `loop`. `receive` gets all that was posted since the last call
 * as a list it empties; the elements are the posters' structs, whose ownership came along. */
MUST_USE struct mailbox *
mailbox_new(struct loop *loop, void (*receive)(void *owner, struct list *posted), void *owner);

/* mailbox_post hands `item` over; callable from any thread, never blocks, never fails. */
void mailbox_post(struct mailbox *box, struct list *item);

/* mailbox_flush receives what was posted last, for a loop that does not run any more. */
void mailbox_flush(struct mailbox *box);

/* mailbox_free closes the mailbox, from its loop's thread or when the loop does not run. Nobody
 * may post any more; what was posted and not received is the caller's loss. */
void mailbox_free(struct mailbox *box);

#endif
