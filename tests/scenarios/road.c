/*
 * Putting the daemon together in the simulation, and taking it apart in three ways. Mirrors
 * app/daemon.c; requests come from a desk on a loop of its own, as the control socket's do.
 */
#include "tests/scenarios/road.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/hmac.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "net/resolver.h"
#include "services/compose/composer.h"
#include "services/compose/template_files.h"
#include "services/compose/template_set.h"
#include "services/delivery/engine.h"
#include "services/fanout/fanout.h"
#include "services/hooks/hook_sender.h"
#include "services/intake/inbox.h"
#include "services/intake/recurring.h"
#include "services/sight/sight_desk.h"
#include "store/db.h"
#include "store/intent.h"
#include "store/ledger.h"
#include "store/schema.h"
#include "store/store_lock.h"
#include "tests/support/cmocka.h"

enum { PATIENCE_MS = 60000, INBOX_POLL_MS = 5000, JSON_MOST = 16384 };

static const char *const own_names[] = { "out.example.org" };
static const char secret[] = "0123456789abcdef0123456789abcdef";

/* One life of the daemon. What is of memory alone and what holds files are ended apart when it
 * crashes. */
struct road_life {
    struct store_lock *lock;
    struct db *db;
    struct db *view; /* the test's own look at the store */
    struct loop *ledger_loop;
    struct loop *desk_loop;
    struct mailbox *desk;
    struct ledger *ledger;
    struct hmac *message_key;
    struct fanout *fanout;
    struct recurring *recurring;
    struct loop *intake_loop;
    const char *inboxes[1];
    struct inbox *inbox; /* NULL: no application */
    struct loop *hook_loop;
    struct db *hook_db;
    struct hook_sender *hooks; /* NULL: no webhooks */
    struct template_files templates;
    struct composer *composer;
    struct tls_context *tls;
    struct resolver *resolver;
    struct delivery_engine *engine;
    struct sight_desk *sight; /* NULL: the application has no say */
    int64_t node;
};

static void need(struct road *r, bool ok)
{
    if (!ok)
        fail_msg("seed %llu: %s", (unsigned long long)r->seed, r->err.text);
}

/* ---- the world ---- */

static void choose_settings(struct road *r)
{
    struct settings *s = &r->settings;

    r->retry[0] = 5 * MINUTE;
    r->retry[1] = 15 * MINUTE;
    r->retry[2] = HOUR;
    r->greylist[0] = 5 * MINUTE;
    r->greylist[1] = 15 * MINUTE;
    *s = (struct settings){
        .digest = { .hour = 8, .weekday = 1, .spread = 5 * MINUTE, .oldest = 14 * 24 * HOUR },
        .domain = "example.org",
        .hostname = "out.example.org",
        .sender_name = "Acme Tracker",
        .sender_address = "tracker@example.org",
        .return_path_domain = "bounce.example.org",
        .reply_domain = "reply.example.org",
        .database = r->database,
        .window = 2 * MINUTE,
        .changes = { .keep = 14 * 24 * HOUR },
        .webhooks = { .timeout = 15 * SECOND, .give_up = 5 * 24 * HOUR },
        .event_size_limit = 262144,
        .scope_depth_limit = 16,
        .greylist_retry = { r->greylist, 2 },
        .timeouts = { .connect = 30 * SECOND,
                      .greeting = 5 * MINUTE,
                      .ehlo = 5 * MINUTE,
                      .starttls = 2 * MINUTE,
                      .mail = 5 * MINUTE,
                      .rcpt = 5 * MINUTE,
                      .data = 2 * MINUTE,
                      .block = 3 * MINUTE,
                      .dot = 10 * MINUTE,
                      .quit = 5 * SECOND,
                      .idle = 5 * SECOND },
        .smtp_port = 25,
        .race_delay = 250,
        .resolver_timeout = 10 * SECOND,
        .connections = 500,
        .site_connections = 10,
        .connection_messages = 100,
    };
    for (int stream = STREAM_URGENT; stream <= STREAM_MAILOUTS; stream++)
        s->streams[stream] = (struct stream_settings){
            .retry = { r->retry, 3 },
            .expire_after = 48 * HOUR,
            .in_doubt = stream == STREAM_MAILOUTS ? DOUBT_HOLD : DOUBT_RESEND,
        };
}

