/*
 * The templates of an installation, compiled: the built-in ones, overlaid by the files of a folder
 * and those in the store. A file is called NAME.subject.txt, NAME.text.txt, NAME.html,
 * NAME.partial.txt or NAME.partial.html, with a language between (NAME.de.text.txt) unless it is
 * English or in no language. Immutable once loaded and taken in or recalled.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_TEMPLATE_SET_H
#define POSTROOM_SERVICES_COMPOSE_TEMPLATE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "services/compose/notice_template.h"

struct db;
struct template_files;
struct template_set;

/* template_set_compile compiles all templates; the error names file, line and column at fault.
 * Freed with template_set_free (NULL is allowed). */
MUST_USE bool template_set_compile(const struct template_files *files,
                                   struct template_set **ret_set, struct error *err);
void template_set_free(struct template_set *set);

/* template_set_load does so with the files of the store over those given. */
MUST_USE bool template_set_load(const struct template_files *files, struct db *db,
                                struct template_set **ret_set, struct error *err);

/* template_set_take_in gives each template its revision in the store, writing those that are new.
 * Needs a writer. */
MUST_USE bool template_set_take_in(struct template_set *set, struct db *db, int64_t now_ms,
                                   struct error *err);

/* template_set_recall gives each template the revision that it has in the store already, and fails
 * when one has none. */
MUST_USE bool template_set_recall(struct template_set *set, struct db *db, struct error *err);

/* What to choose by: kinds first to last, then "notice"; languages best first. No kind stands for
 * the template of digests, which only template_set_digest gives. */
struct template_wish {
    const struct span *names;
    size_t name_count;
    const struct span *languages;
    size_t language_count;
};

/* template_set_choose gives the template of the first name there is one for, in the best of the
 * languages it speaks (de-AT falls back to de), else in the default one; never NULL. */
MUST_USE const struct notice_template *template_set_choose(const struct template_set *set,
                                                           const struct template_wish *wish);

/* template_set_digest gives the template of mails of several threads in the best of the languages.
 */
MUST_USE const struct notice_template *
template_set_digest(const struct template_set *set, const struct span *languages, size_t count);

/* template_set_each walks all templates: the one after `after`, the first after NULL, NULL at the
 * end. */
MUST_USE const struct notice_template *template_set_each(const struct template_set *set,
                                                         const struct notice_template *after);

#endif
