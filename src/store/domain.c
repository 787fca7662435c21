/*
 * The table of domains. What failures mean, and how long a domain sleeps, is the engine's affair.
 */
#include "store/domain.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "store/db.h"
#include "store/site.h"

bool domain_note(struct db *db, const struct domain_note *note, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO domain (name, site, failures, asleep_until, last_text, seen_at) "
                      "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET "
                      "site = coalesce(excluded.site, domain.site), failures = excluded.failures, "
                      "asleep_until = excluded.asleep_until, last_text = excluded.last_text, "
                      "seen_at = excluded.seen_at"),
                  db_text(note->name), db_text(note->site), db_int(note->failures),
                  db_int(note->asleep_until), db_text(note->text), db_int(note->seen_at));
}

bool domain_wake(struct db *db, struct span name, struct error *err)
{
    return db_run(db, err, SQL("UPDATE domain SET asleep_until = 0 WHERE name = $1"),
                  db_text(name));
}

enum { NEWS_LIMIT = 300 };

static void tell_pause(struct db *db, const struct domain_pause *pause)
{
    CLEANUP(buf_fini) struct buf key;

    buf_init(&key, NEWS_LIMIT);
    buf_printf(&key, "%lld %.*s", (long long)pause->until, SPAN_ARGS(pause->name));
    db_tell(db, DOMAIN_PAUSED_NEWS, buf_view(&key));
}

bool domain_pause(struct db *db, const struct domain_pause *pause, struct error *err)
{
    bool is_paused = pause->until != 0;

    if (!db_run(db, err,
                SQL("INSERT INTO domain (name, paused_until, paused_at, paused_words) "
                    "VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET "
                    "paused_until = excluded.paused_until, paused_at = excluded.paused_at, "
                    "paused_words = excluded.paused_words"),
                db_text(pause->name), db_int(pause->until),
                db_int_or_null(is_paused, pause->now_ms),
                is_paused ? db_text(pause->words) : db_null()))
        return false;
    if (!is_paused && !domain_stops_drop(db, pause->name, err))
        return false;
    tell_pause(db, pause);
    return true;
}

bool domain_pause_read(struct span key, int64_t *ret_until, struct span *ret_name)
{
    struct span name = key;

    if (!text_to_integer(span_take_until(&name, ' '), 0, INT64_MAX, ret_until))
        return false;
    *ret_name = name;
    return true;
}

bool domain_recheck(struct db *db, struct span name, struct error *err)
{
    if (!domain_wake(db, name, err))
        return false;
    db_tell(db, DOMAIN_RECHECK_NEWS, name);
    return true;
}

static void read_row(struct db_rows *rows, struct domain_row *row)
{
    *row = (struct domain_row){ .failures = db_column_int(rows, 2),
                                .asleep_until = db_column_int(rows, 3),
                                .seen_at = db_column_int(rows, 5),
                                .paused_until = db_column_int(rows, 6),
                                .paused_at = db_column_int(rows, 7) };
    span_copy(db_column_text(rows, 0), row->name, sizeof row->name);
    span_copy(db_column_text(rows, 1), row->site, sizeof row->site);
    span_copy(db_column_text(rows, 4), row->text, sizeof row->text);
    span_copy(db_column_text(rows, 8), row->paused_words, sizeof row->paused_words);
}

bool domain_find(struct db *db, struct span name, struct domain_row *ret_row, bool *ret_found,
                 struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT name, site, failures, asleep_until, last_text, seen_at, paused_until, "
                     "paused_at, paused_words FROM domain WHERE name = $1"),
                 db_text(name));
    bool found;

    if (rows == NULL)
        return false;
    found = db_next(rows);
    if (found)
        read_row(rows, ret_row);
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_found = found;
    return true;
}

bool domain_asleep_each(struct db *db, struct domain_walk *walk, struct domain_row *rows,
                        size_t room, size_t *ret_n, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *found =
        db_query(db, err,
                 SQL("SELECT name, site, failures, asleep_until, last_text, seen_at, paused_until, "
                     "paused_at, paused_words FROM domain WHERE asleep_until > 0 AND "
                     "(asleep_until, name) > ($1, $2) "
                     "ORDER BY asleep_until, name LIMIT $3"),
                 db_int(walk->asleep_until), db_string(walk->name), db_int((int64_t)room));
    size_t n = 0;

    if (found == NULL)
        return false;
    while (n < room && db_next(found))
        read_row(found, &rows[n++]);
    if (!db_rows_finish(&found, err))
        return false;
    if (n > 0) {
        walk->asleep_until = rows[n - 1].asleep_until;
        span_copy(span_of(rows[n - 1].name), walk->name, sizeof walk->name);
    }
    *ret_n = n;
    return true;
}

static struct db_rows *open_page(struct db *db, const struct domain_page *page, struct error *err)
{
    if (page->only_paused)
        return db_query(db, err,
                        SQL("SELECT name, site, failures, asleep_until, last_text, seen_at, "
                            "paused_until, paused_at, paused_words FROM domain "
                            "WHERE paused_until > 0 AND name > $1 ORDER BY name LIMIT $2"),
                        db_text(page->after), db_int((int64_t)page->room));
    return db_query(db, err,
                    SQL("SELECT name, site, failures, asleep_until, last_text, seen_at, "
                        "paused_until, paused_at, paused_words FROM domain "
                        "WHERE name > $1 ORDER BY name LIMIT $2"),
                    db_text(page->after), db_int((int64_t)page->room));
}

bool domain_each(struct db *db, const struct domain_page *page, struct domain_row *rows,
                 size_t *ret_n, struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *found = open_page(db, page, err);
    size_t n = 0;

    if (found == NULL)
        return false;
    while (n < page->room && db_next(found))
        read_row(found, &rows[n++]);
    *ret_n = n;
    return db_rows_finish(&found, err);
}
