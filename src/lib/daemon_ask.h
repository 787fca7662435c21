/*
 * One question to the daemon over its control socket.
 */
#ifndef POSTROOM_LIB_DAEMON_ASK_H
#define POSTROOM_LIB_DAEMON_ASK_H

#include <stdbool.h>

/* daemon_ask sends `line` and gives the line that comes back, without its end, in memory of
 * sqlite3_malloc that is the caller's. False when nobody listens, or no whole answer came within
 * `timeout_ms`: then the question may have been heard or not. */
bool daemon_ask(const char *socket_path, const char *line, int timeout_ms, char **ret_answer);

#endif
