#include "io/stream.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "io/listener.h"
#include "tests/support/cmocka.h"
#include "tests/support/talker.h"

enum { BIG = 12 * 1024 * 1024 };

/* A listener and both ends of a connection on one loop. */
struct pair {
    struct loop *loop;
    struct listener *listener;
    struct talker server;
    struct talker client;
};

static void open_at(struct pair *p, const struct endpoint *at)
{
    struct error err;
    struct endpoint where;

    p->loop = loop_new("test");
    talker_init(&p->server, p->loop);
    talker_init(&p->client, p->loop);
    p->listener = listener_open(p->loop, at, 0600, &talker_listens, &p->server, &err);
    assert_non_null(p->listener);
    where = listener_endpoint(p->listener);
    p->client.stream = stream_connect(p->loop, NULL, &where, &talker_events, &p->client);
}

static void open_pair(struct pair *p)
{
    struct endpoint at = talker_loopback();

    open_at(p, &at);
    talker_wait(&p->client, TALKER_CONNECTED);
    if (p->server.stream == NULL)
        talker_wait(&p->server, TALKER_CONNECTED);
}

static void close_pair(struct pair *p)
{
    talker_fini(&p->client);
    talker_fini(&p->server);
    listener_close(p->listener);
    loop_free(p->loop);
}

static void what_is_sent_comes_back(void **state)
{
    struct pair p;
    struct endpoint local;
    struct endpoint peer;

    (void)state;
    open_pair(&p);
    p.server.echo = true;
    p.client.enough = 6;
    stream_write(p.client.stream, SPAN("EHLO\r\n"));
    assert_int_equal(stream_unsent(p.client.stream), 0);
    talker_wait(&p.client, TALKER_RECEIVED);
    assert_true(span_equal(buf_view(&p.client.got), SPAN("EHLO\r\n")));
    local = stream_local(p.client.stream);
    peer = stream_peer(p.server.stream);
    assert_int_equal(local.port, peer.port);
    assert_true(ip_is_loopback(&local.ip));
    close_pair(&p);
}

static void an_orderly_end_is_told_without_a_reason(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p);
    stream_write(p.client.stream, SPAN("last words"));
    stream_end(p.client.stream);
    talker_wait(&p.server, TALKER_CLOSED);
    assert_false(p.server.failed);
    assert_true(span_equal(buf_view(&p.server.got), SPAN("last words")));
    stream_write(p.server.stream, SPAN("nobody hears this"));
    close_pair(&p);
}

/* The first write to a peer that is gone makes it answer with a reset, the next one fails. */
static void words_before_a_reset_are_still_received(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p);
    stream_pause(p.client.stream);
    stream_write(p.server.stream, SPAN("421 going away\r\n"));
    stream_close(p.server.stream);
    p.server.stream = NULL;
    for (int i = 0; i < 10; i++)
        stream_write(p.client.stream, SPAN("QUIT\r\n"));
    assert_int_equal(p.client.seen & TALKER_CLOSED, 0);
    assert_in_range(stream_unsent(p.client.stream), 6, 9 * 6); /* what failed is not gone */
    stream_resume(p.client.stream);
    talker_wait(&p.client, TALKER_CLOSED);
    assert_true(p.client.failed);
    assert_true(span_equal(buf_view(&p.client.got), SPAN("421 going away\r\n")));
    close_pair(&p);
}

static void a_refused_connection_is_told_as_an_event(void **state)
{
    struct loop *loop = loop_new("test");
    struct talker t;
    struct endpoint at = talker_loopback();
    struct error err;
    struct listener *l = listener_open(loop, &at, 0, &talker_listens, NULL, &err);
    struct endpoint where;

    (void)state;
    assert_non_null(l);
    where = listener_endpoint(l);
    listener_close(l);
    talker_init(&t, loop);
    t.stream = stream_connect(loop, NULL, &where, &talker_events, &t);
    assert_int_equal(t.seen, 0);
    talker_wait(&t, TALKER_CLOSED);
    assert_true(t.failed);
    assert_non_null(strstr(t.why, "refused"));
    talker_fini(&t);
    loop_free(loop);
}

