/*
 * `event ...` and `inbox ...`.
 */
#include <string.h>

#include "app/attached_files.h"
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "app/standard_input.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/span.h"
#include "base/text.h"
#include "domain/topic_key.h"
#include "services/intake/event_preview.h"

enum { TEXT_LIMIT = 64 << 20 };

static const struct option add_options[] = {
    { "TOPIC", OPTION_OPERAND, NULL, "topic", NULL },
    { "KIND", OPTION_OPERAND, NULL, "kind", NULL },
    { "by", OPTION_TEXT, "PERSON", "actor", "who did it" },
    { "title", OPTION_TEXT, "TITLE", "title", "what happened, in a line" },
    { "text", OPTION_TEXT, "TEXT", "text", "the text itself; - reads standard input" },
    { "url", OPTION_TEXT, "URL", "url", "where it is to be seen" },
    { "change", OPTION_TEXTS, "FIELD=OLD..NEW", "changes", "a field that changed" },
    { "to", OPTION_TEXTS, "PERSON[:REASON]", "to",
      "whom it addresses: assigned, mentioned, cc, ...; list:NAME: all on it" },
    { "ask", OPTION_TEXTS, "ANSWER", "asks", "it asks those it addresses for one of these" },
    { "attach", OPTION_TEXTS, "FILE", "attach", "a file that mails about it carry" },
    { "inline", OPTION_TEXTS, "FILE", "inline", "an image that the page of such a mail shows" },
    { "scope", OPTION_TEXTS, "TOPIC", "scopes", "a further topic it concerns" },
    { "thread", OPTION_TEXT, "TOPIC", "thread",
      "what its mails are grouped by; default: the topic" },
    { "key", OPTION_TEXT, "KEY", "key", "the same key is taken in once" },
    { "label", OPTION_TEXT, "LABEL", "label", "only people with a grant of it may see the event" },
    { "not-before", OPTION_TEXT, "WHEN", "not_before", "tell of it then, to those who watch then" },
    { "deadline", OPTION_TEXT, "WHEN", "deadline", "mail nobody about it after that" },
    { "revision", OPTION_NUMBER, "N", "revision",
      "of an event with this key that is known already: a higher one changes it" },
    { "urgent", OPTION_FLAG, NULL, "urgent", "do not wait for more" },
    { "silent", OPTION_FLAG, NULL, "silent", "tell nobody because of it" },
    { "dry-run", OPTION_FLAG, NULL, "dry_run", "record nothing: say who would be told, and why" },
    { "limit", OPTION_NUMBER, "N", "limit", "with --dry-run: name so many people (default 20)" },
    { "all", OPTION_FLAG, NULL, "all", "with --dry-run: name them all" },
    { "after", OPTION_NUMBER, "ID", "after", "with --dry-run: go on after this one" },
    { NULL },
};

static const struct option id_options[] = {
    { "EVENT", OPTION_OPERAND, NULL, "id", NULL },
    { NULL },
};

static const struct option event_show_options[] = {
    { "EVENT", OPTION_OPERAND, NULL, "id", NULL },
    { "people", OPTION_FLAG, NULL, "people",
      "who watches what it concerns or was addressed instead, what became of it for each, "
      "counted" },
    { "after", OPTION_NUMBER, "ID", "after", "with --people: go on after this person id" },
    { "limit", OPTION_NUMBER, "N", "limit", "with --people: how many at most" },
    { NULL },
};

static const struct option release_options[] = {
    { "EVENT", OPTION_OPERAND, NULL, "id", NULL },
    { "digest", OPTION_FLAG, NULL, "digest",
      "tell of it at the hour of each one's daily digest, not at once" },
    { NULL },
};

