/*
 * Composing a message body (RFC 2045, 2046): a tree of parts whose leaves are encoded before, so
 * that what is the same for many people is encoded once. The header fields of the message itself
 * are written before, by header.h; what is written here begins with MIME-Version and goes on to
 * the end of the message.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_MIME_H
#define POSTROOM_PROTOCOL_MAIL_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"
#include "protocol/mail/transfer.h"

enum { MIME_CONTENT_MOST = 64 * 1024 * 1024 };

/* The bytes of one leaf in their transfer encoding; may be used in any number of messages, by any
 * number of threads once set. */
struct mime_body {
    enum transfer_encoding encoding;
    struct buf bytes;
};

/* mime_body_init makes an empty body. */
void mime_body_init(struct mime_body *body);

/* mime_body_fini frees the bytes. Works with CLEANUP(mime_body_fini). */
void mime_body_fini(struct mime_body *body);

/* mime_body_set_text encodes a text in UTF-8, mime_body_set_file bytes that must come out exactly;
 * what was there before is replaced. Contents beyond MIME_CONTENT_MOST are cut off: callers have
 * limits of their own below it. */
void mime_body_set_text(struct mime_body *body, struct span text);
void mime_body_set_file(struct mime_body *body, struct span bytes);

enum mime_kind {
    MIME_TEXT,        /* leaf: text in UTF-8, shown */
    MIME_INLINE,      /* leaf: a file that HTML shows by cid:content_id */
    MIME_ATTACHMENT,  /* leaf: a file to keep */
    MIME_ALTERNATIVE, /* the same in several forms, the plainest first */
    MIME_RELATED,     /* HTML first, then what it shows */
    MIME_MIXED        /* text first, then attachments */
};

/* A part borrows all it points to. */
struct mime_part {
    enum mime_kind kind;
    const char *type;             /* of leaves: "text/plain", "image/png", without parameters */
    const struct mime_body *body; /* of leaves */
    struct span file_name;        /* of files; may be empty */
    struct span content_id;       /* of files: "left@right", or empty */
    const struct mime_part *parts;
    size_t part_count;
};

/* mime_put appends the MIME fields of the message, the empty line and the body. Boundaries follow
 * from `seed` alone, such as the Message-ID, and cannot occur in any body. */
void mime_put(struct buf *to, const struct mime_part *root, struct span seed);

/* mime_put_letter does so for a text and its HTML form, which may be NULL. */
void mime_put_letter(struct buf *to, const struct mime_body *text, const struct mime_body *html,
                     struct span seed);

#endif
