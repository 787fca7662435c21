/*
 * News of what was committed (db_tell), on its way from the ledger to those who listen.
 */
#ifndef POSTROOM_STORE_LEDGER_NEWS_H
#define POSTROOM_STORE_LEDGER_NEWS_H

#include <stddef.h>

#include "base/list.h"
#include "base/span.h"

struct mailbox;

/* One piece; its receiver frees it with ledger_news_free. */
struct ledger_news {
    struct list link;
    const char *news; /* the literal that db_tell was given */
    char *key;
};

void ledger_news_free(struct ledger_news *news);

/* Who listens to what; the ledger's own. */
enum { LEDGER_LISTENERS_MAX = 16 };

struct ledger_listeners {
    size_t count;
    struct {
        const char *news;
        struct mailbox *box;
    } at[LEDGER_LISTENERS_MAX];
};

/* ledger_listeners_add notes a listener, ledger_listeners_hand posts a piece of news to all that
 * asked for it (`owner` is a struct ledger_listeners). */
void ledger_listeners_add(struct ledger_listeners *listeners, const char *news,
                          struct mailbox *box);
void ledger_listeners_hand(void *owner, const char *news, struct span key);

#endif