static void a_source_that_is_not_ours_fails_as_an_event(void **state)
{
    struct loop *loop = loop_new("test");
    struct talker t;
    struct endpoint peer = talker_loopback();
    struct endpoint source = { .ip = { .version = 4, .bytes = { 192, 0, 2, 1 } } };

    (void)state;
    peer.port = 25;
    talker_init(&t, loop);
    t.stream = stream_connect(loop, &source, &peer, &talker_events, &t);
    talker_wait(&t, TALKER_CLOSED);
    assert_true(t.failed);
    assert_non_null(strstr(t.why, "sending from 192.0.2.1"));
    talker_fini(&t);
    loop_free(loop);
}

static void a_chosen_source_is_used(void **state)
{
    struct pair p;
    struct endpoint source = { .ip = { .version = 4, .bytes = { 127, 0, 0, 9 } } };
    struct endpoint where;
    struct endpoint peer;

    (void)state;
    open_pair(&p);
    talker_fini(&p.client);
    talker_fini(&p.server);
    talker_init(&p.client, p.loop);
    talker_init(&p.server, p.loop);
    where = listener_endpoint(p.listener);
    p.client.stream = stream_connect(p.loop, &source, &where, &talker_events, &p.client);
    talker_wait(&p.server, TALKER_CONNECTED);
    peer = stream_peer(p.server.stream);
    assert_true(ip_equal(&peer.ip, &source.ip));
    close_pair(&p);
}

static void a_slow_reader_holds_the_writer_back(void **state)
{
    struct pair p;
    char *big = alloc_zeroed(BIG);

    (void)state;
    for (size_t i = 0; i < BIG; i++)
        big[i] = (char)(i * 31 + i / 251);
    open_pair(&p);
    stream_pause(p.server.stream);
    stream_write(p.client.stream, (struct span){ big, BIG });
    assert_true(stream_unsent(p.client.stream) > 0);
    assert_int_equal(p.client.seen & TALKER_DRAINED, 0);
    stream_resume(p.server.stream);
    talker_wait(&p.client, TALKER_DRAINED);
    assert_int_equal(stream_unsent(p.client.stream), 0);
    p.server.enough = BIG;
    if (p.server.got.n < BIG)
        talker_wait(&p.server, TALKER_RECEIVED);
    assert_true(span_equal(buf_view(&p.server.got), (struct span){ big, BIG }));
    close_pair(&p);
    alloc_free(big);
}

static void bytes_written_before_connected_wait(void **state)
{
    struct pair p;
    struct endpoint at = talker_loopback();

    (void)state;
    open_at(&p, &at);
    stream_write(p.client.stream, SPAN("early"));
    assert_int_equal(stream_unsent(p.client.stream), 5);
    talker_wait(&p.server, TALKER_RECEIVED);
    assert_true(span_equal(buf_view(&p.server.got), SPAN("early")));
    close_pair(&p);
}

static void a_stream_closed_before_it_connected_tells_nothing(void **state)
{
    struct pair p;
    struct endpoint at = talker_loopback();

    (void)state;
    open_at(&p, &at);
    stream_close(p.client.stream);
    p.client.stream = NULL;
    talker_wait(&p.server, TALKER_CLOSED);
    assert_int_equal(p.client.seen, 0);
    close_pair(&p);
}

/* A folder for sockets, with a path short enough for them. */
static void with_folder(char *ret_path)
{
    char template[] = "/tmp/postroom-test-XXXXXX";

    assert_non_null(mkdtemp(template));
    memcpy(ret_path, template, sizeof(template));
}

static struct endpoint unix_at(const char *folder)
{
    char path[100];
    struct endpoint e = { 0 };
    struct error err;

    (void)snprintf(path, sizeof(path), "%s/socket", folder);
    assert_true(endpoint_unix(path, &e, &err));
    return e;
}

