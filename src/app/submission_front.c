/*
 * One loop for all connections of the port: what takes time is the ledger's, and repairing.
 */
#include "app/submission_front.h"

#include "app/loop_call.h"
#include "app/pem_file.h"
#include "base/alloc.h"
#include "base/log.h"
#include "crypto/secret.h"
#include "domain/settings.h"
#include "io/loop.h"
#include "io/tls.h"
#include "services/intake/submission_port.h"

struct submission_front {
    const struct submission_settings *settings;
    struct loop *loop; /* NULL: there is no port */
    struct loop_caller *caller;
    struct tls_context *tls;
    struct submission_port *port;
};

static bool read_context(struct submission_front *front, struct error *err)
{
    char *certificate = NULL;
    char *key = NULL;

    if (pem_file_read(front->settings->certificate, &certificate, err) &&
        pem_file_read(front->settings->key, &key, err))
        front->tls = tls_server_context_new(span_of(certificate), span_of(key), err);
    if (key != NULL)
        secret_wipe(key, span_of(key).n);
    alloc_free(key);
    alloc_free(certificate);
    return front->tls != NULL || error_wrap(err, "submission.certificate, submission.key");
}

static bool open_port(struct submission_front *front, const struct settings *settings,
                      struct ledger *ledger, struct error *err)
{
    struct submission_port_options options = { .ledger = ledger, .settings = settings };

    if ((front->settings->certificate == NULL) != (front->settings->key == NULL))
        return error_set(err, ERROR_INVALID,
                         "submission.certificate and submission.key go together: one is missing");
    if (front->settings->certificate != NULL && !read_context(front, err))
        return false;
    front->loop = loop_new("submission");
    front->caller = loop_caller_new(front->loop);
    options.loop = front->loop;
    options.tls = front->tls;
    front->port = submission_port_open(&options, err);
    return front->port != NULL;
}

struct submission_front *submission_front_new(const struct settings *settings,
                                              struct ledger *ledger, struct error *err)
{
    struct submission_front *front = NEW(struct submission_front);

    front->settings = &settings->submission;
    if ((front->settings->listen == NULL && front->settings->listen_tls == NULL) ||
        open_port(front, settings, ledger, err))
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
    alloc_free(front);
}
