/*
 * Reading a lane: its fresh deliveries behind the cursor and its retries that are due, by a thread
 * of its own for reading, and taking up what was found.
 */
#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/worker.h"
#include "services/delivery/claim.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/dispatch_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/retry_schedule.h"
#include "store/lane.h"

/* A read of one lane, on a reader's thread. */
struct lane_read {
    struct work work;
    struct lane_queue *lane;
    enum stream_id stream;
    int64_t strand;
    char domain[DELIVERY_DOMAIN_ROOM];
    bool wants_fresh;
    bool wants_retry;
    size_t room;  /* of its share, kept for what is found */
    int64_t from; /* LANE_CURSOR_UNKNOWN: from where the store says */
    int64_t cursor;
    struct lane_delivery fresh_at[CLAIM_ROOM];
    struct lane_page fresh;
    struct lane_retry_walk walk;
    struct lane_page retry;
    bool ok;
    struct error error;
};

static bool read_fresh(struct lane_read *read, struct db *db)
{
    struct lane_key key = { read->stream, read->strand, span_of(read->domain) };

    read->cursor = read->from;
    if (read->from == LANE_CURSOR_UNKNOWN &&
        !lane_cursor_read(db, &key, &read->cursor, &read->error))
        return false;
    return lane_claim_fresh(db, &key, &read->cursor, &read->fresh, &read->error);
}

static bool read_retry(struct lane_read *read, struct db *db)
{
    struct lane_key key = { read->stream, read->strand, span_of(read->domain) };

    return lane_claim_retry(db, &key, &read->walk, &read->retry, &read->error);
}

static void run_read(struct work *work, void *state)
{
    struct lane_read *read = CONTAINER_OF(work, struct lane_read, work);

    read->ok = (!read->wants_fresh || read_fresh(read, state)) &&
               (!read->wants_retry || read_retry(read, state));
}

void lane_read_start(struct lane_queue *lane, size_t room)
{
    struct delivery_engine *e = lane->destination->engine;
    struct lane_read *read = NEW(struct lane_read);
    int64_t now = loop_now_ms(e->loop);

    read->work = (struct work){ .run = run_read, .answers = e->reads };
    read->lane = lane;
    read->stream = lane->stream;
    read->strand = lane->strand;
    span_copy(span_of(lane->destination->name), read->domain, sizeof read->domain);
    read->wants_fresh = lane->has_fresh;
    read->wants_retry = lane->next_retry <= now;
    read->from = lane->cursor;
    read->room = room;
    read->fresh = (struct lane_page){ .at = read->fresh_at, .room = room };
    read->walk.now_ms = now;
    read->retry.room = room + lane->ready_n + lane->out_n; /* those are in `retry` still */
    read->retry.at = alloc_array(read->retry.room, sizeof *read->retry.at);
    claim_share_take(lane, room);
    lane->is_claiming = true;
    lane->is_stirred = false;
    lane->early_retry = LANE_NEVER;
    e->reading_n++;
    worker_submit(e->readers, &read->work);
}

/* Takes up what a read found. Those past their time go to `late`. */
static void take_up(struct lane_queue *lane, const struct lane_page *page, bool is_fresh,
                    struct list *late)
{
    struct delivery_engine *e = lane->destination->engine;
    int64_t now = loop_now_ms(e->loop);

    for (size_t i = 0; i < page->n; i++) {
        const struct lane_delivery *found = &page->at[i];
        struct claim *claim;

        if (lane_is_claimed(e, found->id))
            continue;
        claim = lane_claim_new(lane, found->id);
        if (is_fresh)
            lane_add_fresh(lane, claim);
        if (now > retry_end(e->options.settings, lane->stream, found->first_due, found->deadline)) {
            list_append(late, &claim->link);
            lane->out_n++;
        } else {
            lane_add_ready(lane, claim);
        }
    }
}

static void take_pages(struct lane_queue *lane, const struct lane_read *read)
{
    struct delivery_engine *e = lane->destination->engine;
    struct list late;

    list_init(&late);
    if (read->wants_fresh && lane->cursor == read->from) { /* else some were forgotten meanwhile */
        take_up(lane, &read->fresh, true, &late);
        lane->cursor = read->cursor;
        lane->has_fresh = read->fresh.more;
    }
    if (read->wants_retry) {
        take_up(lane, &read->retry, false, &late);
        lane->next_retry = read->retry.more ? read->walk.now_ms : read->walk.next_due;
        if (lane->early_retry < lane->next_retry)
            lane->next_retry = lane->early_retry;
    }
    if (lane->is_stirred) {
        lane->has_fresh = true;
        lane->next_retry = 0;
    }
    if (!list_empty(&late))
        dispatch_expire(e, &late);
}

static void on_read(struct lane_read *read)
{
    struct lane_queue *lane = read->lane;
    struct delivery_engine *e = lane->destination->engine;

    e->reading_n--;
    lane->is_claiming = false;
    if (read->ok) {
        take_pages(lane, read);
    } else {
        log_warning("lane-unread", log_text("domain", read->domain),
                    log_text("error", read->error.text));
        engine_rest(e);
    }
    claim_share_drop(lane, read->room);
    lane_free_parted(lane);
    alloc_free(read->retry.at);
    alloc_free(read);
    if (lane_wakes(lane) != 0)
        lane_forget_ready(lane);
    lane_note_progress(lane);
    lane_plan(lane);
    if (lane->ready_n > 0)
        destination_serve(lane->destination);
    else
        destination_look_idle(lane->destination);
}

void lane_reads_receive(void *owner, struct list *posted)
{
    struct delivery_engine *e = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        on_read(CONTAINER_OF(CONTAINER_OF(item, struct work, link), struct lane_read, work));
    }
    engine_settle(e);
}