static void on_sync(void *owner)
{
    const struct road *r = owner;

    if (r->sync_us > 0)
        sim_busy(r->sim, r->sync_us);
}

void road_open(struct road *r, uint64_t seed)
{
    *r = (struct road){ .seed = seed,
                        .senders = 2,
                        .rules = { .own_names = own_names, .own_name_count = 1 } };
    log_set_level(LOG_ERROR + 1);
    r->sim = sim_new(seed);
    r->exchange = exchange_new(r->sim);
    r->scratch = scratch_new();
    r->power = power_vfs_new(seed);
    power_vfs_on_sync(r->power, on_sync, r);
    (void)snprintf(r->database, sizeof r->database, "%s", scratch_path(&r->scratch, "s.db"));
    choose_settings(r);
}

static void close_world(struct road *r)
{
    sim_free(r->sim);
    r->sim = NULL;
    power_vfs_free(r->power);
    scratch_fini(&r->scratch);
    json_decref(r->answer);
    log_set_level(LOG_INFO);
}

/* In no scenario does the watchdog find anything. */
static void expect_nothing_overdue(struct road *r)
{
    if (r->is_tampered_with || road_is_down(r))
        return;
    if (road_number(r, SQL("SELECT COUNT(*) FROM alarm WHERE cause LIKE $1"),
                    db_string("overdue%")) > 0)
        fail_msg(
            "the watchdog found: %s",
            road_text(r, SQL("SELECT text FROM alarm WHERE cause LIKE $1"), db_string("overdue%")));
}

void road_close(struct road *r)
{
    if (r->life != NULL) {
        expect_nothing_overdue(r);
        road_stop(r);
    }
    exchange_free(r->exchange);
    close_world(r);
}

int road_setup(void **state)
{
    *state = NEW(struct road);
    return 0;
}

int road_teardown(void **state)
{
    struct road *r = *state;

    if (r->sim != NULL) {
        (void)fprintf(stderr, "the road that failed has seed %llu\n", (unsigned long long)r->seed);
        if (r->life != NULL)
            road_crash(r, SIM_KILLED);
        close_world(r);
    }
    alloc_free(r);
    return 0;
}

int64_t road_figure(const struct road *r, enum figure figure)
{
    struct figure_sums sums = { { 0 } };

    delivery_engine_figures(r->life->engine, &sums);
    return sums.at[figure];
}

int64_t road_now(const struct road *r)
{
    return sim_utc_ms(r->sim);
}

/* ---- the daemon ---- */

static bool open_store(struct road *r, struct road_life *life)
{
    return store_lock_take(r->database, "postroom serve", &life->lock, &r->err) &&
           db_open(r->database, DB_CREATE, &life->db, &r->err) &&
           schema_migrate(life->db, &r->err) && db_open(r->database, DB_READ, &life->view, &r->err);
}

static void free_set(struct template_set **set)
{
    template_set_free(*set);
}

static bool prepare_store(struct road *r, struct road_life *life)
{
    CLEANUP(free_set) struct template_set *set = NULL;

    return template_files_read(&life->templates, NULL, &r->err) && db_begin(life->db, &r->err) &&
           template_set_load(&life->templates, life->db, &set, &r->err) &&
           template_set_take_in(set, life->db, road_now(r), &r->err) &&
           intent_node_new(life->db, road_now(r), &life->node, &r->err) &&
           db_commit(life->db, &r->err);
}

/* A request on its way to the ledger and back. */
struct question {
    struct ledger_job job;
    struct road *road;
    request_handler *handler;
    json_t *args;
    json_t *answer;
    bool answered;
};

