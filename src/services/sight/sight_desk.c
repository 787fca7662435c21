/*
 * The desk. Sheets gather for a moment; a question takes as many as it has room for, and a few
 * questions are open at a time. After a failure nobody is asked for a while, a longer one each
 * time, so that mail does not wait for a time-out after the other.
 */
#include "services/sight/sight_desk.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "net/http_client.h"
#include "services/request/sight_json.h"
#include "store/alarm.h"
#include "store/ledger.h"

#define ALARM_CAUSE "visibility"

enum {
    GATHER_MS = 20,
    QUESTIONS_MOST = 4,
    QUESTION_LIMIT = 64 * 1024 * 1024,
    ANSWER_LIMIT = 16 * 1024 * 1024,
    REST_LEAST_MS = 1000, /* after a failure, doubled */
    REST_MOST_MS = 32000,
    ALARM_AFTER_MS = 300000
};

/* What is said when the application begins to be away, goes on, or is back. */
struct sight_alarm {
    struct ledger_job job;
    bool is_over;
    char text[400];
    int64_t now_ms;
};

struct sight_desk {
    struct sight_desk_options options;
    struct loop *loop;
    struct http_client *client;
    struct mailbox *asks;
    struct mailbox *done; /* alarms written */
    struct list waiting;  /* struct sight_ask */
    size_t items;         /* of them */
    size_t open;          /* questions */
    struct timer gather;
    const char *fields[4]; /* of the header */
    char *authorization;

    int64_t away_since;  /* UTC; 0: it answers */
    int64_t rests_until; /* monotonic */
    int64_t rest_ms;
    bool has_alarm;      /* raised */
    bool may_have_alarm; /* or an earlier life raised one */
    char problem[300];
};

/* A question under way. */
struct question {
    struct sight_desk *desk;
    struct http_call call;
    struct list asks;
    struct sight_sheet **sheets;
    struct sight_batch batch;
    struct buf body;
};

static const struct visibility_settings *settings_of(const struct sight_desk *desk)
{
    return &desk->options.settings->visibility;
}

/* ---- the alarm ---- */

static bool run_alarm(struct ledger_job *job, struct db *db, struct error *err)
{
    const struct sight_alarm *alarm = CONTAINER_OF(job, struct sight_alarm, job);

    return alarm->is_over ? alarm_end(db, SPAN(ALARM_CAUSE), alarm->now_ms, err)
                          : alarm_raise(db, ALARM_ERROR, SPAN(ALARM_CAUSE), span_of(alarm->text),
                                        alarm->now_ms, err);
}

static void submit_alarm(struct sight_desk *desk, bool is_over)
{
    struct sight_alarm *alarm = NEW(struct sight_alarm);

    alarm->job = (struct ledger_job){
        .name = "visibility-alarm", .rank = LEDGER_BULK, .run = run_alarm, .answers = desk->done
    };
    alarm->is_over = is_over;
    alarm->now_ms = loop_now_ms(desk->loop);
    (void)snprintf(alarm->text, sizeof alarm->text, "visibility.url does not answer: %s",
                   desk->problem);
    desk->has_alarm = desk->may_have_alarm = !is_over;
    ledger_submit(desk->options.ledger, &alarm->job);
}

static void on_alarms_written(void *owner, struct list *posted)
{
    struct list *item;

    (void)owner;
    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        alloc_free(
            CONTAINER_OF(CONTAINER_OF(item, struct ledger_job, link), struct sight_alarm, job));
    }
}

/* ---- how the application is ---- */

static void note_well(struct sight_desk *desk)
{
    if (desk->away_since != 0)
        log_info("visibility-back", log_text("url", settings_of(desk)->url));
    desk->away_since = 0;
    desk->rest_ms = 0;
    desk->rests_until = 0;
    if (desk->may_have_alarm)
        submit_alarm(desk, true);
}

static void note_away(struct sight_desk *desk, const char *why)
{
    struct buf since;

    if (desk->away_since == 0) {
        desk->away_since = loop_now_ms(desk->loop);
        log_warning("visibility-away", log_text("url", settings_of(desk)->url),
                    log_text("reason", why));
    }
    desk->rest_ms = desk->rest_ms == 0 ? REST_LEAST_MS : desk->rest_ms * 2;
    if (desk->rest_ms > REST_MOST_MS)
        desk->rest_ms = REST_MOST_MS;
    desk->rests_until = loop_monotonic_ms(desk->loop) + desk->rest_ms;
    buf_init(&since, 64);
    text_put_time(&since, desk->away_since - desk->away_since % 1000);
    (void)snprintf(desk->problem, sizeof desk->problem, "%.200s, since %.*s", why,
                   SPAN_ARGS(buf_view(&since)));
    buf_fini(&since);
    if (!desk->has_alarm && loop_now_ms(desk->loop) - desk->away_since >= ALARM_AFTER_MS)
        submit_alarm(desk, false);
}

static bool is_resting(const struct sight_desk *desk)
{
    return desk->rests_until > loop_monotonic_ms(desk->loop);
}

/* ---- questions ---- */

static void answer(const struct sight_desk *desk, struct list *asks, bool ok)
{
    struct list *item;

    while ((item = list_first(asks)) != NULL) {
        struct sight_ask *ask = CONTAINER_OF(item, struct sight_ask, link);

        list_remove(item);
        ask->ok = ok;
        if (!ok)
            (void)error_set(&ask->problem, ERROR_TEMPORARY, "%s", desk->problem);
        mailbox_post(ask->answers, &ask->link);
    }
}

