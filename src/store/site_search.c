/*
 * A lane knows its site, a site its hosts; what a name means is found in three small ranges.
 */
#include "store/site_search.h"

#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/db.h"
#include "store/lane.h"

static bool has_key(const struct site_keys *keys, struct span key)
{
    for (size_t i = 0; i < keys->n; i++)
        if (span_equal(span_of(keys->at[i]), key))
            return true;
    return false;
}

/* Adds what a statement gives, each once. */
static bool add_keys(struct db_rows *rows, size_t room, struct site_keys *keys, struct error *err)
{
    if (rows == NULL)
        return false;
    while (keys->n < room && db_next(rows)) {
        struct span key = db_column_text(rows, 0);

        if (key.n > 0 && !has_key(keys, key))
            span_copy(key, keys->at[keys->n++], DELIVERY_DOMAIN_ROOM);
    }
    return db_rows_finish(&rows, err);
}

static bool add_of_domain(struct db *db, struct span domain, struct site_keys *keys,
                          struct error *err)
{
    for (int64_t stream = 0; stream <= STREAM_MAILOUTS; stream++)
        if (!add_keys(db_query(db, err,
                               SQL("SELECT site FROM lane WHERE stream = $1 AND domain = $2 "
                                   "ORDER BY stream, domain, strand LIMIT $3"),
                               db_int(stream), db_text(domain), db_int(LANE_STRANDS)),
                      SITE_KEYS_MOST, keys, err))
            return false;
    return add_keys(
        db_query(db, err, SQL("SELECT site FROM domain WHERE name = $1"), db_text(domain)),
        SITE_KEYS_MOST, keys, err);
}

static bool add_of_host(struct db *db, struct span host, struct site_keys *keys, struct error *err)
{
    return add_keys(db_query(db, err,
                             SQL("SELECT site FROM site_host WHERE host = $1 "
                                 "ORDER BY host, site LIMIT $2"),
                             db_text(host), db_int(SITE_KEYS_MOST)),
                    SITE_KEYS_MOST, keys, err);
}

bool site_search_host(struct db *db, struct span host, struct site_keys *ret_keys,
                      struct error *err)
{
    ret_keys->n = 0;
    return add_of_host(db, host, ret_keys, err);
}

bool site_search_name(struct db *db, struct span name, struct site_keys *ret_keys,
                      struct error *err)
{
    ret_keys->n = 0;
    return add_keys(db_query(db, err, SQL("SELECT key FROM site WHERE key = $1"), db_text(name)),
                    SITE_KEYS_MOST, ret_keys, err) &&
           (ret_keys->n > 0 || /* its own name means a site alone */
            (add_of_host(db, name, ret_keys, err) && add_of_domain(db, name, ret_keys, err)));
}

/* ---- lists ---- */

/* `origin` tells who stopped streams of them. */
static struct db_rows *open_stopped(struct db *db, const struct site_page *page, const char *origin,
                                    struct error *err)
{
    return db_query(db, err,
                    SQL("SELECT site FROM site_stop WHERE site > $1 AND origin = $2 AND until > $3 "
                        "ORDER BY site, stream LIMIT $4"),
                    db_text(page->after), db_string(origin), db_int(page->now_ms),
                    db_int((int64_t)page->room * (STREAM_MAILOUTS + 1)));
}

/* Two lists in order become one. */
static void merge(const struct site_keys *a, const struct site_keys *b, size_t room,
                  struct site_keys *ret_keys)
{
    size_t i = 0;
    size_t j = 0;

    ret_keys->n = 0;
    while (ret_keys->n < room && (i < a->n || j < b->n)) {
        bool from_a = j == b->n || (i < a->n && strcmp(a->at[i], b->at[j]) <= 0);
        const char *key = from_a ? a->at[i++] : b->at[j++];

        if (!has_key(ret_keys, span_of(key)))
            span_copy(span_of(key), ret_keys->at[ret_keys->n++], DELIVERY_DOMAIN_ROOM);
    }
}

