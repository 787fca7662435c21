/*
 * The tables site, site_host, site_limit and site_stop.
 */
#include "store/site.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/db.h"

static bool read_site(struct db *db, struct span key, struct site_facts *facts, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(
        db, err, SQL("SELECT paused_at, paused_words FROM site WHERE key = $1"), db_text(key));

    if (rows == NULL)
        return false;
    facts->is_known = db_next(rows);
    if (facts->is_known) {
        facts->paused_at = db_column_int(rows, 0);
        span_copy(db_column_text(rows, 1), facts->paused_words, sizeof facts->paused_words);
    }
    return db_rows_finish(&rows, err);
}

static void take_limit(struct db_rows *rows, struct site_facts *facts)
{
    enum site_limit_kind kind;
    enum limit_origin origin;

    if (!site_limit_kind_find(db_column_text(rows, 0), &kind) ||
        !limit_origin_find(db_column_text(rows, 1), &origin))
        return; /* of a later version */
    limit_set_put(&facts->limits[origin], kind, db_column_int(rows, 2), db_column_int(rows, 3),
                  db_column_int(rows, 4));
    span_copy(db_column_text(rows, 5), facts->limit_words[kind][origin], SITE_WORDS_ROOM);
}

static bool read_limits(struct db *db, struct span key, struct site_facts *facts, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT kind, origin, value, since, until, words FROM site_limit "
                     "WHERE site = $1"),
                 db_text(key));

    if (rows == NULL)
        return false;
    while (db_next(rows))
        take_limit(rows, facts);
    return db_rows_finish(&rows, err);
}

static bool read_stops(struct db *db, struct span key, struct site_facts *facts, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err, SQL("SELECT stream, since, until, words FROM site_stop WHERE site = $1"),
                 db_text(key));

    if (rows == NULL)
        return false;
    while (db_next(rows)) {
        int64_t stream = db_column_int(rows, 0);

        if (stream < 0 || stream >= SITE_STREAMS ||
            facts->stops[stream].until > db_column_int(rows, 2))
            continue;
        facts->stops[stream].since = db_column_int(rows, 1);
        facts->stops[stream].until = db_column_int(rows, 2);
        span_copy(db_column_text(rows, 3), facts->stops[stream].words, SITE_WORDS_ROOM);
    }
    return db_rows_finish(&rows, err);
}

bool site_read(struct db *db, struct span key, struct site_facts *ret_facts, struct error *err)
{
    *ret_facts = (struct site_facts){ 0 };
    return (read_site(db, key, ret_facts, err) && read_limits(db, key, ret_facts, err) &&
            read_stops(db, key, ret_facts, err)) ||
           error_wrap(err, "reading site %.*s", SPAN_ARGS(key));
}

/* The key names the hosts, but for the end of a very long one. */
static bool put_hosts(struct db *db, struct span key, struct error *err)
{
    struct span rest = key;

    while (rest.n > 0) {
        struct span host = span_take_until(&rest, ',');

        if (span_index(host, '~') == host.n &&
            !db_run(db, err,
                    SQL("INSERT INTO site_host (host, site) VALUES ($1, $2) "
                        "ON CONFLICT (host, site) DO NOTHING"),
                    db_text(host), db_text(key)))
            return false;
    }
    return true;
}

bool site_met(struct db *db, struct span key, int64_t now_ms, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO site (key, seen_at) VALUES ($1, $2) "
                      "ON CONFLICT (key) DO UPDATE SET seen_at = excluded.seen_at"),
                  db_text(key), db_int(now_ms)) &&
           put_hosts(db, key, err);
}

bool site_pause(struct db *db, struct span key, struct span words, int64_t now_ms,
                bool *ret_changed, struct error *err)
{
    if (!db_run(db, err,
                SQL("UPDATE site SET paused_at = $2, paused_words = $3 "
                    "WHERE key = $1 AND paused_at IS NULL"),
                db_text(key), db_int(now_ms), db_text(words)))
        return false;
    *ret_changed = db_changes(db) > 0;
    site_tell(db, key);
    return true;
}

