/*
 * What HTTP costs without us: libmicrohttpd answering every request with the same few bytes, after
 * it has read the body. `http_floor` prints its port and serves until its standard input ends.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"

enum { THREADS = 2, CONNECTIONS = 1000 };

static char answer[] = "{\"topic\":\"issue/12\",\"kind\":\"issue\",\"title\":\"It crashes\",\"in\":"
                       "[{\"topic\":\"project/x\",\"distance\":1}],\"made_at\":"
                       "\"2026-11-24T18:00:00.000Z\"}";

/* NOLINTNEXTLINE(readability-function-size): the library says what it is called with */
static enum MHD_Result on_request(void *owner, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n, void **seen)
{
    struct MHD_Response *response;
    enum MHD_Result result;

    (void)url;
    (void)method;
    (void)version;
    (void)bytes;
    if (*seen == NULL || *n > 0) {
        *seen = owner;
        *n = 0;
        return MHD_YES;
    }
    response = MHD_create_response_from_buffer(strlen(answer), answer, MHD_RESPMEM_PERSISTENT);
    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

int main(void)
{
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, answer,
                         MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_END);
    const union MHD_DaemonInfo *info;

    if (daemon == NULL)
        return 1;
    info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    (void)printf("%u\n", (unsigned)info->port);
    (void)fflush(stdout);
    while (getchar() != EOF)
        continue;
    MHD_stop_daemon(daemon);
    return 0;
}
