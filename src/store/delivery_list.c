/*
 * The narrowest index decides which rows are looked at, the rest is compared row by row. Ids are
 * handed out in the order of making, so a walk by id is a walk by time, but for clocks that were
 * set back.
 */
#include "store/delivery_list.h"

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "store/db.h"
#include "store/lane.h"
#include "store/submission.h"

/* How far the clock may have been set back between two deliveries. */
#define CLOCK_SLACK_MS INT64_C(3600000)

enum { SUBMITTED_AT_ONCE = 300 };

static struct db_rows *open_rows(struct db *db, const struct delivery_filter *f, struct error *err)
{
    if (f->normal.at != NULL)
        return db_query(db, err,
                        SQL("SELECT d.id, d.made_at, s.state FROM delivery d "
                            "JOIN delivery_state s ON s.delivery = d.id "
                            "WHERE d.normal = $1 AND d.id < $2 ORDER BY d.id DESC LIMIT $3"),
                        db_text(f->normal), db_int(f->before), db_int(DELIVERY_SCAN_MOST));
    if (f->person != 0)
        return db_query(db, err,
                        SQL("SELECT d.id, d.made_at, s.state FROM delivery d "
                            "JOIN delivery_state s ON s.delivery = d.id "
                            "WHERE d.person = $1 AND d.id < $2 ORDER BY d.id DESC LIMIT $3"),
                        db_int(f->person), db_int(f->before), db_int(DELIVERY_SCAN_MOST));
    if (f->has_state && f->state == DELIVERY_IN_DOUBT)
        return db_query(db, err,
                        SQL("SELECT d.id, d.made_at, s.state FROM delivery_state s "
                            "JOIN delivery d ON d.id = s.delivery "
                            "WHERE s.doubts > 0 AND s.ended_at IS NULL AND s.delivery < $1 "
                            "ORDER BY s.delivery DESC LIMIT $2"),
                        db_int(f->before), db_int(DELIVERY_SCAN_MOST));
    return db_query(db, err,
                    SQL("SELECT d.id, d.made_at, s.state FROM delivery d "
                        "JOIN delivery_state s ON s.delivery = d.id "
                        "WHERE d.id < $1 ORDER BY d.id DESC LIMIT $2"),
                    db_int(f->before), db_int(DELIVERY_SCAN_MOST));
}

/* Is the part in any of the texts a statement gives for the delivery? */
static bool is_said(struct db_rows *rows, struct span part, bool *ret_said, struct error *err)
{
    bool said = false;

    if (rows == NULL)
        return false;
    while (!said && db_next(rows)) {
        struct span text = db_column_text(rows, 0);

        said = span_find_nocase(text, part) < text.n;
    }
    *ret_said = said;
    return db_rows_finish(&rows, err);
}

static bool subject_fits(struct db *db, const struct delivery_filter *f, int64_t id, bool *fits,
                         struct error *err)
{
    if (!*fits || span_empty(f->subject))
        return true;
    return is_said(db_query(db, err,
                            SQL("SELECT subject FROM intent WHERE delivery = $1 "
                                "ORDER BY id DESC LIMIT 1"),
                            db_int(id)),
                   f->subject, fits, err);
}

static bool words_fit(struct db *db, const struct delivery_filter *f,
                      const struct delivery_row *row, bool *fits, struct error *err)
{
    struct span text = span_of(row->text);

    if (!*fits || span_empty(f->words) || span_find_nocase(text, f->words) < text.n)
        return true;
    return is_said(db_query(db, err,
                            SQL("SELECT text FROM attempt WHERE delivery = $1 AND text IS NOT NULL "
                                "ORDER BY id DESC"),
                            db_int(row->id)),
                   f->words, fits, err);
}

/* To which site it goes is known of its lane. */
static bool site_fits(struct db *db, const struct delivery_filter *f,
                      const struct delivery_row *row, bool *fits, struct error *err)
{
    struct lane_key lane = lane_of_delivery(row);
    int64_t one;

    if (!*fits || f->site.at == NULL)
        return true;
    return db_find_int(db, err, fits, &one,
                       SQL("SELECT 1 FROM lane WHERE stream = $1 AND domain = $2 AND strand = $3 "
                           "AND site = $4"),
                       db_int(lane.stream), db_text(lane.domain), db_int(lane.strand),
                       db_text(f->site));
}

