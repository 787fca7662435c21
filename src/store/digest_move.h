/*
 * Watches that come to a digest, leave it, or go from one to another: no event is told twice, and
 * none is lost, but for what a mute or the end of a watch takes away.
 */
#ifndef POSTROOM_STORE_DIGEST_MOVE_H
#define POSTROOM_STORE_DIGEST_MOVE_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "store/watch.h"

struct db;

/* digest_move follows the change of a watch from `old` (NULL: there was none in force) to `now`,
 * before it is written, and may bring forward now->since. What waited in a digest for a watch that
 * tells at once from now on becomes notices, due at once; what the other digest has passed already
 * is owed by it. For a list's watch its members get their rows, and nothing is moved. */
MUST_USE bool digest_move(struct db *db, const struct watch *old, struct watch *now, int64_t now_ms,
                          struct error *err);

/* digest_hand_over follows a watch that goes over to another watcher, who is the same person: it
 * counts from where the old one's digest ended, and what the new one's has passed is owed by it. */
MUST_USE bool digest_hand_over(struct db *db, const struct watch *old, struct watch *now,
                               struct error *err);

#endif
