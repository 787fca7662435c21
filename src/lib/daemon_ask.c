/*
 * A Unix socket, one line there and one back, all of it before a moment in time. It never blocks
 * but in poll(), and raises no SIGPIPE.
 */
#include "lib/daemon_ask.h"

#include <errno.h>
#include <poll.h>
#include <sqlite3.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_LIMIT = 1 << 16, MS_PER_S = 1000, NS_PER_MS = 1000000 };

static long long now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static bool wait_for(int descriptor, short events, long long until_ms)
{
    for (;;) {
        struct pollfd poll_of = { .fd = descriptor, .events = events };
        long long left = until_ms - now_ms();
        int n = poll(&poll_of, 1, left > 0 ? (int)left : 0);

        if (n >= 0 || errno != EINTR)
            return n > 0;
    }
}

/* -1 when nobody listens, or so many ask that there is no place. */
static int reach(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int descriptor;

    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    (void)memcpy(address.sun_path, path, strlen(path) + 1);
    descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 &&
        connect(descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(descriptor);
        descriptor = -1;
    }
    return descriptor;
}

static bool say(int descriptor, const char *line, long long until_ms)
{
    size_t left = strlen(line);

    while (left > 0) {
        ssize_t n = send(descriptor, line, left, MSG_NOSIGNAL);

        if (n > 0) {
            line += n;
            left -= (size_t)n;
        } else if (errno == EAGAIN) {
            if (!wait_for(descriptor, POLLOUT, until_ms))
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* Reads up to the end of the line; `answer` has ANSWER_LIMIT bytes. */
static bool hear(int descriptor, char *answer, long long until_ms)
{
    size_t n = 0;

    while (n < ANSWER_LIMIT) {
        ssize_t got = recv(descriptor, answer + n, ANSWER_LIMIT - n, 0);
        char *end = got > 0 ? memchr(answer + n, '\n', (size_t)got) : NULL;

        if (end != NULL) {
            *end = '\0';
            return true;
        }
        if (got > 0)
            n += (size_t)got;
        else if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return false;
        else if (!wait_for(descriptor, POLLIN, until_ms))
            return false;
    }
    return false;
}

bool daemon_ask(const char *socket_path, const char *line, int timeout_ms, char **ret_answer)
{
    long long until_ms = now_ms() + timeout_ms;
    int descriptor = reach(socket_path);
    char *answer;
    bool ok;

    if (descriptor < 0)
        return false;
    answer = sqlite3_malloc(ANSWER_LIMIT);
    ok = answer != NULL && say(descriptor, line, until_ms) && hear(descriptor, answer, until_ms);
    (void)close(descriptor);
    if (ok)
        *ret_answer = answer;
    else
        sqlite3_free(answer);
    return ok;
}
