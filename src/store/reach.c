/*
 * Addresses against suppressions, for one person at a time; the fan-out asks the same for many in
 * its own statement.
 */
#include "store/reach.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/person.h"
#include "store/suppression.h"

enum bar { BAR_NONE, BAR_SUPPRESSED, BAR_UNSUBSCRIBED };

/* Where the columns of a suppression begin: of the address, and of its domain. */
enum { OF_ADDRESS = 5, OF_DOMAIN = 8 };

/* What the suppression in the row, if any, means for mail about these topics. */
static enum bar bar_of_row(struct db_rows *rows, int first, const struct scope_list *scopes)
{
    struct span scope = db_column_text(rows, first + 1);

    if (scope.at == NULL)
        return BAR_NONE;
    if (!suppression_is_of_topics(scope) &&
        (db_column_is_null(rows, first + 2) ||
         scope_list_find(scopes, db_column_int(rows, first + 2)) == NULL))
        return BAR_NONE;
    return span_equal(db_column_text(rows, first), SPAN("unsubscribed")) ? BAR_UNSUBSCRIBED
                                                                         : BAR_SUPPRESSED;
}

/* An address comes in as many rows as there are pairs of a suppression of it and one of its
 * domain. The first good one without any is taken, unless any of them unsubscribed. */
struct choice {
    bool unsubscribed;
    bool any_good;
    bool found;
    int64_t position; /* of the address at hand */
    bool open;        /* it may still be taken */
    struct mail_address address;
};

static void end_address(struct choice *choice)
{
    choice->found = choice->found || choice->open;
    choice->open = false;
}

static void consider_row(struct db_rows *rows, const struct scope_list *scopes,
                         struct choice *choice)
{
    bool good = db_column_int(rows, 4) != 0;
    enum bar bar = bar_of_row(rows, OF_ADDRESS, scopes);
    enum bar bar_of_domain = bar_of_row(rows, OF_DOMAIN, scopes);

    if (db_column_int(rows, 3) != choice->position) {
        end_address(choice);
        choice->position = db_column_int(rows, 3);
        choice->open = good && !choice->found;
        if (choice->open)
            person_address_read(rows, &choice->address);
    }
    choice->any_good = choice->any_good || good;
    choice->unsubscribed =
        choice->unsubscribed || bar == BAR_UNSUBSCRIBED || bar_of_domain == BAR_UNSUBSCRIBED;
    if (bar != BAR_NONE || bar_of_domain != BAR_NONE)
        choice->open = false;
}

static enum reach_verdict verdict_of(const struct choice *choice)
{
    if (choice->unsubscribed)
        return REACH_UNSUBSCRIBED;
    if (choice->found)
        return REACH_GOOD;
    return choice->any_good ? REACH_SUPPRESSED : REACH_NO_ADDRESS;
}

/* Two joins: SQLite builds a table of its own for `target IN (one, two)`, at each look. */
bool reach_person(struct db *db, int64_t person, const struct scope_list *scopes, int64_t at_ms,
                  struct reach *ret_reach, struct error *err)
{
    struct choice choice = { .position = -1 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT a.address, a.normal, a.domain, a.position, "
                     "CASE WHEN a.state = 0 AND a.use = 'mail' THEN 1 ELSE 0 END, "
                     "s.reason, s.scope, t.id, r.reason, r.scope, u.id FROM person_address a "
                     "LEFT JOIN suppression s ON s.target = a.normal "
                     "AND (s.until IS NULL OR s.until > $2) "
                     "LEFT JOIN topic t ON t.key = s.scope "
                     "LEFT JOIN suppression r ON r.target = '@' || a.domain "
                     "AND (r.until IS NULL OR r.until > $2) "
                     "LEFT JOIN topic u ON u.key = r.scope "
                     "WHERE a.person = $1 ORDER BY a.position"),
                 db_int(person), db_int(at_ms));

    if (rows == NULL)
        return false;
    while (db_next(rows))
        consider_row(rows, scopes, &choice);
    end_address(&choice);
    if (!db_rows_finish(&rows, err))
        return false;
    *ret_reach = (struct reach){ verdict_of(&choice), choice.address };
    return true;
}

bool reach_bars(struct db *db, struct arena *arena, int64_t person, struct reach_bar_list *ret_bars,
                struct error *err)
{
    struct reach_bar_list bars = { ARENA_ARRAY(arena, struct reach_bar, REACH_BARS_LIMIT), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT s.target, s.scope, s.reason, s.origin, s.at, s.until "
                     "FROM person_address a JOIN suppression s "
                     "ON s.target IN (a.normal, '@' || a.domain) "
                     "WHERE a.person = $1 ORDER BY a.position, s.target, s.scope LIMIT $2"),
                 db_int(person), db_int(REACH_BARS_LIMIT));

    if (rows == NULL)
        return false;
    while (bars.n < REACH_BARS_LIMIT && db_next(rows))
        bars.at[bars.n++] = (struct reach_bar){
            .target = arena_copy(arena, db_column_text(rows, 0)),
            .scope = arena_copy(arena, db_column_text(rows, 1)),
            .reason = arena_copy(arena, db_column_text(rows, 2)),
            .origin = arena_copy(arena, db_column_text(rows, 3)),
            .at = db_column_int(rows, 4),
            .until = db_column_int(rows, 5),
        };
    *ret_bars = bars;
    return db_rows_finish(&rows, err);
}
