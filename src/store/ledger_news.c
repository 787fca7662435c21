/*
 * Handing out news. Each listener gets a copy of its own.
 */
#include "store/ledger_news.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "io/mailbox.h"

void ledger_news_free(struct ledger_news *news)
{
    list_remove(&news->link);
    alloc_free(news->key);
    alloc_free(news);
}

void ledger_listeners_add(struct ledger_listeners *listeners, const char *news, struct mailbox *box)
{
    assert(listeners->count < LEDGER_LISTENERS_MAX);
    listeners->at[listeners->count].news = news;
    listeners->at[listeners->count].box = box;
    listeners->count++;
}

void ledger_listeners_hand(void *owner, const char *news, struct span key)
{
    const struct ledger_listeners *listeners = owner;

    for (size_t i = 0; i < listeners->count; i++) {
        struct ledger_news *item;

        if (strcmp(listeners->at[i].news, news) != 0)
            continue;
        item = NEW(struct ledger_news);
        item->news = news;
        item->key = span_text(key);
        mailbox_post(listeners->at[i].box, &item->link);
    }
}
