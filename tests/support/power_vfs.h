/*
 * A disk that can fail, for SQLite in tests: a VFS around the system's own that knows of each file
 * which bytes a sync has made safe. It can cut the power at a chosen operation, after which
 * nothing works until the power returns and each file holds what was synced, with a seeded choice
 * of the sectors written since. It can be full, and fail at one operation. Real files are written,
 * so locks, shared memory and readers work as always; real syncs are left out.
 *
 * An operation is a write, a truncation or a sync of any file but the log's index. Deleting a file
 * is safe at once. Safe to use from several threads.
 */
#ifndef POSTROOM_TESTS_SUPPORT_POWER_VFS_H
#define POSTROOM_TESTS_SUPPORT_POWER_VFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct power_vfs;

/* power_vfs_new makes it the VFS of every connection opened from now on; power_vfs_free gives
 * SQLite its own again, when all those connections are closed. */
MUST_USE struct power_vfs *power_vfs_new(uint64_t seed);
void power_vfs_free(struct power_vfs *power);

/* power_vfs_serve_one_thread is for tests whose connections are all of one thread, with no two
 * writers of a file: from now on nothing is locked, and files that are opened are kept in memory
 * alone until the power returns. Without `in_memory`, for databases too large for that, only their
 * logs are, databases are mapped, and nothing is kept of what was synced, so the power must not be
 * cut. Before the first file. */
void power_vfs_serve_one_thread(struct power_vfs *power, bool in_memory);

/* power_vfs_on_sync lets `synced` be called after each sync that came to its end, to let time go by
 * for instance. */
void power_vfs_on_sync(struct power_vfs *power, void (*synced)(void *owner), void *owner);

/* power_vfs_operations counts the operations so far. */
MUST_USE int64_t power_vfs_operations(struct power_vfs *power);

/* power_vfs_cut_at cuts the power at the n-th operation from now, 1 being the next, in its middle;
 * power_vfs_fail_at lets that one fail and no other; 0 takes the plan back. */
void power_vfs_cut_at(struct power_vfs *power, int64_t n);
void power_vfs_fail_at(struct power_vfs *power, int64_t n);

/* power_vfs_set_full: a full disk takes no write that makes a file longer. */
void power_vfs_set_full(struct power_vfs *power, bool is_full);

MUST_USE bool power_vfs_is_cut(struct power_vfs *power);

/* power_vfs_return lets the power return, when every connection is closed: files get what a disk
 * may hold then. Without a cut it is one at this moment. */
void power_vfs_return(struct power_vfs *power);

#endif