static void question_free(struct question *q)
{
    buf_fini(&q->body);
    alloc_free(q->sheets);
    alloc_free(q);
}

static void send_some(struct sight_desk *desk);

/* Reads the answer; false with the reason when it is none. */
static bool read_answer(struct question *q, const struct http_answer *got, struct error *err)
{
    if (got->status == 0)
        return error_set(err, ERROR_TEMPORARY, "%s", got->problem);
    if (got->status != 200)
        return error_set(err, ERROR_TEMPORARY, "it says %d", got->status);
    return sight_answer_read(got->body, &q->batch, loop_now_ms(q->desk->loop), err);
}

static void on_answer(void *owner, const struct http_answer *got)
{
    struct question *q = owner;
    struct sight_desk *desk = q->desk;
    struct error err;
    bool ok = read_answer(q, got, &err);

    desk->open--;
    if (ok)
        note_well(desk);
    else
        note_away(desk, err.text);
    answer(desk, &q->asks, ok);
    question_free(q);
    send_some(desk);
}

/* Takes what waits, a sheet at least, until there are enough items. */
static void fill(struct question *q)
{
    struct sight_desk *desk = q->desk;
    size_t room = (size_t)settings_of(desk)->batch;
    size_t items = 0;

    q->sheets = alloc_array(room, sizeof(struct sight_sheet *));
    while (!list_empty(&desk->waiting) && items < room) {
        struct list *item = list_first(&desk->waiting);
        struct sight_sheet *sheet = CONTAINER_OF(item, struct sight_ask, link)->sheet;

        list_remove(item);
        list_append(&q->asks, item);
        q->sheets[q->batch.count++] = sheet;
        items += sheet->count;
    }
    desk->items -= items;
    q->batch.sheets = q->sheets;
}

static void send_one(struct sight_desk *desk)
{
    struct question *q = NEW(struct question);

    q->desk = desk;
    list_init(&q->asks);
    buf_init(&q->body, QUESTION_LIMIT);
    fill(q);
    sight_question_put(&q->body, &q->batch);
    q->call = (struct http_call){ .method = "POST",
                                  .url = settings_of(desk)->url,
                                  .fields = desk->fields,
                                  .body = buf_view(&q->body),
                                  .timeout_ms = settings_of(desk)->timeout,
                                  .answer_limit = ANSWER_LIMIT,
                                  .done = on_answer,
                                  .owner = q };
    desk->open++;
    http_client_call(desk->client, &q->call);
}

static void send_some(struct sight_desk *desk)
{
    if (is_resting(desk)) {
        answer(desk, &desk->waiting, false);
        desk->items = 0;
    }
    while (!list_empty(&desk->waiting) && desk->open < QUESTIONS_MOST)
        send_one(desk);
}

static void on_gathered(void *owner)
{
    send_some(owner);
}

static void on_asks(void *owner, struct list *posted)
{
    struct sight_desk *desk = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        list_append(&desk->waiting, item);
        desk->items += CONTAINER_OF(item, struct sight_ask, link)->sheet->count;
    }
    if (is_resting(desk) || desk->items >= (size_t)settings_of(desk)->batch)
        send_some(desk);
    else if (!timer_running(&desk->gather))
        timer_start(&desk->gather, GATHER_MS);
}

/* ---- the desk ---- */

static void set_fields(struct sight_desk *desk)
{
    const char *secret = settings_of(desk)->secret;
    struct buf field;
    size_t n = 0;

    desk->fields[n++] = "Content-Type: application/json";
    desk->fields[n++] = "Accept: application/json";
    if (secret == NULL)
        return;
    buf_init(&field, 4096);
    buf_printf(&field, "Authorization: Bearer %s", secret);
    desk->authorization = alloc_text(buf_text(&field));
    desk->fields[n++] = desk->authorization;
    buf_fini(&field);
}

struct sight_desk *sight_desk_new(const struct sight_desk_options *options)
{
    struct sight_desk *desk = NEW(struct sight_desk);
    struct http_client_options client = { .internal_allowed = true, /* the operator names it */
                                          .extra_ca_file = options->settings->extra_ca_file,
                                          .connections = QUESTIONS_MOST,
                                          .host_connections = QUESTIONS_MOST };

    desk->options = *options;
    desk->loop = loop_new("visibility");
    client.loop = desk->loop;
    desk->client = http_client_new(&client);
    desk->asks = mailbox_new(desk->loop, on_asks, desk);
    desk->done = mailbox_new(desk->loop, on_alarms_written, desk);
    list_init(&desk->waiting);
    timer_init(&desk->gather, desk->loop, on_gathered, desk);
    desk->may_have_alarm = true;
    set_fields(desk);
    return desk;
}

void sight_desk_start(struct sight_desk *desk)
{
    loop_start(desk->loop);
}

void sight_desk_ask(void *owner, struct sight_ask *ask)
{
    struct sight_desk *desk = owner;

    mailbox_post(desk->asks, &ask->link);
}

void sight_desk_stop(struct sight_desk *desk)
{
    loop_stop(desk->loop);
    loop_join(desk->loop);
}

void sight_desk_free(struct sight_desk *desk)
{
    if (desk == NULL)
        return;
    timer_stop(&desk->gather);
    http_client_free(desk->client);
    mailbox_flush(desk->done);
    mailbox_free(desk->asks);
    mailbox_free(desk->done);
    loop_free(desk->loop);
    alloc_free(desk->authorization);
    alloc_free(desk);
}
