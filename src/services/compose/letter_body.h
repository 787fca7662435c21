/*
 * The body of a notice: both parts rendered, wrapped, encoded and put together, with the hash its
 * DKIM signature needs. Bodies that come out the same for many people are made once: a cache
 * remembers the last ones by what went into them.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_LETTER_BODY_H
#define POSTROOM_SERVICES_COMPOSE_LETTER_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "protocol/dkim/sign.h"
#include "services/compose/digest_values.h"
#include "services/compose/notice_template.h"

enum { LETTER_SEED_SIZE = 16, LETTER_BODY_MOST = 8 * 1024 * 1024, LETTER_SUBJECT_MOST = 200 };

struct letter_body {
    struct buf bytes;     /* the MIME fields, the empty line and the body */
    size_t header_length; /* of the MIME fields, with their line ends */
    uint8_t seed[LETTER_SEED_SIZE];
    unsigned char hash[DIGEST_SIZE]; /* of the body, for DKIM */
};

/* What a body is made of. */
struct letter_body_order {
    const struct digest_material *material; /* of the one thread, or of all, as the template says */
    const struct notice_template *template;
    struct span subject;
    uint64_t generation;       /* of the threads' content: bodies of another one are not used */
    const unsigned char *view; /* DIGEST_SIZE bytes that stand for all the threads, or NULL */
    const uint8_t *fixed; /* the seed of an earlier try, or NULL: it follows from the content */
};

struct letter_bodies;

/* letter_bodies_new makes an empty cache; it belongs to one thread at a time, as does the signer,
 * which is borrowed. letter_bodies_free ends it (NULL is allowed). */
MUST_USE struct letter_bodies *letter_bodies_new(struct dkim_signer *signer);
void letter_bodies_free(struct letter_bodies *bodies);

/* letter_bodies_make gives a body, made or remembered, borrowed until the next call; fails when
 * the template passes a limit. */
MUST_USE bool letter_bodies_make(struct letter_bodies *bodies,
                                 const struct letter_body_order *order, struct arena *arena,
                                 const struct letter_body **ret_body, struct error *err);

/* letter_body_render appends the page, or the plain text, wrapped; nothing when the template has no
 * page. */
MUST_USE bool letter_body_render(const struct letter_body_order *order, struct arena *arena,
                                 bool html, struct buf *to, struct error *err);

/* letter_bodies_subject gives the subject the template makes, one line, never empty, at most
 * LETTER_SUBJECT_MOST characters; order->subject is not looked at. Borrowed until the next call. */
MUST_USE bool letter_bodies_subject(struct letter_bodies *bodies,
                                    const struct letter_body_order *order, struct arena *arena,
                                    struct span *ret_subject, struct error *err);

#endif