static bool find_paused(struct db *db, const struct site_page *page, struct site_keys *ret_keys,
                        struct error *err)
{
    struct site_keys wholly = { .n = 0 };
    struct site_keys partly = { .n = 0 };

    if (!add_keys(db_query(db, err,
                           SQL("SELECT key FROM site WHERE paused_at IS NOT NULL AND key > $1 "
                               "ORDER BY key LIMIT $2"),
                           db_text(page->after), db_int((int64_t)page->room)),
                  page->room, &wholly, err) ||
        !add_keys(open_stopped(db, page, "operator", err), page->room, &partly, err))
        return false;
    merge(&wholly, &partly, page->room, ret_keys);
    return true;
}

bool site_search_page(struct db *db, const struct site_page *page, struct site_keys *ret_keys,
                      struct error *err)
{
    assert(page->room <= SITE_KEYS_MOST);
    ret_keys->n = 0;
    switch (page->choice) {
    case SITES_PAUSED:
        return find_paused(db, page, ret_keys, err);
    case SITES_BLOCKED:
        return add_keys(open_stopped(db, page, "server", err), page->room, ret_keys, err);
    case SITES_ALL:
        break;
    }
    return add_keys(db_query(db, err,
                             SQL("SELECT key FROM site WHERE key > $1 ORDER BY key LIMIT $2"),
                             db_text(page->after), db_int((int64_t)page->room)),
                    page->room, ret_keys, err);
}

/* ---- what goes there ---- */

enum { LANES_A_DOMAIN = LANE_STRANDS * (STREAM_MAILOUTS + 1) };

/* The lane at hand, into the domain's row. */
static void add_lane(struct db_rows *lanes, struct site_domain *row)
{
    int64_t stream = db_column_int(lanes, 0);

    if (stream < 0 || stream > STREAM_MAILOUTS)
        return; /* of a later version */
    row->waiting[stream] += db_column_int(lanes, 2);
    row->waiting_in_all += db_column_int(lanes, 2);
}

/* The row of a domain: that of the lane before, or a new one; NULL when there is no room. */
static struct site_domain *row_of(struct site_domains *domains, struct span name)
{
    struct site_domain *row;

    if (domains->n > 0 && span_equal(name, span_of(domains->at[domains->n - 1].name)))
        return &domains->at[domains->n - 1];
    if (domains->n == domains->room)
        return NULL;
    row = &domains->at[domains->n++];
    *row = (struct site_domain){ .waiting_in_all = 0 };
    span_copy(name, row->name, sizeof row->name);
    return row;
}

bool site_search_domains(struct db *db, struct span key, struct span after,
                         struct site_domains *domains, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *lanes = db_query(
        db, err,
        SQL("SELECT stream, domain, waiting FROM lane WHERE site = $1 AND domain > $2 "
            "ORDER BY site, domain LIMIT $3"),
        db_text(key), db_text(after), db_int((int64_t)(domains->room + 1) * LANES_A_DOMAIN));

    domains->n = 0;
    if (lanes == NULL)
        return false;
    while (db_next(lanes)) {
        struct site_domain *row = row_of(domains, db_column_text(lanes, 1));

        if (row == NULL)
            break;
        add_lane(lanes, row);
    }
    return db_rows_finish(&lanes, err);
}

bool site_search_waiting(struct db *db, struct span key, struct site_waiting *ret_waiting,
                         struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT stream, waiting FROM lane WHERE site = $1 LIMIT $2"),
                 db_text(key), db_int(SITE_LANES_SUMMED));
    struct site_waiting waiting = { .all = 0 };
    int seen = 0;

    if (rows == NULL)
        return false;
    while (db_next(rows)) {
        int64_t stream = db_column_int(rows, 0);

        seen++;
        waiting.all += db_column_int(rows, 1);
        if (stream >= 0 && stream <= STREAM_MAILOUTS)
            waiting.of[stream] += db_column_int(rows, 1);
    }
    waiting.has_more = seen == SITE_LANES_SUMMED;
    *ret_waiting = waiting;
    return db_rows_finish(&rows, err);
}
