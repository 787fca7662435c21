/*
 * One digest after the other. Each is whole in the ledger's transaction: the delivery, its parts
 * and the cursors, so that a crash leaves either all of it or nothing.
 */
#include "services/fanout/digest_run.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/zone_cache.h"
#include "domain/staging.h"
#include "services/fanout/digest_schedule.h"
#include "store/digest_range.h"
#include "store/heard.h"
#include "store/reach.h"
#include "store/skip.h"

/* The ends of ranges found last: many are due at one hour. */
struct digest_run {
    int64_t until_ms; /* 0: none yet */
    int64_t until_seq;
    int64_t since_from; /* the seq that was asked about, 0: none yet */
    int64_t since_ms;
    int64_t since_seq;
};

struct digest_run *digest_run_new(void)
{
    return NEW(struct digest_run);
}

void digest_run_free(struct digest_run *run)
{
    alloc_free(run);
}

/* One digest. */
struct turn {
    struct digest_run *run;
    struct db *db;
    const struct promotion_terms *terms;
    struct arena *arena;
    const struct digest_row *row;
    const struct zone *zone;
    int64_t next_at; /* when it is due after this turn */
    int64_t from_seq;
    int64_t to_seq;
    struct digest_owed owed;
};

static const struct digest_settings *settings_of(const struct turn *t)
{
    return &t->terms->settings->digest;
}

static int64_t next_after(const struct turn *t, int64_t ms)
{
    return digest_hour_after(t->zone, t->row->mode, settings_of(t), t->row->hour, ms) +
           digest_moment(t->row->person, settings_of(t));
}

/* Hours that passed while nobody looked are one. */
static int64_t hour_due(const struct turn *t)
{
    return digest_hour_until(t->zone, t->row->mode, settings_of(t), t->row->hour,
                             t->terms->now_ms - digest_moment(t->row->person, settings_of(t)));
}

static bool find_end(struct turn *t, struct error *err)
{
    int64_t hour = hour_due(t);

    if (t->run->until_ms != hour) {
        t->run->until_ms = 0;
        if (!digest_seq_until(t->db, hour, &t->run->until_seq, err))
            return false;
        t->run->until_ms = hour;
    }
    t->to_seq = t->run->until_seq;
    return true;
}

/* What is too old is left out; which hour that is moves once a minute, for the sake of those who
 * share the range. */
static bool find_begin(struct turn *t, struct error *err)
{
    int64_t since = hour_due(t) - settings_of(t)->oldest;
    struct digest_run *run = t->run;

    t->from_seq = t->row->through_seq + 1;
    if (t->from_seq > t->to_seq)
        return true;
    if (run->since_from != t->from_seq || run->since_ms != since) {
        run->since_from = 0;
        if (!digest_seq_since(t->db, t->from_seq, t->to_seq, since, &run->since_seq, err))
            return false;
        run->since_from = t->from_seq;
        run->since_ms = since;
    }
    t->from_seq = run->since_seq;
    return true;
}

static bool skip(const struct turn *t, const char *reason, struct error *err)
{
    const struct skip row = { .person = t->row->person,
                              .thread = DELIVERY_PART_DIGEST,
                              .from_seq = t->from_seq,
                              .to_seq = t->to_seq,
                              .reason = reason,
                              .at = t->terms->now_ms };

    return skip_add(t->db, &row, err) && digest_passed(t->db, t->row, t->to_seq, t->next_at, err);
}

/* The digest before has not left yet: it tells of this too, or the next one does. One that is held
 * in doubt may never leave. */
static bool join(const struct turn *t, struct error *err)
{
    const struct delivery_part part = { .thread = DELIVERY_PART_DIGEST,
                                        .from_seq = t->from_seq,
                                        .to_seq = t->to_seq,
                                        .why = t->row->mode };
    bool joined = false;
    bool gone = false;

    if (t->to_seq > t->row->made_seq &&
        !delivery_fold(t->db, t->row->delivery, &part, &joined, err))
        return false;
    if (!joined)
        return digest_let_go(t->db, t->row, &gone, err) &&
               (gone || digest_wait(t->db, t->row, t->next_at, err)); /* gone: it is due still */
    return digest_made(t->db, t->row, t->row->delivery, t->to_seq, t->next_at, err);
}

/* The digest's own part, then those owed. */
static struct delivery_part *make_parts(const struct turn *t, size_t *ret_count)
{
    struct delivery_part *parts = ARENA_ARRAY(t->arena, struct delivery_part, t->owed.n + 1);

