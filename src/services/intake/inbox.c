/*
 * One state machine per inbox file:
 *
 *   closed -> loading -> ready -> taking -> settling -> saving -> ready
 *
 * A batch is read, each row becomes a job of the ledger, all at once; when all are answered the
 * refused ones are copied to inbox_refused, then the cursor is moved past the batch, then the rows
 * are cleared away. Whatever is cut off in between is done again: the key of each event, the
 * inbox's identity and the row's id unless the application gives one, makes that the same event.
 */
#include "services/intake/inbox.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "services/intake/event_draft.h"
#include "services/intake/event_take.h"
#include "store/inbox_cursor.h"
#include "store/inbox_file.h"
#include "store/ledger.h"

enum {
    BATCH = 500,      /* rows read, and cleared, at once */
    FAULTS_MOST = 20, /* a batch with a row that ends in a fault of ours is taken so often */
    TRIES_EVERY = 5,  /* of so many looks one tries to open what could not be opened */
    KEY_ROOM = 80
};

#define YEAR_2000_MS INT64_C(946684800000) /* times before are no milliseconds */

enum source_state {
    SOURCE_CLOSED,
    SOURCE_LOADING,
    SOURCE_READY,
    SOURCE_TAKING,
    SOURCE_SETTLING,
    SOURCE_SAVING
};

struct source;

/* A row on its way through the ledger. */
struct take_job {
    struct ledger_job job;
    struct source *source;
    struct inbox_row row;
    char key[KEY_ROOM];
    struct request request; /* args: NULL when the JSON is broken, which job.error says */
    int64_t event;
};

/* The cursor on its way from or to the ledger. */
struct cursor_job {
    struct ledger_job job;
    struct source *source;
    int64_t cursor;
};

struct source {
    struct inbox *inbox;
    const char *path;
    enum source_state state;
    struct inbox_file *file;
    int64_t cursor; /* all rows up to here are settled */
    bool is_more;   /* there may be rows after the last batch */
    bool is_uncleared;
    bool has_complained; /* about what is wrong now */
    int looks;
    int faults;         /* of ours, in a row, at the batch after the cursor */
    struct arena arena; /* of the batch */
    struct take_job *jobs;
    size_t job_count;
    size_t awaited;
    size_t settled; /* jobs whose refusal is on record */
    struct cursor_job cursor_job;
};

struct inbox {
    struct inbox_options options;
    struct mailbox *answers;
    struct timer timer;
    struct source *sources;
    size_t source_count;
    void (*done)(void *owner); /* stopping */
    void *done_owner;
};

static void look(struct source *source);

static void hurry(struct inbox *inbox)
{
    if (inbox->done == NULL)
        timer_start(&inbox->timer, 0);
}

/* Once for each trouble, however often it is tried again. */
static void complain(struct source *source, const struct error *err)
{
    if (!source->has_complained)
        log_warning("inbox-trouble", log_text("path", source->path), log_text("error", err->text));
    source->has_complained = true;
}

static void is_well(struct source *source)
{
    if (source->has_complained)
        log_info("inbox-well", log_text("path", source->path));
    source->has_complained = false;
}

static void close_source(struct source *source)
{
    inbox_file_close(source->file);
    source->file = NULL;
    source->state = SOURCE_CLOSED;
}

/* A lock goes away by itself; all else is tried anew from the start. */
static void stumble(struct source *source, const struct error *err)
{
    complain(source, err);
    if (err->kind != ERROR_TEMPORARY)
        close_source(source);
}

static bool run_load(struct ledger_job *job, struct db *db, struct error *err)
{
    struct cursor_job *load = CONTAINER_OF(job, struct cursor_job, job);

    return inbox_cursor_read(db, inbox_file_identity(load->source->file), &load->cursor, err);
}

static bool run_save(struct ledger_job *job, struct db *db, struct error *err)
{
    struct cursor_job *save = CONTAINER_OF(job, struct cursor_job, job);

    return inbox_cursor_write(db, inbox_file_identity(save->source->file), save->source->path,
                              save->cursor, err);
}

static void submit_cursor(struct source *source, const char *name,
                          bool (*run)(struct ledger_job *job, struct db *db, struct error *err))
{
    source->cursor_job.job = (struct ledger_job){
        .name = name, .rank = LEDGER_REQUEST, .run = run, .answers = source->inbox->answers
    };
    source->cursor_job.source = source;
    ledger_submit(source->inbox->options.ledger, &source->cursor_job.job);
}

static void open_source(struct source *source)
{
    struct error err;

    if (source->looks++ % TRIES_EVERY != 0)
        return;
    if (!inbox_file_open(source->path, &source->file, &err)) {
        complain(source, &err);
        return;
    }
    source->looks = 0;
    source->state = SOURCE_LOADING;
    submit_cursor(source, "inbox-load", run_load);
}

