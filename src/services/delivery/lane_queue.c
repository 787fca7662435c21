/*
 * Lanes in memory: what of a lane has been taken up, what is ready to be handed out, and when to
 * read it again. A lane is read by a thread of its own for reading; what that thread saw may be
 * older than what was settled meanwhile, so claims settled during a read stay known until it is
 * back.
 */
#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/worker.h"
#include "services/delivery/claim.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/dispatch_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/retry_schedule.h"
#include "services/delivery/site_queue_internal.h"
#include "store/lane.h"
#include "store/reader.h"

/* Of a lane made for a piece of news, until it has been read. */
enum { CURSOR_UNKNOWN = -1 };

enum {
    LANE_LOW = 100,      /* when so few of a lane are left, the next ones are read */
    LANES_CLAIMING = 16, /* lanes read at a time */
};

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
    int64_t from; /* CURSOR_UNKNOWN: from where the store says */
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
    if (read->from == CURSOR_UNKNOWN && !lane_cursor_read(db, &key, &read->cursor, &read->error))
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

/* ---- claims ---- */

static bool same_delivery(const struct table_node *node, const void *key)
{
    return CONTAINER_OF(node, const struct claim, by_delivery)->delivery == *(const int64_t *)key;
}

static uint64_t hash_of(const int64_t *delivery)
{
    return table_hash((struct span){ (const char *)delivery, sizeof *delivery });
}

static bool is_claimed(const struct delivery_engine *e, int64_t delivery)
{
    return table_find(&e->by_delivery, hash_of(&delivery), same_delivery, &delivery) != NULL;
}

static struct claim *claim_new(struct lane_queue *lane, int64_t delivery)
{
    struct delivery_engine *e = lane->destination->engine;
    struct claim *claim = NEW(struct claim);

    list_init(&claim->link);
    list_init(&claim->fresh_link);
    claim->delivery = delivery;
    claim->lane = lane;
    table_put(&e->by_delivery, &claim->by_delivery, hash_of(&delivery));
    claim_share_add(lane, 1);
    return claim;
}

static void claim_free(struct claim *claim)
{
    struct delivery_engine *e = claim->lane->destination->engine;

    list_remove(&claim->link);
    list_remove(&claim->fresh_link);
    table_remove(&e->by_delivery, &claim->by_delivery);
    claim_share_drop(claim->lane, 1);
    claim_put_words(claim, NULL);
    alloc_free(claim);
}

static void free_parted(struct lane_queue *lane)
{
    struct list *item;

    while ((item = list_first(&lane->parted)) != NULL)
        claim_free(CONTAINER_OF(item, struct claim, link));
}

struct claim *lane_hand_out(struct lane_queue *lane)
{
    struct claim *claim = CONTAINER_OF(list_first(&lane->ready), struct claim, link);

    list_remove(&claim->link);
    lane->ready_n--;
    lane->out_n++;
    lane->urged_n -= lane->urged_n > 0;
    site_lane_ready(lane);
    if (lane->ready_n == LANE_LOW - 1)
        lane_plan(lane);
    return claim;
}

static void add_ready(struct lane_queue *lane, struct claim *claim)
{
    list_append(&lane->ready, &claim->link);
    lane->ready_n++;
}

void lane_put_back(struct lane_queue *lane, struct claim *claim)
{
    lane->out_n--;
    list_prepend(&lane->ready, &claim->link);
    lane->ready_n++;
    if (lane_wakes(lane) != 0) {
        lane_forget_ready(lane);
        lane_plan(lane); /* it may have had nothing to wait for until now */
    }
    site_lane_ready(lane);
}

/* What the store says of the lane as a whole is set right before long. */
static void note_untidy(struct lane_queue *lane)
{
    if (list_empty(&lane->tidy_link))
        list_append(&lane->destination->engine->untidy, &lane->tidy_link);
}

/* The cursor in the store follows what is settled. */
static void note_progress(struct lane_queue *lane)
{
    if (lane_settled_cursor(lane) > lane->saved_cursor)
        note_untidy(lane);
}

void lane_note_site(struct lane_queue *lane)
{
    if (lane->is_sited)
        return;
    lane->is_sited = true;
    note_untidy(lane);
}

static void heard_of_retry(struct lane_queue *lane, int64_t due_at)
{
    if (due_at < lane->next_retry)
        lane->next_retry = due_at;
    if (lane->is_claiming && due_at < lane->early_retry)
        lane->early_retry = due_at;
}

static bool waits(const struct claim *claim)
{
    return claim->state == DELIVERY_DEFERRED || claim->state == DELIVERY_IN_DOUBT;
}

/* One that was held may have been released before the claim came back: the read that followed the
 * release passed over what was claimed. */
static int64_t looks_again(const struct claim *claim)
{
    if (claim->state == DELIVERY_HELD)
        return 0;
    return waits(claim) ? claim->due_at : LANE_NEVER;
}

