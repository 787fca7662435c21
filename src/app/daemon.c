/*
 * Starting in order, waiting for signals, ending in reverse order. Each part says what it needs;
 * nothing here knows how any of them works.
 */
#include "app/daemon.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "app/config/config.h"
#include "app/config/key.h"
#include "app/config/reload.h"
#include "app/control.h"
#include "app/hook_front.h"
#include "app/http_front.h"
#include "app/ledger_call.h"
#include "app/letters.h"
#include "app/loop_call.h"
#include "app/mail_road.h"
#include "app/secret_file.h"
#include "app/sight_front.h"
#include "app/submission_front.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/hmac.h"
#include "io/loop.h"
#include "services/fanout/fanout.h"
#include "services/intake/inbox.h"
#include "services/intake/recurring.h"
#include "services/intake/submission_pace.h"
#include "store/db.h"
#include "store/ledger.h"
#include "store/schema.h"
#include "store/store_lock.h"

enum { HOLD_MS = 5, HOLD_CHANGES = 1000, GATHER_MS = 3, INBOX_POLL_MS = 200, NAMES_MOST = 4000 };
enum { CERTIFICATES_S = 60 /* until their files are looked at again */ };

/* A loop with the way to call functions on it. */
struct place {
    struct loop *loop;
    struct loop_caller *caller;
};

struct daemon {
    const char *file;                /* the configuration's, NULL for none */
    const struct settings *settings; /* as of the start */
    const struct settings *live;     /* with what was taken over since, for letters and fan-out */
    struct store_lock *lock;
    struct db *db;
    struct place ledger_place;
    struct place control_place;
    struct place intake_place;
    struct ledger *ledger;
    struct ledger_caller *ledger_caller;
    struct hmac *secret; /* of Message-IDs */
    struct letters *letters;
    struct mail_road *road;
    struct fanout *fanout;
    struct inbox *inbox;
    struct recurring *recurring;
    struct control *control;
    struct sight_front *sight;
    struct submission_paces *paces;
    struct http_front *http;
    struct hook_front *hooks;
    struct submission_front *submission;
};

static void place_new(struct place *place, const char *name)
{
    place->loop = loop_new(name);
    place->caller = loop_caller_new(place->loop);
}

static void place_stop(struct place *place)
{
    loop_stop(place->loop);
    loop_join(place->loop);
}

static void place_free(struct place *place)
{
    if (place->loop == NULL)
        return;
    loop_caller_free(place->caller);
    loop_free(place->loop);
}

static bool open_store(struct daemon *d, struct error *err)
{
    return store_lock_take(d->settings->database, STORE_LOCK_DAEMON, &d->lock, err) &&
           db_open(d->settings->database, DB_CREATE, &d->db, err) && schema_migrate(d->db, err);
}

static bool open_letters(struct daemon *d, struct error *err)
{
    struct secret_keys keys;

    if (!secret_file_read(d->settings->secret_file, &keys, err))
        return false;
    d->secret = secret_keys_hmac(&keys);
    d->letters = letters_new(d->settings, &keys, d->db, clock_utc_ms(), err);
    secret_keys_wipe(&keys);
    return d->letters != NULL;
}

static bool build(struct daemon *d, struct error *err)
{
    struct ledger_options ledger = { .hold_ms = HOLD_MS,
                                     .hold_changes = HOLD_CHANGES,
                                     .gather_ms = GATHER_MS };
    struct fanout_options fanout = { .settings = d->settings,
                                     .message_domain = d->settings->domain };
    struct control_options control = { .settings = d->settings };
    struct mail_road_options road = { .settings = d->settings,
                                      .letters = letters_source(d->letters),
                                      .db = d->db };
    struct recurring_options recurring = { .settings = d->settings };
    struct inbox_options inbox = { .settings = d->settings, .poll_ms = INBOX_POLL_MS };

    place_new(&d->ledger_place, "ledger");
    place_new(&d->control_place, "control");
    place_new(&d->intake_place, "intake");
    ledger.loop = d->ledger_place.loop;
    ledger.db = d->db;
    d->ledger = ledger_new(&ledger);
    d->ledger_caller = ledger_caller_new(d->ledger, d->control_place.loop);
    fanout.loop = d->ledger_place.loop;
    fanout.ledger = d->ledger;
    fanout.message_key = d->secret;
    d->fanout = fanout_new(&fanout);
    recurring.loop = d->ledger_place.loop;
    recurring.ledger = d->ledger;
    d->recurring = recurring_new(&recurring);
    d->sight = sight_front_new(d->settings, d->ledger, err);
    if (d->sight == NULL)
        return false;
    road.ledger = d->ledger;
    road.sight = sight_front_source(d->sight);
    d->road = mail_road_new(&road, err);
    if (d->road == NULL)
        return false;
    control.loop = d->control_place.loop;
    control.ledger = d->ledger;
    control.road = d->road;
    d->control = control_new(&control, err);
    if (d->control == NULL)
        return false;
    d->paces = submission_paces_new();
    d->http = http_front_new(d->settings, d->ledger, d->paces, letters_token_keys(d->letters), err);
    if (d->http == NULL)
        return false;
    d->submission = submission_front_new(d->settings, d->ledger, d->paces, err);
    if (d->submission == NULL)
        return false;
    d->hooks = hook_front_new(d->settings, d->ledger, err);
    if (d->hooks == NULL)
        return false;
    inbox.loop = d->intake_place.loop;
    inbox.ledger = d->ledger;
    d->inbox = inbox_new(&inbox);
    return true;
}

