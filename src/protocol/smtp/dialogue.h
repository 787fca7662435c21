/*
 * The record of a session for people: who said what and when; content is only counted, secrets of
 * AUTH are left out. Written packed, which costs a copy of the bytes; read line by line.
 *
 * Of a session that carries many mails the record keeps the opening and what concerns the mail at
 * hand. Bounded: what has no room is left out, and the record says so.
 */
#ifndef POSTROOM_PROTOCOL_SMTP_DIALOGUE_H
#define POSTROOM_PROTOCOL_SMTP_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

/* Room for a whole record: that of one mail, or of the tries of one pass. */
enum { SMTP_DIALOGUE_MOST = 16 * 1024 };

enum smtp_speaker {
    SPEAKER_SERVER,
    SPEAKER_CLIENT,
    SPEAKER_REMARK /* ours, about the session: "connected" */
};

struct smtp_dialogue {
    struct buf packed;
    bool is_open;          /* the opening is over: */
    size_t opening;        /* so much of it comes before the first mail */
    size_t turn;           /* what comes after the last content begins here */
    size_t content_octets; /* of content since the last record, not yet written down */
    bool hides;            /* an AUTH exchange is going on */
    bool is_full;

    /* told of each record as it is written; NULL: nobody listens */
    void (*listen)(void *owner, struct span record);
    void *listener;
};

/* smtp_dialogue_init makes an empty record of at most `limit` bytes; 0: nothing is kept. */
void smtp_dialogue_init(struct smtp_dialogue *d, size_t limit);
void smtp_dialogue_fini(struct smtp_dialogue *d);

/* Each adds what happened `at_ms` after the session's start: bytes of the server, commands of
 * ours, content of ours (counted), a remark such as "connected to 192.0.2.1:25". */
void smtp_dialogue_server(struct smtp_dialogue *d, int64_t at_ms, struct span bytes);
void smtp_dialogue_client(struct smtp_dialogue *d, int64_t at_ms, struct span bytes);
void smtp_dialogue_content(struct smtp_dialogue *d, int64_t at_ms, struct span bytes);
void smtp_dialogue_remark(struct smtp_dialogue *d, int64_t at_ms, struct span remark);

/* smtp_dialogue_turn begins the part of the next mail: the first time it ends the opening, then it
 * lets go of what was about the mail before. smtp_dialogue_turn_behind does so for a mail that
 * began behind that one's content, once the reply to the content is there: it goes, nothing else is
 * lost.
 */
void smtp_dialogue_turn(struct smtp_dialogue *d);
void smtp_dialogue_turn_behind(struct smtp_dialogue *d);

/* smtp_dialogue_view borrows the packed record so far. Several, one after another, are one. */
MUST_USE struct span smtp_dialogue_view(const struct smtp_dialogue *d);

/* A line of it for people. */
struct smtp_dialogue_line {
    int64_t at_ms; /* since the session's start; of the end of the line */
    enum smtp_speaker who;
    struct span text; /* of the reader; any bytes but line ends */
};

struct smtp_dialogue_reader {
    struct span packed; /* what is left */
    struct buf partial; /* the server's line at hand */
    struct span left;   /* of the record at hand */
    enum smtp_speaker who;
    int64_t at_ms;
    char note[60]; /* what a count of content is told as */
    bool is_told;  /* `partial` was given: forget it */
};

/* smtp_dialogue_reader_init reads a packed record, smtp_dialogue_reader_add goes on with one that
 * comes after it. smtp_dialogue_next gives the next line; false when there is none, or what is left
 * is no record. smtp_dialogue_rest gives what the server began to say, if anything. */
void smtp_dialogue_reader_init(struct smtp_dialogue_reader *r, struct span packed);
void smtp_dialogue_reader_fini(struct smtp_dialogue_reader *r);
void smtp_dialogue_reader_add(struct smtp_dialogue_reader *r, struct span packed);
MUST_USE bool smtp_dialogue_next(struct smtp_dialogue_reader *r, struct smtp_dialogue_line *line);
MUST_USE bool smtp_dialogue_rest(struct smtp_dialogue_reader *r, struct smtp_dialogue_line *line);

/* smtp_speaker_name gives "server", "client" or "postroom". */
MUST_USE const char *smtp_speaker_name(enum smtp_speaker who);

#endif
