/*
 * Who hands in has a minute's share in hand, and gets it back as time goes by. Of very many, those
 * that came last are known.
 */
#include "services/intake/submission_pace.h"

#include <pthread.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/list.h"
#include "base/span.h"
#include "services/request/caller.h"

enum { PACES_MOST = 1000, MINUTE_MS = 60000 };

/* The moment up to which somebody has used their share. */
struct pace {
    struct list link;
    char by[sizeof(((struct caller *)NULL)->by)];
    int64_t until_ms; /* monotonic */
};

struct submission_paces {
    pthread_mutex_t lock;
    struct list all; /* the last one used last */
    size_t count;
};

struct submission_paces *submission_paces_new(void)
{
    struct submission_paces *paces = NEW(struct submission_paces);

    (void)pthread_mutex_init(&paces->lock, NULL);
    list_init(&paces->all);
    return paces;
}

void submission_paces_free(struct submission_paces *paces)
{
    struct list *first;

    if (paces == NULL)
        return;
    while ((first = list_first(&paces->all)) != NULL) {
        list_remove(first);
        alloc_free(CONTAINER_OF(first, struct pace, link));
    }
    (void)pthread_mutex_destroy(&paces->lock);
    alloc_free(paces);
}

static struct pace *find(struct submission_paces *paces, const char *by)
{
    struct pace *pace;

    LIST_EACH (&paces->all, link) {
        pace = CONTAINER_OF(link, struct pace, link);
        if (span_equal(span_of(pace->by), span_of(by))) {
            list_remove(&pace->link);
            list_append(&paces->all, &pace->link);
            return pace;
        }
    }
    if (paces->count == PACES_MOST) {
        pace = CONTAINER_OF(list_first(&paces->all), struct pace, link);
        list_remove(&pace->link);
    } else {
        pace = NEW(struct pace);
        paces->count++;
    }
    (void)snprintf(pace->by, sizeof pace->by, "%s", by);
    pace->until_ms = 0;
    list_append(&paces->all, &pace->link);
    return pace;
}

int64_t submission_paces_take(struct submission_paces *paces, const char *by, int rate,
                              int64_t now_ms)
{
    struct pace *pace;
    int64_t wait_ms;

    if (rate == 0)
        return 0;
    (void)pthread_mutex_lock(&paces->lock);
    pace = find(paces, by);
    if (pace->until_ms < now_ms)
        pace->until_ms = now_ms;
    wait_ms = pace->until_ms + MINUTE_MS / rate - (now_ms + MINUTE_MS);
    if (wait_ms <= 0)
        pace->until_ms += MINUTE_MS / rate;
    (void)pthread_mutex_unlock(&paces->lock);
    return wait_ms > 0 ? wait_ms : 0;
}