static void tell_staging(const struct config *config)
{
    CLEANUP(buf_fini) struct buf deliver;

    buf_init(&deliver, 10000);
    config_put_value(&deliver, config, key_find(SPAN("deliver")));
    if (config->settings.deliver != DELIVER_ALL)
        log_warning("staging", log_span("deliver", buf_view(&deliver)));
}

static void start(struct daemon *d)
{
    loop_start(d->ledger_place.loop);
    loop_start(d->control_place.loop);
    loop_start(d->intake_place.loop);
    sight_front_start(d->sight);
    mail_road_start(d->road);
    http_front_start(d->http);
    hook_front_start(d->hooks);
    submission_front_start(d->submission);
}

static void end_loop(void *owner)
{
    loop_stop(owner);
}

static void stop_inbox(void *owner)
{
    struct daemon *d = owner;

    inbox_stop(d->inbox, end_loop, d->intake_place.loop);
}

static void drain_ledger(void *owner)
{
    struct daemon *d = owner;

    fanout_stop(d->fanout);
    recurring_stop(d->recurring);
    ledger_drain(d->ledger, end_loop, d->ledger_place.loop);
}

static void stop(struct daemon *d)
{
    place_stop(&d->control_place);
    http_front_stop(d->http);
    submission_front_stop(d->submission);
    hook_front_stop(d->hooks);
    loop_call(d->intake_place.caller, stop_inbox, d);
    loop_join(d->intake_place.loop);
    mail_road_stop(d->road);
    sight_front_stop(d->sight);
    loop_call(d->ledger_place.caller, drain_ledger, d);
    loop_join(d->ledger_place.loop);
}

static void tear_down(struct daemon *d)
{
    control_free(d->control);
    http_front_free(d->http);
    hook_front_free(d->hooks);
    submission_front_free(d->submission);
    submission_paces_free(d->paces);
    ledger_caller_free(d->ledger_caller);
    if (d->inbox != NULL)
        inbox_free(d->inbox);
    if (d->fanout != NULL)
        fanout_free(d->fanout);
    recurring_free(d->recurring);
    mail_road_free(d->road);
    if (d->ledger != NULL)
        ledger_free(d->ledger);
    sight_front_free(d->sight);
    place_free(&d->intake_place);
    place_free(&d->control_place);
    place_free(&d->ledger_place);
    letters_free(d->letters);
    db_close(d->db);
    store_lock_release(d->lock);
    hmac_free(d->secret);
}

static bool take_in_edition(void *owner, struct db *db, struct error *err)
{
    return edition_take_in(owner, db, clock_utc_ms(), err);
}

static void use_live(void *owner)
{
    struct daemon *d = owner;

    fanout_use(d->fanout, d->live);
    recurring_use(d->recurring, d->live);
}

/* All or nothing: the config is the edition's, and both are gone when anything is refused. */
static bool renew(struct daemon *d, struct config *config, struct error *err)
{
    struct edition *edition = edition_read(d->letters, config, err);

    if (edition == NULL || !ledger_call(d->ledger_caller, take_in_edition, edition, err)) {
        edition_free(edition);
        return false;
    }
    d->live = &config->settings;
    loop_call(d->ledger_place.caller, use_live, d);
    mail_road_use(d->road, d->live);
    letters_publish(d->letters, edition);
    return true;
}

static void reload(struct daemon *d)
{
    CLEANUP(buf_fini) struct buf changed;
    CLEANUP(buf_fini) struct buf waiting;
    struct config *config = NULL;
    struct error err;
    bool fine;

    buf_init(&changed, NAMES_MOST);
    buf_init(&waiting, NAMES_MOST);
    fine = config_load(d->file, &config, &err);
    if (fine) {
        config_keep_running(config, d->live, &changed, &waiting);
        fine = renew(d, config, &err);
    }
    if (!fine) {
        log_error("reload-refused", log_text("reason", err.text));
        return;
    }
    log_info("reloaded", log_span("changed", buf_view(&changed)));
    if (waiting.n > 0)
        log_warning("restart-needed", log_span("keys", buf_view(&waiting)));
}

/* Signals are for the main thread alone: blocked before any other thread exists. */
static void block_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, set, NULL);
}

/* What renews certificates replaces files and need not know of us. */
static void renew_certificates(struct daemon *d)
{
    struct error err;

    if (!http_front_renew(d->http, &err))
        log_error("certificate-refused", log_text("reason", err.text));
    if (!submission_front_renew(d->submission, &err))
        log_error("certificate-refused", log_text("reason", err.text));
}

static void wait_for_end(struct daemon *d, const sigset_t *set)
{
    const struct timespec look = { .tv_sec = CERTIFICATES_S };
    int signal = SIGHUP;

    while (signal == SIGHUP || signal < 0) { /* < 0: time has passed */
        signal = sigtimedwait(set, NULL, &look);
        if (signal == SIGHUP)
            reload(d);
        renew_certificates(d);
    }
    log_info("stopping", log_number("signal", signal));
}

bool daemon_run(const struct config *config, struct error *err)
{
    struct daemon d = { .file = config->file,
                        .settings = &config->settings,
                        .live = &config->settings };
    sigset_t signals;
    bool ok;

    block_signals(&signals);
    ok = open_store(&d, err) && open_letters(&d, err) && build(&d, err);
    if (ok) {
        tell_staging(config);
        start(&d);
        log_info("serving", log_text("store", d.settings->database),
                 log_text("control", d.settings->control_socket), log_number("pid", getpid()));
        wait_for_end(&d, &signals);
        stop(&d);
    }
    tear_down(&d);
    return ok;
}