static const struct option inbox_list_options[] = {
    { "after", OPTION_NUMBER, "ID", "after", "go on after this refused row" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many refused rows at most" },
    { NULL },
};

static const struct option inbox_retry_options[] = {
    { "id", OPTION_NUMBER, "ID", "id", "only this refused row; default: all" },
    { "path", OPTION_TEXT, "FILE", "path", "of this inbox, when there are several" },
    { NULL },
};

static bool shape_text(json_t *args, struct error *err)
{
    CLEANUP(buf_fini) struct buf text;
    const char *given = json_string_value(json_object_get(args, "text"));

    buf_init(&text, TEXT_LIMIT);
    if (given == NULL || strcmp(given, "-") != 0)
        return true;
    if (!standard_input_read(&text, err))
        return error_wrap(err, "--text");
    if (!text_is_utf8(buf_view(&text)))
        return error_set(err, ERROR_INVALID, "--text: standard input is not UTF-8");
    return json_object_set_new(args, "text", json_stringn(buf_text(&text), text.n)) == 0;
}

/* FIELD=OLD..NEW; an empty side is absent. */
static json_t *change_of(struct span text)
{
    struct span rest = text;
    struct span field = span_take_until(&rest, '=');
    size_t dots = span_find(rest, SPAN(".."));
    struct span old = span_first(rest, dots);
    struct span new = span_rest(rest, dots + 2);
    json_t *change;

    if (field.n == 0 || field.n == text.n || dots == rest.n)
        return NULL;
    change = json_pack("{s:s%}", "field", field.at, field.n);
    if (old.n > 0)
        (void)json_object_set_new(change, "old", json_stringn(old.at, old.n));
    if (new.n > 0)
        (void)json_object_set_new(change, "new", json_stringn(new.at, new.n));
    return change;
}

static json_t *direct_of(struct span text)
{
    size_t list = span_starts(text, SPAN(LIST_WATCHER)) ? strlen(LIST_WATCHER) : 0;
    size_t colon = list + span_last_index(span_rest(text, list), ':');
    struct span person = span_first(text, colon);
    struct span reason = span_rest(text, colon + 1);
    json_t *direct = json_pack("{s:s%}", "person", person.at, person.n);

    if (reason.n > 0)
        (void)json_object_set_new(direct, "reason", json_stringn(reason.at, reason.n));
    return direct;
}

/* Each text of a list becomes what `make` makes of it. */
static bool shape_list(json_t *args, const char *field, json_t *(*make)(struct span text),
                       const char *form, struct error *err)
{
    json_t *given = json_object_get(args, field);
    json_t *list = json_array();
    size_t i;
    json_t *item;

    json_array_foreach (given, i, item) {
        json_t *made = make(span_of(json_string_value(item)));

        if (made == NULL) {
            json_decref(list);
            return error_set(err, ERROR_INVALID, "%s: must be %s, got \"%s\"", field, form,
                             json_string_value(item));
        }
        (void)json_array_append_new(list, made);
    }
    if (given == NULL)
        json_decref(list);
    else
        (void)json_object_set_new(args, field, list);
    return true;
}

/* The options that only a dry run has. */
static bool shape_dry_run(json_t *args, struct error *err)
{
    static const char *const fields[] = { "limit", "all", "after" };

    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
        if (json_object_get(args, fields[i]) != NULL && json_object_get(args, "dry_run") == NULL)
            return error_set(err, ERROR_INVALID, "--%s goes with --dry-run", fields[i]);
    if (json_object_get(args, "all") == NULL)
        return true;
    (void)json_object_del(args, "all");
    return json_object_set_new(args, "limit", json_integer(EVENT_PREVIEW_MOST)) == 0;
}

/* The answers of the line become {answers}. */
static void shape_asks(json_t *args)
{
    json_t *answers = json_object_get(args, "asks");

    if (answers != NULL)
        (void)json_object_set_new(args, "asks", json_pack("{s:O}", "answers", answers));
}

bool events_shape(json_t *args, struct error *err)
{
    shape_asks(args);
    return shape_text(args, err) && attached_files_shape(args, err) &&
           shape_list(args, "changes", change_of, "FIELD=OLD..NEW", err) &&
           shape_list(args, "to", direct_of, "PERSON[:REASON]", err);
}

static bool shape_event(json_t *args, struct error *err)
{
    return shape_dry_run(args, err) && events_shape(args, err);
}

bool events_shape_id(json_t *args, struct error *err)
{
    const char *given = json_string_value(json_object_get(args, "id"));
    int64_t id;

    if (!text_to_integer(span_of(given), 1, INT64_MAX, &id))
        return error_set(err, ERROR_INVALID, "EVENT must be a number, got \"%s\"", given);
    return json_object_set_new(args, "id", json_integer(id)) == 0;
}

static void print_event(FILE *out, const json_t *answer)
{
    show_fields(out, answer,
                "event topic thread kind actor title text url changes attachments to asks label at "
                "deadline "
                "not_before revision redacted fan_out told");
}

static void print_counts(FILE *out, const json_t *counts)
{
    const char *outcome;
    json_t *n;
    const char *before = "";

    json_object_foreach ((json_t *)counts, outcome, n) {
        (void)fprintf(out, "%s%s %lld", before, outcome, (long long)json_integer_value(n));
        before = ", ";
    }
    (void)fprintf(out, "%s\n", before[0] != '\0' ? "" : "told 0");
}

static void print_preview(FILE *out, const json_t *answer)
{
    const json_t *known = json_object_get(answer, "event");

    if (known != NULL) {
        (void)fprintf(out, "nobody: this is event %lld already\n",
                      (long long)json_integer_value(known));
        return;
    }
    show_table(out, json_object_get(answer, "people"),
               "person:PERSON outcome:OUTCOME because:BECAUSE address:ADDRESS due:DUE",
               "nobody is named");
    print_counts(out, json_object_get(answer, "counts"));
    show_next(out, answer);
}

/* Reasons and payloads are too long for the columns of a table. */
static void print_refused(FILE *out, const json_t *rows)
{
    size_t i;
    json_t *row;

    if (json_array_size(rows) == 0)
        (void)fprintf(out, "no refused rows\n");
    json_array_foreach (rows, i, row) {
        (void)fputc('\n', out);
        show_fields(out, row, "id at reason payload");
    }
}

static void print_inboxes(FILE *out, const json_t *answer)
{
    size_t i;
    json_t *inbox;

    json_array_foreach (json_object_get(answer, "inboxes"), i, inbox) {
        show_fields(out, inbox, "path waiting error");
        print_refused(out, json_object_get(inbox, "refused"));
    }
}

static void print_retried(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "path retried");
}

