/*
 * Reports are posted to the mailbox that the sender's options name, and are the receiver's then.
 */
#include "services/delivery/channel_report.h"

#include "base/alloc.h"
#include "io/mailbox.h"
#include "net/smtp_session.h"
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

void channel_report_broken(const struct sender *sender, void *owner, struct host_place *place,
                           const struct smtp_session *session)
{
    const struct smtp_avoid avoid = smtp_session_avoid(session);
    const bool found[HOST_TROUBLES] = {
        [HOST_CHUNKING_BROKEN] = avoid.chunking, [HOST_GROUPS_BROKEN] = avoid.group
    };
    char words[SMTP_REPLY_TEXT_MAX + 1];

    span_copy(smtp_reply_text(&smtp_session_ending(session)->reply), words, sizeof words);
    for (int i = 0; i < HOST_TROUBLES; i++) {
        if (!found[i])
            continue;
        place->marks.has[i] = true;
        channel_report_trouble(sender, owner, place, (enum host_trouble)i, words);
    }
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