/* Loads the delivery when all of the filter holds. */
static bool consider(struct db *db, const struct delivery_filter *f, int64_t id,
                     struct delivery_row *row, bool *ret_fits, struct error *err)
{
    bool fits;

    if (!delivery_load(db, id, row, &fits, err))
        return false;
    if (fits && f->message_id.at != NULL)
        fits = span_equal(f->message_id, span_of(row->message_id));
    if (fits && f->normal.at != NULL)
        fits = span_equal(f->normal, span_of(row->normal));
    if (fits && f->person != 0)
        fits = row->person == f->person;
    if (fits && f->has_state)
        fits = row->state == f->state;
    if (fits && f->domain.at != NULL)
        fits = span_equal(f->domain, span_of(row->domain));
    fits = fits && row->made_at >= f->since;
    if (!site_fits(db, f, row, &fits, err) || !subject_fits(db, f, id, &fits, err) ||
        !words_fit(db, f, row, &fits, err))
        return false;
    *ret_fits = fits;
    return true;
}

static bool find_submitted(struct db *db, const struct delivery_filter *f,
                           struct delivery_list *list, struct error *err)
{
    int64_t ids[SUBMITTED_AT_ONCE];
    struct page page = { f->before, ARRAY_LENGTH(ids) };
    int64_t submission;
    size_t n;
    size_t i = 0;

    if (!submission_find(db, f->message_id, &submission, err) ||
        !submission_deliveries(db, submission, page, ids, &n, err))
        return error_wrap(err, "finding a submission");
    for (; i < n && list->n < f->limit; i++) {
        bool fits;

        if (!consider(db, f, ids[i], &list->at[list->n], &fits, err))
            return false;
        list->n += fits;
    }
    if (i > 0 && (i < n || n == ARRAY_LENGTH(ids)))
        list->next = ids[i - 1];
    return true;
}

/* Every Message-ID of ours begins with its delivery's id; others came with submissions. */
static bool find_message(struct db *db, const struct delivery_filter *f, struct delivery_list *list,
                         struct error *err)
{
    struct span rest = f->message_id;
    int64_t id;
    bool fits = false;

    if (text_to_integer(span_take_until(&rest, '.'), 1, f->before - 1, &id) &&
        !consider(db, f, id, &list->at[0], &fits, err))
        return false;
    list->n = fits;
    return fits || find_submitted(db, f, list, err);
}

/* What a row of the walk tells without a further look. */
static bool may_fit(struct db_rows *rows, const struct delivery_filter *f)
{
    return db_column_int(rows, 1) >= f->since &&
           (!f->has_state || db_column_int(rows, 2) == (int64_t)f->state);
}

static bool walk(struct db *db, const struct delivery_filter *f, struct delivery_list *list,
                 struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = open_rows(db, f, err);
    size_t seen = 0;
    int64_t last = 0;

    if (rows == NULL)
        return false;
    while (list->n < f->limit && db_next(rows)) {
        bool fits = may_fit(rows, f);

        if (db_column_int(rows, 1) < f->since - CLOCK_SLACK_MS)
            return true; /* and all that follow are older */
        last = db_column_int(rows, 0);
        seen++;
        if (fits && !consider(db, f, last, &list->at[list->n], &fits, err))
            return false;
        list->n += fits;
    }
    if (!db_rows_finish(&rows, err))
        return false;
    list->is_cut = list->n < f->limit && seen == DELIVERY_SCAN_MOST;
    if (list->n == f->limit || list->is_cut)
        list->next = last;
    return true;
}

/* ---- of a domain: its lanes, each a range of an index, become one ---- */

enum { LANES_OF_DOMAIN = (STREAM_MAILOUTS + 1) * LANE_STRANDS, IDS_A_LANE = 300 };

