/*
 * A receiving site of the simulated internet: how it treats those who send, in the words of real
 * ones, and what it has seen. No connection, no clock: who has those asks.
 */
#ifndef POSTROOM_TESTS_INTERNET_RECEIVER_H
#define POSTROOM_TESTS_INTERNET_RECEIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "protocol/smtp/server.h"

enum refusal {
    REFUSED_CONNECTIONS, /* too many at a time */
    REFUSED_MESSAGES,    /* too many over one connection */
    REFUSED_RATE,        /* too many a minute */
    REFUSED_GREYLIST,
    REFUSED_BLOCK, /* for good, as its words say */
    REFUSED_UNKNOWN,
    REFUSED_FULL,      /* the mailbox, for now */
    REFUSED_FULL_GOOD, /* for good */
    REFUSALS
};

/* Words of a kind of receiver, and the published limits it has. */
struct receiver_kind {
    const char *name;
    const char *mx;              /* how the names of its hosts end */
    uint32_t connections;        /* at a time; 0: no limit that anybody published */
    uint32_t messages;           /* over one connection, likewise */
    const char *words[REFUSALS]; /* "421 4.7.28 Words" */
};

enum receiver_kinds {
    RECEIVER_GOOGLE,
    RECEIVER_OUTLOOK,
    RECEIVER_YAHOO,
    RECEIVER_MICROSOFT_365,
    RECEIVER_SMALL,
    RECEIVER_KINDS
};

/* A mailbox. */
enum mailbox_nature { MAILBOX_GOOD, MAILBOX_UNKNOWN, MAILBOX_FULL, MAILBOX_FULL_GOOD };

struct recipient {
    uint32_t domain;
    int32_t seen_s; /* its first try, for greylists; 0: none */
    uint8_t nature; /* enum mailbox_nature */
    uint8_t taken;  /* mails */
    uint8_t said;   /* 1 << enum refusal */
    uint8_t unsaid; /* mails that were taken or not, of which the sender was told nothing */
};

/* Milliseconds of the simulation; `to` 0: never. */
struct period {
    int64_t from;
    int64_t to;
};

/* What becomes of a mail's final dot. */
enum receiver_end { END_ANSWERS, END_LOSES, END_STALLS };

struct receiver {
    uint32_t number;
    uint32_t hosts;
    const struct receiver_kind *kind;

    /* its manners */
    uint32_t connections_max; /* 0: no limit, as with the others */
    uint32_t messages_max;
    uint32_t rate; /* mails a minute */
    int64_t greylist_ms;
    struct period blocked;
    struct period down;
    bool down_is_silent; /* else connections are refused */
    struct period no_dns;
    int64_t delay_ms; /* before each reply */
    enum receiver_end end;
    uint32_t end_every; /* so-manieth mail */
    bool offers_tls;
    bool tls_fails;
    bool is_nowhere; /* its domains are not there, or take no mail */
    bool is_sick;    /* any of these */

    /* what it has seen */
    double tokens; /* of the rate */
    int64_t tokens_at;
    uint32_t open; /* connections of the sender that lives */
    uint32_t most_open;
    uint32_t most_messages; /* over one connection */
    uint64_t connections;
    uint64_t asked; /* mails begun */
    uint64_t taken;
    uint64_t refused[REFUSALS];
    uint64_t refused_late[REFUSALS]; /* of them, when it had said so long enough ago */
    int64_t refused_first[REFUSALS];
    int64_t last_taken;
};

extern const struct receiver_kind receiver_kinds[RECEIVER_KINDS];

/* What a receiver says. */
struct receiver_answer {
    bool accepts;
    enum receiver_end end;
    int code;
    struct smtp_status status;
    const char *text;
};

/* receiver_answer answers a question. `to` is NULL before RCPT; `messages` the mails this
 * connection has begun; a mail it takes is counted. */
MUST_USE struct receiver_answer receiver_answer(struct receiver *r, struct recipient *to,
                                                enum smtp_question question, uint32_t messages,
                                                int64_t now_ms);

/* period_has tells whether a moment is in it. */
MUST_USE bool period_has(const struct period *period, int64_t now_ms);

/* receiver_is_published tells whether its kind's limits are public knowledge. */
MUST_USE bool receiver_is_published(const struct receiver *r);

#endif
