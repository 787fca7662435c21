/*
 * Three ways to the same handler.
 */
#include "app/asking.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/config/config.h"
#include "app/control_protocol.h"
#include "app/requests.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "store/db.h"
#include "store/schema.h"
#include "store/store_lock.h"

static struct request request_of(const struct config *config, json_t *args, const char *by)
{
    return (struct request){
        .args = args, .now_ms = clock_utc_ms(), .by = by, .settings = &config->settings
    };
}

static void close_db(struct db **db)
{
    db_close(*db);
}

static bool need_store(const struct config *config, struct error *err)
{
    if (access(config->settings.database, F_OK) == 0)
        return true;
    if (errno != ENOENT)
        return error_set_errno(err, errno, "reaching the store %s", config->settings.database);
    return error_set(err, ERROR_NOT_FOUND, "there is no store at %s: `postroom init` makes one",
                     config->settings.database);
}

static bool open_store(const struct config *config, enum db_access access, struct db **ret_db,
                       struct error *err)
{
    struct db *db;

    if (!need_store(config, err) || !db_open(config->settings.database, access, &db, err))
        return false;
    if (!schema_check(db, err)) {
        db_close(db);
        return false;
    }
    *ret_db = db;
    return true;
}

static bool ask_reading(const struct config *config, const struct request_entry *entry,
                        json_t *args, json_t **ret_answer, struct error *err)
{
    CLEANUP(close_db) struct db *db = NULL;
    struct request request = request_of(config, args, "command");
    bool ok;

    if (!open_store(config, DB_READ, &db, err) || !db_begin(db, err))
        return false;
    ok = entry->handler(db, &request, ret_answer, err);
    db_rollback(db);
    return ok;
}

static bool ask_here(const struct config *config, const struct request_entry *entry, json_t *args,
                     json_t **ret_answer, struct error *err)
{
    CLEANUP(close_db) struct db *db = NULL;
    struct request request;
    json_t *answer = NULL;
    char by[40];

    (void)snprintf(by, sizeof(by), "uid %u", (unsigned)getuid());
    request = request_of(config, args, by);
    if (!open_store(config, DB_WRITE, &db, err) || !db_begin(db, err))
        return false;
    if (!request_perform(entry, db, &request, &answer, err)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, err)) {
        db_rollback(db);
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}

