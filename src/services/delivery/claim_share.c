/*
 * Lanes that find their share used up are parked; when enough of it is free again the first of them
 * are let go, those of a higher rank first, and have their turn before all that were not parked.
 */
#include "services/delivery/claim_share.h"

#include "services/delivery/destination_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/site_queue_internal.h"

/* A site always gets that much, however many there are. */
enum { SHARE_LEAST = 4, WORTHWHILE_MOST = 16 };

void claim_share_init(struct claim_share *share)
{
    *share = (struct claim_share){ .n = 0 };
    for (int stream = 0; stream < STREAMS; stream++)
        list_init(&share->parked[stream]);
}

static struct claim_share *share_of(const struct lane_queue *lane)
{
    struct site_queue *site = lane->destination->site;

    return site != NULL ? &site->share : &lane->destination->engine->unsited;
}

/* A quarter is for those whose site is not known yet. */
static size_t size_of(const struct delivery_engine *e, const struct claim_share *share)
{
    size_t size = e->claims_most / 4;

    if (share != &e->unsited)
        size = (e->claims_most - size) / (e->site_n > 0 ? e->site_n : 1);
    return size > SHARE_LEAST ? size : SHARE_LEAST;
}

static size_t within(size_t n, size_t least, size_t most)
{
    n = n < least ? least : n;
    return n > most ? most : n;
}

/* How much must be free before a lane takes up more: so that a read is worth its while, and yet who
 * is new at a slow site does not wait for long. */
static size_t worthwhile(size_t size)
{
    return within(size / 4, SHARE_LEAST, WORTHWHILE_MOST);
}

static size_t free_of(const struct delivery_engine *e, const struct claim_share *share)
{
    size_t size = size_of(e, share);

    return share->n < size ? size - share->n : 0;
}

static bool has_room(const struct delivery_engine *e, const struct claim_share *share)
{
    return free_of(e, share) >= worthwhile(size_of(e, share));
}

/* While nobody knows how many domains are one site, a lane takes up what is worth a lookup: all of
 * it counts at the site in the end. */
static size_t most_of(const struct delivery_engine *e, const struct claim_share *share)
{
    return share == &e->unsited ? SHARE_LEAST : CLAIM_ROOM;
}

/* What is urgent never waits for room: a lane takes up little at a time anyway. The others do not
 * overtake those that wait. */
size_t claim_share_room(const struct lane_queue *lane)
{
    const struct delivery_engine *e = lane->destination->engine;
    const struct claim_share *share = share_of(lane);
    size_t others = share->parked_n + share->let_go_n - (lane->is_let_go ? 1 : 0);

    if (lane->stream != STREAM_URGENT &&
        (!has_room(e, share) || (share->parked_n > 0 && !lane->is_let_go)))
        return 0;
    return within(free_of(e, share) / (1 + others), SHARE_LEAST, most_of(e, share));
}

bool claim_share_is_over(const struct lane_queue *lane)
{
    const struct claim_share *share = share_of(lane);

    return share->n > size_of(lane->destination->engine, share);
}

static void end_turn(struct claim_share *share, struct lane_queue *lane)
{
    if (!lane->is_let_go)
        return;
    lane->is_let_go = false;
    share->let_go_n--;
}

static void unpark(struct claim_share *share, struct lane_queue *lane)
{
    if (!lane->is_parked)
        return;
    lane->is_parked = false;
    lane->is_let_go = true;
    share->parked_n--;
    share->let_go_n++;
    list_remove(&lane->want_link);
    list_append(&lane->destination->engine->wanting, &lane->want_link);
}

static struct lane_queue *first_parked(const struct claim_share *share)
{
    for (int stream = 0; stream < STREAMS; stream++)
        if (!list_empty(&share->parked[stream]))
            return CONTAINER_OF(list_first(&share->parked[stream]), struct lane_queue, want_link);
    return NULL;
}

static void unpark_some(const struct delivery_engine *e, struct claim_share *share)
{
    size_t lanes = free_of(e, share) / SHARE_LEAST;

    if (!has_room(e, share))
        return;
    for (; lanes > share->let_go_n && share->parked_n > 0; lanes--)
        unpark(share, first_parked(share));
}

void claim_share_park(struct lane_queue *lane)
{
    struct claim_share *share = share_of(lane);

    end_turn(share, lane);
    lane->is_parked = true;
    share->parked_n++;
    list_append(&share->parked[lane->stream], &lane->want_link);
    unpark_some(lane->destination->engine, share);
}

void claim_share_pass(struct lane_queue *lane)
{
    struct claim_share *share = share_of(lane);

    end_turn(share, lane);
    if (share->parked_n > 0)
        unpark_some(lane->destination->engine, share);
}

void claim_share_take(struct lane_queue *lane, size_t room)
{
    end_turn(share_of(lane), lane);
    claim_share_add(lane, room);
}

void claim_share_add(struct lane_queue *lane, size_t n)
{
    lane->claim_n += n;
    share_of(lane)->n += n;
}

void claim_share_drop(struct lane_queue *lane, size_t n)
{
    struct claim_share *share = share_of(lane);

    lane->claim_n -= n;
    share->n -= n;
    if (share->parked_n > 0)
        unpark_some(lane->destination->engine, share);
}

void claim_share_leave(struct lane_queue *lane)
{
    struct claim_share *share = share_of(lane);

    unpark(share, lane);
    end_turn(share, lane);
    share->n -= lane->claim_n;
    if (share->parked_n > 0)
        unpark_some(lane->destination->engine, share);
}

void claim_share_join(struct lane_queue *lane)
{
    share_of(lane)->n += lane->claim_n;
}
