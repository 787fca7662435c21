/*
 * The files that a mail of one thread carries: those of the events it tells of, all of them or,
 * when they are too much for one mail, none.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_LETTER_FILES_H
#define POSTROOM_SERVICES_COMPOSE_LETTER_FILES_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "protocol/mail/mime.h"
#include "services/compose/composer_internal.h"

/* letter_files_read reads what the gathered thread's events bring along that are told and not
 * secret. Belongs into the transaction that gathers. */
MUST_USE bool letter_files_read(struct composer_worker *worker, struct db *db,
                                struct gathered *gathered, struct error *err);

/* letter_files_told gives those of the events that are still told after the application was
 * asked. */
MUST_USE struct notice_file_list letter_files_told(const struct gathered *gathered,
                                                   const struct letter_thread *thread,
                                                   struct arena *arena);

/* The parts of a letter's body. */
struct letter_parts {
    const struct mime_body *text;
    const struct mime_body *html; /* NULL: there is no page */
    struct span page;             /* what it is before it is encoded: it names what it shows */
    struct notice_file_list files;
};

/* letter_files_put_parts appends the MIME tree of all parts. What the page shows by its cid: URL
 * goes with it, what it does not, images too, is attached. */
void letter_files_put_parts(struct buf *to, const struct letter_parts *parts, struct span seed);

#endif