static bool run_question(struct ledger_job *job, struct db *db, struct error *err)
{
    struct question *q = CONTAINER_OF(job, struct question, job);
    struct request request = { q->args, road_now(q->road), "test", &q->road->settings };

    json_decref(q->answer); /* of a run that was undone */
    q->answer = NULL;
    return q->handler(db, &request, &q->answer, err);
}

static void on_answers(void *owner, struct list *posted)
{
    (void)owner;
    while (!list_empty(posted)) {
        struct question *q = CONTAINER_OF(posted->next, struct question, job.link);

        list_remove(posted->next);
        q->answered = true;
    }
}

static void *make_worker(void *composer)
{
    return composer_worker_new(composer);
}

static void free_worker(void *worker)
{
    composer_worker_free(worker);
}

static bool make_letter(void *worker, struct db *db, const struct letter_order *order,
                        struct letter *ret_letter, struct error *err)
{
    return compose_letter(worker, db, order, ret_letter, err);
}

static void build_engine(struct road *r, struct road_life *life)
{
    const struct resolver_options resolver = { .timeout_ms = (int)r->settings.resolver_timeout };
    struct delivery_engine_options options = {
        .settings = &r->settings,
        .rules = &r->rules,
        .ledger = life->ledger,
        .letters = { make_worker, free_worker, make_letter, life->composer },
        .node = life->node,
        .senders = r->senders,
        .composers = 1,
        .claims_most = r->claims_most,
        .seed = r->seed + (uint64_t)life->node,
    };

    life->tls = tls_client_context_new(&(struct tls_client_options){ 0 }, &r->err);
    life->resolver = resolver_new(life->desk_loop, &resolver, &r->err);
    if (r->settings.visibility.url != NULL) {
        life->sight = sight_desk_new(&(struct sight_desk_options){ &r->settings, life->ledger });
        options.sight = (struct sight_source){ .ask = sight_desk_ask, .context = life->sight };
    }
    options.tls = life->tls;
    options.resolver = life->resolver;
    life->engine = delivery_engine_new(&options);
}

static void build_inbox(struct road *r, struct road_life *life)
{
    struct inbox_options options = { .ledger = life->ledger,
                                     .settings = &r->settings,
                                     .poll_ms = INBOX_POLL_MS };

    life->intake_loop = loop_new("intake");
    life->inboxes[0] = r->inbox;
    r->settings.inboxes = (struct text_list){ life->inboxes, r->inbox[0] != '\0' ? 1 : 0 };
    options.loop = life->intake_loop;
    if (r->settings.inboxes.count > 0)
        life->inbox = inbox_new(&options);
}

static void build_hooks(struct road *r, struct road_life *life)
{
    struct hook_sender_options options = {
        .ledger = life->ledger, .settings = &r->settings, .poll_ms = 500, .seed = r->seed
    };

    if (!r->has_webhooks)
        return;
    need(r, db_open(r->database, DB_READ, &life->hook_db, &r->err));
    life->hook_loop = loop_new("hooks");
    options.loop = life->hook_loop;
    options.db = life->hook_db;
    life->hooks = hook_sender_new(&options);
    loop_start(life->hook_loop);
}

static void build(struct road *r, struct road_life *life)
{
    static const struct token_key key = { 1, { secret, 32 } };
    const struct composer_options compose = { &r->settings, &life->templates, { &key, 1 } };
    struct fanout_options fanout = { .settings = &r->settings,
                                     .message_domain = r->settings.domain };
    struct recurring_options recurring = { .settings = &r->settings };

    life->ledger_loop = loop_new("ledger");
    life->desk_loop = loop_new("desk");
    life->desk = mailbox_new(life->desk_loop, on_answers, r);
    life->ledger = ledger_new(&(struct ledger_options){ .loop = life->ledger_loop,
                                                        .db = life->db,
                                                        .hold_ms = 5,
                                                        .hold_changes = 1000,
                                                        .gather_ms = 3 });
    life->message_key = hmac_new((struct span){ secret, 32 });
    fanout.loop = life->ledger_loop;
    fanout.ledger = life->ledger;
    fanout.message_key = life->message_key;
    life->fanout = fanout_new(&fanout);
    recurring.loop = life->ledger_loop;
    recurring.ledger = life->ledger;
    life->recurring = recurring_new(&recurring);
    life->composer = composer_new(&compose);
    build_engine(r, life);
    build_inbox(r, life);
    build_hooks(r, life);
}