struct domain_ids {
    int64_t at[LANES_OF_DOMAIN * IDS_A_LANE];
    size_t n;
    int64_t whole_from; /* of ids from here on none is missing */
};

static bool add_lane_ids(struct db *db, const struct delivery_filter *f,
                         const struct lane_key *lane, struct domain_ids *ids, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT id FROM delivery WHERE stream = $1 AND domain = $2 "
                     "AND cause_id % 16 = $3 AND id < $4 ORDER BY id DESC LIMIT $5"),
                 db_int(lane->stream), db_text(lane->domain), db_int(lane->strand),
                 db_int(f->before), db_int(IDS_A_LANE));
    int64_t last = 0;
    int n = 0;

    if (rows == NULL)
        return false;
    for (; db_next(rows); n++) {
        last = db_column_int(rows, 0);
        ids->at[ids->n++] = last;
    }
    if (n == IDS_A_LANE && last > ids->whole_from)
        ids->whole_from = last;
    return db_rows_finish(&rows, err);
}

static int by_id_falling(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;

    return (left < right) - (left > right);
}

static bool read_domain_ids(struct db *db, const struct delivery_filter *f, struct domain_ids *ids,
                            struct error *err)
{
    struct lane_key lane = { .domain = f->domain };

    for (int i = 0; i < LANES_OF_DOMAIN; i++) {
        lane.stream = (enum stream_id)(i / LANE_STRANDS);
        lane.strand = i % LANE_STRANDS;
        if (!add_lane_ids(db, f, &lane, ids, err))
            return false;
    }
    qsort(ids->at, ids->n, sizeof ids->at[0], by_id_falling);
    return true;
}

static bool take_domain_ids(struct db *db, const struct delivery_filter *f,
                            const struct domain_ids *ids, struct delivery_list *list,
                            struct error *err)
{
    size_t i = 0;

    for (; i < ids->n && ids->at[i] >= ids->whole_from && list->n < f->limit; i++) {
        bool fits;

        if (!consider(db, f, ids->at[i], &list->at[list->n], &fits, err))
            return false;
        list->n += fits;
    }
    list->is_cut = list->n < f->limit && ids->whole_from != 0;
    if (i > 0 && (i < ids->n || ids->whole_from != 0))
        list->next = ids->at[i - 1];
    return true;
}

static bool walk_domain(struct db *db, const struct delivery_filter *f, struct delivery_list *list,
                        struct error *err)
{
    struct domain_ids *ids = NEW(struct domain_ids);
    bool ok = read_domain_ids(db, f, ids, err) && take_domain_ids(db, f, ids, list, err);

    alloc_free(ids);
    return ok;
}

static bool find(struct db *db, const struct delivery_filter *f, struct delivery_list *list,
                 struct error *err)
{
    if (f->message_id.at != NULL)
        return find_message(db, f, list, err);
    if (f->domain.at != NULL && f->normal.at == NULL && f->person == 0)
        return walk_domain(db, f, list, err);
    return walk(db, f, list, err);
}

bool delivery_list_read(struct db *db, struct arena *arena, const struct delivery_filter *filter,
                        struct delivery_list *ret_list, struct error *err)
{
    struct delivery_list list = { .at = ARENA_ARRAY(arena, struct delivery_row, filter->limit) };

    if (!find(db, filter, &list, err))
        return error_wrap(err, "listing deliveries");
    *ret_list = list;
    return true;
}

bool delivery_unended(struct db *db, struct span normal, int64_t *ids, size_t room, size_t *ret_n,
                      struct error *err)
{
    const struct delivery_filter filter = { .normal = normal, .before = INT64_MAX };
    CLEANUP(db_rows_end) struct db_rows *rows = open_rows(db, &filter, err);
    size_t n = 0;

    if (rows == NULL)
        return false;
    while (n < room && db_next(rows))
        if (!delivery_state_final((enum delivery_state)db_column_int(rows, 2)))
            ids[n++] = db_column_int(rows, 0);
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_n = n;
    return true;
}
