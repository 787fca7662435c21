/*
 * What the application wants told later. It leaves the mail when the mail is granted leave, so that
 * what the mail tells stays fixed from then on, and it is told by a later one.
 */
#ifndef POSTROOM_STORE_PUT_OFF_H
#define POSTROOM_STORE_PUT_OFF_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/letter.h"
#include "store/delivery.h"

struct db;

/* put_off takes the letter's cuts out of its delivery. Of a mail that tells at once a notice comes
 * back at the time the application named; of a digest the next one tells (heard_settle). */
MUST_USE bool put_off(struct db *db, const struct delivery_row *row, const struct letter *letter,
                      struct error *err);

#endif
