/*
 * `import`: moving in from another program. Its data is read here, in slices; what becomes of each
 * row the services decide. Nobody is mailed by it.
 */
#include <sysexits.h>
#include <unistd.h>

#include "app/asking.h"
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "services/directory/moving.h"
#include "store/foreign.h"

enum { TOLD_MOST = 1000 }; /* rows of a report */

struct move {
    const struct invocation *call;
    const char *program;
    bool is_dry;
    enum foreign_part part;
    json_t *slice;
    json_t *coming; /* names of people who come with the move */
    json_t *totals; /* of the part: made, changed, kept, refused */
    json_t *report;
    int64_t told;
    int64_t done;
};

static void set_text(json_t *object, const char *field, struct span text)
{
    if (text.n > 0)
        (void)json_object_set_new(object, field, json_stringn(text.at, text.n));
}

/* Columns as store/foreign.h has them, fields as the commands do. */
static json_t *person_row(struct move *m, const struct foreign_row *row)
{
    static const char *const fields[] = { "key", "name", "address", "language", "timezone" };
    json_t *object = json_object();

    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
        set_text(object, fields[i], row->at[i]);
    if (span_equal(row->at[5], span_of("1")))
        (void)json_object_set_new(object, "status", json_string("inactive"));
    (void)json_object_setn_new(m->coming, row->at[0].at, row->at[0].n, json_true());
    return object;
}

static json_t *topic_row(const struct foreign_row *row)
{
    json_t *object = json_object();
    json_t *parents = json_array();

    set_text(object, "key", row->at[0]);
    set_text(object, "kind", row->at[1]);
    set_text(object, "title", row->at[2]);
    for (size_t i = 3; i <= 4; i++)
        if (row->at[i].n > 0)
            (void)json_array_append_new(parents, json_stringn(row->at[i].at, row->at[i].n));
    if (json_array_size(parents) > 0)
        (void)json_object_set(object, "parents", parents);
    json_decref(parents);
    return object;
}

static json_t *watch_row(const struct foreign_row *row)
{
    static const char *const fields[] = { "person", "topic", "mode", "origin" };
    json_t *object = json_object();

    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
        set_text(object, fields[i], row->at[i]);
    return object;
}

static void add_up(struct move *m, const json_t *answer)
{
    static const char *const counts[] = { "made", "changed", "kept" };

    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
        json_t *total = json_object_get(m->totals, counts[i]);

        (void)json_integer_set(total, json_integer_value(total) +
                                          json_integer_value(json_object_get(answer, counts[i])));
    }
}

static void tell_rows(struct move *m, const char *kind, json_t *rows)
{
    json_t *list = json_object_get(m->report, kind);
    size_t index;
    json_t *row;

    json_array_foreach (rows, index, row) {
        if (m->told++ >= TOLD_MOST)
            continue;
        (void)json_object_set_new(row, "part", json_string(foreign_part_name(m->part)));
        (void)json_array_append(list, row);
    }
}

static void show_progress(const struct move *m)
{
    if (isatty(STDERR_FILENO) && !m->call->json)
        (void)fprintf(stderr, "\r%s %lld ", foreign_part_name(m->part), (long long)m->done);
}

static bool send_slice(struct move *m, struct error *err)
{
    size_t n = json_array_size(m->slice);
    json_t *refused;
    json_t *answer;
    json_t *total;
    json_t *args;
    bool ok;

    if (n == 0)
        return true;
    args = json_pack("{s:s, s:s, s:O}", "part", foreign_part_name(m->part), "from", m->program,
                     "rows", m->slice);
    ok = asking_ask(m->call->config, m->is_dry ? "import.check" : "import.take", args, 0, &answer,
                    err);
    json_decref(args);
    (void)json_array_clear(m->slice);
    if (!ok)
        return false;
    add_up(m, answer);
    refused = json_object_get(answer, "refused");
    total = json_object_get(m->totals, "refused");
    (void)json_integer_set(total, json_integer_value(total) + (json_int_t)json_array_size(refused));
    tell_rows(m, "refused", refused);
    tell_rows(m, "notes", json_object_get(answer, "notes"));
    json_decref(answer);
    m->done += (int64_t)n;
    show_progress(m);
    return true;
}

static bool take_row(void *owner, const struct foreign_row *row, struct error *err)
{
    static const size_t places[FOREIGN_PARTS] = { 6, 5, 4 };
    struct move *m = owner;
    struct span place = row->at[places[m->part]];
    bool is_coming = false;
    json_t *object;

    if (m->part == FOREIGN_PEOPLE) {
        object = person_row(m, row);
    } else if (m->part == FOREIGN_TOPICS) {
        object = topic_row(row);
    } else {
        object = watch_row(row);
        is_coming = json_object_getn(m->coming, row->at[0].at, row->at[0].n) != NULL;
    }
    (void)json_array_append_new(m->slice, json_pack("{s:o, s:o, s:b}", "place",
                                                    json_stringn(place.at, place.n), "row", object,
                                                    "coming", (int)is_coming));
    return json_array_size(m->slice) < MOVING_ROWS_LIMIT || send_slice(m, err);
}

