/*
 * TLS over a socket that OpenSSL reads and writes itself (SSL_set_fd: measured faster than memory
 * BIOs). Renegotiation is off; the key updates of TLS 1.3 may still make a read wait for writing
 * and the other way round, which the results tell.
 */
#include "io/tls_session_internal.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "io/tls_tickets_internal.h"

/* 112 bits of security where the certificate matters. */
enum { VERIFIED_SECURITY_LEVEL = 2 };

struct tls_session {
    SSL *ssl;
    bool is_server;
    bool established;
    struct tls_tickets *tickets; /* NULL: none are kept */
    struct tls_ticket_key key;
    bool is_offered; /* a ticket was */
};

bool tls_error_set(struct error *err, enum error_kind kind, const char *context)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    return error_set(err, kind, "%s: %s", context, reason != NULL ? reason : "no reason given");
}

/* Puts the peer's name into the handshake (SNI) and into the check of the certificate. */
static bool set_name(SSL *ssl, const char *name)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    struct ip ip;

    if (ip_parse(span_of(name), &ip))
        return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(param, name, 0) == 1 &&
           SSL_set_tlsext_host_name(ssl, name) == 1;
}

static int64_t now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

/* Called by OpenSSL when the server has given a ticket, whose reference is ours if we say 1. */
/* With the chain of its server; what is larger is not worth its room. */
enum { TICKET_OCTETS_MOST = 32 * 1024 };

static int on_ticket(SSL *ssl, SSL_SESSION *ticket)
{
    struct tls_session *t = SSL_get_app_data(ssl);

    if (t == NULL || t->tickets == NULL || i2d_SSL_SESSION(ticket, NULL) > TICKET_OCTETS_MOST)
        return 0;
    tls_tickets_put(t->tickets, &t->key, ticket, now_ms());
    return 1;
}

void tls_session_keep_tickets(SSL_CTX *ctx)
{
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, on_ticket);
}

static bool offer_ticket(struct tls_session *t, const struct tls_peer *peer,
                         const struct endpoint *at)
{
    SSL_SESSION *ticket;

    (void)SSL_set_app_data(t->ssl, t);
    t->tickets = peer->tickets;
    if (t->tickets == NULL)
        return true;
    t->key = tls_ticket_key_make(peer, at);
    ticket = tls_tickets_take(t->tickets, &t->key, now_ms());
    if (ticket == NULL)
        return true;
    t->is_offered = SSL_set_session(t->ssl, ticket) == 1;
    SSL_SESSION_free(ticket);
    return t->is_offered;
}

static bool set_up(struct tls_session *t, int fd, const struct tls_peer *peer,
                   const struct endpoint *at)
{
    if (SSL_set_fd(t->ssl, fd) != 1)
        return false;
    if (t->is_server) {
        SSL_set_accept_state(t->ssl);
        return true;
    }
    SSL_set_connect_state(t->ssl);
    if (peer->must_verify) {
        SSL_set_verify(t->ssl, SSL_VERIFY_PEER, NULL);
        SSL_set_security_level(t->ssl, VERIFIED_SECURITY_LEVEL);
    }
    return set_name(t->ssl, peer->name) && offer_ticket(t, peer, at);
}

struct tls_session *tls_session_new(struct tls_context *context, int fd,
                                    const struct tls_peer *peer, const struct endpoint *at,
                                    struct error *err)
{
    struct tls_session *t = NEW(struct tls_session);

    assert(context->is_server || (peer != NULL && peer->name != NULL));
    ERR_clear_error();
    t->is_server = context->is_server;
    t->ssl = SSL_new(context->ctx);
    if (t->ssl == NULL || !set_up(t, fd, peer, at)) {
        (void)tls_error_set(err, ERROR_INTERNAL, "preparing TLS");
        tls_session_free(t);
        return NULL;
    }
    return t;
}

void tls_session_free(struct tls_session *t)
{
    if (t == NULL)
        return;
    SSL_free(t->ssl);
    alloc_free(t);
}

static void put_failure(const struct tls_session *t, const char *doing, int system_errno,
                        struct error *err)
{
    long verdict = SSL_get_verify_result(t->ssl);

