/*
 * `recur ...`: events that happen again and again.
 */
#include <errno.h>
#include <stdio.h>

#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "domain/holidays.h"

static const struct option add_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "recurrence", NULL },
    { "rule", OPTION_TEXT, "RULE", "rule", "when, as in calendars: 'FREQ=WEEKLY;BYDAY=MO'" },
    { "at", OPTION_TEXT, "HH:MM", "at", "the time of day" },
    { "zone", OPTION_TEXT, "ZONE", "zone", "whose clocks, such as Europe/Vienna; default: UTC" },
    { "from", OPTION_TEXT, "DAY", "from", "the rule counts from this day; default: today" },
    { "until", OPTION_TEXT, "WHEN", "until", "not after that" },
    { "holidays", OPTION_TEXTS, "DAYS", "holidays",
      "not then: 2026-12-25, or 2026-12-24..2026-12-31" },
    { "calendar", OPTION_TEXT, "FILE", "holiday_calendar",
      "nor on the days of this calendar (.ics)" },
    { "catch-up", OPTION_TEXT, "HOW", "catch_up",
      "what was missed is told: skip, once (default), all" },
    { "topic", OPTION_TEXT, "TOPIC", "topic", "the event's topic" },
    { "kind", OPTION_TEXT, "KIND", "kind", "its kind" },
    { "by", OPTION_TEXT, "PERSON", "actor", "who does it" },
    { "title", OPTION_TEXT, "TITLE", "title", "what happens, in a line" },
    { "text", OPTION_TEXT, "TEXT", "text", "the text itself; - reads standard input" },
    { "url", OPTION_TEXT, "URL", "url", "where it is to be seen" },
    { "to", OPTION_TEXTS, "PERSON[:REASON]", "to", "whom it addresses; list:NAME: all on it" },
    { "attach", OPTION_TEXTS, "FILE", "attach", "a file that mails about it carry, as it is now" },
    { "inline", OPTION_TEXTS, "FILE", "inline", "an image that the page of such a mail shows" },
    { "scope", OPTION_TEXTS, "TOPIC", "scopes", "a further topic it concerns" },
    { "thread", OPTION_TEXT, "TOPIC", "thread", "what its mails are grouped by" },
    { "label", OPTION_TEXT, "LABEL", "label", "only people with a grant of it may see it" },
    { "deadline", OPTION_TEXT, "DURATION", "deadline", "mail nobody later than so long after" },
    { "urgent", OPTION_FLAG, NULL, "urgent", "do not wait for more" },
    { NULL },
};

static const struct option name_options[] = {
    { "NAME", OPTION_OPERAND, NULL, "recurrence", NULL },
    { NULL },
};

static const struct option page_options[] = {
    { "after", OPTION_NUMBER, "ID", "after", "go on after this id" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static bool read_calendar(const char *path, struct buf *to, struct error *err)
{
    CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
    char *room = buf_reserve(to, to->limit);

    if (file == NULL)
        return error_set_errno(err, errno, "--calendar: opening %s", path);
    buf_advance(to, fread(room, 1, to->limit, file));
    if (ferror(file) != 0)
        return error_set(err, ERROR_IO, "--calendar: reading %s", path);
    return text_is_utf8(buf_view(to)) ||
           error_set(err, ERROR_INVALID, "--calendar: %s is not UTF-8", path);
}

static bool shape_add(json_t *args, struct error *err)
{
    const char *path = json_string_value(json_object_get(args, "holiday_calendar"));
    CLEANUP(buf_fini) struct buf calendar;

    buf_init(&calendar, HOLIDAY_CALENDAR_LIMIT + 1);
    if (path == NULL)
        return events_shape(args, err);
    if (!read_calendar(path, &calendar, err))
        return false;
    (void)json_object_set_new(args, "holiday_calendar",
                              json_stringn(buf_text(&calendar), calendar.n));
    return events_shape(args, err);
}

static void print_shown(FILE *out, const json_t *answer)
{
    show_fields(out, answer,
                "recurrence rule at zone from until catch_up state last problem next holidays "
                "event removed");
}

static void print_list(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "recurrences"),
               "recurrence:NAME state:STATE next:NEXT problem:PROBLEM", "nothing recurs");
    show_next(out, answer);
}

const struct command recurrences_commands[] = {
    { .name = "recur add",
      .summary = "let an event happen again and again",
      .details =
          "The rule is a RECUR value of RFC 5545: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY with\n"
          "INTERVAL, COUNT, UNTIL, WKST, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, BYHOUR and\n"
          "BYMINUTE. Times are those of the zone's clocks: one that they leave out in spring is\n"
          "the moment they leave it out, one that they show twice counts the first time.\n"
          "\n"
          "Each time is an event of its own, told once, whatever happens to the daemon. A time\n"
          "is missed when nobody looked for a quarter of an hour after it. Then the last one\n"
          "missed is told (once), or each of the last hundred (all), or none (skip).",
      .options = add_options,
      .request = "recur.add",
      .shape = shape_add,
      .print = print_shown },
    { .name = "recur list",
      .summary = "list what recurs, and when it does next",
      .options = page_options,
      .request = "recur.list",
      .print = print_list },
    { .name = "recur show",
      .summary = "show a recurrence and its event",
      .options = name_options,
      .request = "recur.show",
      .print = print_shown },
    { .name = "recur set",
      .summary = "change what recurs",
      .details = "What is not given stays as it is; an empty value takes a field away, such as\n"
                 "--until ''. The next time is reckoned from now on. What is refused changes\n"
                 "nothing.",
      .options = add_options,
      .request = "recur.set",
      .shape = shape_add,
      .print = print_shown },
    { .name = "recur pause",
      .summary = "let a recurrence rest; what it misses then is not told",
      .options = name_options,
      .request = "recur.pause",
      .print = print_shown },
    { .name = "recur resume",
      .summary = "let it go on with what comes next",
      .options = name_options,
      .request = "recur.resume",
      .print = print_shown },
    { .name = "recur rm",
      .summary = "end a recurrence",
      .options = name_options,
      .request = "recur.rm",
      .print = print_shown },
    { 0 },
};