/* What holds files goes with the process, however that ends. */
static void close_files(struct road_life *life)
{
    composer_free(life->composer);
    tls_context_free(life->tls);
    template_files_fini(&life->templates);
    hmac_free(life->message_key);
    db_close(life->hook_db);
    db_close(life->view);
    db_close(life->db);
    store_lock_release(life->lock);
}

static bool is_cut(const struct road *r)
{
    return power_vfs_is_cut(r->power);
}

bool road_is_down(const struct road *r)
{
    return is_cut(r) || sim_has_fallen(r->sim);
}

void road_start(struct road *r)
{
    struct road_life *life = NEW(struct road_life);

    assert_null(r->life);
    r->life = life;
    while (!open_store(r, life) || !prepare_store(r, life)) {
        need(r, is_cut(r));
        close_files(life);
        *life = (struct road_life){ 0 };
        power_vfs_return(r->power);
    }
    build(r, life);
    loop_start(life->ledger_loop);
    loop_start(life->desk_loop);
    loop_start(life->intake_loop);
    if (life->sight != NULL)
        sight_desk_start(life->sight);
    delivery_engine_start(life->engine);
}

static void end_loop(void *owner)
{
    loop_stop(owner);
}

static void stop_inbox(struct road_life *life)
{
    if (life->inbox != NULL)
        inbox_stop(life->inbox, end_loop, life->intake_loop);
    else
        loop_stop(life->intake_loop);
    loop_join(life->intake_loop);
}

static void stop_hooks(struct road_life *life)
{
    if (life->hooks == NULL)
        return;
    hook_sender_stop(life->hooks, end_loop, life->hook_loop);
    loop_join(life->hook_loop);
    hook_sender_free(life->hooks);
    loop_free(life->hook_loop);
}

void road_stop(struct road *r)
{
    struct road_life *life = r->life;

    stop_inbox(life);
    stop_hooks(life);
    delivery_engine_stop(life->engine);
    if (life->sight != NULL)
        sight_desk_stop(life->sight);
    resolver_free(life->resolver);
    fanout_stop(life->fanout);
    recurring_stop(life->recurring);
    ledger_drain(life->ledger, end_loop, life->ledger_loop);
    loop_join(life->ledger_loop);
    loop_stop(life->desk_loop);
    loop_join(life->desk_loop);
    delivery_engine_free(life->engine);
    if (life->inbox != NULL)
        inbox_free(life->inbox);
    fanout_free(life->fanout);
    recurring_free(life->recurring);
    ledger_free(life->ledger);
    sight_desk_free(life->sight);
    mailbox_free(life->desk);
    loop_free(life->intake_loop);
    loop_free(life->desk_loop);
    loop_free(life->ledger_loop);
    close_files(life);
    alloc_free(life);
    r->life = NULL;
}

void road_crash(struct road *r, enum sim_death death)
{
    sim_crash(r->sim, 0, death);
    close_files(r->life);
    alloc_free(r->life);
    r->life = NULL;
    if (death == SIM_POWER_CUT)
        power_vfs_return(r->power);
}

/* ---- time ---- */

struct watch {
    struct road *road;
    bool (*done)(struct road *r);
};

static bool look(void *owner)
{
    const struct watch *w = owner;

    exchange_watch(w->road->exchange);
    return road_is_down(w->road) || (w->done != NULL && w->done(w->road));
}

bool road_run_until(struct road *r, bool (*done)(struct road *r), int64_t most_ms)
{
    struct watch watch = { r, done };
    bool found = sim_run_until(r->sim, look, &watch, most_ms);

    return found && !road_is_down(r);
}

