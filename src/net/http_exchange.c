/*
 * One request and its answer: what makes a request too large or ambiguous (RFC 9112 sections 3.2
 * and 6.3) is refused here, before anybody reads it.
 *
 * libmicrohttpd calls at the head, for each part of the body, at its end, and again once a
 * connection that waited goes on; it takes an answer only from inside these calls.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "io/loop.h"
#include "net/http_server_internal.h"

enum { SWALLOW = 4 /* times the limit of a body, before we hang up */ };
enum { LIST_MOST = 4000 }; /* of a field that may come in several lines */

struct http_exchange {
    struct http_server *server;
    struct http_connection *connection;
    struct MHD_Connection *handle;
    struct arena arena;
    struct span target;
    struct http_request request;
    struct buf body;
    size_t swallowed; /* bytes of the body, kept or not */
    bool has_head;
    bool waits;                    /* suspended */
    struct MHD_Response *response; /* NULL: not yet */
    int status;
};

void *http_exchange_begin(void *server, const char *target, struct MHD_Connection *handle)
{
    struct http_exchange *x = NEW(struct http_exchange);

    x->server = server;
    x->handle = handle;
    x->connection = http_connection_of(handle);
    arena_init(&x->arena);
    buf_init(&x->body, x->server->options.body_limit);
    if (strlen(target) <= HTTP_TARGET_LIMIT)
        x->target = arena_copy(&x->arena, span_of(target));
    return x;
}

void http_exchange_end(void *server, struct MHD_Connection *handle, void **exchange,
                       enum MHD_RequestTerminationCode how)
{
    struct http_exchange *x = *exchange;

    (void)server;
    (void)handle;
    (void)how;
    if (x == NULL)
        return;
    if (x->response != NULL)
        MHD_destroy_response(x->response);
    x->connection->since = loop_monotonic_ms(x->server->options.loop);
    buf_fini(&x->body);
    arena_fini(&x->arena);
    alloc_free(x);
    *exchange = NULL;
}

const struct http_request *http_exchange_request(const struct http_exchange *x)
{
    return &x->request;
}

struct span http_exchange_header(const struct http_exchange *x, const char *name)
{
    const char *value = MHD_lookup_connection_value(x->handle, MHD_HEADER_KIND, name);

    return value == NULL ? (struct span){ NULL, 0 } : span_trim(span_of(value));
}

struct arena *http_exchange_arena(struct http_exchange *x)
{
    return &x->arena;
}

static struct MHD_Response *make_response(const struct http_response *response)
{
    struct MHD_Response *made = MHD_create_response_from_buffer(
        response->body.n, (void *)(uintptr_t)response->body.at, MHD_RESPMEM_MUST_COPY);

    if (response->type != NULL)
        (void)MHD_add_response_header(made, "Content-Type", response->type);
    for (const struct http_field *f = response->fields; f != NULL && f->name != NULL; f++)
        (void)MHD_add_response_header(made, f->name, f->value);
    return made;
}

void http_exchange_answer(struct http_exchange *x, const struct http_response *response)
{
    x->response = make_response(response);
    x->status = response->status;
    x->connection->asks = false;
    x->connection->since = loop_monotonic_ms(x->server->options.loop);
    if (!x->waits)
        return;
    x->waits = false;
    http_server_resume(x->server, x->handle);
}

static enum MHD_Result queue(const struct http_exchange *x)
{
    return MHD_queue_response(x->handle, (unsigned)x->status, x->response);
}

static enum MHD_Result refuse(struct http_exchange *x, int status, const char *why)
{
    x->server->options.refused(x->server->options.owner, x, status, why);
    return queue(x);
}

/* Fields that two readers may understand differently when they come twice. */
struct census {
    int host;
    int length;
    int encoding;
    int authorization;
    int idempotency;
};

static bool is_called(const char *name, const char *wanted)
{
    return span_equal_nocase(span_of(name), span_of(wanted));
}

static enum MHD_Result count_field(void *owner, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct census *census = owner;

    (void)kind;
    (void)value;
    census->host += is_called(name, "Host");
    census->length += is_called(name, "Content-Length");
    census->encoding += is_called(name, "Transfer-Encoding");
    census->authorization += is_called(name, "Authorization");
    census->idempotency += is_called(name, "Idempotency-Key");
    return MHD_YES;
}

static bool is_host(struct span host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = span_lower(host.at[i]);

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && memchr("-._:[]", c, 6) == NULL)
            return false;
    }
    return host.n > 0 && host.n <= 255 + 6;
}

static const char *find_ambiguity(const struct http_exchange *x, const char *version)
{
    struct census census = { 0 };

    (void)MHD_get_connection_values(x->handle, MHD_HEADER_KIND, count_field, &census);
    if (strcmp(version, "HTTP/1.1") == 0 && census.host == 0)
        return "a request of HTTP/1.1 names the host it is for: the field Host is missing";
    if (census.host > 1 || census.length > 1 || census.encoding > 1)
        return "Host, Content-Length and Transfer-Encoding may come once each";
    if (census.host == 1 && !is_host(http_exchange_header(x, "Host")))
        return "Host must be a name or an address, with a port or without";
    if (census.length > 0 && census.encoding > 0)
        return "Content-Length and Transfer-Encoding exclude each other";
    if (census.authorization > 1 || census.idempotency > 1)
        return "Authorization and Idempotency-Key may come once each";
    return NULL;
}

