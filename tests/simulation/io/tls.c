/*
 * Simulated TLS contexts: only which side they are for. How a handshake goes is scripted by
 * sim_net_tls.
 */
#include "io/tls.h"

#include "base/alloc.h"
#include "io/tls_tickets.h"
#include "tests/simulation/io/tls_internal.h"

static struct tls_context *context_new(bool is_server)
{
    struct tls_context *context = NEW(struct tls_context);

    context->is_server = is_server;
    return context;
}

struct tls_context *tls_client_context_new(const struct tls_client_options *options,
                                           struct error *err)
{
    (void)options;
    (void)err;
    return context_new(false);
}

struct tls_context *tls_server_context_new(struct span certificate_pem, struct span key_pem,
                                           struct error *err)
{
    (void)certificate_pem;
    (void)key_pem;
    (void)err;
    return context_new(true);
}

/* Nothing to keep here. */
struct tls_tickets {
    char none;
};

struct tls_tickets *tls_tickets_new(void)
{
    return NEW(struct tls_tickets);
}

void tls_tickets_free(struct tls_tickets *tickets)
{
    alloc_free(tickets);
}

void tls_context_free(struct tls_context *context)
{
    alloc_free(context);
}
