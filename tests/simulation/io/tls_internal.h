/*
 * Simulated TLS contexts, open to the streams.
 */
#ifndef POSTROOM_TESTS_SIMULATION_IO_TLS_INTERNAL_H
#define POSTROOM_TESTS_SIMULATION_IO_TLS_INTERNAL_H

#include <stdbool.h>

struct tls_context {
    bool is_server;
};

#endif
