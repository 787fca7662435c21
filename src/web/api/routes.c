/*
 * The operations of the API, a row each.
 */
#include "web/api/routes.h"

#include "web/api/api.h"
#include "web/api/hook_trial.h"
#include "web/api/operation.h"

#define AT "/api/v1"
#define PEOPLE                                                                                     \
    "key address addresses* name language languages* timezone attributes{ status self_notify? "    \
    "quiet auto_watch"
#define TOPICS "kind title url label parents* default_watch body"
#define EVENT                                                                                      \
    "!topic !kind actor title text url changes* to* people* watch* unwatch* grants* scopes* "      \
    "thread key revision# urgent? silent? strict? at not_before deadline label data{ asks{ "       \
    "attachments*"

#define RECURRING                                                                                  \
    "!at !topic !kind actor title text url changes* to* people* watch* unwatch* grants* scopes* "  \
    "thread urgent? silent? strict? deadline label data{ asks{ "                                   \
    "attachments*"

#define RECURRED                                                                                   \
    "at topic kind actor title text url changes* to* people* watch* unwatch* grants* scopes* "     \
    "thread urgent? silent? strict? deadline label data{ asks{"

#define ROW(method, path, scope, ...)                                                              \
    {                                                                                              \
        method, AT path, api_answer, scope, &(const struct api_operation)                          \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

/* clang-format off */
const struct http_route api_routes[] = {
    { HTTP_GET, AT "/openapi.json", openapi_answer, "", NULL },

    ROW(HTTP_POST, "/events", "events:write", "event.add", "", NULL, EVENT, 201,
        "Record that something happened"),
    ROW(HTTP_GET, "/events", "events:read", "event.show", "", "!key", NULL, 200,
        "Show the event of a key"),
    ROW(HTTP_GET, "/events/{event}", "events:read", "event.show", "id#", NULL, NULL, 200,
        "Show an event"),
    ROW(HTTP_DELETE, "/events/{event}", "events:write", "event.redact", "id#", NULL, NULL, 200,
        "Take an event back: what is not told yet stays untold"),
    ROW(HTTP_POST, "/events/preview", "events:read", "event.preview", "", NULL,
        EVENT " after# limit#", 200, "Say who would be told of an event, and record nothing"),
    ROW(HTTP_POST, "/events/{event}/release", "events:write", "event.release", "id#", NULL,
        "digest?", 200, "Let an event go that was held since it would tell too many"),
    ROW(HTTP_GET, "/approvals", "events:read", "approval.list", "", "!person after# limit#", NULL,
        200, "List what a person is asked and nobody has answered"),
    ROW(HTTP_POST, "/events/{event}/answer", "events:write", "approval.answer", "id#", NULL,
        "!person !answer text", 200, "Answer what an event asks"),
    ROW(HTTP_GET, "/inboxes", "events:read", "inbox.list", "", "after# limit#", NULL, 200,
        "List inboxes and the rows that were refused"),
    ROW(HTTP_POST, "/inboxes/retry", "events:write", "inbox.retry", "", NULL, "path id#", 200,
        "Take refused rows of an inbox anew"),

    ROW(HTTP_GET, "/recurrences", "events:read", "recur.list", "", "after# limit#", NULL, 200,
        "List what recurs, and when it does next"),
    ROW(HTTP_POST, "/recurrences", "events:write", "recur.add", "", NULL,
        "!recurrence !rule zone from until holidays* holiday_calendar catch_up " RECURRING, 201,
        "Let an event happen again and again"),
    ROW(HTTP_GET, "/recurrences/{recurrence}", "events:read", "recur.show", "recurrence", NULL,
        NULL, 200, "Show a recurrence and its event"),
    ROW(HTTP_PATCH, "/recurrences/{recurrence}", "events:write", "recur.set", "recurrence", NULL,
        "rule zone from until holidays* holiday_calendar catch_up " RECURRED, 200,
        "Change a recurrence"),
    ROW(HTTP_DELETE, "/recurrences/{recurrence}", "events:write", "recur.rm", "recurrence", NULL,
        NULL, 200, "End a recurrence"),
    ROW(HTTP_POST, "/recurrences/{recurrence}/pause", "events:write", "recur.pause", "recurrence",
        NULL, "", 200, "Let a recurrence rest"),
    ROW(HTTP_POST, "/recurrences/{recurrence}/resume", "events:write", "recur.resume",
        "recurrence", NULL, "", 200, "Let it go on with what comes next"),

    ROW(HTTP_GET, "/people", "people:read", "person.list", "", "after# limit#", NULL, 200,
        "List people"),
    ROW(HTTP_POST, "/people", "people:write", "person.add", "", NULL, "person " PEOPLE, 201,
        "Add a person"),
    ROW(HTTP_GET, "/people/{person}", "people:read", "person.show", "person", NULL, NULL, 200,
        "Show a person"),
    ROW(HTTP_PATCH, "/people/{person}", "people:write", "person.set", "person", NULL, PEOPLE, 200,
        "Change a person"),
    ROW(HTTP_POST, "/people/{person}/merge", "admin:write", "person.merge", "person", NULL,
        "!into dry_run? yes?", 200, "Let a person become another, who gets all that is theirs"),

    ROW(HTTP_GET, "/kinds", "topics:read", "kind.list", "", "of", NULL, 200,
        "List kinds of topics and events"),
    ROW(HTTP_GET, "/kinds/{kind}", "topics:read", "kind.show", "name", "of", NULL, 200,
        "Show a kind"),
    ROW(HTTP_PUT, "/kinds/{kind}", "topics:write", "kind.add", "name", NULL, "of names{ urgent? stream auto_watch sample* body default_mode",
        200, "Declare a kind, or change it"),
    ROW(HTTP_GET, "/topics", "topics:read", "topic.list", "", "in after# limit#", NULL, 200,
        "List topics"),
    ROW(HTTP_POST, "/topics", "topics:write", "topic.add", "", NULL, "!key " TOPICS, 201,
        "Add a topic"),
    ROW(HTTP_GET, "/topics/{topic}", "topics:read", "topic.show", "key", NULL, NULL, 200,
        "Show a topic"),
    ROW(HTTP_PATCH, "/topics/{topic}", "topics:write", "topic.set", "key", NULL, TOPICS, 200,
        "Change a topic"),
    ROW(HTTP_DELETE, "/topics/{topic}", "topics:write", "topic.rm", "key", "force?", NULL, 200,
        "Remove a topic"),

    ROW(HTTP_GET, "/watches", "watches:read", "watches", "", "!person after# limit#", NULL, 200,
        "List what a person watches"),
    ROW(HTTP_POST, "/watches", "watches:write", "watch", "", NULL,
        "!person !topic mode kinds* delay until origin", 200, "Let a person watch a topic"),
    ROW(HTTP_DELETE, "/watches", "watches:write", "unwatch", "", "!person !topic origin", NULL, 200,
        "End a watch"),
    ROW(HTTP_POST, "/watches/set", "watches:write", "watches.set", "", NULL,
        "!people* !topics* mode kinds* delay until origin", 200,
        "Let many people watch many topics"),
    ROW(HTTP_POST, "/watches/copy", "watches:write", "watches.copy", "", NULL,
        "!from !people* dry_run?", 200, "Let people watch what another watches"),
    ROW(HTTP_POST, "/watches/end", "watches:write", "watches.end", "", NULL,
        "!person under dry_run?", 200, "End what a person watches"),
    ROW(HTTP_GET, "/watches/history", "watches:read", "watches.history", "",
        "!person after# limit#", NULL, 200, "List what a person watched before"),
    ROW(HTTP_GET, "/watchers", "watches:read", "watchers", "", "!topic explain? kind after# limit#",
        NULL, 200, "List who watches a topic"),
    ROW(HTTP_GET, "/lists", "lists:read", "list.list", "", "after# limit#", NULL, 200,
        "List the lists of people"),
    ROW(HTTP_POST, "/lists", "lists:write", "list.new", "", NULL, "!list title", 201,
        "Make a list"),
    ROW(HTTP_GET, "/lists/{list}", "lists:read", "list.show", "list", "past? after# limit#", NULL,
        200, "Show a list and its members"),
    ROW(HTTP_DELETE, "/lists/{list}", "lists:write", "list.rm", "list", NULL, NULL, 200,
        "Remove a list"),
    ROW(HTTP_POST, "/lists/{list}/members", "lists:write", "list.add", "list", NULL,
        "!people* basis origin", 200, "Put people on a list"),
    ROW(HTTP_DELETE, "/lists/{list}/members", "lists:write", "list.remove", "list", "!people*",
        NULL, 200, "Take people off a list"),

    ROW(HTTP_POST, "/grants", "grants:write", "grant.add", "", NULL, "!person !label", 201,
        "Let a person see what carries a label"),
    ROW(HTTP_DELETE, "/grants", "grants:write", "grant.rm", "", "!person !label", NULL, 200,
        "Take that back"),

    ROW(HTTP_GET, "/templates", "templates:read", "template.list", "", "for", NULL, 200,
        "List the templates of mails"),
    ROW(HTTP_GET, "/templates/{template}", "templates:read", "template.show", "name",
        "language revision#", NULL, 200, "Show a template, its parts and its revisions"),
    ROW(HTTP_GET, "/templates/{template}/preview", "templates:read", "template.preview", "name",
        "kind language part event# person", NULL, 200,
        "Show a mail as it would be, without making one"),
    ROW(HTTP_PUT, "/templates/{template}", "templates:write", "template.set", "name", NULL,
        "language part !source", 200, "Set a part of a template"),
    ROW(HTTP_DELETE, "/templates/{template}", "templates:write", "template.reset", "name",
        "language part", NULL, 200, "Take back what was set for a template"),

    ROW(HTTP_GET, "/why", "mail:read", "why", "", "!person !event~", NULL, 200,
        "Say why a person was told of an event, or not"),
    ROW(HTTP_GET, "/explain", "mail:read", "explain", "", "delivery# person topic", NULL, 200,
        "Say where a mail is and what holds it"),
    ROW(HTTP_GET, "/deliveries", "mail:read", "deliveries", "",
        "to message_id subject words state since domain site after:before# limit#", NULL, 200,
        "Find mails, the latest first"),
    ROW(HTTP_GET, "/deliveries/{delivery}", "mail:read", "explain", "delivery#", NULL, NULL, 200,
        "Say where a mail is and what holds it"),
    ROW(HTTP_GET, "/deliveries/{delivery}/trace", "mail:read", "trace", "delivery#", NULL, NULL,
        200, "Show each try of a mail, in the servers' own words"),
    ROW(HTTP_GET, "/queue", "mail:read", "queue", "", "stream domain site state", NULL, 200,
        "Show what waits"),
    ROW(HTTP_GET, "/queue/notices", "mail:read", "queue.notices", "",
        "person waits_for after limit#", NULL, 200, "List notices that are no mail yet"),
    ROW(HTTP_POST, "/queue/now", "mail:write", "queue.now", "", NULL, "!deliveries* reason", 200,
        "Try mails now"),
    ROW(HTTP_POST, "/queue/hold", "mail:write", "queue.hold", "", NULL, "!deliveries* reason", 200,
        "Hold mails"),
    ROW(HTTP_POST, "/queue/release", "mail:write", "queue.release", "", NULL,
        "!deliveries* reason", 200, "Let held mails go"),
    ROW(HTTP_POST, "/queue/cancel", "mail:write", "queue.cancel", "", NULL, "!deliveries* reason",
        200, "End mails unsent"),
    ROW(HTTP_POST, "/queue/resolve", "mail:write", "queue.resolve", "", NULL,
        "!deliveries* !as reason", 200, "Say what became of mails in doubt"),
    ROW(HTTP_GET, "/routes", "mail:read", "route.explain", "", "!address site", NULL, 200,
        "Say which way mail to an address goes"),

    ROW(HTTP_POST, "/submissions", "submit", "submission.add", "", NULL,
        "message message_base64 from from_name to* to_from_header? envid deadline via notify return", 201,
        "Hand in a ready-made message"),
    ROW(HTTP_GET, "/submissions", "mail:read", "submission.list", "", "after:before# limit#", NULL,
        200, "List submissions, the latest first"),
    ROW(HTTP_GET, "/submissions/{submission}", "mail:read", "submission.show", "id#", "content?",
        NULL, 200, "Show a submission and its deliveries"),

    ROW(HTTP_GET, "/suppressions", "suppressions:read", "suppress.list", "",
        "after after_scope limit#", NULL, 200, "List who is not mailed, and why"),
    ROW(HTTP_POST, "/suppressions", "suppressions:write", "suppress.add", "", NULL,
        "!target scope reason until", 201, "Mail an address, or @ and a domain, no more"),
    ROW(HTTP_DELETE, "/suppressions", "suppressions:write", "suppress.rm", "", "!target scope",
        NULL, 200, "End a suppression"),

    ROW(HTTP_GET, "/changes", "changes:read", "changes", "", "after# limit#", NULL, 200,
        "List what happened after a change, in order"),
    ROW(HTTP_GET, "/webhooks", "admin:read", "webhook.list", "", "after# limit#", NULL, 200,
        "List webhooks and how they do"),
    ROW(HTTP_POST, "/webhooks", "admin:write", "webhook.add", "", NULL,
        "!name !url kinds* labels*", 201, "Add a webhook; this answer alone shows its secret"),
    ROW(HTTP_GET, "/webhooks/{webhook}", "admin:read", "webhook.show", "name", NULL, NULL, 200,
        "Show a webhook"),
    ROW(HTTP_DELETE, "/webhooks/{webhook}", "admin:write", "webhook.rm", "name", NULL, NULL, 200,
        "Remove a webhook and its watches"),
    ROW(HTTP_POST, "/webhooks/{webhook}/disable", "admin:write", "webhook.disable", "name", NULL,
        "", 200, "Stop telling a webhook"),
    ROW(HTTP_POST, "/webhooks/{webhook}/enable", "admin:write", "webhook.enable", "name", NULL,
        "", 200, "Let a webhook go on where it stood"),
    { HTTP_POST, AT "/webhooks/{webhook}/test", api_test_webhook, "admin:write",
      &(const struct api_operation){ "webhook.test", "name", NULL, "", 200,
                                     "Send a webhook a ping and say what it answered" } },
    ROW(HTTP_POST, "/webhooks/{webhook}/rotate", "admin:write", "webhook.rotate", "name", NULL,
        "keep", 200, "Give a webhook a new secret, which this answer alone shows"),
    ROW(HTTP_POST, "/webhooks/{webhook}/replay", "admin:write", "webhook.replay", "name", NULL,
        "after# since", 200, "Tell a webhook again what it was told"),

    ROW(HTTP_GET, "/sites", "sites:read", "site.list", "", "only after limit#", NULL, 200,
        "List sites"),
    ROW(HTTP_GET, "/sites/{site}", "sites:read", "site.show", "site", "after", NULL, 200,
        "Show a site"),
    ROW(HTTP_POST, "/sites/{site}/pause", "sites:write", "site.pause", "site", NULL,
        "stream until reason", 200, "Send a site nothing for now"),
    ROW(HTTP_POST, "/sites/{site}/resume", "sites:write", "site.resume", "site", NULL, "stream",
        200, "Send a site mail again"),
    ROW(HTTP_PUT, "/sites/{site}/limits", "sites:write", "site.limit", "site", NULL,
        "!limits{ until reason", 200, "Set limits of a site"),
    ROW(HTTP_GET, "/domains", "sites:read", "domain.list", "", "only after limit#", NULL, 200,
        "List recipient domains"),
    ROW(HTTP_GET, "/domains/{domain}", "sites:read", "domain.show", "domain", NULL, NULL, 200,
        "Show a recipient domain"),
    ROW(HTTP_PATCH, "/domains/{domain}", "sites:write", "domain.set", "domain", NULL,
        "paused? until reason", 200, "Pause a recipient domain, or let it go on"),
    ROW(HTTP_POST, "/domains/{domain}/recheck", "sites:write", "domain.recheck", "domain", NULL,
        "", 200, "Look a domain's exchangers up anew"),
    ROW(HTTP_GET, "/alarms", "sites:read", "alarms.list", "", "all? after:before# limit#", NULL,
        200, "List what a person must look at"),
    ROW(HTTP_DELETE, "/alarms/{alarm}", "sites:write", "alarms.clear", "alarm#", NULL, NULL, 200,
        "End an alarm that was looked at"),

    ROW(HTTP_GET, "/tokens", "admin:read", "token.list", "", "all? after# limit#", NULL, 200,
        "List tokens"),
    ROW(HTTP_POST, "/tokens", "admin:write", "token.add", "", NULL,
        "!name scopes* operator expires", 201, "Make a token; this answer alone shows it"),
    ROW(HTTP_DELETE, "/tokens/{token}", "admin:write", "token.revoke", "name", NULL, NULL, 200,
        "End a token"),
    ROW(HTTP_GET, "/operators", "admin:read", "operator.list", "", "after# limit#", NULL, 200,
        "List operators"),
    ROW(HTTP_POST, "/operators", "admin:write", "operator.add", "", NULL, "!name !role", 201,
        "Make somebody an operator"),
    ROW(HTTP_PUT, "/operators/{operator}", "admin:write", "operator.role", "name", NULL, "!role",
        200, "Change an operator's role"),
    ROW(HTTP_GET, "/audit", "admin:read", "audit", "",
        "by subject since after:before# limit#", NULL, 200, "List who changed what"),
    { .path = NULL },
};
/* clang-format on */