static const struct command_variant dry_run = { .flag = "dry_run",
                                                .request = "event.preview",
                                                .print = print_preview };

static void print_people(FILE *out, const json_t *answer)
{
    print_counts(out, json_object_get(answer, "counts"));
    show_table(out, json_object_get(answer, "people"), "person:PERSON outcome:OUTCOME",
               "nobody watches what it concerns");
    show_next(out, answer);
}

static const struct command_variant people = { .flag = "people",
                                               .request = "event.people",
                                               .print = print_people };

const struct command events_commands[] = {
    { .name = "event",
      .summary = "record that something happened to a topic",
      .details = "With --dry-run it opens the store read-only and names each person who watches\n"
                 "what the event concerns or is addressed, with what would become of it: told,\n"
                 "muted, actor, no_permission and so on, and counts them all.",
      .options = add_options,
      .request = "event.add",
      .shape = shape_event,
      .print = print_event,
      .variant = &dry_run },
    { .name = "event show",
      .summary = "show an event",
      .options = event_show_options,
      .request = "event.show",
      .shape = events_shape_id,
      .print = print_event,
      .variant = &people },
    { .name = "event redact",
      .summary = "take the content of an event out of mails not sent yet",
      .options = id_options,
      .request = "event.redact",
      .shape = events_shape_id,
      .print = print_event },
    { .name = "event release",
      .summary = "let an event be told of that was held",
      .details = "Held is what would reach more people at once than watching.storm_watchers or\n"
                 "watching.storm_addressed allow; postroom alarms names it. Those are told who\n"
                 "watch when it is released. To drop it instead, redact it.",
      .options = release_options,
      .request = "event.release",
      .shape = events_shape_id,
      .print = print_event },
    { .name = "inbox list",
      .summary = "show the inboxes and the rows that were refused",
      .options = inbox_list_options,
      .request = "inbox.list",
      .print = print_inboxes },
    { .name = "inbox retry",
      .summary = "put refused rows back to be taken in again",
      .details =
          "A row that is at fault itself is mended first, in the inbox's own file:\n"
          "\n"
          "    UPDATE inbox_refused SET payload = '{...}' WHERE id = 7;\n"
          "\n"
          "A row that is deleted from there is forgotten. What may stand in a payload is in\n"
          "postroom-event(5).",
      .options = inbox_retry_options,
      .request = "inbox.retry",
      .print = print_retried },
    { 0 },
};
