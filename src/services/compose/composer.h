/*
 * Composing: from the id of a delivery to the finished, signed letter, or to the reason why there
 * is nothing to send. A composer is shared by all threads and never changes; each thread that
 * composes has a worker of its own. Blocking: reads the store.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_COMPOSER_H
#define POSTROOM_SERVICES_COMPOSE_COMPOSER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/letter.h"
#include "domain/settings.h"
#include "protocol/mail/token.h"

struct composer;
struct composer_worker;
struct db;
struct template_files;

/* What all letters have in common; all of it is borrowed and outlives the composer. */
struct composer_options {
    const struct settings *settings;
    const struct template_files *templates; /* those of the store go over them */
    struct token_key_list keys;
};

/* composer_new makes a composer and reads the DKIM key of the settings. A key that cannot be read
 * is no failure here: it makes every letter LETTER_BROKEN, for mail never leaves unsigned when it
 * is to be signed; composer_problem gives the sentence, NULL when all is well. */
MUST_USE struct composer *composer_new(const struct composer_options *options);
MUST_USE const char *composer_problem(const struct composer *composer);
void composer_free(struct composer *composer);

/* composer_worker_new makes what one thread needs, composer_worker_free ends it (NULL is
 * allowed). */
MUST_USE struct composer_worker *composer_worker_new(const struct composer *composer);
void composer_worker_free(struct composer_worker *worker);

/* compose_letter reads the delivery and all it tells of in one read transaction of `db` and makes
 * its letter, which ends with letter_fini. Fails only when the store cannot be read or there is no
 * such delivery; that nothing may or can be sent is a verdict of the letter. When the application
 * has a say in who sees what and the order brings no answer of its about all that is told, the
 * verdict is LETTER_ASKS. */
MUST_USE bool compose_letter(struct composer_worker *worker, struct db *db,
                             const struct letter_order *order, struct letter *ret_letter,
                             struct error *err);

#endif
