/*
 * Where connections come from, who may hand in, and how fast.
 */
#include "services/intake/submission_port.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/log.h"
#include "domain/access.h"
#include "io/loop.h"
#include "services/intake/submission_pace.h"
#include "services/intake/submission_port_internal.h"
#include "store/db.h"
#include "store/suppression.h"

/* ---- who may ---- */

static bool open_store(struct submission_port *port, struct error *err)
{
    return port->db != NULL || db_open(port->options.settings->database, DB_READ, &port->db, err);
}

bool submission_port_find(struct submission_port *port, struct span password, char *ret_by,
                          bool *ret_found, struct error *err)
{
    uint64_t needs = access_scope(SPAN("submit"));
    struct caller caller;

    if (!open_store(port, err) ||
        !caller_find(port->db, password, loop_now_ms(port->options.loop), &caller, ret_found, err))
        return false;
    if (*ret_found && (caller.scopes & needs) != needs)
        *ret_found = false;
    if (*ret_found)
        (void)snprintf(ret_by, SUBMITTER_ROOM, "%s", caller.by);
    return true;
}

bool submission_port_is_barred(struct submission_port *port, const struct mail_address *address,
                               bool *ret_barred, struct error *err)
{
    char reason[100];

    return open_store(port, err) &&
           suppression_bars(port->db, span_of(address->normal), span_of(address->domain),
                            loop_now_ms(port->options.loop), ret_barred, reason, sizeof reason,
                            err);
}

bool submission_port_lists(const struct submission_port *port, const struct ip *ip)
{
    for (size_t i = 0; i < port->network_count; i++)
        if (ip_network_holds(&port->networks[i], ip))
            return true;
    return false;
}

/* ---- how fast ---- */

bool submission_port_paces(struct submission_port *port, const char *by)
{
    return submission_paces_take(port->options.paces, by, port->options.settings->submission.rate,
                                 loop_monotonic_ms(port->options.loop)) == 0;
}

/* ---- connections ---- */

static int count_of_address(const struct submission_port *port, const struct ip *ip)
{
    int n = 0;

    LIST_EACH (&port->sessions, link)
        n += ip_equal(&CONTAINER_OF(link, struct submission_session, link)->peer.ip, ip);
    return n;
}

static bool has_room(const struct submission_port *port, const struct ip *ip)
{
    const struct submission_settings *settings = &port->options.settings->submission;

    return port->session_count < (size_t)settings->connections &&
           count_of_address(port, ip) < settings->address_connections;
}

static void accept_one(struct submission_port *port, struct stream *stream, bool tls_first)
{
    struct endpoint peer = stream_peer(stream);

    if (port->is_stopping || !has_room(port, &peer.ip)) {
        stream_close(stream);
        return;
    }
    submission_session_open(port, stream, tls_first);
}

static void on_accepted(void *owner, struct stream *stream)
{
    accept_one(owner, stream, false);
}

static void on_accepted_tls(void *owner, struct stream *stream)
{
    accept_one(owner, stream, true);
}

static const struct listener_events events = { .accepted = on_accepted };
static const struct listener_events tls_events = { .accepted = on_accepted_tls };

static bool listen_at(struct submission_port *port, const char *text,
                      const struct listener_events *whose, struct listener **ret_listener,
                      struct error *err)
{
    struct endpoint at;

    if (text == NULL)
        return true;
    if (!endpoint_parse(span_of(text), &at, err))
        return false;
    *ret_listener = listener_open(port->options.loop, &at, 0, whose, port, err);
    return *ret_listener != NULL;
}

static bool read_networks(struct submission_port *port, struct error *err)
{
    const struct text_list *texts = &port->options.settings->submission.networks;

    port->networks = alloc_array(texts->count + 1, sizeof(struct ip_network));
    for (size_t i = 0; i < texts->count; i++)
        if (!ip_network_parse(span_of(texts->at[i]), &port->networks[port->network_count++]))
            return error_set(err, ERROR_INVALID,
                             "submission.networks: \"%s\" is no network such as 192.0.2.0/24",
                             texts->at[i]);
    return true;
}

static bool open_all(struct submission_port *port, struct error *err)
{
    const struct submission_settings *settings = &port->options.settings->submission;

    if (settings->listen_tls != NULL && port->options.tls == NULL)
        return error_set(err, ERROR_INVALID,
                         "submission.listen_tls needs submission.certificate and submission.key");
    if (!read_networks(port, err))
        return false;
    if (!listen_at(port, settings->listen, &events, &port->listener, err))
        return error_wrap(err, "submission.listen");
    return listen_at(port, settings->listen_tls, &tls_events, &port->tls_listener, err) ||
           error_wrap(err, "submission.listen_tls");
}

struct submission_port *submission_port_open(const struct submission_port_options *options,
                                             struct error *err)
{
    struct submission_port *port = NEW(struct submission_port);

    port->options = *options;
    list_init(&port->sessions);
    port->answers = mailbox_new(options->loop, submission_session_answered, port);
    if (open_all(port, err))
        return port;
    submission_port_free(port);
    return NULL;
}

void submission_port_use(struct submission_port *port, struct tls_context *tls)
{
    port->options.tls = tls;
}

static void stop_listening(struct submission_port *port)
{
    if (port->listener != NULL)
        listener_close(port->listener);
    if (port->tls_listener != NULL)
        listener_close(port->tls_listener);
    port->listener = NULL;
    port->tls_listener = NULL;
}

void submission_port_done(struct submission_port *port)
{
    void (*stopped)(void *owner) = port->stopped;

    if (!port->is_stopping || port->jobs > 0 || port->session_count > 0 || stopped == NULL)
        return;
    port->stopped = NULL;
    stopped(port->stopped_owner);
}

void submission_port_stop(struct submission_port *port, void (*done)(void *owner), void *owner)
{
    port->is_stopping = true;
    port->stopped = done;
    port->stopped_owner = owner;
    stop_listening(port);
    LIST_EACH (&port->sessions, link)
        submission_session_close(CONTAINER_OF(link, struct submission_session, link));
    submission_port_done(port);
}

void submission_port_free(struct submission_port *port)
{
    if (port == NULL)
        return;
    stop_listening(port);
    mailbox_free(port->answers);
    db_close(port->db);
    alloc_free(port->networks);
    alloc_free(port);
}
