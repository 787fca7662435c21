/*
 * posix_spawn, a pipe, and a wait. Blocking: for commands, which have nothing else to do.
 */
#include "app/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { PIECE = 65536 };

/* The program's end of the pipe is its standard output. */
static int spawn(const char *const *argv, int output, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);

    if (failed != 0)
        return failed;
    failed = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (failed == 0)
        failed = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (failed == 0)
        failed = posix_spawnp(ret_pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static bool read_output(const struct child_process *child, int from, struct error *err)
{
    char bytes[PIECE];

    for (;;) {
        ssize_t n = read(from, bytes, sizeof bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, errno, "reading what %s says", child->argv[0]);
        if (n == 0)
            return true;
        child->take(child->owner, (struct span){ bytes, (size_t)n });
    }
}

static bool wait_for(const struct child_process *child, pid_t pid, int *ret_code, struct error *err)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return error_set_errno(err, errno, "waiting for %s", child->argv[0]);
    *ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

bool child_process_run(const struct child_process *child, int *ret_code, struct error *err)
{
    int ends[2];
    pid_t pid;
    int failed;
    bool ok;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set_errno(err, errno, "running %s", child->argv[0]);
    failed = spawn(child->argv, ends[1], &pid);
    (void)close(ends[1]);
    if (failed != 0) {
        (void)close(ends[0]);
        return error_set_errno(err, failed, "running %s", child->argv[0]);
    }
    ok = read_output(child, ends[0], err);
    (void)close(ends[0]); /* before waiting: it may still write */
    return wait_for(child, pid, ret_code, err) && ok;
}