    parts[0] = (struct delivery_part){ .thread = DELIVERY_PART_DIGEST,
                                       .from_seq = t->from_seq,
                                       .to_seq = t->to_seq,
                                       .why = t->row->mode };
    for (size_t i = 0; i < t->owed.n; i++)
        parts[i + 1] = t->owed.at[i];
    *ret_count = t->owed.n + 1;
    return parts;
}

static bool note_made(const struct turn *t, int64_t delivery, struct error *err)
{
    for (size_t i = 0; i < t->owed.n; i++)
        if (!heard_made(t->db, t->row->person, t->owed.at[i].thread, delivery, t->to_seq, err))
            return false;
    return digest_made(t->db, t->row, delivery, t->to_seq, t->next_at, err);
}

static bool make(const struct turn *t, const struct mail_address *address, struct error *err)
{
    struct delivery_new made = {
        .stream = STREAM_NOTICES,
        .cause = CAUSE_DIGEST,
        .cause_id = t->row->mode,
        .person = t->row->person,
        .address = span_of(address->address),
        .normal = span_of(address->normal),
        .domain = span_of(address->domain),
        .due_at = t->terms->now_ms,
        .now_ms = t->terms->now_ms,
        .message_domain = t->terms->message_domain,
        .message_key = t->terms->message_key,
    };
    int64_t delivery;

    if (!staging_allows(t->terms->settings, made.normal, made.domain))
        return skip(t, STAGING_REASON, err);
    made.parts = make_parts(t, &made.part_count);
    return delivery_make(t->db, &made, &delivery, err) && note_made(t, delivery, err);
}

static bool make_or_skip(const struct turn *t, struct error *err)
{
    static const struct scope_list nothing_in_particular;
    struct reach reach;

    if (!reach_person(t->db, t->row->person, &nothing_in_particular, t->terms->now_ms, &reach, err))
        return false;
    switch (reach.verdict) {
    case REACH_GOOD:
        return make(t, &reach.address, err);
    case REACH_NO_ADDRESS:
        return skip(t, "no_address", err);
    case REACH_SUPPRESSED:
        return skip(t, "suppressed", err);
    case REACH_UNSUBSCRIBED:
        return skip(t, "unsubscribed", err);
    }
    return error_set(err, ERROR_INTERNAL, "unknown verdict %d", (int)reach.verdict);
}

static bool tell(struct turn *t, struct error *err)
{
    bool watches = false;
    bool pending = false;

    if (!find_end(t, err) || !find_begin(t, err) ||
        !digest_pending(t->db, t->row, t->from_seq - 1, t->to_seq, &watches, &pending, err))
        return false;
    if (t->row->delivery != 0)
        return pending ? join(t, err) : digest_wait(t->db, t->row, t->next_at, err);
    if (!watches)
        return digest_drop(t->db, t->row, err);
    if (!digest_owed_read(t->db, t->arena, t->row, t->to_seq, &t->owed, err))
        return false;
    if (pending || t->owed.n > 0)
        return make_or_skip(t, err);
    if (t->to_seq > t->row->through_seq)
        return digest_passed(t->db, t->row, t->to_seq, t->next_at, err);
    return digest_wait(t->db, t->row, t->next_at, err);
}

/* Who is inactive is told when they are not any more. */
static bool take_turn(struct turn *t, struct error *err)
{
    if (t->terms->zones != NULL)
        t->zone = zone_cache_find(t->terms->zones, span_of(t->row->zone));
    t->next_at = next_after(t, t->terms->now_ms);
    if (t->row->next_at == 0 || t->row->is_inactive)
        return digest_wait(t->db, t->row, t->next_at, err);
    return tell(t, err);
}

bool digest_run_step(struct digest_run *run, struct db *db, const struct promotion_terms *terms,
                     size_t *ret_count, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct digest_row *rows;

    arena_init(&arena);
    rows = ARENA_ARRAY(&arena, struct digest_row, terms->notices);
    if (!digest_page_due(db, terms->now_ms, terms->notices, rows, ret_count, err))
        return error_wrap(err, "digests");
    for (size_t i = 0; i < *ret_count; i++) {
        struct turn turn = {
            .run = run, .db = db, .terms = terms, .arena = &arena, .row = &rows[i]
        };

        if (!take_turn(&turn, err))
            return error_wrap(err, "the %s digest of person %lld", watch_mode_name(rows[i].mode),
                              (long long)rows[i].person);
    }
    return true;
}
