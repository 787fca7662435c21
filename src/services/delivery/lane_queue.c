/*
 * Lanes in memory, and when each is read again. What of a lane has been taken up is in
 * lane_claims.c, how it is read in lane_read.c.
 */
#include "base/alloc.h"
#include "io/loop.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/site_queue_internal.h"
#include "store/lane.h"

enum { LANES_CLAIMING = 16 }; /* lanes read at a time */

static int64_t later_of(int64_t wakes, int64_t until, int64_t now)
{
    return until > now && until > wakes ? until : wakes;
}

int64_t lane_wakes(const struct lane_queue *lane)
{
    const struct site_queue *site = lane->destination->site;
    int64_t now = loop_now_ms(lane->destination->engine->loop);
    int64_t wakes = destination_wakes(lane->destination);

    wakes = later_of(wakes, lane->destination->stopped_until[lane->stream], now);
    if (site == NULL)
        return wakes;
    if (site->is_paused)
        return now + WAIT_MOST_MS; /* until it is ended: then the site plans anew */
    return later_of(wakes, site->stopped_until[lane->stream], now);
}

/* ---- when it is read ---- */

/* It fell asleep meanwhile: one that was parked behind it may go. */
static void pass_turn(struct lane_queue *lane)
{
    lane_plan(lane);
    claim_share_pass(lane);
}

void lane_pump(struct delivery_engine *e)
{
    while (!list_empty(&e->wanting) && e->reading_n < LANES_CLAIMING && !timer_running(&e->rest) &&
           !e->is_stopping) {
        struct lane_queue *lane =
            CONTAINER_OF(list_first(&e->wanting), struct lane_queue, want_link);
        size_t room = claim_share_room(lane);

        list_remove(&lane->want_link);
        if (lane_wakes(lane) != 0)
            pass_turn(lane);
        else if (room == 0)
            claim_share_park(lane);
        else
            lane_read_start(lane, room);
    }
}

static void want_read(struct lane_queue *lane)
{
    struct delivery_engine *e = lane->destination->engine;

    if (!list_empty(&lane->want_link))
        return;
    if (lane->stream == STREAM_URGENT)
        list_prepend(&e->wanting, &lane->want_link);
    else
        list_append(&e->wanting, &lane->want_link);
}

void lane_plan(struct lane_queue *lane)
{
    struct delivery_engine *e = lane->destination->engine;
    int64_t wakes = lane_wakes(lane);
    bool is_due = lane->has_fresh || lane->next_retry <= loop_now_ms(e->loop);

    timer_stop(&lane->due);
    if (!e->is_serving || e->is_stopping)
        return;
    if (wakes != 0 && (is_due || lane->next_retry < LANE_NEVER)) {
        timer_start(&lane->due, engine_wait_ms(e, wakes));
    } else if (is_due && !lane->is_claiming && lane->ready_n < LANE_LOW) {
        want_read(lane);
        lane_pump(e);
    } else if (!is_due && lane->next_retry < LANE_NEVER) {
        timer_start(&lane->due, engine_wait_ms(e, lane->next_retry));
    }
}

/* ---- life ---- */

static void on_due(void *owner)
{
    struct lane_queue *lane = owner;
    struct delivery_engine *e = lane->destination->engine;

    lane_plan(lane);
    engine_settle(e);
}

static struct lane_queue *lane_find(const struct destination *to, const struct lane_key *key)
{
    LIST_EACH (&to->lanes, link) {
        struct lane_queue *lane = CONTAINER_OF(link, struct lane_queue, link);

        if (lane->stream == key->stream && lane->strand == key->strand)
            return lane;
    }
    return NULL;
}

static struct lane_queue *lane_get(struct delivery_engine *e, const struct lane_key *key)
{
    struct destination *to = destination_get(e, key->domain);
    struct lane_queue *lane = lane_find(to, key);

    if (lane != NULL)
        return lane;
    lane = NEW(struct lane_queue);
    lane->destination = to;
    lane->stream = key->stream;
    lane->strand = key->strand;
    lane->cursor = LANE_CURSOR_UNKNOWN;
    lane->next_retry = LANE_NEVER;
    timer_init(&lane->due, e->loop, on_due, lane);
    list_init(&lane->ready);
    list_init(&lane->fresh);
    list_init(&lane->parted);
    list_init(&lane->want_link);
    list_init(&lane->site_link);
    list_init(&lane->urged_link);
    list_init(&lane->tidy_link);
    list_append(&to->lanes, &lane->link);
    return lane;
}

/* Mail that is ready waits for its domain's exchangers, or for a connection of its site. */
static bool is_on_its_way(const struct lane_queue *lane)
{
    const struct destination *to = lane->destination;
    const struct site_queue *site = to->site;

    if (lane->out_n > 0 || lane->is_claiming || !list_empty(&lane->want_link))
        return true;
    if (lane->ready_n == 0)
        return false;
    return to->lookup != NULL ||
           (site != NULL && (site->berth_n > 0 || site->ended_n > 0 || !site->is_known ||
                             timer_running(&site->pause) || !list_empty(&site->touched_link) ||
                             !list_empty(&site->crowded_link)));
}

bool lane_is_served(struct delivery_engine *e, const struct lane_key *key)
{
    struct destination *to = destination_find(e, key->domain);
    const struct lane_queue *lane = to != NULL ? lane_find(to, key) : NULL;

    if (to != NULL && destination_wakes(to) != 0)
        return true;
    return lane != NULL && (lane_wakes(lane) != 0 || is_on_its_way(lane));
}

void lane_stir(struct delivery_engine *e, const struct lane_key *key)
{
    struct lane_queue *lane = lane_get(e, key);

    lane->has_fresh = true;
    lane->is_stirred = true;
    lane->next_retry = 0;
    lane_plan(lane);
}

void lane_put_first(struct delivery_engine *e, const struct lane_key *key, int64_t delivery)
{
    struct lane_queue *lane = lane_get(e, key);

    if (!e->is_serving || e->is_stopping || lane_wakes(lane) != 0)
        return;
    if (lane_claim_first(lane, delivery))
        destination_serve(lane->destination);
}

void lane_take_row(struct delivery_engine *e, const struct lane_row *row)
{
    struct lane_key key = lane_row_key(row);
    struct lane_queue *lane = lane_get(e, &key);

    if (lane->cursor == LANE_CURSOR_UNKNOWN) {
        lane->cursor = row->fresh_cursor;
        lane->saved_cursor = row->fresh_cursor;
    }
    lane->has_fresh = true;
    if (row->next_due < lane->next_retry)
        lane->next_retry = row->next_due;
    lane_plan(lane);
}

bool lane_is_idle(const struct lane_queue *lane)
{
    return lane->ready_n == 0 && lane->out_n == 0 && !lane->is_claiming && !lane->has_fresh &&
           lane->next_retry == LANE_NEVER && list_empty(&lane->tidy_link);
}

void lane_free(struct lane_queue *lane)
{
    lane_free_claims(lane);
    timer_stop(&lane->due);
    claim_share_leave(lane);
    list_remove(&lane->link);
    list_remove(&lane->want_link);
    list_remove(&lane->site_link);
    list_remove(&lane->urged_link);
    list_remove(&lane->tidy_link);
    alloc_free(lane);
}
