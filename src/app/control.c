/*
 * Clients in a list; each may have one request under way, further lines wait in its buffer.
 */
#include "app/control.h"

#include <string.h>

#include "app/control_protocol.h"
#include "app/figures.h"
#include "app/live_trace.h"
#include "app/mail_road.h"
#include "app/requests.h"
#include "base/alloc.h"
#include "base/log.h"
#include "domain/figure.h"
#include "io/listener.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/stream.h"
#include "store/db.h"
#include "store/ledger.h"

enum { SOCKET_MODE = 0660 };

struct control {
    struct loop *loop;
    struct ledger *ledger;
    const struct settings *settings;
    const struct mail_road *road;
    struct live_traces *traces;
    struct listener *listener;
    struct mailbox *answers;
    struct list clients;
    bool is_ending; /* the ledger takes nothing more */
};

struct client {
    struct list link;
    struct control *control;
    struct stream *stream; /* NULL: gone, waits for its job */
    struct buf in;
    bool busy;
    struct live_client *follows; /* NULL: it does not */
    char by[40];
};

struct control_job {
    struct ledger_job job; /* first */
    struct client *client;
    const struct request_entry *entry;
    json_t *ask; /* holds args */
    json_t *args;
    struct request_ahead *ahead;
    int64_t now_ms;
    json_t *answer;
};

static struct request request_of(const struct control_job *job)
{
    return (struct request){ .args = job->args,
                             .now_ms = job->now_ms,
                             .by = job->client->by,
                             .ahead = job->ahead,
                             .settings = job->client->control->settings };
}

static bool run_job(struct ledger_job *base, struct db *db, struct error *err)
{
    struct control_job *job = (struct control_job *)base;
    struct request request = request_of(job);

    json_decref(job->answer); /* of a run that was rolled back */
    job->answer = NULL;
    return job->entry->reads ? job->entry->handler(db, &request, &job->answer, err)
                             : request_perform(job->entry, db, &request, &job->answer, err);
}

static void client_drop(struct client *client)
{
    if (client->follows != NULL)
        live_client_end(client->follows);
    client->follows = NULL;
    if (client->stream != NULL)
        stream_close(client->stream);
    client->stream = NULL;
    if (client->busy)
        return;
    list_remove(&client->link);
    buf_fini(&client->in);
    alloc_free(client);
}

static void reply(struct client *client, const json_t *answer, const struct error *err)
{
    struct buf line;

    if (client->stream == NULL)
        return;
    buf_init(&line, CONTROL_LINE_LIMIT);
    if (answer != NULL)
        control_put_answer(&line, answer);
    else
        control_put_error(&line, err);
    stream_write(client->stream, buf_view(&line));
    buf_fini(&line);
}

static void free_job(struct control_job *job)
{
    request_ahead_free(job->ahead);
    json_decref(job->answer);
    json_decref(job->ask);
    alloc_free(job);
}

/* What needs no store is done here, beside the ledger. */
static void submit(struct client *client, const struct request_entry *entry, json_t *ask,
                   json_t *args)
{
    struct control_job *job = NEW(struct control_job);
    struct request request;
    struct error err;

    job->job.name = entry->name;
    job->job.rank = LEDGER_REQUEST;
    job->job.run = run_job;
    job->job.answers = client->control->answers;
    job->client = client;
    job->entry = entry;
    job->ask = ask;
    job->args = args;
    job->now_ms = loop_now_ms(client->control->loop);
    request = request_of(job);
    if (!request_ready(entry, &request, &job->ahead, &err)) {
        reply(client, NULL, &err);
        free_job(job);
        return;
    }
    client->busy = true;
    ledger_submit(client->control->ledger, &job->job);
}

/* Threads that serve mail are read, not asked. */
static void answer_figures(struct client *client)
{
    struct figure_sums sums = { { 0 } };
    json_t *answer = json_object();

    ledger_figures(client->control->ledger, &sums);
    mail_road_figures(client->control->road, &sums);
    (void)json_object_set_new(answer, "figures", figures_json(&sums));
    reply(client, answer, NULL);
    json_decref(answer);
}

static void follow(struct client *client, const json_t *args)
{
    json_t *answer;
    struct error err;

    if (client->follows != NULL) {
        (void)error_set(&err, ERROR_CONFLICT, "this connection follows sessions already");
        reply(client, NULL, &err);
        return;
    }
    client->follows = live_traces_begin(client->control->traces, args, client->stream, &err);
    if (client->follows == NULL) {
        reply(client, NULL, &err);
        return;
    }
    answer = json_pack("{s:O, s:o}", "following", json_object_get(args, "name"), "until",
                       live_client_until(client->follows));
    reply(client, answer, NULL);
    json_decref(answer);
}

