/*
 * For each webhook, again and again:
 *
 *   look -> begin (the batch's end is durable) -> call -> settle, or note the failure -> look
 *
 * What a crash cuts off goes on at the look: a batch that was begun is sent again by the same id.
 */
#include "services/hooks/hook_sender.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/random.h"
#include "domain/settings.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "net/http_client.h"
#include "services/hooks/hook_batch.h"
#include "services/hooks/hook_outcome.h"
#include "services/hooks/hook_wants.h"
#include "store/alarm.h"
#include "store/ledger.h"
#include "store/outbox.h"
#include "store/webhook.h"

enum {
    CONNECTIONS = 64,
    HOST_CONNECTIONS = 4,
    ANSWER_LIMIT = 64 * 1024,
    HOOKS_MOST = 1000,
    SKIP_EVERY = 1000,      /* rows that were not for a webhook, until it is on record, */
    SKIP_EVERY_MS = 600000, /* or so long: a row is kept for an hour at least (changes.keep) */
    PRUNE_EVERY_MS = 60000,
    PRUNE_AT_ONCE = 500,
    NAME_ROOM = 120,
    HOST_ROOM = 300,
    TEXT_ROOM = 500
};

struct hook_sender {
    struct hook_sender_options options;
    struct mailbox *answers; /* of hook.job */
    struct mailbox *chores;  /* of chore */
    struct ledger_job chore; /* what is wanted, then pruning, now and then */
    struct timer timer;
    struct http_client *client;
    struct list hooks;
    struct random random;
    bool has_complained;
    int64_t chore_at; /* the next one; INT64_MAX: one is under way */
    size_t awaited;   /* jobs at the ledger */
    size_t looks;     /* each begins with another webhook, so that all get their turn */
    void (*done)(void *owner);
    void *done_owner;
};

struct hook {
    struct list link;
    struct hook_sender *sender;
    struct webhook_batch range; /* known: where it stood; after: nothing up to here is for it */
    int64_t known_at;           /* monotonic: since when `known` is what it is */
    char name[NAME_ROOM];
    char host[HOST_ROOM]; /* that it is called at, with its port */
    bool is_busy;

    /* what is under way */
    struct ledger_job job;
    bool begun;
    bool is_there;    /* it had not been removed when its failure was noted */
    int64_t failures; /* in a row, before this call */
    int64_t failing_since;
    struct hook_batch batch;
    struct hook_fields fields;
    char *url;
    char *secret;
    struct http_call call;
    struct hook_outcome outcome;
    int64_t next_at; /* after a failure */
};

bool hook_client_internal(const struct settings *settings)
{
    return settings->allow_loopback || settings->allow_private;
}

static void hurry(struct hook_sender *s)
{
    if (s->done == NULL)
        timer_start(&s->timer, 0);
}

static void complain(struct hook_sender *s, const struct error *err)
{
    if (!s->has_complained)
        log_warning("webhook-trouble", log_text("error", err->text));
    s->has_complained = true;
}

static void submit(struct hook *h, const char *name,
                   bool (*run)(struct ledger_job *job, struct db *db, struct error *err))
{
    h->is_busy = true;
    h->sender->awaited++;
    h->job = (struct ledger_job){
        .name = name, .rank = LEDGER_REQUEST, .run = run, .answers = h->sender->answers
    };
    ledger_submit(h->sender->options.ledger, &h->job);
}

static struct hook *hook_of_job(struct ledger_job *job)
{
    return CONTAINER_OF(job, struct hook, job);
}

static void forget_call(struct hook *h)
{
    hook_batch_fini(&h->batch);
    alloc_free(h->url);
    alloc_free(h->secret);
    h->url = h->secret = NULL;
}

static void be_idle(struct hook *h)
{
    forget_call(h);
    h->is_busy = false;
}

/* ---- the ledger's part ---- */

static bool run_begin(struct ledger_job *job, struct db *db, struct error *err)
{
    struct hook *h = hook_of_job(job);

    return webhook_begin(db, &h->range, &h->begun, err);
}

