/*
 * The way of an event: it gets a key, the daemon is asked, and what the daemon did not answer for
 * becomes a row of the inbox. JSON is read and written by SQLite's functions.
 */
#include "lib/postroom.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/daemon_ask.h"
#include "lib/spool.h"

struct postroom {
    char *inbox;
    char *socket; /* NULL: the daemon is not asked */
    int timeout_ms;
};

/* One event on its way. */
struct errand {
    const struct postroom *p;
    sqlite3 *db;
    bool has_inbox;
    char *json; /* with its key */
    long long event;
    char why[POSTROOM_WHY];
};

struct postroom *postroom_open(const char *inbox, const char *socket)
{
    struct postroom *p = inbox != NULL ? sqlite3_malloc(sizeof *p) : NULL;

    if (p == NULL)
        return NULL;
    p->inbox = sqlite3_mprintf("%s", inbox);
    p->socket = socket != NULL ? sqlite3_mprintf("%s", socket) : NULL;
    p->timeout_ms = POSTROOM_TIMEOUT_MS;
    if (p->inbox != NULL && (socket == NULL || p->socket != NULL))
        return p;
    postroom_close(p);
    return NULL;
}

void postroom_close(struct postroom *p)
{
    if (p == NULL)
        return;
    sqlite3_free(p->inbox);
    sqlite3_free(p->socket);
    sqlite3_free(p);
}

void postroom_set_timeout(struct postroom *p, int ms)
{
    p->timeout_ms = ms > 0 ? ms : 0;
}

static int end_with(struct errand *e, int result, const char *why, const char *detail)
{
    (void)snprintf(e->why, sizeof e->why, "%s%s", why, detail);
    return result;
}

/* By its key an event is one, however often and whichever way it comes in. */
static int give_key(struct errand *e, const char *json)
{
    static const char sql[] = SQL_SQLITE(
        "SELECT CASE WHEN json_extract($1, '$.key') IS NULL"
        " THEN json_set($1, '$.key', 'lib:' || lower(hex(randomblob(16)))) ELSE json($1) END"
        " WHERE json_valid($1) AND json_type($1) = 'object'");
    char *columns[SPOOL_COLUMNS];
    int code = spool_find(e->db, sql, &json, 1, columns);

    e->json = columns[0];
    if (e->json != NULL)
        return POSTROOM_TAKEN;
    if (code == SQLITE_DONE)
        return end_with(e, POSTROOM_REFUSED, "an event is a JSON object; this is none", "");
    return end_with(e, POSTROOM_FAILED, "reading the event: ", sqlite3_errmsg(e->db));
}

/* What is wrong with the event, against what is wrong with the daemon. */
static bool is_refusal(const char *kind)
{
    static const char *const kinds[] = { "invalid", "not_found", "conflict", "limit" };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    return false;
}

static bool judge_answer(struct errand *e, const char *answer, int *ret_result)
{
    static const char sql[] =
        SQL_SQLITE("SELECT json_extract($1, '$.answer.event'),"
                   " json_extract($1, '$.error.kind'), json_extract($1, '$.error.text')");
    char *columns[SPOOL_COLUMNS];
    bool is_final = false;

    (void)spool_find(e->db, sql, &answer, 1, columns);
    if (columns[0] != NULL) {
        e->event = strtoll(columns[0], NULL, 10);
        *ret_result = POSTROOM_TAKEN;
        is_final = true;
    } else if (columns[1] != NULL && is_refusal(columns[1])) {
        *ret_result = end_with(e, POSTROOM_REFUSED, columns[2] != NULL ? columns[2] : "", "");
        is_final = true;
    }
    for (int i = 0; i < SPOOL_COLUMNS; i++)
        sqlite3_free(columns[i]);
    return is_final;
}

/* False when the daemon has no answer that holds. */
static bool ask(struct errand *e, int *ret_result)
{
    char *line = sqlite3_mprintf("{\"request\":\"event.add\",\"args\":%s}\n", e->json);
    char *answer = NULL;
    bool is_final;

    is_final = line != NULL && daemon_ask(e->p->socket, line, e->p->timeout_ms, &answer) &&
               judge_answer(e, answer, ret_result);
    sqlite3_free(answer);
    sqlite3_free(line);
    return is_final;
}

static int keep(struct errand *e)
{
    if (!e->has_inbox)
        return end_with(e, POSTROOM_FAILED, "no daemon answers, and there is no inbox at ",
                        e->p->inbox);
    if (!spool_keep(e->db, e->json))
        return end_with(e, POSTROOM_FAILED, "writing to the inbox: ", sqlite3_errmsg(e->db));
    return POSTROOM_KEPT;
}

static int deliver(struct errand *e)
{
    bool may_ask = e->p->socket != NULL && !(e->has_inbox && spool_has_waiting(e->db));
    int result;

    return may_ask && ask(e, &result) ? result : keep(e);
}

static int run(struct errand *e, const char *json)
{
    int result = strlen(json) <= POSTROOM_EVENT_LIMIT
                     ? give_key(e, json)
                     : end_with(e, POSTROOM_REFUSED, "the event is too large", "");

    if (result == POSTROOM_TAKEN)
        result = deliver(e);
    sqlite3_free(e->json);
    return result;
}

static int finish(struct errand *e, int result, long long *ret_event, char *why)
{
    (void)sqlite3_close(e->db);
    if (ret_event != NULL)
        *ret_event = e->event;
    if (why != NULL)
        (void)memcpy(why, e->why, POSTROOM_WHY);
    return result;
}

static bool begin(struct errand *e, const struct postroom *p)
{
    *e = (struct errand){ .p = p };
    e->db = spool_open(p->inbox, p->timeout_ms, &e->has_inbox);
    if (e->db == NULL)
        (void)snprintf(e->why, sizeof e->why, "out of memory");
    return e->db != NULL;
}

int postroom_event(struct postroom *p, const char *json, long long *ret_event, char *why)
{
    struct errand e;

    return finish(&e, begin(&e, p) ? run(&e, json) : POSTROOM_FAILED, ret_event, why);
}

int postroom_tell(struct postroom *p, const struct postroom_fields *fields, long long *ret_event,
                  char *why)
{
    static const char sql[] =
        SQL_SQLITE("SELECT json_patch('{}', json_object('topic', $1, 'kind', $2, 'actor', $3,"
                   " 'title', $4, 'text', $5, 'url', $6, 'key', $7))");
    const char *texts[] = { fields->topic, fields->kind, fields->actor, fields->title,
                            fields->text,  fields->url,  fields->key };
    char *columns[SPOOL_COLUMNS] = { NULL };
    struct errand e;
    int result = POSTROOM_FAILED;

    if (begin(&e, p)) {
        (void)spool_find(e.db, sql, texts, sizeof texts / sizeof *texts, columns);
        result = columns[0] != NULL ? run(&e, columns[0])
                                    : end_with(&e, POSTROOM_FAILED, "out of memory", "");
        sqlite3_free(columns[0]);
    }
    return finish(&e, result, ret_event, why);
}
