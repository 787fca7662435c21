/*
 * What the files that compose share: the composer, a worker, and what was gathered for a letter.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_COMPOSER_INTERNAL_H
#define POSTROOM_SERVICES_COMPOSE_COMPOSER_INTERNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/zone_cache.h"
#include "crypto/digest.h"
#include "protocol/dkim/sign.h"
#include "protocol/mail/token.h"
#include "services/compose/composer.h"
#include "services/compose/letter_body.h"
#include "services/compose/notice_template.h"
#include "services/compose/notice_values.h"
#include "services/compose/range_cache.h"
#include "services/compose/template_set.h"
#include "services/compose/thread_cache.h"
#include "store/approval.h"
#include "store/content.h"
#include "store/content_part.h"

enum { LETTER_HEADER_MOST = 64 * 1024, LETTER_MOST = LETTER_BODY_MOST + LETTER_HEADER_MOST };

struct composer {
    struct composer_options options;
    struct dkim_key *dkim_key; /* NULL: unsigned, or there is a problem */
    struct error problem;      /* its text is empty when there is none */
};

struct composer_worker {
    const struct composer *composer;
    struct arena arena; /* of the letter at hand */
    struct digest *digest;
    struct dkim_signer *signer;
    struct token_keys *keys;
    struct thread_cache *threads;
    struct letter_bodies *bodies;
    struct zone_cache *zones;
    struct range_cache *ranges;
    uint64_t generations;         /* of roundups read */
    struct template_set *set;     /* NULL: none yet */
    int64_t set_epoch;            /* what the store's epochs were when the set was made, */
    int64_t content_epoch;        /* and when that was last looked at */
    struct sight_sheet *recorded; /* the answers a letter was made with that is made again */
    struct notice_template *old;  /* the last revision fetched from the store, or NULL */
    struct buf header;
};

/* A thread a letter tells of. */
struct letter_thread {
    struct content_part part;
    const struct notice_thread *thread;
    struct notice_reader reader;
    struct notice_content content;
    bool container_hidden;
};

/* All that a letter is made of, as of one moment of the store. */
struct gathered {
    struct content_delivery delivery;
    struct letter_thread *threads; /* those with something to tell */
    size_t thread_count;
    bool is_digest; /* one thread or many, it is a mail of its own */
    enum watch_mode mode;
    uint64_t generation; /* of the threads' content */
    bool is_shared;      /* others have just this view of it, */
    unsigned char view[DIGEST_SIZE];
    bool again;                      /* an earlier try is in doubt: it must come out the same */
    bool any_redacted;               /* of what would have been told */
    enum letter_verdict verdict;     /* of all threads together, */
    const char *reason;              /* when none of them tells, */
    int64_t wait_until;              /* with LETTER_WAITS */
    struct letter_omission *omitted; /* what the application hides, */
    size_t omitted_count;
    struct letter_cut *cuts; /* and wants told later */
    size_t cut_count;
    struct notice_file_list files;        /* that the mail is to carry */
    struct approval_waiting_list waiting; /* questions to the person of a digest */
    struct content_intent intent;
    const struct notice_template *template; /* NULL: the intent's revision cannot be had */
};

/* gather_digest reads the threads of a mail of several and judges them. */
MUST_USE bool gather_digest(struct composer_worker *worker, struct db *db, int64_t now_ms,
                            struct gathered *gathered, struct error *err);

/* gather_judge asks the law of all threads, keeps those that tell something, and puts those of a
 * digest in order. */
void gather_judge(struct gathered *gathered, int64_t now_ms, struct arena *arena);

/* gather_sight asks what the application says of all that the threads tell, when it has a say, and
 * has them judged again by it. false when the letter is not to be written: its verdict says why. */
MUST_USE bool gather_sight(struct composer_worker *worker, struct gathered *gathered,
                           const struct letter_order *order, struct letter *letter);

/* gather_has_say is true when the application has a say in who sees what. */
MUST_USE bool gather_has_say(const struct composer_worker *worker);

/* letter_write makes the letter of what was gathered, which must have something to tell. When it
 * cannot, the letter is LETTER_BROKEN. */
void letter_write(struct composer_worker *worker, const struct gathered *gathered, int64_t now_ms,
                  struct letter *letter);

/* composer_choose gives the template of what was gathered among those of the worker. */
MUST_USE const struct notice_template *composer_choose(const struct composer_worker *worker,
                                                       const struct gathered *gathered);

/* letter_write_part appends the page of a letter that was written, or its plain text, as it is
 * before it is encoded. */
MUST_USE bool letter_write_part(struct composer_worker *worker, const struct gathered *gathered,
                                const struct letter *letter, bool html, struct buf *to,
                                struct error *err);

/* letter_date gives its date, a whole second: a letter made again keeps the first one's. */
MUST_USE int64_t letter_date(const struct gathered *gathered, int64_t now_ms);

/* letter_breaks makes it LETTER_BROKEN with the sentence of `err`. */
void letter_breaks(struct letter *letter, const struct error *err);

/* letter_breaks_as does so with a sentence; letter_conclude ends it with another verdict, whose
 * sentence follows from the reason. */
void letter_breaks_as(struct letter *letter, const char *sentence);
void letter_conclude(struct letter *letter, enum letter_verdict verdict, const char *reason);

/* letter_envelope_set sets return path and recipient. */
MUST_USE bool letter_envelope_set(struct composer_worker *worker,
                                  const struct content_delivery *delivery, struct letter *letter,
                                  struct error *err);

/* submitted_letter_make makes the letter of a submission's delivery: the message as it was taken
 * in, signed when it comes from our own domain. false when the store cannot be read. */
MUST_USE bool submitted_letter_make(struct composer_worker *worker, struct db *db,
                                    const struct content_delivery *delivery, struct letter *letter,
                                    struct error *err);

#endif