/* A file put back to an older state hands out ids anew that are settled to us: by another name
 * its rows are other rows. */
static bool check_time(struct source *source, struct error *err)
{
    int64_t highest;

    if (!inbox_file_highest(source->file, &highest, err))
        return false;
    if (highest >= source->cursor)
        return true;
    log_warning("inbox-went-back", log_text("path", source->path), log_number("highest", highest),
                log_number("cursor", source->cursor));
    source->cursor = 0;
    return inbox_file_rename(source->file, err);
}

static void on_loaded(struct source *source)
{
    struct error err;

    if (!source->cursor_job.job.ok) {
        complain(source, &source->cursor_job.job.error);
        close_source(source);
        return;
    }
    source->cursor = source->cursor_job.cursor;
    if (!check_time(source, &err)) {
        stumble(source, &err);
        close_source(source);
        return;
    }
    source->state = SOURCE_READY;
    source->is_more = true;
    source->is_uncleared = source->cursor > 0;
    hurry(source->inbox);
}

static bool run_take(struct ledger_job *job, struct db *db, struct error *err)
{
    struct take_job *take = CONTAINER_OF(job, struct take_job, job);
    struct event_defaults defaults = { .key = span_of(take->key) };

    if (take->row.at >= YEAR_2000_MS)
        defaults.at = take->row.at;
    return event_take(db, &take->request, &defaults, &take->event, err);
}

/* Broken JSON never reaches the ledger. */
static void begin_take(struct source *source, struct take_job *take, const struct inbox_row *row)
{
    const struct inbox_options *options = &source->inbox->options;

    *take = (struct take_job){
        .job = { .name = "inbox-take",
                 .rank = LEDGER_REQUEST,
                 .run = run_take,
                 .answers = source->inbox->answers },
        .source = source,
        .row = *row,
        .request = { .now_ms = loop_now_ms(options->loop),
                     .by = source->path,
                     .settings = options->settings },
    };
    (void)snprintf(take->key, KEY_ROOM, "%s:%lld", inbox_file_identity(source->file),
                   (long long)row->id);
    if (!event_json_load(row->payload, event_json_limit(options->settings), &take->request.args,
                         &take->job.error))
        return;
    source->awaited++;
    ledger_submit(options->ledger, &take->job);
}

static void settle(struct source *source);

static bool read_batch(struct source *source, struct inbox_rows *ret_rows, struct error *err)
{
    struct page page = { source->cursor, BATCH };

    arena_reset(&source->arena);
    return inbox_file_read(source->file, &source->arena, page,
                           event_json_limit(source->inbox->options.settings), ret_rows, err);
}

static void take_batch(struct source *source)
{
    struct inbox_rows rows;
    struct error err;

    if (!read_batch(source, &rows, &err)) {
        stumble(source, &err);
        return;
    }
    is_well(source);
    source->is_more = rows.n > 0;
    if (rows.n == 0)
        return;
    source->jobs = ARENA_ARRAY(&source->arena, struct take_job, rows.n);
    source->job_count = rows.n;
    source->awaited = 0;
    source->settled = 0;
    source->state = SOURCE_TAKING;
    for (size_t i = 0; i < rows.n; i++)
        begin_take(source, &source->jobs[i], &rows.at[i]);
    if (source->awaited == 0)
        settle(source);
}

/* What fails by a fault of ours may go well the next time, but holds up the others only for so
 * long. */
static bool is_to_be_refused(const struct source *source, enum error_kind kind)
{
    return event_take_is_refusal(kind) || (kind == ERROR_INTERNAL && source->faults >= FAULTS_MOST);
}

static bool settle_one(struct source *source, const struct take_job *take, struct error *err)
{
    if (take->job.ok)
        return true;
    if (!is_to_be_refused(source, take->job.error.kind)) {
        *err = take->job.error;
        return false;
    }
    if (!inbox_file_refuse(source->file, &take->row, take->job.error.text, take->request.now_ms,
                           err)) {
        if (err->kind == ERROR_TEMPORARY || inbox_file_may_be_written(source->file))
            return false;      /* locked, or its disk is full */
        complain(source, err); /* a file we may not write: the log is the record */
    }
    log_warning("inbox-refused", log_text("path", source->path), log_number("row", take->row.id),
                log_text("reason", take->job.error.text));
    return true;
}

static void drop_args(struct source *source)
{
    for (size_t i = 0; i < source->job_count; i++) {
        json_decref(source->jobs[i].request.args);
        source->jobs[i].request.args = NULL;
    }
    source->job_count = 0;
}

/* Until every refusal is on record the cursor stays: a locked file, or one without room, is tried
 * again at the next look, a fault of ours lets the whole batch be taken again, some times. */
