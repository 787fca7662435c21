/*
 * Records come from the senders by mailbox; here they become lines. A client that does not read is
 * told less, never waited for.
 */
#include "app/live_trace.h"

#include <string.h>

#include "app/control_protocol.h"
#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/stream.h"
#include "io/timer.h"
#include "protocol/smtp/dialogue.h"
#include "services/delivery/engine.h"
#include "services/delivery/live_watch.h"

enum { UNSENT_MOST = 256 * 1024, LINE_LIMIT = 16 * 1024 };

#define FOR_DEFAULT INT64_C(3600000)
#define FOR_MOST INT64_C(86400000)

struct live_traces {
    struct loop *loop;
    struct delivery_engine *engine;
    struct mailbox *records;
    struct list clients; /* those that have gone too, until all senders have let go */
    size_t client_n;
};

struct live_client {
    struct list link;
    struct live_traces *traces;
    struct live_watch *watch;
    struct stream *stream; /* NULL: it is gone, or its time is over */
    struct timer over;
    int64_t until; /* UTC: when that is */
    bool is_gone;  /* nobody calls live_client_end any more, */
    bool has_left; /* nor has a sender its watch: it is freed when both are so */
    int64_t lost;  /* and not told yet */
};

static void put_line(struct live_client *client, json_t *object)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    control_put_answer(&line, object);
    if (!line.overflown)
        stream_write(client->stream, buf_view(&line));
    buf_fini(&line);
    json_decref(object);
}

static json_t *time_json(int64_t at)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 40);
    text_put_time(&text, at);
    return json_string(buf_text(&text));
}

static json_t *line_json(const struct live_record *record, const struct smtp_dialogue_line *line)
{
    CLEANUP(buf_fini) struct buf text;
    json_t *object = json_object();

    buf_init(&text, LINE_LIMIT);
    text_put_visible(&text, line->text);
    (void)json_object_set_new(object, "at", time_json(record->at));
    (void)json_object_set_new(object, "session", json_integer(record->session));
    (void)json_object_set_new(object, "host", json_string(record->host));
    (void)json_object_set_new(object, "domain", json_string(record->domain));
    if (record->delivery != 0)
        (void)json_object_set_new(object, "delivery", json_integer(record->delivery));
    (void)json_object_set_new(object, "ms", json_integer(line->at_ms));
    (void)json_object_set_new(object, "by", json_string(smtp_speaker_name(line->who)));
    (void)json_object_set_new(object, "line", json_string(buf_text(&text)));
    return object;
}

static void tell_lost(struct live_client *client)
{
    if (client->lost == 0)
        return;
    put_line(client, json_pack("{s:I}", "lost", (json_int_t)client->lost));
    client->lost = 0;
}

/* A piece of a reply that drips in is a line here: it is told as it comes. */
static void tell(struct live_client *client, const struct live_record *record)
{
    struct smtp_dialogue_reader reader;
    struct smtp_dialogue_line line;

    client->lost += live_watch_lost(client->watch);
    if (stream_unsent(client->stream) > UNSENT_MOST) {
        client->lost++;
        return;
    }
    tell_lost(client);
    smtp_dialogue_reader_init(&reader, (struct span){ record->packed, record->n });
    while (smtp_dialogue_next(&reader, &line))
        put_line(client, line_json(record, &line));
    if (smtp_dialogue_rest(&reader, &line))
        put_line(client, line_json(record, &line));
    smtp_dialogue_reader_fini(&reader);
}

static void client_free(struct live_client *client)
{
    list_remove(&client->link);
    timer_stop(&client->over);
    live_watch_free(client->watch);
    alloc_free(client);
}

static void look_done(struct live_client *client)
{
    if (client->is_gone && client->has_left)
        client_free(client);
}

static void on_last_goodbye(struct live_client *client)
{
    client->has_left = true;
    client->traces->client_n--;
    look_done(client);
}

/* The senders have its watch still: the last goodbye comes by mailbox. */
static void stop_telling(struct live_client *client)
{
    if (client->stream == NULL)
        return;
    client->stream = NULL;
    timer_stop(&client->over);
    delivery_engine_unwatch(client->traces->engine, client->watch);
}

static void on_records(void *owner, struct list *posted)
{
    struct list *item;

    (void)owner;
    while ((item = list_first(posted)) != NULL) {
        struct live_record *record = CONTAINER_OF(item, struct live_record, link);
        struct live_client *client = live_watch_owner(record->watch);

        list_remove(item);
        if (client->stream != NULL && !record->is_goodbye)
            tell(client, record);
        if (live_watch_take(record))
            on_last_goodbye(client);
    }
}

static void on_over(void *owner)
{
    struct live_client *client = owner;

    tell_lost(client);
    put_line(client, json_pack("{s:b}", "end", 1));
    stop_telling(client);
}

static bool read_args(const json_t *args, struct span *ret_name, int64_t *ret_ms, struct error *err)
{
    const char *name = json_string_value(json_object_get(args, "name"));
    const char *time = json_string_value(json_object_get(args, "for"));

    if (name == NULL || name[0] == '\0' || strlen(name) >= LIVE_NAME_ROOM)
        return error_set(err, ERROR_INVALID,
                         "live: must name a recipient domain, a site or a host");
    *ret_name = span_of(name);
    *ret_ms = FOR_DEFAULT;
    if (time != NULL &&
        (!text_to_duration(span_of(time), ret_ms) || *ret_ms <= 0 || *ret_ms > FOR_MOST))
        return error_set(err, ERROR_INVALID,
                         "for: must be a duration such as 10m, of at most a day");
    return true;
}

struct live_client *live_traces_begin(struct live_traces *traces, const json_t *args,
                                      struct stream *stream, struct error *err)
{
    struct live_client *client;
    struct span name;
    int64_t ms;

    if (!read_args(args, &name, &ms, err))
        return NULL;
    if (traces->client_n == LIVE_WATCHES_MOST) {
        (void)error_set(err, ERROR_LIMIT, "%d others follow sessions already: end one first",
                        LIVE_WATCHES_MOST);
        return NULL;
    }
    client = NEW(struct live_client);
    client->traces = traces;
    client->stream = stream;
    client->watch = live_watch_new(name, traces->records, client);
    list_init(&client->link);
    list_append(&traces->clients, &client->link);
    traces->client_n++;
    timer_init(&client->over, traces->loop, on_over, client);
    timer_start(&client->over, ms);
    client->until = loop_now_ms(traces->loop) + ms;
    delivery_engine_watch(traces->engine, client->watch);
    return client;
}

json_t *live_client_until(const struct live_client *client)
{
    return time_json(client->until);
}

void live_client_end(struct live_client *client)
{
    client->is_gone = true;
    stop_telling(client);
    look_done(client);
}

struct live_traces *live_traces_new(struct loop *loop, struct delivery_engine *engine)
{
    struct live_traces *traces = NEW(struct live_traces);

    traces->loop = loop;
    traces->engine = engine;
    list_init(&traces->clients);
    traces->records = mailbox_new(loop, on_records, traces);
    return traces;
}

void live_traces_free(struct live_traces *traces)
{
    if (traces == NULL)
        return;
    LIST_EACH (&traces->clients, link) {
        CONTAINER_OF(link, struct live_client, link)->stream = NULL;
        CONTAINER_OF(link, struct live_client, link)->is_gone = false; /* freed below */
    }
    mailbox_flush(traces->records);
    LIST_EACH (&traces->clients, link)
        client_free(CONTAINER_OF(link, struct live_client, link));
    mailbox_free(traces->records);
    alloc_free(traces);
}
