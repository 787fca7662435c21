/*
 * Reports are posted to the mailbox that the sender's options name, and are the receiver's then.
 */
#include "services/delivery/channel_report.h"

#include "base/alloc.h"
#include "io/mailbox.h"
#include "services/delivery/sender_internal.h"

struct sender_report *channel_report_new(void *owner)
{
    struct sender_report *report = NEW(struct sender_report);

    report->owner = owner;
    return report;
}

void channel_report_post(const struct sender *sender, struct sender_report *report)
{
    mailbox_post(sender->options.reports, &report->link);
}

void channel_report_trouble(const struct sender *sender, void *owner,
                            const struct host_place *place, enum host_trouble trouble,
                            const char *words)
{
    struct sender_report *report = channel_report_new(owner);

    report->what = HOST_TROUBLED;
    report->ip = place->ip;
    report->trouble = trouble;
    span_copy(span_of(words), report->outcome.text, sizeof report->outcome.text);
    channel_report_post(sender, report);
}

void channel_report_well(const struct sender *sender, void *owner, struct host_place *place)
{
    struct sender_report *report;

    if (!place->is_probe && !place->marks.has[HOST_DOWN])
        return;
    place->is_probe = false;
    place->marks.has[HOST_DOWN] = false;
    report = channel_report_new(owner);
    report->what = HOST_WELL;
    report->ip = place->ip;
    channel_report_post(sender, report);
}
