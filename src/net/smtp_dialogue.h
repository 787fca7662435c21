/*
 * The record of a session for people: who said what and when, a line each, content only counted.
 * Bounded: what comes after the limit is left out, and the record says so.
 */
#ifndef POSTROOM_NET_SMTP_DIALOGUE_H
#define POSTROOM_NET_SMTP_DIALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

struct smtp_dialogue {
    struct buf text;       /* finished lines */
    struct buf partial;    /* the server's line at hand */
    size_t content_octets; /* of content since the last line, not yet written down */
};

/* smtp_dialogue_init makes an empty record of at most `limit` bytes; 0: nothing is kept. */
void smtp_dialogue_init(struct smtp_dialogue *d, size_t limit);
void smtp_dialogue_fini(struct smtp_dialogue *d);

/* Each adds what happened `at_ms` after the session's start: bytes of the server, commands of
 * ours, content of ours (counted), a remark such as "connected to 192.0.2.1:25". Control bytes
 * are written as \xHH. */
void smtp_dialogue_server(struct smtp_dialogue *d, int64_t at_ms, struct span bytes);
void smtp_dialogue_client(struct smtp_dialogue *d, int64_t at_ms, struct span bytes);
void smtp_dialogue_content(struct smtp_dialogue *d, int64_t at_ms, struct span bytes);
void smtp_dialogue_remark(struct smtp_dialogue *d, int64_t at_ms, const char *remark);

/* smtp_dialogue_view borrows the lines written so far: "    0.012 S: 220 mx.example". */
MUST_USE struct span smtp_dialogue_view(const struct smtp_dialogue *d);

#endif
