/*
 * What letters are made with: the templates, the DKIM key and the keys of tokens, read from the
 * files the settings name and handed to the delivery engine as its source of letters. All but the
 * keys of tokens comes in editions: a daemon that is told to read its files anew publishes another
 * one, by which every letter from then on is composed.
 */
#ifndef POSTROOM_APP_LETTERS_H
#define POSTROOM_APP_LETTERS_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"
#include "protocol/mail/token.h"
#include "services/delivery/letter_source.h"

struct config;
struct db;
struct edition;
struct letters;
struct secret_keys;

/* letters_check reads all files by the settings as a reload does and says what is wrong with
 * them. */
MUST_USE bool letters_check(const struct settings *settings, const struct secret_keys *keys,
                            struct error *err);

/* letters_new reads the templates and gives each its revision in `db`, a writer. A template that
 * is no good is refused by file and line; a DKIM key that is none holds all mail, which is logged.
 * The settings outlive it. */
MUST_USE struct letters *letters_new(const struct settings *settings,
                                     const struct secret_keys *keys, struct db *db, int64_t now_ms,
                                     struct error *err);

/* letters_source gives what the engine takes. */
MUST_USE struct letter_source letters_source(struct letters *letters);

/* letters_token_keys gives the keys of tokens, which live as long as it does. */
MUST_USE struct token_key_list letters_token_keys(const struct letters *letters);

/* letters_free ends it when no worker is left; NULL is allowed. */
void letters_free(struct letters *letters);

/* edition_read reads all files anew by other settings; a DKIM key that is none is refused as well.
 * The config is the edition's from then on, or freed on failure. */
MUST_USE struct edition *edition_read(const struct letters *letters, struct config *config,
                                      struct error *err);

/* edition_take_in gives its templates their revisions, in the transaction at hand. */
MUST_USE bool edition_take_in(struct edition *edition, struct db *db, int64_t now_ms,
                              struct error *err);

/* letters_publish makes it the edition letters are composed by, and frees those that no worker
 * uses any more. edition_free ends one that is not published. One thread calls these. */
void letters_publish(struct letters *letters, struct edition *edition);
void edition_free(struct edition *edition);

#endif
