/*
 * News of the ledger that the dispatcher heeds: of lanes, of sites and domains, and orders of an
 * operator's.
 */
#include "services/delivery/destination_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/sender.h"
#include "services/delivery/site_queue_internal.h"
#include "services/delivery/sweep.h"
#include "store/dialogue.h"
#include "store/domain.h"
#include "store/lane.h"
#include "store/ledger.h"
#include "store/site.h"

void engine_listen(struct delivery_engine *e)
{
    ledger_listen(e->options.ledger, "lane", e->news);
    ledger_listen(e->options.ledger, LANE_URGED, e->news);
    ledger_listen(e->options.ledger, SITE_NEWS, e->news);
    ledger_listen(e->options.ledger, DOMAIN_PAUSED_NEWS, e->news);
    ledger_listen(e->options.ledger, DOMAIN_RECHECK_NEWS, e->news);
    ledger_listen(e->options.ledger, DIALOGUE_KEEP_NEWS, e->news);
}

static void keep_dialogues(struct delivery_engine *e, const char *key)
{
    for (size_t i = 0; i < e->options.senders; i++)
        sender_keep(e->senders[i], key);
}

/* Of a lane: there is something to do. */
static void hear_lane(struct delivery_engine *e, struct span text)
{
    struct lane_key key;

    if (lane_key_read(text, &key))
        lane_stir(e, &key);
}

static void hear_urge(struct delivery_engine *e, struct span text)
{
    struct lane_key key;
    int64_t delivery;

    if (!lane_urge_read(text, &key, &delivery))
        return;
    destination_rouse(destination_get(e, key.domain));
    lane_put_first(e, &key, delivery);
    lane_stir(e, &key);
    sweep_hurry(e->sweep);
}

static void hear_pause(struct delivery_engine *e, struct span text)
{
    struct span domain;
    int64_t until;

    if (domain_pause_read(text, &until, &domain))
        destination_pause(e, domain, until);
}

static void hear(struct delivery_engine *e, const struct ledger_news *news)
{
    struct span what = span_of(news->news);

    if (span_equal(what, SPAN(SITE_NEWS)))
        site_changed(e, span_of(news->key));
    else if (span_equal(what, SPAN(DIALOGUE_KEEP_NEWS)))
        keep_dialogues(e, news->key);
    else if (span_equal(what, SPAN(DOMAIN_PAUSED_NEWS)))
        hear_pause(e, span_of(news->key));
    else if (e->is_stopping)
        return;
    else if (span_equal(what, SPAN(DOMAIN_RECHECK_NEWS)))
        destination_recheck(e, span_of(news->key));
    else if (span_equal(what, SPAN(LANE_URGED)))
        hear_urge(e, span_of(news->key));
    else
        hear_lane(e, span_of(news->key));
}

void engine_news_receive(void *owner, struct list *posted)
{
    struct delivery_engine *e = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        struct ledger_news *news = CONTAINER_OF(item, struct ledger_news, link);

        list_remove(item);
        hear(e, news);
        ledger_news_free(news);
    }
    engine_settle(e);
}
