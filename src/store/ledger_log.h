/*
 * When the write-ahead log is brought into the database: when it has grown long, or a while after
 * the last transaction. The ledger's own.
 */
#ifndef POSTROOM_STORE_LEDGER_LOG_H
#define POSTROOM_STORE_LEDGER_LOG_H

#include "base/compiler.h"

struct db;
struct ledger_log;
struct loop;

/* ledger_log_new watches over the log of `db`, the ledger's writer; `pages` as in struct
 * ledger_options. */
MUST_USE struct ledger_log *ledger_log_new(struct loop *loop, struct db *db, int pages);

/* ledger_log_look is called after each transaction. */
void ledger_log_look(struct ledger_log *log);

/* ledger_log_free waits for what is under way. */
void ledger_log_free(struct ledger_log *log);

#endif