static bool run_skip(struct ledger_job *job, struct db *db, struct error *err)
{
    return webhook_skip(db, &hook_of_job(job)->range, err);
}

static bool run_settle(struct ledger_job *job, struct db *db, struct error *err)
{
    struct hook *h = hook_of_job(job);

    return webhook_settle(db, &h->range, ledger_now_ms(h->sender->options.ledger), err);
}

static bool disable(struct db *db, const struct hook *h, int64_t now_ms, struct error *err)
{
    char why[TEXT_ROOM];
    char cause[NAME_ROOM + 40];

    (void)snprintf(why, sizeof(why), "%s%s",
                   h->outcome.gone ? "" : "it has failed for too long; at last ",
                   h->outcome.problem);
    (void)snprintf(cause, sizeof(cause), "webhook-disabled %s", h->name);
    return webhook_disable(db, h->range.webhook, span_of(why), now_ms, err) &&
           alarm_raise(db, ALARM_ERROR, span_of(cause), span_of(why), now_ms, err);
}

static bool gives_up(const struct hook *h, int64_t now_ms)
{
    return h->outcome.gone ||
           (h->failing_since != 0 &&
            now_ms - h->failing_since >= h->sender->options.settings->webhooks.give_up);
}

static bool run_fail(struct ledger_job *job, struct db *db, struct error *err)
{
    struct hook *h = hook_of_job(job);
    int64_t now_ms = ledger_now_ms(h->sender->options.ledger);
    const struct webhook_failure failure = { span_of(h->outcome.problem), now_ms, h->next_at };

    return webhook_fail(db, h->range.webhook, &failure, &h->is_there, err) &&
           (!h->is_there || !gives_up(h, now_ms) || disable(db, h, now_ms, err));
}

/* ---- calling ---- */

static void on_done(void *owner, const struct http_answer *answer)
{
    struct hook *h = owner;
    struct hook_sender *s = h->sender;
    int64_t now_ms = loop_now_ms(s->options.loop);

    h->outcome = hook_outcome_of(answer);
    if (h->outcome.taken) {
        submit(h, "webhook-settle", run_settle);
        return;
    }
    h->next_at = now_ms + hook_outcome_wait_ms(&h->outcome, h->failures + 1, &s->random);
    if (gives_up(h, now_ms))
        log_warning("webhook-disabled", log_text("webhook", h->name),
                    log_text("problem", h->outcome.problem),
                    log_number("failures", h->failures + 1));
    else
        log_warning("webhook-failed", log_text("webhook", h->name),
                    log_text("problem", h->outcome.problem),
                    log_number("failures", h->failures + 1));
    submit(h, "webhook-fail", run_fail);
}

static bool is_news(const struct hook_batch *batch)
{
    return batch->count > 0 || batch->dropped != 0;
}

static void call(struct hook *h)
{
    struct hook_sender *s = h->sender;
    struct error err;

    if (!is_news(&h->batch)) { /* what was begun may not be seen any more */
        submit(h, "webhook-settle", run_settle);
        return;
    }
    if (!hook_sign(span_of(h->secret), h->batch.id, loop_now_ms(s->options.loop),
                   buf_view(&h->batch.body), &h->fields, &err)) {
        complain(s, &err);
        be_idle(h);
        return;
    }
    h->is_busy = true;
    h->call = (struct http_call){ .method = "POST",
                                  .url = h->url,
                                  .fields = h->fields.at,
                                  .body = buf_view(&h->batch.body),
                                  .timeout_ms = s->options.settings->webhooks.timeout,
                                  .answer_limit = ANSWER_LIMIT,
                                  .done = on_done,
                                  .owner = h };
    http_client_call(s->client, &h->call);
}

/* Jobs that did not commit are done again: the look begins anew. */
static void on_answer(struct hook *h)
{
    bool calls = h->job.ok && h->job.run == run_begin && h->begun;

    if (!h->job.ok)
        complain(h->sender, &h->job.error);
    if (calls && h->sender->done == NULL) {
        call(h);
        return;
    }
    be_idle(h);
    if (h->job.ok)
        hurry(h->sender);
}

/* ---- looking ---- */

