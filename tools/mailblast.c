/*
 * mailblast: the raw floor of sending, for benchmarks. Speaks pipelined SMTP over kept
 * connections into a sink on loopback, every mail distinct, with no queue, no store, no lookup
 * and no retry: what a sender costs that does nothing else. Prints one line of JSON.
 *
 *   mailblast --to 127.1.0.1:2525 [--targets N] [--connections N] [--mails N] [--size BYTES]
 *
 * The N targets have consecutive addresses; each connection serves its share of them, one after
 * the other.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/span.h"
#include "base/text.h"

enum { OUT_LIMIT = 32 << 20, IN_LIMIT = 65536, EVENTS = 256 };

struct blast {
    struct sockaddr_in first;
    int64_t targets;
    int64_t connections;
    int64_t mails;
    int64_t size;
    int poll;
    int64_t sent;
    int64_t open;
    struct connection *all; /* as many as `connections` */
    struct buf filler;
};

/* What the next complete reply answers. */
enum awaited {
    AWAIT_GREETING,
    AWAIT_EHLO,
    AWAIT_MAIL,
    AWAIT_RCPT,
    AWAIT_DATA,
    AWAIT_DOT,
    AWAIT_QUIT
};

struct connection {
    struct blast *blast;
    int descriptor;
    int64_t target; /* index of the address now served */
    int64_t number; /* of this connection: target = number, number + connections, ... */
    int64_t left;   /* mails for this target */
    enum awaited awaited;
    struct buf in;
    struct buf out;
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "mailblast: %s: %s\n", what, errno != 0 ? strerror(errno) : "refused");
    exit(1);
}

/* Mails of a target: the total spread evenly, the first ones get the rest. */
static int64_t share(const struct blast *b, int64_t target, int64_t part, int64_t parts)
{
    int64_t of_target = b->mails / b->targets + (target < b->mails % b->targets ? 1 : 0);

    return of_target / parts + (part < of_target % parts ? 1 : 0);
}

static void flush(struct connection *c)
{
    while (c->out.n > 0) {
        ssize_t n = send(c->descriptor, c->out.at, c->out.n, MSG_NOSIGNAL);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n < 0)
            fail("send");
        buf_drop(&c->out, (size_t)n);
    }
}

static void watch(struct connection *c, int operation)
{
    struct epoll_event event = { .events = EPOLLIN | (c->out.n > 0 ? EPOLLOUT : 0U) };

    event.data.ptr = c;
    if (epoll_ctl(c->blast->poll, operation, c->descriptor, &event) != 0)
        fail("epoll");
}

static void open_target(struct connection *c)
{
    struct blast *b = c->blast;
    struct sockaddr_in at = b->first;
    int on = 1;

    at.sin_addr.s_addr = htonl(ntohl(at.sin_addr.s_addr) + (uint32_t)c->target);
    c->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->descriptor < 0 || connect(c->descriptor, (const struct sockaddr *)&at, sizeof(at)) != 0)
        fail("connect");
    (void)setsockopt(c->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    c->awaited = AWAIT_GREETING;
    buf_clear(&c->in);
    buf_clear(&c->out);
    watch(c, EPOLL_CTL_ADD);
}

static void put_envelope(struct connection *c)
{
    buf_printf(&c->out,
               "MAIL FROM:<b.%lld@bounce.example>\r\nRCPT TO:<p%lld@d%lld.example>\r\nDATA\r\n",
               (long long)c->blast->sent, (long long)c->blast->sent, (long long)c->target);
    c->awaited = AWAIT_MAIL;
}

static void put_content(struct connection *c)
{
    buf_printf(&c->out,
               "From: Blast <blast@example>\r\nTo: <p%lld@d%lld.example>\r\nSubject: mail %lld\r\n"
               "Message-ID: <%lld.%lld@example>\r\nMIME-Version: 1.0\r\n"
               "Content-Type: text/plain; charset=utf-8\r\n\r\nThis is mail %lld.\r\n",
               (long long)c->blast->sent, (long long)c->target, (long long)c->blast->sent,
               (long long)c->blast->sent, (long long)c->number, (long long)c->blast->sent);
    buf_put(&c->out, buf_view(&c->blast->filler));
    buf_put_text(&c->out, ".\r\n");
    c->blast->sent++;
    c->awaited = AWAIT_DOT;
}

/* After a mail: the next one, or the next target, or the end. */
static void go_on(struct connection *c)
{
    if (c->left > 0) {
        c->left--;
        put_envelope(c);
        return;
    }
    buf_put_text(&c->out, "QUIT\r\n");
    c->awaited = AWAIT_QUIT;
}

static void next_target(struct connection *c)
{
    struct blast *b = c->blast;

    (void)close(c->descriptor);
    c->target += b->connections;
    if (b->targets <= b->connections || c->target >= b->targets) {
        c->descriptor = -1;
        b->open--;
        return;
    }
    c->left = share(b, c->target, 0, 1);
    open_target(c);
}

static void take_reply(struct connection *c, char digit)
{
    if (c->awaited == AWAIT_DATA ? digit != '3' : digit != '2') {
        errno = 0;
        fail("the sink refused a command");
    }
    switch (c->awaited) {
    case AWAIT_GREETING:
        buf_put_text(&c->out, "EHLO blast.example\r\n");
        c->awaited = AWAIT_EHLO;
        break;
    case AWAIT_EHLO:
    case AWAIT_DOT:
        go_on(c);
        break;
    case AWAIT_MAIL:
        c->awaited = AWAIT_RCPT;
        break;
    case AWAIT_RCPT:
        c->awaited = AWAIT_DATA;
        break;
    case AWAIT_DATA:
        put_content(c);
        break;
    case AWAIT_QUIT:
        next_target(c);
        break;
    }
}

