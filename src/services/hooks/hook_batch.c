/*
 * Which changes are for a webhook: kinds it gets whole, and events as it watches, if it may see
 * them. A batch's id is its name and its first and last change: sent again it is the same.
 */
#include "services/hooks/hook_batch.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "services/hooks/change_json.h"
#include "services/hooks/hook_view.h"
#include "store/event.h"
#include "store/outbox.h"
#include "store/webhook.h"

void hook_batch_init(struct hook_batch *batch)
{
    *batch = (struct hook_batch){ .count = 0 };
    buf_init(&batch->body, HOOK_BODY_LIMIT);
}

void hook_batch_fini(struct hook_batch *batch)
{
    buf_fini(&batch->body);
}

/* Reading a batch. */
struct reading {
    struct db *db;
    const struct webhook_row *hook;
    int64_t now_ms;
    struct hook_batch *batch;
};

/* An event that has no place in the order yet is told when it gets one. */
static bool wants_event(const struct reading *r, struct arena *arena, int64_t id, bool *ret_wants,
                        struct error *err)
{
    struct event event;

    *ret_wants = false;
    if (!event_load(r->db, arena, id, &event, err))
        return err->kind == ERROR_NOT_FOUND;
    if (event.seq < 0)
        return true;
    if (!hook_view_event(r->db, arena, r->hook->id, &event, ret_wants, err))
        return false;
    if (!*ret_wants || (r->hook->kinds & CHANGE_EVENT) != 0)
        return true;
    *ret_wants = false;
    return event.silent || webhook_watches(r->db, r->hook->id, &event, r->now_ms, ret_wants, err);
}

static bool wants(const struct reading *r, struct arena *arena, const struct outbox_row *row,
                  bool *ret_wants, struct error *err)
{
    if (row->kind == CHANGE_EVENT)
        return wants_event(r, arena, row->subject, ret_wants, err);
    *ret_wants = (r->hook->kinds & row->kind) != 0;
    return !*ret_wants || hook_view_row(r->db, arena, r->hook->id, row, ret_wants, err);
}

static void begin_body(struct buf *body, const struct webhook_row *hook)
{
    buf_put_text(body, "{\"webhook\":");
    text_put_json(body, hook->name);
    buf_put_text(body, ",\"changes\":[");
}

/* Appends a change, unless it makes the body too long. What was begun is sent whole. */
static bool append(const struct reading *r, struct arena *arena, const struct outbox_row *row,
                   bool *ret_appended, struct error *err)
{
    struct hook_batch *batch = r->batch;
    json_t *change;
    char *text;
    struct span json;

    if (!change_json(r->db, arena, row, &change, err))
        return false;
    if (!hook_view_cut(r->db, arena, r->hook->id, change, err)) {
        json_decref(change);
        return false;
    }
    text = json_dumps(change, JSON_COMPACT);
    json_decref(change);
    json = span_of(text);
    *ret_appended =
        batch->is_begun || batch->count == 0 || batch->body.n + json.n < HOOK_BATCH_BYTES;
    if (*ret_appended) {
        if (batch->count++ > 0)
            buf_put_byte(&batch->body, ',');
        buf_put(&batch->body, json);
    }
    alloc_free(text);
    return true;
}

/* Takes one row into the batch; *ret_full when it has no place in it. */
static bool take(const struct reading *r, const struct outbox_row *row, bool *ret_full,
                 struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    bool appended = true;
    bool wanted;

    arena_init(&arena);
    if (!wants(r, &arena, row, &wanted, err) || (wanted && !append(r, &arena, row, &appended, err)))
        return false;
    if (appended)
        r->batch->through = row->seq;
    *ret_full = !appended || (!r->batch->is_begun && r->batch->count == HOOK_BATCH_CHANGES);
    return true;
}

/* What has been dropped of what follows is not passed over in silence. */
static bool read_dropped(const struct reading *r, int64_t after, struct error *err)
{
    struct hook_batch *batch = r->batch;

    if (!outbox_dropped(r->db, &batch->dropped, err))
        return false;
    if (batch->is_begun && batch->dropped > r->hook->sending_seq)
        batch->dropped = r->hook->sending_seq;
    if (batch->dropped <= after)
        batch->dropped = 0;
    else
        batch->through = batch->dropped;
    return true;
}

static void end_body(struct hook_batch *batch)
{
    buf_put_byte(&batch->body, ']');
    if (batch->dropped != 0)
        buf_printf(&batch->body, ",\"dropped\":%lld", (long long)batch->dropped);
    buf_put_byte(&batch->body, '}');
}

bool hook_batch_read(struct db *db, const struct webhook_row *hook, int64_t after, int64_t now_ms,
                     struct hook_batch *batch, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    const struct reading reading = { db, hook, now_ms, batch };
    struct outbox_list list;
    bool full = false;

    arena_init(&arena);
    batch->is_begun = hook->sending_seq != 0;
    batch->through = after;
    begin_body(&batch->body, hook);
    if (!read_dropped(&reading, after, err) ||
        !outbox_read(db, &arena, (struct page){ after, HOOK_BATCH_ROWS }, &list, err))
        return false;
    for (size_t i = 0; i < list.n && !full; i++) {
        if (batch->is_begun && list.at[i].seq > hook->sending_seq)
            break;
        if (!take(&reading, &list.at[i], &full, err))
            return false;
    }
    if (batch->is_begun)
        batch->through = hook->sending_seq;
    end_body(batch);
    (void)snprintf(batch->id, sizeof(batch->id), "msg_%lld_%lld_%lld", (long long)hook->id,
                   (long long)after, (long long)batch->through);
    return true;
}

char *hook_secrets(const struct webhook_row *hook, int64_t now_ms)
{
    CLEANUP(buf_fini) struct buf secrets;
    char *text;

    buf_init(&secrets, 2 * HOOK_SECRET_ROOM);
    buf_put(&secrets, hook->secret);
    if (hook->before_until > now_ms)
        buf_printf(&secrets, " %.*s", SPAN_ARGS(hook->secret_before));
    text = span_text(buf_view(&secrets));
    secret_wipe(secrets.at, secrets.n);
    return text;
}

void hook_batch_ping(const struct webhook_row *hook, int64_t now_ms, struct hook_batch *batch)
{
    begin_body(&batch->body, hook);
    buf_put_text(&batch->body, "{\"type\":\"ping\",\"at\":\"");
    text_put_time(&batch->body, now_ms);
    buf_put_text(&batch->body, "\"}]}");
    batch->count = 1;
    (void)snprintf(batch->id, sizeof(batch->id), "msg_%lld_ping_%lld", (long long)hook->id,
                   (long long)now_ms);
}
