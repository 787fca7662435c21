/*
 * Every request, once. Rows are sorted by name for people.
 */
#include "app/requests.h"

#include <string.h>

#include "services/compose/template_preview.h"
#include "services/compose/templates.h"
#include "services/delivery/dialogue_orders.h"
#include "services/delivery/domain_orders.h"
#include "services/delivery/queue_orders.h"
#include "services/delivery/site_orders.h"
#include "services/directory/grants.h"
#include "services/directory/kinds.h"
#include "services/directory/lists.h"
#include "services/directory/moving.h"
#include "services/directory/operators.h"
#include "services/directory/people.h"
#include "services/directory/person_merge.h"
#include "services/directory/suppressions.h"
#include "services/directory/tokens.h"
#include "services/directory/topics.h"
#include "services/directory/watch_sets.h"
#include "services/directory/watchers.h"
#include "services/directory/watches.h"
#include "services/hooks/changes.h"
#include "services/hooks/webhooks.h"
#include "services/inquiry/alarms.h"
#include "services/inquiry/audit.h"
#include "services/inquiry/domains.h"
#include "services/inquiry/event_people.h"
#include "services/inquiry/explain.h"
#include "services/inquiry/mail.h"
#include "services/inquiry/notices.h"
#include "services/inquiry/queue.h"
#include "services/inquiry/route.h"
#include "services/inquiry/sites.h"
#include "services/inquiry/why.h"
#include "services/intake/approvals.h"
#include "services/intake/event_preview.h"
#include "services/intake/events.h"
#include "services/intake/git_pushes.h"
#include "services/intake/inboxes.h"
#include "services/intake/recurrences.h"
#include "services/intake/submissions.h"

/* clang-format off */
static const struct request_entry entries[] = {
    { "alarms.clear", alarms_clear, false },
    { "alarms.list", alarms_list, true },
    { "approval.answer", approvals_answer, false },
    { "approval.list", approvals_list, true },
    { "audit", audit_show, true },
    { "changes", changes_list, true },
    { "deliveries", mail_deliveries, true },
    { "domain.list", domains_list, true },
    { "domain.recheck", domain_orders_recheck, false },
    { "domain.set", domain_orders_set, false },
    { "domain.show", domains_show, true },
    { "event.add", events_add, .is_own_record = true },
    { "event.people", event_people, true },
    { "event.preview", event_preview, true },
    { "event.redact", events_redact, false },
    { "event.release", events_release, false },
    { "event.show", events_show, true },
    { "explain", explain_show, true },
    { "figures", NULL, false, true },
    { "git.push", git_pushes_add, .is_own_record = true },
    { "grant.add", grants_add, false },
    { "grant.rm", grants_remove, false },
    { "import.check", moving_check, true },
    { "import.take", moving_take, false },
    { "inbox.list", inboxes_list, true },
    { "inbox.retry", inboxes_retry, false },
    { "kind.add", kinds_add, false },
    { "kind.list", kinds_list, true },
    { "kind.show", kinds_show, true },
    { "list.add", lists_add, false },
    { "list.list", lists_list, true },
    { "list.new", lists_new, false },
    { "list.remove", lists_take, false },
    { "list.rm", lists_remove, false },
    { "list.show", lists_show, true },
    { "operator.add", operators_add, false },
    { "operator.list", operators_list, true },
    { "operator.role", operators_set_role, false },
    { "person.add", people_add, false },
    { "person.erase", people_erase, .is_own_record = true },
    { "person.list", people_list, true },
    { "person.merge", person_merge, false },
    { "person.set", people_set, false },
    { "person.show", people_show, true },
    { "queue", queue_show, true },
    { "queue.cancel", queue_orders_cancel, false },
    { "queue.hold", queue_orders_hold, false },
    { "queue.notices", notices_list, true },
    { "queue.now", queue_orders_now, false },
    { "queue.release", queue_orders_release, false },
    { "queue.resolve", queue_orders_resolve, false },
    { "recur.add", recurrences_add, false },
    { "recur.list", recurrences_list, true },
    { "recur.pause", recurrences_pause, false },
    { "recur.resume", recurrences_resume, false },
    { "recur.rm", recurrences_remove, false },
    { "recur.set", recurrences_set, false },
    { "recur.show", recurrences_show, true },
    { "route.explain", route_explain, true },
    { "site.limit", site_orders_limit, false },
    { "site.list", sites_list, true },
    { "site.pause", site_orders_pause, false },
    { "site.resume", site_orders_resume, false },
    { "site.show", sites_show, true },
    { "submission.add", submissions_add, .is_own_record = true, .is_paced = true, .readier = submissions_ready },
    { "submission.list", submissions_list, true },
    { "submission.show", submissions_show, true },
    { "suppress.add", suppressions_add, false },
    { "suppress.list", suppressions_list, true },
    { "suppress.rm", suppressions_remove, false },
    { "template.list", templates_list, true },
    { "template.preview", template_preview, true },
    { "template.reset", templates_reset, false },
    { "template.set", templates_set, false },
    { "template.show", templates_show, true },
    { "token.add", tokens_add, .is_secret = true },
    { "token.list", tokens_list, true },
    { "token.revoke", tokens_revoke, false },
    { "topic.add", topics_add, false },
    { "topic.list", topics_list, true },
    { "topic.rm", topics_remove, false },
    { "topic.set", topics_set, false },
    { "topic.show", topics_show, true },
    { "trace", mail_trace, true },
    { "trace.keep", dialogue_orders_keep, false },
    { "trace.kept", dialogue_orders_list, true },
    { "trace.live", NULL, false, true },
    { "unwatch", watches_remove, false },
    { "watch", watches_set, false },
    { "watchers", watchers_list, true },
    { "watches", watches_list, true },
    { "watches.set", watch_sets_set, false },
    { "watches.copy", watch_sets_copy, false },
    { "watches.end", watch_sets_end, false },
    { "watches.history", watch_sets_history, true },
    { "webhook.add", webhooks_add, .is_secret = true },
    { "webhook.disable", webhooks_disable, false },
    { "webhook.enable", webhooks_enable, false },
    { "webhook.list", webhooks_list, true },
    { "webhook.replay", webhooks_replay, false },
    { "webhook.rotate", webhooks_rotate, .is_secret = true },
    { "webhook.rm", webhooks_remove, false },
    { "webhook.show", webhooks_show, true },
    { "webhook.test", webhooks_ping, true },
    { "why", why_person, true },
    { NULL },
};
/* clang-format on */

const struct request_entry *requests_find(const char *name)
{
    for (const struct request_entry *entry = entries; entry->name != NULL; entry++)
        if (strcmp(entry->name, name) == 0)
            return entry;
    return NULL;
}
