/*
 * postroom-event(5). What a field means is written here; which fields there are is what the readers
 * of services/intake/ and services/request/ allow, and a test compares the two.
 */
#include "app/manual_event.h"

#include "app/manual.h"
#include "services/intake/attachment_draft.h"
#include "services/intake/event_draft.h"
#include "services/request/person_wish.h"
#include "services/request/topic_wish.h"
#include "services/request/watch_wish.h"

static const char head[] =
    ".\\\" Made by `postroom manual postroom-event`; edit src/app/manual_event.c instead.\n"
    ".Dd November 24, 2026\n"
    ".Dt POSTROOM-EVENT 5\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm postroom-event\n"
    ".Nd what an application writes into an inbox\n"
    ".Sh DESCRIPTION\n"
    "An inbox is a table\n"
    ".Ic inbox\n"
    "in an SQLite file that the setting\n"
    ".Ic inboxes\n"
    "names, see\n"
    ".Xr postroom.yaml 5 .\n"
    "An application inserts rows with the column\n"
    ".Ic payload ,\n"
    "in the transaction that changes what it tells of.\n"
    "The daemon makes the table where there is none;\n"
    "an application that comes first makes it so:\n"
    ".Bd -literal -offset indent\n"
    "CREATE TABLE IF NOT EXISTS inbox (\n"
    "    id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "    payload TEXT NOT NULL,\n"
    "    at INTEGER\n"
    ");\n"
    ".Ed\n"
    ".Pp\n"
    "A payload is one event, a JSON object with the fields below.\n"
    "It is taken in whole or not at all, and once: with its\n"
    ".Ic key ,\n"
    "or with the name of the inbox and the number of the row.\n"
    "One that is no good, because of an unknown field for example, moves to the table\n"
    ".Ic inbox_refused\n"
    "with the reason and blocks no other; see\n"
    ".Ic inbox list\n"
    "and\n"
    ".Ic inbox retry\n"
    "in\n"
    ".Xr postroom 1 .\n"
    ".Pp\n"
    "Times are RFC 3339 texts or, from now on, durations such as 2h.\n";

static const struct event_field event_fields[] = {
    { "topic", "What it happened to: a key such as issue/12, or a topic object. Needed." },
    { "kind", "What happened, in a word such as commented. Needed." },
    { "actor", "Who did it: the key or address of a person, who is not told of it themselves." },
    { "title", "What happened, in a line." },
    { "text", "The text itself, such as the comment." },
    { "url", "Where it is to be seen." },
    { "changes", "A list of fields that changed. A change and its undoing cancel each other out." },
    { "to",
      "A list of people addressed directly, who are told whether they watch or not, or of lists." },
    { "people", "A list of people to make or to change on the way." },
    { "watch", "A list of watches to set." },
    { "unwatch", "A list of watches to end: person, topic and origin." },
    { "grants", "A list of labels to give or take away: label, person and remove." },
    { "scopes", "Further topics it concerns: keys, or objects with topic and distance." },
    { "thread", "The topic that mails are grouped by; default: the topic." },
    { "key", "The same key is taken in once." },
    { "revision", "Which version of the event of that key this is; a number." },
    { "urgent", "Whether not to wait for more; true or false." },
    { "silent", "Whether to tell nobody because of it; true or false." },
    { "strict", "Whether to refuse topics, people and kinds that are not known; true or false." },
    { "at", "When it happened; default: when the row was inserted." },
    { "not_before", "When to tell of it, to those who watch then: for reminders. Until then a "
                    "revision changes it, and event redact withdraws it." },
    { "deadline", "When to stop: nobody is mailed of it after that." },
    { "label", "Only people with a grant of it may see the event." },
    { "data", "An object for templates: anything of the application's own." },
    { "asks",
      "What those whom it addresses are asked for: an object with answers, a list of words, "
      "and until, when it is too late. It stays in their list (postroom approvals) until "
      "the first of them has answered, which is an event of kind answered." },
    { "attachments",
      "A list of files. A mail about one topic carries those of all the events it "
      "tells of, or none when they have more than 5 MiB together; then, and in "
      "digests, it names them. A revision replaces them, redacting takes them away." },
    { NULL, NULL },
};

static const struct event_field topic_fields[] = {
    { "key", "Its name for programs. Needed." },
    { "kind", "What it is; default: its key up to the slash." },
    { "title", "How people call it." },
    { "url", "Where it is to be seen." },
    { "label", "Only people with a grant of it may see the topic." },
    { "parents", "A list of the keys of all topics it is in." },
    { "default_watch", "The mode by which people who are new watch it; no: they do not." },
    { "body", "none: mail says only that something happened in it, or in what it contains, and "
              "where; full: all of it." },
    { NULL, NULL },
};

