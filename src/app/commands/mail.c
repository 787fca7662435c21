/*
 * `queue`, `deliveries`, `explain`: where mail is, what it waits for, what became of it.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/span.h"
#include "base/text.h"

static const struct option queue_options[] = {
    { "stream", OPTION_TEXT, "STREAM", "stream", "only this one, such as notices" },
    { "domain", OPTION_TEXT, "DOMAIN", "domain", "all about one recipient domain" },
    { "site", OPTION_TEXT, "SITE", "site", "the lanes that go to this site" },
    { "state", OPTION_TEXT, "STATE", "state", "only the counts of this state, and no lanes" },
    { NULL },
};

static const struct option notices_options[] = {
    { "person", OPTION_TEXT, "PERSON", "person", "only this person's" },
    { "waits-for", OPTION_TEXT, "WHAT", "waits_for",
      "only those that wait for this: window, sliding, quiet, rate, loop, suspended, mail" },
    { "after", OPTION_TEXT, "MARK", "after", "go on after the page that ended with it" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static const struct option no_options[] = {
    { NULL },
};

static const struct option deliveries_options[] = {
    { "to", OPTION_TEXT, "PERSON", "to", "only to this person or address" },
    { "message-id", OPTION_TEXT, "ID", "message_id", "only the one with this Message-ID" },
    { "subject", OPTION_TEXT, "TEXT", "subject", "only those with this in their subject" },
    { "words", OPTION_TEXT, "TEXT", "words", "only those about which this was said" },
    { "state", OPTION_TEXT, "STATE", "state", "only in this state, such as deferred" },
    { "since", OPTION_TEXT, "WHEN", "since", "only those made since then, or since 2h ago" },
    { "domain", OPTION_TEXT, "DOMAIN", "domain", "only to this recipient domain" },
    { "site", OPTION_TEXT, "SITE", "site", "only those that go to this site" },
    { "after", OPTION_NUMBER, "ID", "before", "go on after this delivery of the page before" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static const struct option explain_options[] = {
    { "DELIVERY|PERSON", OPTION_OPERAND, NULL, "delivery", NULL },
    { "TOPIC", OPTION_MAY_OPERAND, NULL, "topic", NULL },
    { NULL },
};

#define STATE_COLUMNS                                                                              \
    "queued:QUEUED deferred:DEFERRED sending:SENDING in_doubt:IN-DOUBT held:HELD "                 \
    "delivered:DELIVERED failed:FAILED expired:EXPIRED suppressed:SUPPRESSED cancelled:CANCELLED"

/* "no mail with state deferred, site mx.example" */
static void print_no_mail(FILE *out, const json_t *answer)
{
    const json_t *filter = json_object_get(answer, "filter");
    const char *field;
    json_t *value;
    bool first = true;

    (void)fprintf(out, "no mail");
    json_object_foreach ((json_t *)filter, field, value) {
        (void)fprintf(out, "%s%s \"%s\"", first ? " with " : ", ", field,
                      json_is_string(value) ? json_string_value(value) : "?");
        first = false;
    }
    (void)fputc('\n', out);
}

static void print_counts(FILE *out, const json_t *answer)
{
    const json_t *states = json_object_get(answer, "states");
    const json_t *streams = json_object_get(answer, "streams");

    show_fields(out, answer, "site domain waiting");
    if (json_array_size(streams) > 0)
        show_table(out, streams, "stream:STREAM " STATE_COLUMNS, "");
    else if (json_object_size(states) > 0)
        show_fields(out, states,
                    "queued deferred sending in_doubt held delivered failed expired suppressed "
                    "cancelled");
    else if (json_object_get(answer, "waiting") == NULL)
        print_no_mail(out, answer);
    if (json_is_true(json_object_get(answer, "more_domains")))
        (void)fprintf(out, "... of the first domains of the site: `site show` lists them\n");
}

static void print_waiting(FILE *out, const json_t *rows, const char *columns)
{
    if (json_array_size(rows) == 0)
        return;
    (void)fputc('\n', out);
    show_table(out, rows, columns, "");
}

/* What is no mail yet. */
static void print_before_mail(FILE *out, const json_t *answer)
{
    print_waiting(out, json_object_get(answer, "notices"),
                  "waits_for:NOTICES-FOR waiting:WAITING more:MORE next_due:NEXT");
    print_waiting(out, json_object_get(answer, "events"),
                  "waits_for:EVENTS-FOR waiting:WAITING more:MORE next_due:NEXT");
}

static void print_lanes(FILE *out, const json_t *answer)
{
    const json_t *lanes = json_object_get(answer, "lanes");

    if (json_array_size(lanes) == 0)
        return;
    (void)fputc('\n', out);
    show_table(out, lanes,
               "domain:DOMAIN stream:STREAM waiting:WAITING next_due:NEXT-RETRY "
               "failures:FAILURES paused:PAUSED left_alone_until:LEFT-ALONE-UNTIL text:WORDS",
               "");
    if (json_is_true(json_object_get(answer, "more_lanes")))
        (void)fprintf(out, "... there are more lanes than were compared: see --stream, --domain\n");
}