/* What is asked about the daemon itself. */
static void answer_live(struct client *client, const struct request_entry *entry,
                        const json_t *args)
{
    if (strcmp(entry->name, "trace.live") == 0)
        follow(client, args);
    else
        answer_figures(client);
}

static void take_line(struct client *client, struct span line)
{
    const struct request_entry *entry;
    json_t *ask;
    const char *name;
    json_t *args;
    struct error err;

    if (!control_read_ask(line, &ask, &name, &args, &err)) {
        reply(client, NULL, &err);
        return;
    }
    entry = requests_find(name);
    if (entry != NULL && entry->lives) {
        answer_live(client, entry, args);
        json_decref(ask);
        return;
    }
    if (entry != NULL) {
        submit(client, entry, ask, args);
        return;
    }
    (void)error_set(&err, ERROR_INVALID, "the running daemon knows no request %s: is it older?",
                    name);
    json_decref(ask);
    reply(client, NULL, &err);
}

static void take_lines(struct client *client)
{
    while (!client->busy && !client->control->is_ending) {
        struct span bytes = buf_view(&client->in);
        size_t end = span_index(bytes, '\n');

        if (end == bytes.n)
            return;
        take_line(client, span_first(bytes, end));
        buf_drop(&client->in, end + 1);
    }
}

static void client_received(void *owner, struct span bytes)
{
    struct client *client = owner;

    buf_put(&client->in, bytes);
    if (client->in.overflown) {
        log_warning("control-line-too-long", log_text("by", client->by));
        client_drop(client);
        return;
    }
    take_lines(client);
}

static void client_closed(void *owner, const struct error *why)
{
    (void)why;
    client_drop(owner);
}

static const struct stream_events client_events = { .received = client_received,
                                                    .closed = client_closed };

static void accepted(void *owner, struct stream *stream)
{
    struct control *control = owner;
    struct client *client = NEW(struct client);
    unsigned uid = 0;
    unsigned gid = 0;

    client->control = control;
    client->stream = stream;
    buf_init(&client->in, CONTROL_LINE_LIMIT);
    if (stream_peer_ids(stream, &uid, &gid))
        (void)snprintf(client->by, sizeof(client->by), "uid %u", uid);
    else
        (void)snprintf(client->by, sizeof(client->by), "unknown");
    list_append(&control->clients, &client->link);
    stream_adopt(stream, &client_events, client);
}

static const struct listener_events listener_events = { .accepted = accepted };

static void job_answered(struct control_job *job)
{
    struct client *client = job->client;

    client->busy = false;
    reply(client, job->job.ok ? job->answer : NULL, &job->job.error);
    free_job(job);
    if (client->stream == NULL)
        client_drop(client);
    else
        take_lines(client);
}

static void answers_received(void *owner, struct list *posted)
{
    (void)owner;
    LIST_EACH (posted, link) {
        list_remove(link);
        job_answered((struct control_job *)link);
    }
}

struct control *control_new(const struct control_options *options, struct error *err)
{
    struct control *c = NEW(struct control);
    struct endpoint at;

    c->loop = options->loop;
    c->ledger = options->ledger;
    c->settings = options->settings;
    c->road = options->road;
    list_init(&c->clients);
    c->answers = mailbox_new(c->loop, answers_received, c);
    c->traces = live_traces_new(c->loop, mail_road_engine(c->road));
    if (endpoint_unix(c->settings->control_socket, &at, err))
        c->listener = listener_open(c->loop, &at, SOCKET_MODE, &listener_events, c, err);
    if (c->listener == NULL) {
        mailbox_free(c->answers);
        live_traces_free(c->traces);
        alloc_free(c);
        return NULL;
    }
    return c;
}

void control_free(struct control *c)
{
    if (c == NULL)
        return;
    listener_close(c->listener);
    c->is_ending = true;
    mailbox_flush(c->answers); /* what was done since the loop stopped is answered */
    LIST_EACH (&c->clients, link) {
        struct client *client = (struct client *)link;

        client->follows = NULL; /* the senders have ended: nobody says goodbye any more */
        client_drop(client);
    }
    live_traces_free(c->traces);
    mailbox_free(c->answers);
    alloc_free(c);
}
