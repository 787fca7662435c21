/*
 * A real authoritative nameserver (nsd) on a free loopback port, serving the zone "test." that the
 * test writes.
 */
#ifndef POSTROOM_TESTS_SUPPORT_NAMESERVER_H
#define POSTROOM_TESTS_SUPPORT_NAMESERVER_H

#include "tests/support/cmocka.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"

extern char **environ;

struct nameserver {
    char folder[64];
    char forward_to[32]; /* "127.0.0.1@5353" */
    pid_t process;
};

/* nameserver_free_port gives a port that nobody listens on now, for UDP. */
UNUSED static int nameserver_free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t n = sizeof(address);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &n), 0);
    (void)close(fd);
    return ntohs(address.sin_port);
}

UNUSED static void nameserver_write(const struct nameserver *ns, const char *name, const char *text)
{
    char path[128];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", ns->folder, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* nameserver_start writes zone and configuration and starts nsd; it answers a little later. */
UNUSED static void nameserver_start(struct nameserver *ns, const char *zone)
{
    char configuration[1024];
    char path[128];
    char program[] = "nsd";
    char foreground[] = "-d";
    char option[] = "-c";
    char *arguments[] = { program, foreground, option, path, NULL };
    int port = nameserver_free_port();

    (void)snprintf(ns->folder, sizeof(ns->folder), "/tmp/postroom-nsd-XXXXXX");
    assert_non_null(mkdtemp(ns->folder));
    (void)snprintf(ns->forward_to, sizeof(ns->forward_to), "127.0.0.1@%d", port);
    (void)snprintf(configuration, sizeof(configuration),
                   "server:\n ip-address: %s\n username: \"\"\n zonesdir: \"%s\"\n"
                   " database: \"\"\n pidfile: \"\"\n zonelistfile: \"%s/zone.list\"\n"
                   " xfrdfile: \"\"\n logfile: \"%s/log\"\n server-count: 1\n"
                   "remote-control:\n control-enable: no\n"
                   "zone:\n name: \"test.\"\n zonefile: \"zone\"\n",
                   ns->forward_to, ns->folder, ns->folder, ns->folder);
    nameserver_write(ns, "conf", configuration);
    nameserver_write(ns, "zone", zone);
    (void)snprintf(path, sizeof(path), "%s/conf", ns->folder);
    assert_int_equal(posix_spawnp(&ns->process, "nsd", NULL, NULL, arguments, environ), 0);
}

UNUSED static void nameserver_stop(struct nameserver *ns)
{
    static const char *const files[] = { "conf", "zone", "zone.list", "log" };
    int status;

    assert_int_equal(kill(ns->process, SIGTERM), 0);
    assert_int_equal(waitpid(ns->process, &status, 0), ns->process);
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        char path[128];

        (void)snprintf(path, sizeof(path), "%s/%s", ns->folder, files[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(ns->folder), 0);
}

#endif