static void print_queue(FILE *out, const json_t *answer)
{
    print_counts(out, answer);
    print_lanes(out, answer);
    print_before_mail(out, answer);
}

static void print_notices(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "notices"),
               "person:PERSON topic:TOPIC waits_for:WAITS-FOR due:UNTIL urgent:URGENT",
               "no notices wait");
    show_next(out, answer);
}

static void print_figures(FILE *out, const json_t *answer)
{
    const char *name;
    json_t *value;

    json_object_foreach (json_object_get(answer, "figures"), name, value) {
        (void)fprintf(out, json_is_real(value) ? "%-58s %.6f\n" : "%-58s %.0f\n", name,
                      json_number_value(value));
    }
}

static void print_explanation(FILE *out, const json_t *answer)
{
    show_sentences(out, answer);
}

static void print_deliveries(FILE *out, const json_t *answer)
{
    const json_t *rows = json_object_get(answer, "deliveries");

    if (json_array_size(rows) > 0)
        show_table(out, rows,
                   "delivery:DELIVERY state:STATE attempts:TRIES made:MADE to:TO reason:REASON "
                   "subject:SUBJECT",
                   "");
    else
        print_no_mail(out, answer);
    if (json_is_true(json_object_get(answer, "cut")))
        (void)fprintf(out, "... so far: a page looks at 20,000 mails at most\n");
    show_next(out, answer);
}

bool mail_shape_delivery(json_t *args, struct error *err)
{
    struct span text = span_of(json_string_value(json_object_get(args, "delivery")));
    int64_t id;

    if (!text_to_integer(text, 1, INT64_MAX, &id))
        return error_set(err, ERROR_INVALID,
                         "DELIVERY must be a number that `deliveries` shows, got \"%.*s\"",
                         SPAN_ARGS(text));
    return json_object_set_new(args, "delivery", json_integer(id)) == 0;
}

/* A number, or with a topic a person. */
static bool shape_explain(json_t *args, struct error *err)
{
    json_t *person = json_incref(json_object_get(args, "delivery"));
    bool ok;

    if (json_object_get(args, "topic") == NULL) {
        json_decref(person);
        return mail_shape_delivery(args, err) ||
               error_wrap(err, "a person goes with a TOPIC; without one");
    }
    (void)json_object_del(args, "delivery");
    ok = json_object_set_new(args, "person", person) == 0;
    return ok;
}

const struct command mail_commands[] = {
    { .name = "queue",
      .summary = "show where mail is: counts by stream and state, the longest lanes",
      .details =
          "A lane is what waits of a stream for a recipient domain. Whatever the size of\n"
          "the queue, this takes the same time. What is no mail yet is counted by what it\n"
          "waits for: notices for the end of their window or until it is quiet (sliding),\n"
          "for the end of quiet hours, of many mails within the hour (rate), of a loop, of\n"
          "a suspension, or of the thread's mail under way; events for their fan-out, for\n"
          "their time (not_before) or for `event release`. While a daemon runs, --json has its\n"
          "figures too, those that `queue figures` shows.",
      .options = queue_options,
      .request = "queue",
      .beside = "figures",
      .print = print_queue },
    { .name = "queue figures",
      .summary = "show what the running daemon does and has done since its start",
      .details = "Counters and gauges under the names a monitoring system will find them by.",
      .options = no_options,
      .request = "figures",
      .print = print_figures },
    { .name = "queue notices",
      .summary = "list notices that are no mail yet, as they fall due",
      .details = "Each page looks at a bounded number of notices, so it may be short, or empty,\n"
                 "and yet end with the --after of the next one. `explain PERSON TOPIC` says what\n"
                 "one waits for, and until when.",
      .options = notices_options,
      .request = "queue.notices",
      .print = print_notices },
    { .name = "deliveries",
      .summary = "list mail, the newest first",
      .details = "Each page looks at a bounded number of mails, so it may be short, or empty,\n"
                 "and yet end with the --after of the next one. A subject is known once the\n"
                 "mail was about to be sent.",
      .options = deliveries_options,
      .request = "deliveries",
      .print = print_deliveries },
    { .name = "explain",
      .summary = "say what a mail waits for, and until when",
      .details = "DELIVERY is a number that `deliveries` shows. With a person and a topic it is\n"
                 "what is to tell them of that topic: a mail under way, or what is still being\n"
                 "collected. Works from the store alone, with the daemon up or down.",
      .options = explain_options,
      .request = "explain",
      .shape = shape_explain,
      .print = print_explanation },
    { 0 },
};