void lane_settle(struct lane_queue *lane, struct claim *claim)
{
    int64_t again = looks_again(claim);

    lane->out_n--;
    list_remove(&claim->fresh_link);
    if (lane->is_claiming)
        list_append(&lane->parted, &claim->link);
    else
        claim_free(claim); /* before a read begins, which would take it for one that is out */
    if (again != LANE_NEVER) {
        heard_of_retry(lane, again);
        lane_plan(lane);
        note_untidy(lane); /* next_due may have been that of this one */
    }
    note_progress(lane);
}

int64_t lane_settled_cursor(const struct lane_queue *lane)
{
    const struct list *first = list_first(&lane->fresh);
    int64_t below = first == NULL
                        ? lane->cursor
                        : CONTAINER_OF(first, const struct claim, fresh_link)->delivery - 1;

    return below < lane->cursor ? below : lane->cursor;
}

void lane_forget_ready(struct lane_queue *lane)
{
    struct list *item;

    while ((item = list_first(&lane->ready)) != NULL) {
        struct claim *claim = CONTAINER_OF(item, struct claim, link);

        if (!list_empty(&claim->fresh_link)) {
            lane->has_fresh = true;
            if (claim->delivery <= lane->cursor)
                lane->cursor = claim->delivery - 1;
        } else {
            lane->next_retry = 0;
        }
        claim_free(claim);
    }
    lane->ready_n = 0;
    lane->urged_n = 0;
    site_lane_ready(lane);
}

/* ---- reading ---- */

static void start_read(struct lane_queue *lane, size_t room)
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
            start_read(lane, room);
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

/* In order of id; what was forgotten and read again may stand before what is handed out. */
static void add_fresh(struct lane_queue *lane, struct claim *claim)
{
    struct list *after = lane->fresh.prev;

    while (after != &lane->fresh &&
           CONTAINER_OF(after, struct claim, fresh_link)->delivery > claim->delivery)
        after = after->prev;
    list_prepend(after, &claim->fresh_link);
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

        if (is_claimed(e, found->id))
            continue;
        claim = claim_new(lane, found->id);
        if (is_fresh)
            add_fresh(lane, claim);
        if (now > retry_end(e->options.settings, lane->stream, found->first_due, found->deadline)) {
            list_append(late, &claim->link);
            lane->out_n++;
        } else {
            add_ready(lane, claim);
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
    free_parted(lane);
    alloc_free(read->retry.at);
    alloc_free(read);
    if (lane_wakes(lane) != 0)
        lane_forget_ready(lane);
    note_progress(lane);
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
    lane->cursor = CURSOR_UNKNOWN;
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

bool lane_is_claimed(const struct delivery_engine *e, int64_t delivery)
{
    return is_claimed(e, delivery);
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

static struct claim *claim_among(const struct list *claims, int64_t delivery)
{
    LIST_EACH (claims, link) {
        struct claim *claim = CONTAINER_OF(link, struct claim, link);

        if (claim->delivery == delivery)
            return claim;
    }
    return NULL;
}

/* The claim of a delivery, if it is not under way; a new one if there is none. What was settled
 * during a read that is not back yet is as good as new. */
static struct claim *claim_to_put_first(struct lane_queue *lane, int64_t delivery)
{
    struct claim *claim = claim_among(&lane->ready, delivery);

    if (claim != NULL) {
        list_remove(&claim->link);
        lane->ready_n--;
        return claim;
    }
    claim = claim_among(&lane->parted, delivery);
    if (claim != NULL)
        list_remove(&claim->link);
    else if (!is_claimed(lane->destination->engine, delivery))
        claim = claim_new(lane, delivery);
    return claim;
}

/* It has a retry row, so what becomes of the claim does not matter to the cursor. */
void lane_put_first(struct delivery_engine *e, const struct lane_key *key, int64_t delivery)
{
    struct lane_queue *lane = lane_get(e, key);
    struct claim *claim;

    if (!e->is_serving || e->is_stopping || lane_wakes(lane) != 0)
        return;
    claim = claim_to_put_first(lane, delivery);
    if (claim == NULL)
        return;
    list_prepend(&lane->ready, &claim->link);
    lane->ready_n++;
    lane->urged_n++;
    site_lane_ready(lane);
    destination_serve(lane->destination);
}

void lane_take_row(struct delivery_engine *e, const struct lane_row *row)
{
    struct lane_key key = lane_row_key(row);
    struct lane_queue *lane = lane_get(e, &key);

    if (lane->cursor == CURSOR_UNKNOWN) {
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
    struct list *item;

    while ((item = list_first(&lane->ready)) != NULL)
        claim_free(CONTAINER_OF(item, struct claim, link));
    free_parted(lane);
    timer_stop(&lane->due);
    claim_share_leave(lane);
    list_remove(&lane->link);
    list_remove(&lane->want_link);
    list_remove(&lane->site_link);
    list_remove(&lane->urged_link);
    list_remove(&lane->tidy_link);
    alloc_free(lane);
}
