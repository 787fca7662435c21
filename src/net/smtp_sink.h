/*
 * A mail exchanger for development and tests: takes everything unless told otherwise, shows and
 * keeps what it gets, and notes what the sender did wrong. Belongs to its loop's thread.
 */
#ifndef POSTROOM_NET_SMTP_SINK_H
#define POSTROOM_NET_SMTP_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "io/endpoint.h"
#include "io/tls.h"
#include "protocol/smtp/server.h"

struct loop;
struct smtp_sink;

/* What to answer to some question about some address; a code below 400 means: as usual. */
struct smtp_sink_rule {
    enum smtp_question at;
    struct span pattern; /* of the sender at MAIL, else of the recipient; * stands for any bytes */
    int code;
    struct smtp_status status;
    const char *text;
};

/* What becomes of messages over the rate. */
enum smtp_sink_over_rate {
    SMTP_SINK_WAIT,  /* the answer to the content waits */
    SMTP_SINK_DEFER, /* MAIL is answered by 451 4.7.1 */
    SMTP_SINK_CLOSE  /* MAIL is answered by 421 4.7.0 */
};

/* One message that was taken. All borrowed for the call. */
struct smtp_sink_message {
    uint64_t number; /* counts messages, from 1 */
    uint64_t connection;
    int64_t at_ms; /* UTC */
    struct endpoint peer;
    struct span hello;
    const struct tls_facts *tls; /* NULL: came in the clear */
    const struct smtp_envelope *envelope;
    struct span content;
    const struct smtp_violations *violations; /* of the session so far */
    const char *file;                         /* where it was written; NULL: nowhere */
};

struct smtp_sink_options {
    const char *name; /* ours, in greetings; copied */
    const struct endpoint *listen;
    size_t listen_count;

    struct smtp_capabilities offers; /* starttls needs `tls` */
    struct tls_context *tls;         /* server side, outlives the sink; NULL: none */
    uint64_t content_max;            /* octets of a message */
    uint32_t recipients_max;         /* of a transaction */
    uint32_t connections_max;        /* 421 4.3.2 above; 0: no limit */
    uint32_t messages_max;           /* of a connection, then 421 4.7.0; 0: no limit */

    const struct smtp_sink_rule *rules; /* the first that fits answers; copied, not their texts */
    size_t rule_count;
    uint32_t greylist_attempts; /* so many first attempts of a peer, sender and recipient: 451 */
    int64_t greylist_ms;        /* and all within so long after the first */
    int64_t delay_ms;           /* before each group of replies */
    uint32_t rate;              /* messages a second over all connections; 0: no limit */
    enum smtp_sink_over_rate over_rate;
    uint32_t lose_every; /* each so-manieth message is taken, but its reply never leaves; 0: none */

    const char *folder; /* messages are written into it as .eml; NULL: not; copied */
    int journal;        /* descriptor that gets a JSON line an event; -1: none */
    void (*taken)(void *owner, const struct smtp_sink_message *message); /* may be NULL */
    void *owner;
};

struct smtp_sink_counts {
    uint64_t connections; /* ever accepted */
    uint64_t open;        /* now */
    uint64_t messages;    /* taken */
    uint64_t recipients;  /* of them */
    uint64_t octets;      /* of their content */
    uint64_t refused;     /* answers of 4yz and 5yz by rules, greylist, rate and limits */
    uint64_t violations;  /* sessions that had any */
};

/* smtp_sink_options_default gives options that listen nowhere yet and take everything. */
MUST_USE struct smtp_sink_options smtp_sink_options_default(void);

/* smtp_sink_open listens; NULL and `err` when an address cannot be had. */
MUST_USE struct smtp_sink *
smtp_sink_open(struct loop *loop, const struct smtp_sink_options *options, struct error *err);

/* smtp_sink_close stops listening, drops all connections and frees the sink between events. */
void smtp_sink_close(struct smtp_sink *sink);

/* smtp_sink_endpoint gives the i-th address it listens on, with the port that was picked. */
MUST_USE struct endpoint smtp_sink_endpoint(const struct smtp_sink *sink, size_t i);

/* smtp_sink_counts borrows the counters. */
MUST_USE const struct smtp_sink_counts *smtp_sink_counts(const struct smtp_sink *sink);

#endif
