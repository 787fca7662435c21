/*
 * The real HTTP client: libcurl's multi interface, whose sockets are watched by the loop and whose
 * timer is one of the loop's. It is asked for HTTP/1.1 without proxy, cookies, redirects or
 * anything kept in files.
 *
 * Each call has a timer of ours: whatever libcurl does, it is answered in time. Names are looked up
 * by the system (/etc/hosts counts), in a thread of libcurl's that nobody waits for.
 */
#include "net/http_client.h"

#include <curl/curl.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "io/library_socket.h"
#include "io/timer.h"
#include "io/watcher.h"

struct http_client {
    struct loop *loop;
    CURLM *multi;
    struct timer timer;    /* libcurl's */
    struct list watches;   /* its sockets */
    struct list transfers; /* open calls */
    bool internal_allowed;
    char *extra_ca_file; /* NULL: none */
};

struct watch {
    struct list link;
    struct http_client *client;
    curl_socket_t fd;
    struct watcher *watcher;
};

struct http_transfer {
    struct list link;
    struct http_client *client;
    struct http_call *call;
    CURL *easy;
    struct curl_slist *fields;
    struct buf body;
    struct timer limit;
    char refused[64]; /* an address of ours that it would have gone to */
    char reason[CURL_ERROR_SIZE];
};

static void transfer_free(struct http_transfer *t)
{
    list_remove(&t->link);
    timer_stop(&t->limit);
    (void)curl_multi_remove_handle(t->client->multi, t->easy);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->fields);
    buf_fini(&t->body);
    t->call->transfer = NULL;
    alloc_free(t);
}

static void finish(struct http_transfer *t, const struct http_answer *answer)
{
    struct http_call *call = t->call;
    struct buf body = t->body; /* the answer points into it */

    buf_init(&t->body, 0);
    transfer_free(t);
    call->done(call->owner, answer);
    buf_fini(&body);
}

static void fail(struct http_transfer *t, const char *problem)
{
    struct http_answer answer = { .problem = problem };

    finish(t, &answer);
}

static void on_limit(void *owner)
{
    struct http_transfer *t = owner;
    char problem[64];

    (void)snprintf(problem, sizeof(problem), "no answer within %lld ms",
                   (long long)t->call->timeout_ms);
    fail(t, problem);
}

static void conclude(struct http_transfer *t, CURLcode result)
{
    char problem[CURL_ERROR_SIZE + 64];
    struct http_answer answer = { .body = buf_view(&t->body) };
    long status = 0;
    curl_off_t retry_after_s = 0;

    if (t->body.overflown) {
        (void)snprintf(problem, sizeof(problem), "the answer is larger than %zu bytes",
                       t->call->answer_limit);
        fail(t, problem);
        return;
    }
    if (result != CURLE_OK) {
        (void)snprintf(problem, sizeof(problem), "%s",
                       t->refused[0] != '\0'  ? t->refused
                       : t->reason[0] != '\0' ? t->reason
                                              : curl_easy_strerror(result));
        fail(t, problem);
        return;
    }
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    answer.status = (int)status;
    answer.retry_after_s = retry_after_s;
    finish(t, &answer);
}

/* Lets libcurl act, and tells of the calls that this ended. Their `done` may start and cancel
 * others: each is looked for anew. */
static void act(struct http_client *c, curl_socket_t fd, int events)
{
    int running;
    int left;
    CURLMsg *message;

    (void)curl_multi_socket_action(c->multi, fd, events, &running);
    while ((message = curl_multi_info_read(c->multi, &left)) != NULL) {
        struct http_transfer *t = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        conclude(t, message->data.result);
    }
}

static void on_timer(void *owner)
{
    act(owner, CURL_SOCKET_TIMEOUT, 0);
}

static void on_ready(void *owner, int what)
{
    struct watch *w = owner;

    act(w->client, w->fd,
        ((what & WATCH_READ) != 0 ? CURL_CSELECT_IN : 0) |
            ((what & WATCH_WRITE) != 0 ? CURL_CSELECT_OUT : 0));
}

static void watch_free(struct watch *w)
{
    list_remove(&w->link);
    watcher_free(w->watcher);
    alloc_free(w);
}

/* libcurl's callback: it wants to hear of a socket, of something else than before, or no more. */
/* NOLINTNEXTLINE(bugprone-easily-swappable-parameters): the type is theirs */
static int on_socket(CURL *easy, curl_socket_t fd, int wanted, void *owner, void *known)
{
    struct http_client *c = owner;
    struct watch *w = known;
    int what = ((wanted & CURL_POLL_IN) != 0 ? WATCH_READ : 0) |
               ((wanted & CURL_POLL_OUT) != 0 ? WATCH_WRITE : 0);

    (void)easy;
    if (wanted == CURL_POLL_REMOVE) {
        if (w != NULL)
            watch_free(w);
        return 0;
    }
    if (w == NULL) {
        w = NEW(struct watch);
        w->client = c;
        w->fd = fd;
        list_append(&c->watches, &w->link);
        (void)curl_multi_assign(c->multi, fd, w);
    }
    watcher_free(w->watcher);
    w->watcher = watcher_new(c->loop, fd, what, on_ready, w);
    return 0;
}

