/*
 * What a channel tells the dispatcher (struct sender_report), from the sender's loop.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_CHANNEL_REPORT_H
#define POSTROOM_SERVICES_DELIVERY_CHANNEL_REPORT_H

#include "base/compiler.h"
#include "services/delivery/host_order.h"
#include "services/delivery/sender.h"

struct smtp_session;

/* channel_report_new makes one of a channel's owner; channel_report_post hands it over. */
MUST_USE struct sender_report *channel_report_new(void *owner);
void channel_report_post(const struct sender *sender, struct sender_report *report);

/* channel_report_trouble: the host of a place was met with `trouble`; `words` are borrowed. */
void channel_report_trouble(const struct sender *sender, void *owner,
                            const struct host_place *place, enum host_trouble trouble,
                            const char *words);

/* channel_report_broken: what a session showed the host not to bear is left off from now on. */
void channel_report_broken(const struct sender *sender, void *owner, struct host_place *place,
                           const struct smtp_session *session);

/* channel_report_well: it is ready for mail; says so only of one that was down. */
void channel_report_well(const struct sender *sender, void *owner, struct host_place *place);

#endif