static struct hook *obtain(struct hook_sender *s, const struct webhook_row *row)
{
    struct hook *h;

    LIST_EACH (&s->hooks, link) {
        h = CONTAINER_OF(link, struct hook, link);
        if (h->range.webhook == row->id)
            return h;
    }
    h = NEW(struct hook);
    h->sender = s;
    h->range = (struct webhook_batch){ .webhook = row->id, .known = -1 };
    list_append(&s->hooks, &h->link);
    return h;
}

/* How far it was looked through counts as long as nobody moved it. */
static int64_t look_after(struct hook *h, const struct webhook_row *row)
{
    if (h->range.known != row->through_seq)
        h->known_at = loop_monotonic_ms(h->sender->options.loop);
    if (h->range.known != row->through_seq || row->sending_seq != 0)
        h->range.after = row->through_seq;
    h->range.known = row->through_seq;
    return h->range.after;
}

static struct span host_of(struct span url)
{
    struct span host = span_rest(url, span_find(url, SPAN("//")));

    return span_first(span_rest(host, 2), span_index(span_rest(host, 2), '/'));
}

static void take_over(struct hook *h, const struct webhook_row *row, int64_t now_ms)
{
    span_copy(row->name, h->name, sizeof(h->name));
    span_copy(host_of(row->url), h->host, sizeof(h->host));
    h->failures = row->failures;
    h->failing_since = row->failing_since;
    h->url = span_text(row->url);
    h->secret = hook_secrets(row, now_ms);
    h->range.through = h->batch.through;
}

/* What was passed over must be on record before it is dropped: else it seems to be missed. */
static bool is_time_to_skip(const struct hook *h)
{
    int64_t passed = h->range.through - h->range.known;

    return passed >= SKIP_EVERY ||
           (passed > 0 &&
            loop_monotonic_ms(h->sender->options.loop) - h->known_at >= SKIP_EVERY_MS);
}

/* Nothing is for it: that goes on record now and then. */
static void pass_over(struct hook *h)
{
    bool is_more = h->batch.through > h->range.after;

    h->range.after = h->range.through;
    if (is_time_to_skip(h)) {
        submit(h, "webhook-skip", run_skip);
        return;
    }
    be_idle(h);
    if (is_more)
        hurry(h->sender);
}

/* The client would let a call wait for a connection, and the call's patience end meanwhile: it is
 * begun only when there is one to have. */
static bool has_room(const struct hook_sender *s, const struct webhook_row *row)
{
    struct span host = host_of(row->url);
    size_t busy = 0;
    size_t busy_there = 0;

    LIST_EACH (&s->hooks, link) {
        const struct hook *h = CONTAINER_OF(link, const struct hook, link);

        busy += h->is_busy;
        busy_there += h->is_busy && span_equal_nocase(span_of(h->host), host);
    }
    return busy < CONNECTIONS && busy_there < HOST_CONNECTIONS;
}

static bool consider(struct hook *h, const struct webhook_row *row, int64_t now_ms,
                     struct error *err)
{
    int64_t after;

    if (h->is_busy || row->disabled_at != 0 || row->next_at > now_ms || !has_room(h->sender, row))
        return true;
    after = look_after(h, row);
    hook_batch_init(&h->batch);
    if (!hook_batch_read(h->sender->options.db, row, after, now_ms, &h->batch, err)) {
        hook_batch_fini(&h->batch);
        return false;
    }
    take_over(h, row, now_ms);
    if (h->batch.is_begun)
        call(h);
    else if (is_news(&h->batch))
        submit(h, "webhook-begin", run_begin);
    else
        pass_over(h);
    return true;
}

static bool look_at_all(struct hook_sender *s, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct webhook_list rows;
    int64_t now_ms = loop_now_ms(s->options.loop);

    arena_init(&arena);
    if (!webhook_page(s->options.db, &arena, (struct page){ 0, HOOKS_MOST }, &rows, err))
        return false;
    s->looks++;
    for (size_t i = 0; i < rows.n; i++) {
        const struct webhook_row *row = &rows.at[(s->looks + i) % rows.n];

        if (!consider(obtain(s, row), row, now_ms, err))
            return error_wrap(err, "webhook %.*s", SPAN_ARGS(row->name));
    }
    return true;
}

