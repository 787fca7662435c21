/*
 * The sink's insides: smtp_sink.c (listening, counting), smtp_sink_session.c (one connection),
 * smtp_sink_policy.c (what is answered), smtp_sink_record.c (files and journal).
 */
#ifndef POSTROOM_NET_SMTP_SINK_INTERNAL_H
#define POSTROOM_NET_SMTP_SINK_INTERNAL_H

#include "base/buf.h"
#include "base/list.h"
#include "base/table.h"
#include "io/listener.h"
#include "io/stream.h"
#include "io/timer.h"
#include "net/smtp_sink.h"

struct smtp_sink {
    struct loop *loop;
    struct smtp_sink_options options; /* its borrowed parts are our copies */
    char *name;
    char *folder;
    struct smtp_sink_rule *rules;
    struct listener **listeners;
    size_t listener_count;
    struct list sessions;
    struct smtp_sink_counts counts;
    struct table greylist;
    int64_t rate_free_us; /* monotonic: from then on a message is within the rate */
    uint64_t next_file;
    struct buf line; /* a journal line in the making */
};

/* What to do with a question. */
struct sink_answer {
    bool accept;
    int code; /* otherwise */
    struct smtp_status status;
    const char *text;
    int64_t wait_ms; /* first, and then answer so; 0: at once */
    bool lose;       /* take the message, but drop the connection instead of replying */
};

struct sink_session {
    struct list link;
    struct smtp_sink *sink;
    struct stream *stream;
    struct smtp_server *server;
    uint64_t number;
    struct endpoint peer;
    bool secure;
    struct tls_facts facts;
    uint32_t messages;

    struct timer hold;
    enum { HOLD_NOTHING, HOLD_OUTPUT, HOLD_ANSWER, HOLD_LINGER } holding;
    struct sink_answer held; /* what the question gets that is held, */
    struct buf pending;      /* and what came behind it */
    bool ended;              /* all is said: only the connection's end is awaited */
};

/* --- smtp_sink_session.c --- */

/* sink_session_open serves a connection; sink_session_close drops it and frees the session
 * between events. */
void sink_session_open(struct smtp_sink *sink, struct stream *stream);
void sink_session_close(struct sink_session *s);

/* --- smtp_sink_policy.c --- */

/* sink_policy_answer decides about the question at hand. */
MUST_USE struct sink_answer sink_policy_answer(struct sink_session *s);

/* sink_policy_fini forgets the greylist. */
void sink_policy_fini(struct smtp_sink *sink);

/* --- smtp_sink_record.c --- */

/* sink_record_message keeps a message that is to be taken, and counts it; false when it cannot
 * be written. */
MUST_USE bool sink_record_message(struct sink_session *s);

/* sink_record_refusal and sink_record_end put lines into the journal. */
void sink_record_refusal(struct sink_session *s, const struct sink_answer *answer);
void sink_record_end(struct sink_session *s);

#endif