    if (!t->established && !t->is_server && verdict != X509_V_OK &&
        SSL_get_verify_mode(t->ssl) != SSL_VERIFY_NONE) {
        ERR_clear_error();
        (void)error_set(err, ERROR_IO, "%s: %s", doing, X509_verify_cert_error_string(verdict));
    } else if (ERR_peek_error() != 0) {
        (void)tls_error_set(err, ERROR_IO, doing);
    } else if (system_errno != 0) {
        (void)error_set_errno(err, system_errno, "%s", doing);
    } else {
        (void)error_set(err, ERROR_IO, "%s: the peer closed the connection", doing);
    }
}

/* What a call of OpenSSL's that did not succeed wants. */
static enum transfer verdict_of(struct tls_session *t, int result, const char *doing,
                                struct error *err)
{
    int system_errno = errno;

    switch (SSL_get_error(t->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return TRANSFER_WAIT_READ;
    case SSL_ERROR_WANT_WRITE:
        return TRANSFER_WAIT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return TRANSFER_END;
    default:
        put_failure(t, doing, system_errno, err);
        return TRANSFER_FAILED;
    }
}

enum transfer tls_session_handshake(struct tls_session *t, struct error *err)
{
    enum transfer verdict;
    int result;

    ERR_clear_error();
    errno = 0;
    result = SSL_do_handshake(t->ssl);
    if (result == 1) {
        t->established = true;
        return TRANSFER_DONE;
    }
    verdict = verdict_of(t, result, "TLS handshake", err);
    if (verdict == TRANSFER_WAIT_READ || verdict == TRANSFER_WAIT_WRITE)
        return verdict;
    if (verdict == TRANSFER_END)
        (void)error_set(err, ERROR_IO, "TLS handshake: the peer ended it");
    if (t->is_offered) {
        tls_tickets_forget(t->tickets, &t->key);
        err->kind = ERROR_TEMPORARY;
    }
    return TRANSFER_FAILED;
}

static void put_verification(const struct tls_session *t, struct tls_facts *facts)
{
    long verdict = SSL_get_verify_result(t->ssl);
    const char *problem = NULL;

    if (SSL_get0_peer_certificate(t->ssl) == NULL)
        problem = "the peer showed no certificate";
    else if (verdict != X509_V_OK)
        problem = X509_verify_cert_error_string(verdict);
    facts->verified = problem == NULL;
    if (problem != NULL)
        (void)snprintf(facts->problem, sizeof(facts->problem), "%s", problem);
}

void tls_session_facts(const struct tls_session *t, struct tls_facts *ret_facts)
{
    *ret_facts = (struct tls_facts){ 0 };
    (void)snprintf(ret_facts->version, sizeof(ret_facts->version), "%s", SSL_get_version(t->ssl));
    (void)snprintf(ret_facts->cipher, sizeof(ret_facts->cipher), "%s", SSL_get_cipher(t->ssl));
    ret_facts->resumed = SSL_session_reused(t->ssl) == 1;
    put_verification(t, ret_facts);
}

enum transfer tls_session_read(struct tls_session *t, char *to, size_t room, size_t *ret_n,
                               struct error *err)
{
    int result;

    ERR_clear_error();
    errno = 0;
    result = SSL_read(t->ssl, to, room < INT_MAX ? (int)room : INT_MAX);
    if (result <= 0)
        return verdict_of(t, result, "reading under TLS", err);
    *ret_n = (size_t)result;
    return TRANSFER_DONE;
}

enum transfer tls_session_write(struct tls_session *t, struct span bytes, size_t *ret_n,
                                struct error *err)
{
    enum transfer verdict;
    int result;

    ERR_clear_error();
    errno = 0;
    result = SSL_write(t->ssl, bytes.at, bytes.n < INT_MAX ? (int)bytes.n : INT_MAX);
    if (result > 0) {
        *ret_n = (size_t)result;
        return TRANSFER_DONE;
    }
    verdict = verdict_of(t, result, "writing under TLS", err);
    if (verdict != TRANSFER_END)
        return verdict;
    (void)error_set(err, ERROR_IO, "writing under TLS: the connection is closed");
    return TRANSFER_FAILED;
}

bool tls_session_has_pending(const struct tls_session *t)
{
    return SSL_has_pending(t->ssl) == 1;
}

void tls_session_end(struct tls_session *t)
{
    ERR_clear_error();
    if (t->established)
        (void)SSL_shutdown(t->ssl);
    ERR_clear_error();
}