static bool move_part(struct move *m, struct foreign *foreign, enum foreign_part part,
                      struct error *err)
{
    m->part = part;
    m->done = 0;
    m->totals = json_pack("{s:i, s:i, s:i, s:i}", "made", 0, "changed", 0, "kept", 0, "refused", 0);
    (void)json_object_set_new(m->report, foreign_part_name(part), m->totals);
    return foreign_walk(foreign, part, take_row, m, err) && send_slice(m, err);
}

static void print_part(FILE *out, const json_t *report, enum foreign_part part)
{
    const json_t *totals = json_object_get(report, foreign_part_name(part));

    (void)fprintf(out, "%-8s %8lld new %8lld changed %8lld as they were %8lld refused\n",
                  foreign_part_name(part),
                  (long long)json_integer_value(json_object_get(totals, "made")),
                  (long long)json_integer_value(json_object_get(totals, "changed")),
                  (long long)json_integer_value(json_object_get(totals, "kept")),
                  (long long)json_integer_value(json_object_get(totals, "refused")));
}

static void print_rows(FILE *out, const json_t *report, const char *kind, const char *title)
{
    const json_t *rows = json_object_get(report, kind);
    size_t index;
    json_t *row;

    if (json_array_size(rows) > 0)
        (void)fprintf(out, "\n%s\n", title);
    json_array_foreach (rows, index, row)
        (void)fprintf(out, "  %s: %s\n", json_string_value(json_object_get(row, "place")),
                      json_string_value(json_object_get(row, "text")));
}

static void print_report(const struct move *m)
{
    FILE *out = m->call->out;

    if (m->call->json) {
        (void)json_dumpf(m->report, out, JSON_INDENT(2));
        (void)fputc('\n', out);
        return;
    }
    if (isatty(STDERR_FILENO))
        (void)fputs("\r                    \r", stderr);
    for (enum foreign_part part = 0; part < FOREIGN_PARTS; part++)
        print_part(out, m->report, part);
    print_rows(out, m->report, "notes", "Taken, but:");
    print_rows(out, m->report, "refused", "Refused:");
    if (m->told > TOLD_MOST)
        (void)fprintf(out, "  and %lld more\n", (long long)(m->told - TOLD_MOST));
    if (m->is_dry)
        (void)fputs("\nNothing was changed: without --dry-run it is.\n", out);
}

static bool move_all(struct move *m, const char *source, struct error *err)
{
    struct foreign *foreign;
    bool ok;

    if (!foreign_open(m->program, source, &foreign, err))
        return false;
    ok = move_part(m, foreign, FOREIGN_PEOPLE, err) && move_part(m, foreign, FOREIGN_TOPICS, err) &&
         move_part(m, foreign, FOREIGN_WATCHES, err);
    foreign_close(foreign);
    return ok;
}

static int run_import(const struct invocation *call)
{
    struct move m = {
        .call = call,
        .program = json_string_value(json_object_get(call->args, "program")),
        .is_dry = json_object_get(call->args, "dry_run") != NULL,
        .slice = json_array(),
        .coming = json_object(),
    };
    const char *source = json_string_value(json_object_get(call->args, "source"));
    struct error err;
    int code = EX_OK;

    m.report = json_pack("{s:s, s:s, s:b, s:[], s:[]}", "program", m.program, "source", source,
                         "dry_run", (int)m.is_dry, "notes", "refused");
    if (move_all(&m, source, &err))
        print_report(&m);
    else
        code = command_fail(call, &err);
    json_decref(m.report);
    json_decref(m.coming);
    json_decref(m.slice);
    return code;
}

static const struct option import_options[] = {
    { "PROGRAM", OPTION_OPERAND, NULL, "program", NULL },
    { "SOURCE", OPTION_OPERAND, NULL, "source", NULL },
    { "dry-run", OPTION_FLAG, NULL, "dry_run", "say what would be done, and do nothing" },
    { NULL },
};

const struct command import_commands[] = {
    { .name = "import",
      .summary = "move in people and watches from another program",
      .details =
          "PROGRAM is trac, redmine or mantis. SOURCE is its SQLite database, or a folder of CSV "
          "files, one a table and called like it (ticket.csv), with the columns' names in the "
          "first line. It is only read.\n"
          "\n"
          "People, open issues with what they belong to, and who hears of them today (reporters, "
          "assignees, watchers, copies, members) become people, topics and watches. Nobody is "
          "mailed. What postroom knows already stays as it is, so an import may be done again; "
          "each row that cannot be taken is told with its reason.",
      .options = import_options,
      .run = run_import },
    { NULL },
};