static void take_lines(struct connection *c)
{
    size_t done = 0;
    int descriptor = c->descriptor;

    for (;;) {
        struct span rest = span_rest(buf_view(&c->in), done);
        size_t end = span_index(rest, '\n');
        bool last;

        if (end == rest.n)
            break;
        last = end >= 4 && rest.at[3] != '-';
        done += end + 1;
        if (last)
            take_reply(c, rest.at[0]);
        if (c->descriptor != descriptor || c->in.n == 0)
            return; /* a new connection, or none */
    }
    buf_drop(&c->in, done);
}

static void serve(struct connection *c)
{
    char *to = buf_reserve(&c->in, IN_LIMIT / 2);
    ssize_t n = to != NULL ? recv(c->descriptor, to, IN_LIMIT / 2, MSG_DONTWAIT) : -1;
    bool waited = c->out.n > 0;

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        fail("recv");
    if (n > 0) {
        buf_advance(&c->in, (size_t)n);
        take_lines(c);
    }
    if (c->descriptor < 0)
        return;
    flush(c);
    if (waited != (c->out.n > 0))
        watch(c, EPOLL_CTL_MOD);
}

static void start(struct blast *b)
{
    int64_t per_target = b->connections / b->targets > 0 ? b->connections / b->targets : 1;

    if (b->targets <= b->connections)
        b->connections = per_target * b->targets;
    b->all = alloc_array((size_t)b->connections, sizeof(struct connection));
    for (int64_t i = 0; i < b->connections; i++) {
        struct connection *c = &b->all[i];

        c->blast = b;
        c->number = i;
        c->target = i % b->targets;
        c->left = share(b, c->target, i / b->targets, per_target);
        buf_init(&c->in, IN_LIMIT);
        buf_init(&c->out, OUT_LIMIT);
        b->open++;
        open_target(c);
    }
}

static void run(struct blast *b)
{
    struct epoll_event events[EVENTS];

    while (b->open > 0) {
        int n = epoll_wait(b->poll, events, EVENTS, 30000);

        if (n == 0) {
            errno = ETIMEDOUT;
            fail("the sink");
        }
        for (int i = 0; i < n; i++)
            serve(events[i].data.ptr);
    }
}

static int64_t number(const char *text, int64_t most)
{
    int64_t value;

    if (!text_to_integer(span_of(text), 1, most, &value)) {
        (void)fprintf(stderr, "mailblast: not a number from 1 to %lld: %s\n", (long long)most,
                      text);
        exit(64);
    }
    return value;
}

static void read_target(struct blast *b, const char *text)
{
    struct span rest = span_of(text);
    struct span host = span_take_until(&rest, ':');
    char copy[64] = "";

    if (host.n < sizeof(copy))
        memcpy(copy, host.at, host.n);
    b->first.sin_family = AF_INET;
    b->first.sin_port = htons((uint16_t)number(rest.at, 65535));
    if (inet_pton(AF_INET, copy, &b->first.sin_addr) != 1 || strncmp(copy, "127.", 4) != 0) {
        (void)fprintf(stderr, "mailblast: --to must be a loopback address: %s\n", text);
        exit(64);
    }
}

/* Lines of 72 letters up to `size` bytes. */
static void fill(struct buf *text, int64_t size)
{
    static const char line[] =
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst\r\n";

    buf_init(text, (size_t)size + sizeof(line));
    while (text->n < (size_t)size)
        buf_put_text(text, line);
}

static void finish(struct blast *b)
{
    for (int64_t i = 0; i < b->connections; i++) {
        buf_fini(&b->all[i].in);
        buf_fini(&b->all[i].out);
    }
    alloc_free(b->all);
    buf_fini(&b->filler);
    (void)close(b->poll);
}

static double cpu_seconds(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void read_options(struct blast *b, int argc, char **argv)
{
    static const struct option options[] = {
        { "to", required_argument, NULL, 't' },
        { "targets", required_argument, NULL, 'n' },
        { "connections", required_argument, NULL, 'c' },
        { "mails", required_argument, NULL, 'm' },
        { "size", required_argument, NULL, 's' },
        { NULL, 0, NULL, 0 },
    };
    int choice;

    while ((choice = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (choice == 't')
            read_target(b, optarg);
        else if (choice == 'n')
            b->targets = number(optarg, 65536);
        else if (choice == 'c')
            b->connections = number(optarg, 10000);
        else if (choice == 'm')
            b->mails = number(optarg, 100000000);
        else if (choice == 's')
            b->size = number(optarg, 1 << 20);
        else
            exit(64);
    }
    if (b->first.sin_port == 0) {
        (void)fprintf(stderr, "mailblast: --to is missing\n");
        exit(64);
    }
}

int main(int argc, char **argv)
{
    struct blast b = { .targets = 1, .connections = 50, .mails = 10000, .size = 4096 };
    int64_t began;
    double seconds;

    read_options(&b, argc, argv);
    fill(&b.filler, b.size > 300 ? b.size - 300 : b.size);
    b.poll = epoll_create1(EPOLL_CLOEXEC);
    if (b.poll < 0)
        fail("epoll");
    began = clock_monotonic_us();
    start(&b);
    run(&b);
    seconds = (double)(clock_monotonic_us() - began) / 1e6;
    printf("{\"mails\": %lld, \"seconds\": %.3f, \"rate\": %.0f, \"cpu_per_1000\": %.4f}\n",
           (long long)b.sent, seconds, (double)b.sent / seconds,
           cpu_seconds() / (double)b.sent * 1000);
    finish(&b);
    return 0;
}