void road_run(struct road *r, int64_t ms)
{
    int64_t end = sim_time_ms(r->sim) + ms;

    if (!road_run_until(r, NULL, ms) && !road_is_down(r))
        sim_run_for(r->sim, end - sim_time_ms(r->sim)); /* nothing is left: to the moment itself */
}

/* ---- questions ---- */

char *road_json_text(const char *text)
{
    char *proper = alloc_text(text);

    for (char *c = proper; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    return proper;
}

static json_t *read_json(const char *text)
{
    char *proper = road_json_text(text);
    json_error_t wrong;
    json_t *json = json_loads(proper, JSON_REJECT_DUPLICATES, &wrong);
    alloc_free(proper);
    if (json == NULL)
        fail_msg("the test's JSON is broken: %s in %s", wrong.text, text);
    return json;
}

static bool is_answered(void *owner)
{
    const struct question *q = owner;

    return q->answered || road_is_down(q->road);
}

bool road_try(struct road *r, request_handler *handler, const char *args)
{
    struct question *q = NEW(struct question);
    bool ok;

    json_decref(r->answer);
    r->answer = NULL;
    q->road = r;
    q->handler = handler;
    q->args = read_json(args);
    q->job = (struct ledger_job){
        .name = "question", .rank = LEDGER_REQUEST, .run = run_question, .answers = r->life->desk
    };
    ledger_submit(r->life->ledger, &q->job);
    if (!sim_run_until(r->sim, is_answered, q, PATIENCE_MS))
        fail_msg("no answer to %s", args);
    if (!q->answered) /* the daemon died over it, and owns it still */
        return error_set(&r->err, ERROR_IO, "the power is gone");
    ok = q->job.ok;
    r->err = q->job.error;
    if (ok)
        r->answer = q->answer;
    else
        json_decref(q->answer);
    json_decref(q->args);
    alloc_free(q);
    return ok;
}

json_t *road_ask(struct road *r, request_handler *handler, const char *format, ...)
{
    char args[JSON_MOST];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(args, sizeof args, format, list);
    va_end(list);
    if (!road_try(r, handler, args))
        fail_msg("%s refused: %s", args, r->err.text);
    return r->answer;
}

/* ---- looking ---- */

int64_t road_number_values(struct road *r, const char *sql, const struct db_value *values)
{
    bool found;
    int64_t n = 0;

    need(r, db_find_int_values(r->life->view, sql, values, &found, &n, &r->err));
    if (!found)
        fail_msg("no row: %s", sql);
    return n;
}

const char *road_text_values(struct road *r, const char *sql, const struct db_value *values)
{
    static char text[2048];
    bool found;
    char *is = NULL;

    need(r, db_find_text_values(r->life->view, sql, values, &found, &is, &r->err));
    (void)snprintf(text, sizeof text, "%s", is != NULL ? is : "");
    alloc_free(is);
    return text;
}

int64_t road_delivery(struct road *r, const char *address)
{
    bool found;
    int64_t id = 0;

    need(r, db_find_int(r->life->view, &r->err, &found, &id,
                        SQL("SELECT coalesce(max(id), 0) FROM delivery WHERE address = $1"),
                        db_string(address)));
    return id;
}

void road_expect(struct road *r, int64_t delivery, enum delivery_state state, int64_t attempts)
{
    int64_t is = road_number(r, SQL("SELECT state FROM delivery_state WHERE delivery = $1"),
                             db_int(delivery));
    int64_t tried = road_number(r, SQL("SELECT attempts FROM delivery_state WHERE delivery = $1"),
                                db_int(delivery));

    if (is != (int64_t)state || tried != attempts)
        fail_msg("delivery %lld is %s after %lld attempts, not %s after %lld: %s",
                 (long long)delivery, delivery_state_name((enum delivery_state)is),
                 (long long)tried, delivery_state_name(state), (long long)attempts,
                 road_text(r, SQL("SELECT text FROM delivery_state WHERE delivery = $1"),
                           db_int(delivery)));
}