static void limit_patience(int descriptor, int patience_s)
{
    const struct timeval patience = { .tv_sec = patience_s };

    if (patience_s == 0)
        return;
    (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

/* A descriptor connected to the daemon, or -1 with errno. */
static int connect_daemon(const char *path, int patience_s)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int descriptor;

    if (strlen(path) >= sizeof(at.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(at.sun_path, path, strlen(path) + 1);
    /* NOLINTNEXTLINE(check-calls): a command waits for one answer, it has no loop */
    descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0)
        limit_patience(descriptor, patience_s);
    /* NOLINTNEXTLINE(check-calls): the same */
    if (descriptor >= 0 && connect(descriptor, (const struct sockaddr *)&at, sizeof(at)) != 0) {
        int why = errno;

        (void)close(descriptor);
        errno = why;
        return -1;
    }
    return descriptor;
}

static bool is_silent(struct error *err)
{
    return error_set(err, ERROR_TEMPORARY,
                     "the daemon does not answer; whether it does what was asked is not known");
}

static bool send_all(int descriptor, struct span bytes, struct error *err)
{
    while (bytes.n > 0) {
        ssize_t n = send(descriptor, bytes.at, bytes.n, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return is_silent(err);
        if (n < 0)
            return error_set_errno(err, errno, "asking the daemon");
        bytes = span_rest(bytes, (size_t)n);
    }
    return true;
}

static bool receive_line(int descriptor, struct buf *line, struct error *err)
{
    for (;;) {
        char *to = buf_reserve(line, 65536);
        ssize_t n = to != NULL ? recv(descriptor, to, 65536, 0) : 0;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return is_silent(err);
        if (n < 0)
            return error_set_errno(err, errno, "waiting for the daemon's answer");
        if (n == 0)
            return error_set(err, ERROR_TEMPORARY,
                             "the daemon went away before it answered; whether it did what was "
                             "asked is not known");
        buf_advance(line, (size_t)n);
        if (line->at[line->n - 1] == '\n')
            return true;
    }
}

static bool ask_daemon(int descriptor, const char *name, json_t *args, json_t **ret_answer,
                       struct error *err)
{
    CLEANUP(buf_fini) struct buf line;

    buf_init(&line, CONTROL_LINE_LIMIT);
    control_put_ask(&line, name, args);
    if (!send_all(descriptor, buf_view(&line), err))
        return false;
    buf_clear(&line);
    return receive_line(descriptor, &line, err) &&
           control_read_answer(buf_view(&line), ret_answer, err);
}

static void release_lock(struct store_lock **lock)
{
    store_lock_release(*lock);
}

struct question {
    const struct config *config;
    const struct request_entry *entry;
    json_t *args;
    int patience_s;
};

/* *ret_held: another process holds the store, and no daemon listens. */
static bool ask_once(const struct question *q, bool *ret_held, json_t **ret_answer,
                     struct error *err)
{
    const struct settings *settings = &q->config->settings;
    CLEANUP(release_lock) struct store_lock *lock = NULL;
    CLEANUP(cleanup_descriptor) int daemon = -1;

    *ret_held = false;
    daemon = connect_daemon(settings->control_socket, q->patience_s);
    if (daemon >= 0)
        return ask_daemon(daemon, q->entry->name, q->args, ret_answer, err);
    if (errno == EAGAIN)
        return is_silent(err);
    if (errno == EACCES)
        return error_set_errno(err, errno, "reaching the daemon at %s", settings->control_socket);
    if (!need_store(q->config, err))
        return false;
    if (!store_lock_take(settings->database, "postroom command", &lock, err)) {
        *ret_held = err->kind == ERROR_CONFLICT;
        return false;
    }
    return ask_here(q->config, q->entry, q->args, ret_answer, err);
}

static bool connect_live(const struct config *config, int patience_s, int *ret_daemon,
                         struct error *err)
{
    const char *path = config->settings.control_socket;
    int daemon = connect_daemon(path, patience_s);

    if (daemon >= 0) {
        *ret_daemon = daemon;
        return true;
    }
    if (errno == ENOENT || errno == ECONNREFUSED)
        return error_set(err, ERROR_NOT_FOUND,
                         "no daemon runs that listens at %s: `postroom serve` starts one", path);
    return error_set_errno(err, errno, "reaching the daemon at %s", path);
}

static bool ask_live(const struct question *q, json_t **ret_answer, struct error *err)
{
    CLEANUP(cleanup_descriptor) int daemon = -1;

    return connect_live(q->config, q->patience_s, &daemon, err) &&
           ask_daemon(daemon, q->entry->name, q->args, ret_answer, err);
}

/* Tells all whole lines that have come; *ret_more is false when that was enough. */
static bool tell_lines(struct buf *lines, bool (*told)(void *owner, const json_t *answer),
                       void *owner, bool *ret_more, struct error *err)
{
    size_t end;

    while (*ret_more && (end = span_index(buf_view(lines), '\n')) < lines->n) {
        json_t *answer = NULL;

        if (!control_read_answer(span_first(buf_view(lines), end), &answer, err))
            return false;
        *ret_more = told(owner, answer);
        json_decref(answer);
        buf_drop(lines, end + 1);
    }
    return true;
}

bool asking_follow(const struct config *config, const char *name, json_t *args,
                   bool (*told)(void *owner, const json_t *answer), void *owner, struct error *err)
{
    CLEANUP(cleanup_descriptor) int daemon = -1;
    CLEANUP(buf_fini) struct buf lines;
    bool more = true;

    buf_init(&lines, CONTROL_LINE_LIMIT);
    control_put_ask(&lines, name, args);
    if (!connect_live(config, 0, &daemon, err) || !send_all(daemon, buf_view(&lines), err))
        return false;
    buf_clear(&lines);
    while (more)
        if (!receive_line(daemon, &lines, err) || !tell_lines(&lines, told, owner, &more, err))
            return false;
    return true;
}

enum { TRIES = 100, PAUSE_MS = 50 };

bool asking_ask(const struct config *config, const char *name, json_t *args, int patience_s,
                json_t **ret_answer, struct error *err)
{
    const struct question question = { config, requests_find(name), args, patience_s };
    bool held = true;

    if (question.entry == NULL)
        return error_set(err, ERROR_INTERNAL, "no request is called %s", name);
    if (question.entry->lives)
        return ask_live(&question, ret_answer, err);
    if (question.entry->reads)
        return ask_reading(config, question.entry, args, ret_answer, err);
    for (int i = 0; i < TRIES && held; i++) {
        if (i > 0)
            (void)poll(NULL, 0, PAUSE_MS);
        if (ask_once(&question, &held, ret_answer, err))
            return true;
    }
    return false;
}