static const struct event_field person_fields[] = {
    { "key", "The application's own name for them; without one, the address finds them." },
    { "address", "Their mail address." },
    { "addresses", "Several, the best one first." },
    { "name", "How they are called in mail." },
    { "language", "Such as de." },
    { "languages", "Several, the best one first." },
    { "timezone", "Such as Europe/Berlin." },
    { "attributes", "An object of the application's own." },
    { "status", "active, inactive or suspended: see person set in postroom(1)." },
    { "self_notify", "Whether to tell them of what they did themselves; true or false." },
    { "quiet", "Hours of their day in which no mail falls due, such as 22:00-07:00." },
    { "auto_watch", "Which rules may make watches for them, a list by commas; all or no." },
    { NULL, NULL },
};

static const struct event_field watch_fields[] = {
    { "person", "Key or address, or list:NAME. Needed." },
    { "topic", "Key; default: the topic of the event." },
    { "mode", "now, hourly, daily, weekly or mute; a watch in force keeps its mode, a new one has "
              "that of its topic's kind, else now." },
    { "kinds", "A list: only events of these kinds." },
    { "delay", "How long a mail waits for more events, a duration." },
    { "until", "When the watch ends." },
    { "origin", "Where it comes from, in a word such as author; default: manual." },
    { NULL, NULL },
};

static const struct event_field change_fields[] = {
    { "field", "What changed. Needed." },
    { "old", "What it was; absent or null: nothing." },
    { "new", "What it is." },
    { NULL, NULL },
};

static const struct event_field direct_fields[] = {
    { "person", "Key or address." },
    { "list", "Or a list's name: all who are on it, at most 5000." },
    { "reason", "Why: assigned, mentioned, author, cc or another word." },
    { NULL, NULL },
};

static const struct event_field attachment_fields[] = {
    { "name", "What the file is called, without its folder. Needed." },
    { "type", "Its MIME type, such as image/png; default: application/octet-stream." },
    { "content", "What it holds, as base64 without line ends. Needed." },
    { "inline", "Whether the page of the mail shows it, which only images can be; true or false." },
    { NULL, NULL },
};

static const struct event_object objects[] = {
    { "The event", "A row's payload.", EVENT_DRAFT_FIELDS, event_fields },
    { "Topics", "An unknown one is made on the way, a known one changed where a field says so.",
      TOPIC_WISH_FIELDS, topic_fields },
    { "People", "The same.", PERSON_WISH_FIELDS, person_fields },
    { "Watches", "Set before it is found who is told.", WATCH_WISH_FIELDS, watch_fields },
    { "Changes", "One of the list.", "field old new", change_fields },
    { "People addressed", "One of the list.", "person list reason", direct_fields },
    { "Attachments",
      "One of the list. How many and how large they may be is set by limits.attachments, "
      "limits.attachment_size and limits.attachments_size in postroom.yaml(5).",
      ATTACHMENT_DRAFT_FIELDS, attachment_fields },
    { NULL, NULL, NULL, NULL },
};

static const char tail[] =
    ".Sh EXAMPLES\n"
    "A new issue, whose author watches it from now on, in one row:\n"
    ".Bd -literal -offset indent\n"
    "{\"topic\": {\"key\": \"issue/13\", \"title\": \"It is slow\",\n"
    "           \"parents\": [\"project/x\"]},\n"
    " \"kind\": \"created\", \"actor\": \"fred\", \"text\": \"Since yesterday.\",\n"
    " \"people\": [{\"key\": \"fred\", \"address\": \"fred@example.net\"}],\n"
    " \"watch\": [{\"person\": \"fred\", \"origin\": \"author\"}]}\n"
    ".Ed\n"
    ".Sh SEE ALSO\n"
    ".Xr postroom 1 ,\n"
    ".Xr postroom-template 5 ,\n"
    ".Xr postroom.yaml 5\n";

const struct event_object *manual_event_objects(void)
{
    return objects;
}

void manual_print_event(FILE *out)
{
    (void)fputs(head, out);
    for (const struct event_object *object = objects; object->title != NULL; object++) {
        (void)fprintf(out, ".Ss %s\n", object->title);
        manual_print_text(out, object->intro);
        (void)fputs(".Bl -tag -width Ds\n", out);
        for (const struct event_field *field = object->fields; field->name != NULL; field++) {
            (void)fprintf(out, ".It Ic %s\n", field->name);
            manual_print_text(out, field->text);
        }
        (void)fputs(".El\n", out);
    }
    (void)fputs(tail, out);
}
