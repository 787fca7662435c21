/*
 * What a sender and its mailings ask of a channel, on the sender's loop.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_CHANNEL_INTERNAL_H
#define POSTROOM_SERVICES_DELIVERY_CHANNEL_INTERNAL_H

#include "base/compiler.h"
#include "base/list.h"
#include "services/delivery/channel.h"

struct mailing;

/* channel_obey_carry, _quit and _recall do what the dispatcher asked for. */
void channel_obey_carry(struct channel *channel, struct claim *claim);
void channel_obey_quit(struct channel *channel);
void channel_obey_recall(struct channel *channel);

/* channel_halt ends it as fast as can be: everything but a mail that may be on its way goes back
 * untried. channel_drop ends it whatever is on its way. */
void channel_halt(struct channel *channel);
void channel_drop(struct channel *channel);

/* channel_go_on looks what can be done next: a letter has been composed, or a mailing has left. */
void channel_go_on(struct channel *channel);

/* channel_answered: the question for leave of the mail at hand has its answer. */
void channel_answered(struct channel *channel, struct mailing *mailing);

/* channel_of_link gives the channel of a link in the sender's list. */
MUST_USE struct channel *channel_of_link(struct list *link);

#endif
