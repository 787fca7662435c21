/*
 * What letters are made with: the templates, the DKIM key and the keys of tokens, read from the
 * files the settings name and handed to the delivery engine as its source of letters.
 */
#ifndef POSTROOM_APP_LETTERS_H
#define POSTROOM_APP_LETTERS_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"
#include "services/delivery/letter_source.h"

struct letters;
struct db;
struct secret_keys;

/* letters_new reads the templates and gives each its revision in `db`, a writer. A template that
 * is no good is refused by file and line; a DKIM key that is none holds all mail, which is logged.
 * The settings outlive it. */
MUST_USE struct letters *letters_new(const struct settings *settings,
                                     const struct secret_keys *keys, struct db *db, int64_t now_ms,
                                     struct error *err);

/* letters_source gives what the engine takes. */
MUST_USE struct letter_source letters_source(struct letters *letters);

/* letters_free ends it when no worker is left; NULL is allowed. */
void letters_free(struct letters *letters);

#endif