/* ---- chores ---- */

static bool run_wants(struct ledger_job *job, struct db *db, struct error *err)
{
    return hook_wants_renew(db, CONTAINER_OF(job, struct hook_sender, chore)->options.settings,
                            err);
}

static bool run_prune(struct ledger_job *job, struct db *db, struct error *err)
{
    const struct hook_sender *s = CONTAINER_OF(job, struct hook_sender, chore);

    return outbox_prune(db, ledger_now_ms(s->options.ledger) - s->options.settings->changes.keep,
                        PRUNE_AT_ONCE, &job->again, err);
}

static void do_chore(struct hook_sender *s)
{
    bool is_first = s->chore.run == NULL || (s->chore.run == run_wants && !s->chore.ok);

    if (loop_monotonic_ms(s->options.loop) < s->chore_at)
        return;
    s->chore_at = INT64_MAX;
    s->awaited++;
    s->chore = (struct ledger_job){ .name = is_first ? "changes-wanted" : "changes-prune",
                                    .rank = is_first ? LEDGER_REQUEST : LEDGER_BULK,
                                    .run = is_first ? run_wants : run_prune,
                                    .answers = s->chores };
    ledger_submit(s->options.ledger, &s->chore);
}

static void end_if_idle(struct hook_sender *s)
{
    if (s->done != NULL && s->awaited == 0)
        s->done(s->done_owner);
}

static void on_chores(void *owner, struct list *posted)
{
    struct hook_sender *s = owner;

    LIST_EACH (posted, link) {
        list_remove(link);
        s->awaited--;
        s->chore_at = loop_monotonic_ms(s->options.loop) + PRUNE_EVERY_MS;
        if (!s->chore.ok)
            complain(s, &s->chore.error);
    }
    end_if_idle(s);
}

static void on_answers(void *owner, struct list *posted)
{
    struct hook_sender *s = owner;

    LIST_EACH (posted, link) {
        list_remove(link);
        s->awaited--;
        on_answer(hook_of_job(CONTAINER_OF(link, struct ledger_job, link)));
    }
    end_if_idle(s);
}

static void on_timer(void *owner)
{
    struct hook_sender *s = owner;
    struct error err;

    timer_start(&s->timer, s->options.poll_ms);
    do_chore(s);
    if (look_at_all(s, &err))
        s->has_complained = false;
    else
        complain(s, &err);
}

struct hook_sender *hook_sender_new(const struct hook_sender_options *options)
{
    struct hook_sender *s = NEW(struct hook_sender);
    const struct http_client_options client = {
        .loop = options->loop,
        .internal_allowed = hook_client_internal(options->settings),
        .extra_ca_file = options->settings->extra_ca_file,
        .connections = CONNECTIONS,
        .host_connections = HOST_CONNECTIONS,
    };

    s->options = *options;
    s->answers = mailbox_new(options->loop, on_answers, s);
    s->chores = mailbox_new(options->loop, on_chores, s);
    s->client = http_client_new(&client);
    list_init(&s->hooks);
    random_seed(&s->random, options->seed);
    timer_init(&s->timer, options->loop, on_timer, s);
    timer_start(&s->timer, 0);
    return s;
}

void hook_sender_stop(struct hook_sender *s, void (*done)(void *owner), void *owner)
{
    s->done = done;
    s->done_owner = owner;
    timer_stop(&s->timer);
    LIST_EACH (&s->hooks, link) {
        http_call_cancel(&CONTAINER_OF(link, struct hook, link)->call);
    }
    end_if_idle(s);
}

void hook_sender_free(struct hook_sender *s)
{
    if (s == NULL)
        return;
    LIST_EACH (&s->hooks, link) {
        struct hook *h = CONTAINER_OF(link, struct hook, link);

        list_remove(link);
        forget_call(h);
        alloc_free(h);
    }
    http_client_free(s->client);
    mailbox_free(s->answers);
    mailbox_free(s->chores);
    alloc_free(s);
}
