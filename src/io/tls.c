/*
 * TLS contexts: what a client trusts, what a server shows.
 */
#include "io/tls.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/tls_session_internal.h"

/* A client that would fall back to clear text gains nothing by refusing an old certificate: 80
 * bits of security. What must be verified is held to more (tls_session.c). */
enum { OPPORTUNISTIC_SECURITY_LEVEL = 1 };

static struct tls_context *context_new(bool is_server)
{
    struct tls_context *context = NEW(struct tls_context);
    SSL_CTX *ctx = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());

    if (ctx == NULL) {
        alloc_free(context);
        return NULL;
    }
    (void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    (void)SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
    (void)SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ctx, 1); /* a record in one read(2) instead of two */
    context->ctx = ctx;
    context->is_server = is_server;
    return context;
}

/* OpenSSL has no words for a file that cannot be opened. */
static bool trust(struct tls_context *context, const char *ca_file, struct error *err)
{
    if (access(ca_file, R_OK) != 0)
        return error_set_errno(err, errno, "opening %s", ca_file);
    return SSL_CTX_load_verify_file(context->ctx, ca_file) == 1 ||
           tls_error_set(err, ERROR_INVALID, ca_file);
}

struct tls_context *tls_client_context_new(const struct tls_client_options *options,
                                           struct error *err)
{
    struct tls_context *context;

    ERR_clear_error();
    context = context_new(false);
    if (context == NULL) {
        (void)tls_error_set(err, ERROR_INTERNAL, "making a TLS context");
        return NULL;
    }
    SSL_CTX_set_security_level(context->ctx, OPPORTUNISTIC_SECURITY_LEVEL);
    tls_session_keep_tickets(context->ctx);
    (void)SSL_CTX_set_default_verify_paths(context->ctx); /* a machine may have no store */
    ERR_clear_error();
    if (options->extra_ca_file != NULL && !trust(context, options->extra_ca_file, err)) {
        tls_context_free(context);
        return NULL;
    }
    return context;
}

static BIO *memory_of(struct span bytes)
{
    return BIO_new_mem_buf(bytes.at, bytes.n < INT_MAX ? (int)bytes.n : INT_MAX);
}

/* The first certificate is ours, what follows is the chain to show with it. */
static bool use_certificates(SSL_CTX *ctx, BIO *pem)
{
    X509 *own = PEM_read_bio_X509_AUX(pem, NULL, NULL, NULL);
    X509 *issuer;
    bool good = own != NULL && SSL_CTX_use_certificate(ctx, own) == 1;

    X509_free(own);
    while (good && (issuer = PEM_read_bio_X509(pem, NULL, NULL, NULL)) != NULL) {
        good = SSL_CTX_add0_chain_cert(ctx, issuer) == 1;
        if (!good)
            X509_free(issuer);
    }
    if (good)
        ERR_clear_error(); /* "no start line" at the end of the texts */
    return good;
}

/* The empty passphrase keeps OpenSSL from asking the terminal for one. */
static bool use_key(SSL_CTX *ctx, BIO *pem)
{
    char passphrase[] = "";
    EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, NULL, passphrase);
    bool good = key != NULL && SSL_CTX_use_PrivateKey(ctx, key) == 1;

    EVP_PKEY_free(key);
    return good;
}

static bool use_identity(SSL_CTX *ctx, struct span certificate_pem, struct span key_pem,
                         struct error *err)
{
    BIO *certificates = memory_of(certificate_pem);
    BIO *key = memory_of(key_pem);
    bool good = false;

    if (certificates == NULL || !use_certificates(ctx, certificates))
        (void)tls_error_set(err, ERROR_INVALID, "the TLS certificate");
    else if (key == NULL || !use_key(ctx, key))
        (void)tls_error_set(err, ERROR_INVALID, "the TLS key");
    else
        good = true;
    (void)BIO_free(certificates);
    (void)BIO_free(key);
    return good;
}

struct tls_context *tls_server_context_new(struct span certificate_pem, struct span key_pem,
                                           struct error *err)
{
    struct tls_context *context;

    ERR_clear_error();
    context = context_new(true);
    if (context == NULL) {
        (void)tls_error_set(err, ERROR_INTERNAL, "making a TLS context");
        return NULL;
    }
    if (!use_identity(context->ctx, certificate_pem, key_pem, err)) {
        tls_context_free(context);
        return NULL;
    }
    return context;
}

void tls_context_free(struct tls_context *context)
{
    if (context == NULL)
        return;
    SSL_CTX_free(context->ctx);
    alloc_free(context);
}
