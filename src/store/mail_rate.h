/*
 * How many mails people got of late, read from the mails themselves: nothing is kept beside them.
 */
#ifndef POSTROOM_STORE_MAIL_RATE_H
#define POSTROOM_STORE_MAIL_RATE_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;

/* mail_rate_person gives when the person's mail before the last rate - 1 ones was made: so long as
 * that is less than an hour ago they have had `rate` within the hour. 0 when there is none. */
MUST_USE bool mail_rate_person(struct db *db, int64_t person, int64_t rate, int64_t *ret_made_at,
                               struct error *err);

/* mail_rate_thread does so for the mails about one thread, as far as they are among the person's
 * last MAIL_RATE_MOST. */
enum { MAIL_RATE_MOST = 2000 };
MUST_USE bool mail_rate_thread(struct db *db, int64_t person, int64_t thread, int64_t rate,
                               int64_t *ret_made_at, struct error *err);

#endif
