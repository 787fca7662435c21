/*
 * What of a lane has been taken up: claims that are ready, those that are out, and those that were
 * settled while a read was under way. What a read saw may be older than what was settled
 * meanwhile, so these stay known until it is back.
 */
#include "base/alloc.h"
#include "services/delivery/claim.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/site_queue_internal.h"
#include "store/lane.h"

static bool same_delivery(const struct table_node *node, const void *key)
{
    return CONTAINER_OF(node, const struct claim, by_delivery)->delivery == *(const int64_t *)key;
}

static uint64_t hash_of(const int64_t *delivery)
{
    return table_hash((struct span){ (const char *)delivery, sizeof *delivery });
}

bool lane_is_claimed(const struct delivery_engine *e, int64_t delivery)
{
    return table_find(&e->by_delivery, hash_of(&delivery), same_delivery, &delivery) != NULL;
}

struct claim *lane_claim_new(struct lane_queue *lane, int64_t delivery)
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

void lane_claim_free(struct claim *claim)
{
    struct delivery_engine *e = claim->lane->destination->engine;

    list_remove(&claim->link);
    list_remove(&claim->fresh_link);
    table_remove(&e->by_delivery, &claim->by_delivery);
    claim_share_drop(claim->lane, 1);
    claim_put_words(claim, NULL);
    alloc_free(claim);
}

void lane_free_parted(struct lane_queue *lane)
{
    struct list *item;

    while ((item = list_first(&lane->parted)) != NULL)
        lane_claim_free(CONTAINER_OF(item, struct claim, link));
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

void lane_add_ready(struct lane_queue *lane, struct claim *claim)
{
    list_append(&lane->ready, &claim->link);
    lane->ready_n++;
}

/* In order of id; what was forgotten and read again may stand before what is handed out. */
void lane_add_fresh(struct lane_queue *lane, struct claim *claim)
{
    struct list *after = lane->fresh.prev;

    while (after != &lane->fresh &&
           CONTAINER_OF(after, struct claim, fresh_link)->delivery > claim->delivery)
        after = after->prev;
    list_prepend(after, &claim->fresh_link);
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
void lane_note_progress(struct lane_queue *lane)
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
        lane_claim_free(claim); /* before a read begins, which would take it for one that is out */
    if (again != LANE_NEVER) {
        heard_of_retry(lane, again);
        lane_plan(lane);
        note_untidy(lane); /* next_due may have been that of this one */
    }
    lane_note_progress(lane);
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
        lane_claim_free(claim);
    }
    lane->ready_n = 0;
    lane->urged_n = 0;
    site_lane_ready(lane);
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
    else if (!lane_is_claimed(lane->destination->engine, delivery))
        claim = lane_claim_new(lane, delivery);
    return claim;
}

/* It has a retry row, so what becomes of the claim does not matter to the cursor. */
bool lane_claim_first(struct lane_queue *lane, int64_t delivery)
{
    struct claim *claim = claim_to_put_first(lane, delivery);

    if (claim == NULL)
        return false;
    list_prepend(&lane->ready, &claim->link);
    lane->ready_n++;
    lane->urged_n++;
    site_lane_ready(lane);
    return true;
}

void lane_free_claims(struct lane_queue *lane)
{
    struct list *item;

    while ((item = list_first(&lane->ready)) != NULL)
        lane_claim_free(CONTAINER_OF(item, struct claim, link));
    lane_free_parted(lane);
}