bool site_resume(struct db *db, struct span key, bool *ret_changed, struct error *err)
{
    int64_t changes;

    if (!db_run(db, err,
                SQL("UPDATE site SET paused_at = NULL, paused_words = NULL "
                    "WHERE key = $1 AND paused_at IS NOT NULL"),
                db_text(key)))
        return false;
    changes = db_changes(db);
    if (!db_run(db, err, SQL("DELETE FROM site_stop WHERE site = $1"), db_text(key)))
        return false;
    *ret_changed = changes + db_changes(db) > 0;
    site_tell(db, key);
    return true;
}

bool site_stop_drop(struct db *db, struct span key, enum stream_id stream, bool *ret_changed,
                    struct error *err)
{
    if (!db_run(db, err, SQL("DELETE FROM site_stop WHERE site = $1 AND stream = $2"), db_text(key),
                db_int(stream)))
        return false;
    *ret_changed = db_changes(db) > 0;
    site_tell(db, key);
    return true;
}

bool site_limit_put(struct db *db, struct span key, const struct site_limit_new *limit,
                    struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO site_limit (site, kind, origin, value, since, until, words) "
                      "VALUES ($1, $2, $3, $4, $5, $6, $7) "
                      "ON CONFLICT (site, kind, origin) DO UPDATE SET value = excluded.value, "
                      "since = excluded.since, until = excluded.until, words = excluded.words"),
                  db_text(key), db_string(site_limit_kind_name(limit->kind)),
                  db_string(limit_origin_name(limit->origin)), db_int(limit->value),
                  db_int(limit->since), db_int(limit->until), db_text(limit->words));
}

bool site_limit_drop(struct db *db, struct span key, enum site_limit_kind kind,
                     enum limit_origin origin, struct error *err)
{
    return db_run(
        db, err, SQL("DELETE FROM site_limit WHERE site = $1 AND kind = $2 AND origin = $3"),
        db_text(key), db_string(site_limit_kind_name(kind)), db_string(limit_origin_name(origin)));
}

bool site_stop_put(struct db *db, struct span key, const struct site_stop *stop, struct error *err)
{
    return db_run(
        db, err,
        SQL("INSERT INTO site_stop (site, stream, origin, since, until, words) "
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (site, stream, origin) DO UPDATE "
            "SET since = excluded.since, until = excluded.until, words = excluded.words"),
        db_text(key), db_int(stop->stream), db_string(limit_origin_name(stop->origin)),
        db_int(stop->since), db_int(stop->until), db_text(stop->words));
}

bool domain_stop_put(struct db *db, struct span domain, const struct site_stop *stop,
                     struct error *err)
{
    CLEANUP(buf_fini) struct buf key;

    buf_init(&key, DELIVERY_DOMAIN_ROOM + 1);
    buf_put_byte(&key, '@');
    buf_put(&key, domain);
    return site_stop_put(db, buf_view(&key), stop, err);
}

bool domain_stops_drop(struct db *db, struct span domain, struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM site_stop WHERE site = '@' || $1"), db_text(domain));
}

bool domain_stops_read(struct db *db, int64_t now_ms, struct domain_stop *ret_stops, size_t room,
                       size_t *ret_n, struct error *err)
{
    size_t n = 0;
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT site, stream, until FROM site_stop "
                                        "WHERE site LIKE '@%' AND until > $1 LIMIT $2"),
                                    db_int(now_ms), db_int((int64_t)room));

    if (rows == NULL)
        return error_wrap(err, "reading what domains take nothing");
    while (n < room && db_next(rows)) {
        struct domain_stop *stop = &ret_stops[n];

        if (db_column_int(rows, 1) < 0 || db_column_int(rows, 1) >= SITE_STREAMS)
            continue;
        span_copy(span_rest(db_column_text(rows, 0), 1), stop->domain, sizeof stop->domain);
        stop->stream = (enum stream_id)db_column_int(rows, 1);
        stop->until = db_column_int(rows, 2);
        n++;
    }
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading what domains take nothing");
    *ret_n = n;
    return true;
}

void site_tell(struct db *db, struct span key)
{
    db_tell(db, SITE_NEWS, key);
}
