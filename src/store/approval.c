/*
 * Rows of question and approval.
 */
#include "store/approval.h"

#include "base/cleanup.h"
#include "store/db.h"
#include "store/topic.h"

bool question_ask(struct db *db, const struct question *question, int64_t seq, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO question (event, answers, until_at) VALUES ($1, $2, $3) "
                      "ON CONFLICT (event) DO UPDATE SET answers = excluded.answers, "
                      "until_at = excluded.until_at WHERE question.closed_at IS NULL"),
                  db_int(question->event), db_text(question->answers),
                  db_int_or_null(question->until_ms != 0, question->until_ms)) &&
           db_run(db, err,
                  SQL("INSERT INTO approval (person, event) "
                      "SELECT d.person, q.event FROM question q JOIN event_direct d ON d.seq = $2 "
                      "WHERE q.event = $1 AND q.closed_at IS NULL "
                      "ON CONFLICT (person, event) DO NOTHING"),
                  db_int(question->event), db_int(seq));
}

bool question_find(struct db *db, struct arena *arena, int64_t event, struct question *ret_question,
                   bool *ret_found, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT answers, until_at, closed_at, person, answer, text FROM question "
                     "WHERE event = $1"),
                 db_int(event));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found)
        *ret_question = (struct question){
            .event = event,
            .answers = db_column_copy(rows, 0, arena),
            .until_ms = db_column_int(rows, 1),
            .closed_at = db_column_int(rows, 2),
            .person = db_column_int(rows, 3),
            .answer = db_column_copy(rows, 4, arena),
            .text = db_column_copy(rows, 5, arena),
        };
    return db_rows_finish(&rows, err);
}

bool question_close(struct db *db, const struct question *question, int64_t now_ms,
                    struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE question SET closed_at = $2, person = $3, answer = $4, text = $5 "
                      "WHERE event = $1 AND closed_at IS NULL"),
                  db_int(question->event), db_int(now_ms),
                  db_int_or_null(question->person != 0, question->person),
                  db_text(question->answer), db_text(question->text)) &&
           db_run(db, err, SQL("UPDATE approval SET is_open = 0 WHERE event = $1"),
                  db_int(question->event));
}

/* The person $1 has a grant of each label that stands there. */
#define APPROVAL_MAY_SEE                                                                           \
    "(e.label IS NULL OR EXISTS (SELECT 1 FROM grant_of g "                                        \
    "WHERE g.label = e.label AND g.person = $1)) "                                                 \
    "AND (t.label IS NULL OR EXISTS (SELECT 1 FROM grant_of g "                                    \
    "WHERE g.label = t.label AND g.person = $1)) "

bool approval_open(struct db *db, struct arena *arena, const struct approval_wanted *wanted,
                   struct approval_list *ret_list, struct error *err)
{
    struct approval_list list = { ARENA_ARRAY(arena, int64_t, wanted->page.limit), 0 };
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT a.event FROM approval a JOIN question q ON q.event = a.event "
                     "JOIN event e ON e.id = a.event JOIN topic t ON t.id = e.topic "
                     "WHERE a.person = $1 AND a.event > $2 AND a.is_open = 1 AND e.seq > 0 "
                     "AND (q.until_at IS NULL OR q.until_at > $3) "
                     "AND " APPROVAL_MAY_SEE "ORDER BY a.event LIMIT $4"),
                 db_int(wanted->person), db_int(wanted->page.after), db_int(wanted->now_ms),
                 db_int((int64_t)wanted->page.limit));

    if (rows == NULL)
        return false;
    while (list.n < wanted->page.limit && db_next(rows))
        list.events[list.n++] = db_column_int(rows, 0);
    *ret_list = list;
    return db_rows_finish(&rows, err);
}

/* Of the person $1 at the moment $2. */
#define APPROVAL_WAITED                                                                            \
    "FROM approval a JOIN question q ON q.event = a.event "                                        \
    "JOIN event e ON e.id = a.event JOIN topic t ON t.id = e.topic "                               \
    "WHERE a.person = $1 AND (a.is_open = 1 OR q.closed_at > $2) AND e.seq > 0 "                   \
    "AND e.taken_at <= $2 AND (q.until_at IS NULL OR q.until_at > $2) "                            \
    "AND " APPROVAL_MAY_SEE

/* Of what is secret mail gives no title. */
static bool read_waiting(struct db *db, struct db_rows *rows, struct arena *arena,
                         struct approval_waiting *one, struct error *err)
{
    int64_t topic = db_column_int(rows, 2);
    bool secret;

    if (!topic_is_secret(db, topic, &secret, err))
        return false;
    *one = (struct approval_waiting){ .event = db_column_int(rows, 0),
                                      .asked_at = db_column_int(rows, 1),
                                      .name = db_column_copy(rows, secret ? 5 : 4, arena),
                                      .answers = db_column_copy(rows, 3, arena) };
    return true;
}

static bool count_waiting(struct db *db, int64_t person, int64_t at_ms, int64_t *ret_count,
                          struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_count, SQL("SELECT count(*) " APPROVAL_WAITED),
                       db_int(person), db_int(at_ms));
}

bool approval_waiting(struct db *db, struct arena *arena, const struct approval_wanted *wanted,
                      struct approval_waiting_list *ret_list, struct error *err)
{
    size_t most = wanted->page.limit;
    struct approval_waiting_list list = { ARENA_ARRAY(arena, struct approval_waiting, most), 0, 0 };
    int64_t count = 0;
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT a.event, e.taken_at, e.topic, q.answers, "
                     "coalesce(nullif(e.title, ''), nullif(t.title, ''), t.key), "
                     "t.key " APPROVAL_WAITED "ORDER BY a.event LIMIT $3"),
                 db_int(wanted->person), db_int(wanted->now_ms), db_int((int64_t)most));

    if (rows == NULL)
        return false;
    while (list.n < most && db_next(rows))
        if (!read_waiting(db, rows, arena, &list.at[list.n++], err))
            return false;
    if (!db_rows_finish(&rows, err) ||
        (list.n == most && !count_waiting(db, wanted->person, wanted->now_ms, &count, err)))
        return false;
    list.more = count > (int64_t)list.n ? count - (int64_t)list.n : 0;
    *ret_list = list;
    return true;
}

bool approval_is_asked(struct db *db, int64_t person, int64_t event, bool *ret_asked,
                       struct error *err)
{
    int64_t one;

    return db_find_int(db, err, ret_asked, &one,
                       SQL("SELECT 1 FROM approval WHERE person = $1 AND event = $2"),
                       db_int(person), db_int(event));
}