static enum http_method method_of(const char *name)
{
    static const char *const names[] = {
        [HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
        [HTTP_PUT] = "PUT",         [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
        [HTTP_OPTIONS] = "OPTIONS", [HTTP_OTHER] = NULL
    };
    enum http_method method = HTTP_GET;

    while (method < HTTP_OTHER && strcmp(names[method], name) != 0)
        method++;
    return method;
}

/* "/path?query", or the absolute form, of which the host is passed over (RFC 9112 section 3.2.2).
 */
static bool read_target(struct http_exchange *x)
{
    struct span rest = x->target;
    size_t scheme = span_starts_nocase(rest, SPAN("http://"))    ? 7
                    : span_starts_nocase(rest, SPAN("https://")) ? 8
                                                                 : 0;

    if (scheme > 0) {
        rest = span_rest(rest, scheme);
        rest = span_rest(rest, span_index(rest, '/'));
    }
    if (span_equal(rest, SPAN("*")) && x->request.method == HTTP_OPTIONS)
        rest = SPAN("/");
    if (rest.n == 0 || rest.at[0] != '/')
        return false;
    x->request.path = span_take_until(&rest, '?');
    x->request.query = rest;
    return true;
}

/* A field that may come in several lines, which are one list (RFC 9110 section 5.3). */
struct gathered_field {
    const char *name;
    struct buf value;
};

static enum MHD_Result gather_line(void *owner, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct gathered_field *field = owner;

    (void)kind;
    if (!is_called(name, field->name) || value == NULL)
        return MHD_YES;
    if (field->value.n > 0)
        buf_put_byte(&field->value, ',');
    buf_put_text(&field->value, value);
    return MHD_YES;
}

static struct span list_header(struct http_exchange *x, const char *name)
{
    struct gathered_field field = { .name = name };
    struct span all;

    buf_init(&field.value, LIST_MOST);
    (void)MHD_get_connection_values(x->handle, MHD_HEADER_KIND, gather_line, &field);
    all = arena_copy(&x->arena, field.value.overflown ? SPAN("") : buf_view(&field.value));
    buf_fini(&field.value);
    return all;
}

/* Each proxy adds whom it saw at the end: the last that is none of ours is the one who asks. */
static struct ip client_of(struct http_exchange *x)
{
    struct span chain = list_header(x, "X-Forwarded-For");
    struct ip ip = x->connection->ip;

    while (http_server_is_proxy(x->server, &ip) && chain.n > 0) {
        size_t comma = span_last_index(chain, ',');
        struct span last = comma == chain.n ? chain : span_rest(chain, comma + 1);

        if (!ip_parse(span_trim(last), &ip))
            return x->connection->ip;
        chain = comma == chain.n ? span_first(chain, 0) : span_first(chain, comma);
    }
    return ip;
}

/* The proxy that speaks to us has said the last word. */
static bool is_secure(struct http_exchange *x)
{
    struct span said = list_header(x, "X-Forwarded-Proto");
    size_t comma = span_last_index(said, ',');
    struct span last = comma == said.n ? said : span_rest(said, comma + 1);

    return x->server->options.certificate != NULL ||
           (http_server_is_proxy(x->server, &x->connection->ip) &&
            span_equal_nocase(span_trim(last), SPAN("https")));
}

/* Who sends on, deaf to an early answer, would see a broken connection in its place: so what is
 * not far too much is swallowed first, unless they wait to be told to go on. */
static bool is_hopeless(const struct http_exchange *x, uint64_t bytes)
{
    uint64_t limit = x->server->options.body_limit;

    return bytes > limit &&
           (bytes / SWALLOW > limit || http_exchange_header(x, "Expect").at != NULL);
}

static enum MHD_Result take_head(struct http_exchange *x, const char *method, const char *version)
{
    struct span length = http_exchange_header(x, "Content-Length");
    const char *ambiguity = find_ambiguity(x, version);
    int64_t bytes = 0;

    x->has_head = true;
    x->request.method = method_of(method);
    x->request.peer = client_of(x);
    x->request.secure = is_secure(x);
    if (x->target.at == NULL)
        return refuse(x, 414, "the address of the request is too long");
    if (ambiguity != NULL)
        return refuse(x, 400, ambiguity);
    if (!read_target(x))
        return refuse(x, 400, "the address of the request must begin with a slash");
    if (length.n > 0 && !text_to_integer(length, 0, INT64_MAX, &bytes))
        return refuse(x, 400, "Content-Length must be a number");
    if (is_hopeless(x, (uint64_t)bytes))
        return refuse(x, 413, "the body is larger than http.body_size allows");
    return MHD_YES;
}

static enum MHD_Result take_body(struct http_exchange *x, const char *bytes, size_t *n)
{
    x->swallowed += *n;
    if (x->swallowed <= x->body.limit)
        buf_put(&x->body, (struct span){ bytes, *n });
    *n = 0;
    return x->swallowed / SWALLOW <= x->body.limit ? MHD_YES : MHD_NO;
}

static enum MHD_Result ask(struct http_exchange *x)
{
    if (x->server->is_stopping) /* nobody is there any more who could answer later */
        return refuse(x, 503, "the server is about to end");
    if (x->swallowed > x->body.limit)
        return refuse(x, 413, "the body is larger than http.body_size allows");
    x->request.body = buf_view(&x->body);
    x->connection->asks = true;
    x->server->options.asked(x->server->options.owner, x);
    if (x->response != NULL)
        return queue(x);
    x->waits = true;
    x->server->waiting++;
    MHD_suspend_connection(x->handle);
    return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): the library says what it is called with */
enum MHD_Result http_exchange_go_on(void *server, struct MHD_Connection *handle, const char *url,
                                    const char *method, const char *version, const char *bytes,
                                    size_t *n, void **exchange)
{
    struct http_exchange *x = *exchange;

    (void)server;
    (void)handle;
    (void)url;
    if (x->response != NULL)
        return queue(x);
    if (!x->has_head)
        return take_head(x, method, version);
    return *n > 0 ? take_body(x, bytes, n) : ask(x);
}
