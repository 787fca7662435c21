/*
 * What mail tells of a thread: the events of a range and all that they name.
 */
#ifndef POSTROOM_STORE_CONTENT_THREAD_H
#define POSTROOM_STORE_CONTENT_THREAD_H

#include "store/content.h"

/* content_read_thread reads the events of a range of a thread and all that they name. */
MUST_USE bool content_read_thread(struct db *db, struct arena *arena,
                                  const struct content_delivery *delivery,
                                  struct notice_thread *ret_thread, struct error *err);

#endif
