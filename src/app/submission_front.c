/*
 * One loop for all connections of the port: what takes time is the ledger's, and repairing.
 */
#include "app/submission_front.h"

#include "app/key_pair.h"
#include "app/loop_call.h"
#include "base/alloc.h"
#include "base/log.h"
#include "domain/settings.h"
#include "io/loop.h"
#include "io/tls.h"
#include "services/intake/submission_port.h"

struct submission_front {
    const struct submission_settings *settings;
    struct loop *loop; /* NULL: there is no port */
    struct loop_caller *caller;
    struct key_pair pair;
    struct tls_context *tls;
    struct submission_port *port;
};

static bool read_pair(const struct submission_front *front, struct key_pair *ret_pair,
                      struct error *err)
{
    return key_pair_read("submission", front->settings->certificate, front->settings->key, ret_pair,
                         err);
}

static struct tls_context *context_of(const struct key_pair *pair, struct error *err)
{
    struct tls_context *tls =
        tls_server_context_new(span_of(pair->certificate), span_of(pair->key), err);

    if (tls == NULL)
        (void)error_wrap(err, "submission.certificate, submission.key");
    return tls;
}

static bool read_context(struct submission_front *front, struct error *err)
{
    if (!read_pair(front, &front->pair, err))
        return false;
    if (front->pair.certificate != NULL)
        front->tls = context_of(&front->pair, err);
    return front->pair.certificate == NULL || front->tls != NULL;
}

static bool open_port(struct submission_front *front, struct submission_port_options *options,
                      struct error *err)
{
    if (!read_context(front, err))
        return false;
    front->loop = loop_new("submission");
    front->caller = loop_caller_new(front->loop);
    options->loop = front->loop;
    options->tls = front->tls;
    front->port = submission_port_open(options, err);
    return front->port != NULL;
}

struct submission_front *submission_front_new(const struct settings *settings,
                                              struct ledger *ledger, struct submission_paces *paces,
                                              struct error *err)
{
    struct submission_port_options options = { .ledger = ledger,
                                               .settings = settings,
                                               .paces = paces };
    struct submission_front *front = NEW(struct submission_front);

    front->settings = &settings->submission;
    if ((front->settings->listen == NULL && front->settings->listen_tls == NULL) ||
        open_port(front, &options, err))
        return front;
    submission_front_free(front);
    return NULL;
}

void submission_front_start(struct submission_front *front)
{
    if (front->port == NULL)
        return;
    loop_start(front->loop);
    log_info("submission-listening", log_text("at", front->settings->listen),
             log_text("at_tls", front->settings->listen_tls));
}

static void use_context(void *owner)
{
    const struct submission_front *front = owner;

    submission_port_use(front->port, front->tls);
}

/* What was tried is kept even if it is no good, so that it is not tried for ever. Sessions hold on
 * to what they need of the context before. */
bool submission_front_renew(struct submission_front *front, struct error *err)
{
    struct key_pair pair;
    struct tls_context *before = front->tls;
    struct tls_context *tls;

    if (front->tls == NULL)
        return true;
    if (!read_pair(front, &pair, err))
        return false;
    if (key_pair_equal(&pair, &front->pair)) {
        key_pair_wipe(&pair);
        return true;
    }
    key_pair_wipe(&front->pair);
    front->pair = pair;
    tls = context_of(&pair, err);
    if (tls == NULL)
        return false;
    front->tls = tls;
    loop_call(front->caller, use_context, front);
    tls_context_free(before);
    log_info("certificate-renewed", log_text("of", "submission"));
    return true;
}

static void end_loop(void *owner)
{
    loop_stop(owner);
}

static void stop_port(void *owner)
{
    struct submission_front *front = owner;

    submission_port_stop(front->port, end_loop, front->loop);
}

void submission_front_stop(struct submission_front *front)
{
    if (front->port == NULL)
        return;
    loop_call(front->caller, stop_port, front);
    loop_join(front->loop);
}

void submission_front_free(struct submission_front *front)
{
    if (front == NULL)
        return;
    submission_port_free(front->port);
    if (front->loop != NULL) {
        loop_caller_free(front->caller);
        loop_free(front->loop);
    }
    tls_context_free(front->tls);
    key_pair_wipe(&front->pair);
    alloc_free(front);
}