static void a_unix_socket_knows_who_calls(void **state)
{
    char folder[64];
    struct endpoint at;
    struct pair p;
    struct stat file;
    unsigned uid = 0;
    unsigned gid = 0;

    (void)state;
    with_folder(folder);
    at = unix_at(folder);
    open_at(&p, &at);
    talker_wait(&p.server, TALKER_CONNECTED);
    assert_int_equal(stat(at.path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_true(stream_peer_ids(p.server.stream, &uid, &gid));
    assert_int_equal(uid, getuid());
    assert_int_equal(gid, getgid());
    close_pair(&p);
    assert_int_equal(rmdir(folder), 0); /* the socket's file went with the listener */
}

static void a_unix_socket_in_use_is_not_replaced(void **state)
{
    char folder[64];
    struct endpoint at;
    struct pair p;
    struct error err;

    (void)state;
    with_folder(folder);
    at = unix_at(folder);
    open_at(&p, &at);
    assert_null(listener_open(p.loop, &at, 0600, &talker_listens, &p.server, &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    assert_int_equal(access(at.path, F_OK), 0);
    close_pair(&p);
    assert_int_equal(rmdir(folder), 0);
}

static void leave_stale_socket(const struct endpoint *at)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    memcpy(address.sun_path, at->path, sizeof(at->path));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(close(fd), 0);
}

static void a_stale_unix_socket_is_replaced(void **state)
{
    char folder[64];
    struct endpoint at;
    struct pair p;

    (void)state;
    with_folder(folder);
    at = unix_at(folder);
    leave_stale_socket(&at);
    open_at(&p, &at);
    talker_wait(&p.client, TALKER_CONNECTED);
    close_pair(&p);
    assert_int_equal(rmdir(folder), 0);
}

static void a_file_that_is_no_socket_is_not_replaced(void **state)
{
    char folder[64];
    struct endpoint at;
    struct loop *loop = loop_new("test");
    struct error err;
    int fd;

    (void)state;
    with_folder(folder);
    at = unix_at(folder);
    fd = open(at.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_null(listener_open(loop, &at, 0600, &talker_listens, NULL, &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    assert_int_equal(unlink(at.path), 0);
    assert_int_equal(rmdir(folder), 0);
    loop_free(loop);
}

/* With no descriptor left the listener rests instead of spinning, and takes the caller later. */
static void a_caller_waits_while_descriptors_are_short(void **state)
{
    struct pair p;
    struct endpoint at = talker_loopback();
    struct rlimit old;
    struct rlimit none;
    int taken;

    (void)state;
    open_at(&p, &at);
    log_set_level(LOG_ERROR);
    taken = dup(0);
    assert_true(taken >= 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = (struct rlimit){ (rlim_t)taken, old.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    (void)close(taken);
    taken = dup(0); /* the lowest free one, and with it the last */
    talker_wait(&p.client, TALKER_CONNECTED);
    assert_null(p.server.stream);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    (void)close(taken);
    talker_wait(&p.server, TALKER_CONNECTED);
    close_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sent_comes_back),
        cmocka_unit_test(an_orderly_end_is_told_without_a_reason),
        cmocka_unit_test(words_before_a_reset_are_still_received),
        cmocka_unit_test(a_refused_connection_is_told_as_an_event),
        cmocka_unit_test(a_source_that_is_not_ours_fails_as_an_event),
        cmocka_unit_test(a_chosen_source_is_used),
        cmocka_unit_test(a_slow_reader_holds_the_writer_back),
        cmocka_unit_test(bytes_written_before_connected_wait),
        cmocka_unit_test(a_stream_closed_before_it_connected_tells_nothing),
        cmocka_unit_test(a_unix_socket_knows_who_calls),
        cmocka_unit_test(a_unix_socket_in_use_is_not_replaced),
        cmocka_unit_test(a_stale_unix_socket_is_replaced),
        cmocka_unit_test(a_file_that_is_no_socket_is_not_replaced),
        cmocka_unit_test(a_caller_waits_while_descriptors_are_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
