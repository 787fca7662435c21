/*
 * What a mail server answered: code, enhanced status (RFC 3463) and words, as a value; and the
 * parser that takes replies out of a stream of bytes, however they are cut into pieces.
 */
#ifndef POSTROOM_PROTOCOL_SMTP_REPLY_H
#define POSTROOM_PROTOCOL_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

enum {
    SMTP_REPLY_TEXT_MAX = 2000,  /* kept of a reply's words, in bytes; the rest is dropped */
    SMTP_REPLY_LINE_MAX = 4096,  /* one line on the wire; longer is a protocol error */
    SMTP_REPLY_LINES_MAX = 256,  /* lines of one reply */
    SMTP_REPLY_TOTAL_MAX = 32768 /* one reply on the wire */
};

/* An enhanced status such as 5.1.1; class 0 means there was none. */
struct smtp_status {
    uint16_t class;
    uint16_t subject;
    uint16_t detail;
};

struct smtp_reply {
    int code; /* 200 to 599; 0 when there was no reply that could be read */
    struct smtp_status status;
    uint16_t text_n;
    bool text_cut;                  /* more was said than is kept */
    char text[SMTP_REPLY_TEXT_MAX]; /* lines joined by '\n', raw bytes, status taken out */
};

/* The parser's state. One reply never leaves anything behind for the next. */
struct smtp_reply_parser {
    struct smtp_reply reply; /* what is known of the reply at hand */
    size_t lines;            /* complete ones */
    size_t line_n;           /* bytes of the line at hand */
    size_t total_n;
    size_t line_start; /* where in reply.text the line at hand begins */
    enum { SMTP_REPLY_AT_CODE, SMTP_REPLY_AFTER_CODE, SMTP_REPLY_AT_TEXT, SMTP_REPLY_AT_LF } place;
    int line_code;
    bool last_line;
    const char *fault; /* why the bytes are no reply; NULL while they may be one */
};

enum smtp_reply_take {
    SMTP_REPLY_MORE,  /* all input is consumed and the reply is not complete */
    SMTP_REPLY_TAKEN, /* a reply is complete; the input goes on after it */
    SMTP_REPLY_BROKEN /* this is no SMTP reply, or one over a limit: the session is of no use */
};

/* smtp_reply_parser_init readies the parser for a connection's first byte. */
void smtp_reply_parser_init(struct smtp_reply_parser *p);

/* smtp_reply_take consumes bytes of `in` up to the end of one reply. `ret_reply` is filled when
 * it answers TAKEN; when BROKEN, its code is 0, its text is what was to be a line, and p->fault
 * says what is wrong with it. */
MUST_USE enum smtp_reply_take smtp_reply_take(struct smtp_reply_parser *p, struct span *in,
                                              struct smtp_reply *ret_reply);

/* smtp_reply_begun is true between the first byte of a reply and its last. */
MUST_USE bool smtp_reply_begun(const struct smtp_reply_parser *p);

/* smtp_reply_make gives a reply of our own making; text is copied, cut when too long. */
MUST_USE struct smtp_reply smtp_reply_make(int code, struct smtp_status status, struct span text);

/* smtp_reply_class gives the code's first digit; 0 when there is no code. */
MUST_USE int smtp_reply_class(const struct smtp_reply *r);

/* smtp_reply_text borrows the words, raw as they came. */
MUST_USE struct span smtp_reply_text(const struct smtp_reply *r);

/* smtp_reply_put writes "550 5.1.1 No such user" on one line: lines are joined by a space, and
 * control bytes and bytes that are no UTF-8 are written as \xHH. */
void smtp_reply_put(struct buf *to, const struct smtp_reply *r);

/* smtp_status_take reads an enhanced status at the start of `text`, and cuts it and the blanks
 * after it off; false, and nothing is changed, when there is none. */
MUST_USE bool smtp_status_take(struct span *text, struct smtp_status *ret_status);

#endif