static void settle(struct source *source)
{
    struct error err;

    source->state = SOURCE_SETTLING;
    for (; source->settled < source->job_count; source->settled++) {
        const struct take_job *take = &source->jobs[source->settled];

        if (settle_one(source, take, &err))
            continue;
        complain(source, &err);
        if (!take->job.ok && !is_to_be_refused(source, take->job.error.kind)) {
            source->faults += take->job.error.kind == ERROR_INTERNAL;
            drop_args(source);
            source->is_more = true;
            source->state = SOURCE_READY;
        }
        return;
    }
    source->cursor_job.cursor = source->jobs[source->job_count - 1].row.id;
    drop_args(source);
    source->state = SOURCE_SAVING;
    submit_cursor(source, "inbox-save", run_save);
}

static void on_saved(struct source *source)
{
    source->state = SOURCE_READY;
    if (!source->cursor_job.job.ok) {
        complain(source, &source->cursor_job.job.error);
        source->is_more = true; /* the same events again */
        return;
    }
    source->cursor = source->cursor_job.cursor;
    source->is_uncleared = true;
    source->faults = 0;
    hurry(source->inbox);
}

static void clear(struct source *source)
{
    struct error err;

    if (!inbox_file_clear(source->file, source->cursor, BATCH, &source->is_uncleared, &err))
        complain(source, &err);
}

static void look_when_ready(struct source *source)
{
    struct error err;
    bool is_changed;

    if (!inbox_file_current(source->file)) {
        close_source(source);
        source->looks = 0;
        return;
    }
    if (source->is_uncleared)
        clear(source);
    if (!inbox_file_changed(source->file, &is_changed, &err)) {
        stumble(source, &err);
        return;
    }
    if (is_changed || source->is_more)
        take_batch(source);
}

static void look(struct source *source)
{
    switch (source->state) {
    case SOURCE_CLOSED:
        open_source(source);
        break;
    case SOURCE_READY:
        look_when_ready(source);
        break;
    case SOURCE_SETTLING:
        settle(source);
        break;
    case SOURCE_LOADING:
    case SOURCE_TAKING:
    case SOURCE_SAVING:
        break;
    }
}

static void on_timer(void *owner)
{
    struct inbox *inbox = owner;

    timer_start(&inbox->timer, inbox->options.poll_ms);
    for (size_t i = 0; i < inbox->source_count; i++)
        look(&inbox->sources[i]);
}

static bool is_busy(const struct source *source)
{
    return source->state == SOURCE_LOADING || source->state == SOURCE_TAKING ||
           source->state == SOURCE_SAVING;
}

static void finish_if_idle(struct inbox *inbox)
{
    void (*done)(void *owner) = inbox->done;

    if (done == NULL)
        return;
    for (size_t i = 0; i < inbox->source_count; i++)
        if (is_busy(&inbox->sources[i]))
            return;
    inbox->done = NULL;
    loop_defer(inbox->options.loop, done, inbox->done_owner);
}

static void on_answer(struct ledger_job *job)
{
    if (job->run == run_take) {
        struct source *source = CONTAINER_OF(job, struct take_job, job)->source;

        if (--source->awaited == 0)
            settle(source);
    } else {
        struct source *source = CONTAINER_OF(job, struct cursor_job, job)->source;

        if (source->state == SOURCE_LOADING)
            on_loaded(source);
        else
            on_saved(source);
    }
}

static void on_answers(void *owner, struct list *posted)
{
    struct inbox *inbox = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        on_answer(CONTAINER_OF(item, struct ledger_job, link));
    }
    finish_if_idle(inbox);
}

struct inbox *inbox_new(const struct inbox_options *options)
{
    struct inbox *inbox = NEW(struct inbox);
    const struct text_list *paths = &options->settings->inboxes;

    inbox->options = *options;
    inbox->source_count = paths->count;
    inbox->sources = alloc_array(paths->count + 1, sizeof(struct source));
    for (size_t i = 0; i < paths->count; i++) {
        inbox->sources[i].inbox = inbox;
        inbox->sources[i].path = paths->at[i];
        arena_init(&inbox->sources[i].arena);
    }
    inbox->answers = mailbox_new(options->loop, on_answers, inbox);
    timer_init(&inbox->timer, options->loop, on_timer, inbox);
    timer_start(&inbox->timer, 0);
    return inbox;
}

void inbox_stop(struct inbox *inbox, void (*done)(void *owner), void *owner)
{
    timer_stop(&inbox->timer);
    inbox->done = done;
    inbox->done_owner = owner;
    finish_if_idle(inbox);
}

void inbox_free(struct inbox *inbox)
{
    timer_stop(&inbox->timer);
    mailbox_free(inbox->answers);
    for (size_t i = 0; i < inbox->source_count; i++) {
        drop_args(&inbox->sources[i]);
        inbox_file_close(inbox->sources[i].file);
        arena_fini(&inbox->sources[i].arena);
    }
    alloc_free(inbox->sources);
    alloc_free(inbox);
}