/* libcurl's callback: when it wants to act, -1 never. */
static int on_timing(CURLM *multi, long ms, void *owner)
{
    struct http_client *c = owner;

    (void)multi;
    if (ms < 0)
        timer_stop(&c->timer);
    else
        timer_start(&c->timer, ms);
    return 0;
}

/* libcurl's callback, for each address it would connect to. */
static curl_socket_t on_open(void *owner, curlsocktype purpose, struct curl_sockaddr *peer)
{
    struct http_transfer *t = owner;
    struct ip ip = library_socket_ip(&peer->addr);
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, sizeof(t->refused));
    if (purpose != CURLSOCKTYPE_IPCXN || ip.version == 0)
        return CURL_SOCKET_BAD;
    if (t->client->internal_allowed || !ip_is_internal(&ip)) {
        t->refused[0] = '\0';
        return library_socket_open(&peer->addr);
    }
    ip_put(&text, &ip);
    (void)snprintf(t->refused, sizeof(t->refused), "%s is no public address", buf_text(&text));
    return CURL_SOCKET_BAD;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is theirs */
static size_t on_body(char *bytes, size_t size, size_t n, void *owner)
{
    struct http_transfer *t = owner;

    buf_put(&t->body, (struct span){ bytes, size * n });
    return t->body.overflown ? 0 : size * n;
}

static void set_up_rules(struct http_transfer *t)
{
    CURL *easy = t->easy;

    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* whatever the environment says */
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* nobody waits for a lookup */
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)t->call->timeout_ms);
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (t->client->extra_ca_file != NULL) /* the system's are in the folder that stays */
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, t->client->extra_ca_file);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
}

static void add_field(struct http_transfer *t, const char *field)
{
    t->fields = curl_slist_append(t->fields, field);
}

static void set_up_request(struct http_transfer *t)
{
    const struct http_call *call = t->call;
    CURL *easy = t->easy;

    (void)curl_easy_setopt(easy, CURLOPT_URL, call->url);
    if (call->body.at != NULL) {
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body.at);
    }
    (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
    add_field(t, "Expect:"); /* no round trip before a large body */
    add_field(t, "User-Agent: postroom/" POSTROOM_VERSION);
    for (size_t i = 0; call->fields != NULL && call->fields[i] != NULL; i++)
        add_field(t, call->fields[i]);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->fields);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->reason);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
}

void http_client_call(struct http_client *c, struct http_call *call)
{
    struct http_transfer *t = NEW(struct http_transfer);

    t->client = c;
    t->call = call;
    call->transfer = t;
    list_append(&c->transfers, &t->link);
    buf_init(&t->body, call->answer_limit);
    timer_init(&t->limit, c->loop, on_limit, t);
    timer_start(&t->limit, call->timeout_ms);
    t->easy = curl_easy_init();
    set_up_rules(t);
    set_up_request(t);
    (void)curl_multi_add_handle(c->multi, t->easy);
}

void http_call_cancel(struct http_call *call)
{
    if (call->transfer != NULL)
        transfer_free(call->transfer);
}

struct http_client *http_client_new(const struct http_client_options *options)
{
    struct http_client *c = NEW(struct http_client);

    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    c->loop = options->loop;
    c->internal_allowed = options->internal_allowed;
    c->extra_ca_file = alloc_text(options->extra_ca_file);
    list_init(&c->watches);
    list_init(&c->transfers);
    timer_init(&c->timer, c->loop, on_timer, c);
    c->multi = curl_multi_init();
    (void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    (void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    (void)curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timing);
    (void)curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    (void)curl_multi_setopt(c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)options->connections);
    (void)curl_multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                            (long)options->host_connections);
    (void)curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)options->connections);
    return c;
}

void http_client_free(struct http_client *c)
{
    if (c == NULL)
        return;
    LIST_EACH (&c->transfers, link) {
        transfer_free(CONTAINER_OF(link, struct http_transfer, link));
    }
    (void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, NULL);
    LIST_EACH (&c->watches, link) {
        watch_free(CONTAINER_OF(link, struct watch, link));
    }
    (void)curl_multi_cleanup(c->multi);
    timer_stop(&c->timer);
    curl_global_cleanup();
    alloc_free(c->extra_ca_file);
    alloc_free(c);
}
