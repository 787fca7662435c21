/*
 * Answering an operation. A POST may carry an Idempotency-Key: then what was answered is kept in
 * the same transaction as what was done, and a second request of the same key and content gets
 * that answer and does nothing.
 */
#include "web/api/api.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "services/request/perform.h"
#include "store/answered.h"
#include "store/db.h"
#include "web/answer_http.h"
#include "web/api/arguments.h"
#include "web/api/operation.h"

enum { KEY_MOST = 200 };

struct api_job {
    struct web_job job; /* first */
    struct web_call *call;
    const struct request_entry *entry;
    json_t *args;
    struct request_ahead *ahead;
    int64_t now_ms;
    struct span key; /* at == NULL: none */
    unsigned char digest[DIGEST_SIZE];
    json_t *answer;
};

static const struct api_operation *operation_of(const struct web_call *call)
{
    return call->match.route->detail;
}

static struct request request_of(struct web_call *call, json_t *args, int64_t now_ms)
{
    return (struct request){ .args = args,
                             .now_ms = now_ms,
                             .by = call->caller.by,
                             .scopes = &call->caller.scopes,
                             .settings = web_settings(call->web) };
}

static void answer_with(struct web_call *call, const json_t *answer)
{
    const char *next = api_next_link(call, answer);
    const struct http_field fields[] = { { "Link", next }, { NULL, NULL } };

    web_answer_json(call, operation_of(call)->status, answer, next != NULL ? fields : NULL);
}

/* False when that is answered. */
static bool look(struct web_call *call, const struct request_entry *entry, json_t *args,
                 json_t **ret_answer)
{
    struct request request = request_of(call, args, web_now_ms(call->web));
    struct db *db = web_reader(call->web);
    struct error err;
    bool ok = db_begin(db, &err) && entry->handler(db, &request, ret_answer, &err);

    db_rollback(db);
    if (!ok)
        web_fail(call, &err);
    json_decref(args);
    return ok;
}

static void answer_reading(struct web_call *call, const struct request_entry *entry, json_t *args)
{
    json_t *answer;

    if (!look(call, entry, args, &answer))
        return;
    answer_with(call, answer);
    json_decref(answer);
}

/* What was answered before to this key. */
static bool find_answer(struct api_job *job, struct db *db, bool *ret_found, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct span digest = { (const char *)job->digest, sizeof(job->digest) };
    struct answered known = { .token = job->call->caller.token,
                              .key = job->key,
                              .at = job->now_ms };

    arena_init(&arena);
    if (!answered_find(db, &arena, &known, ret_found, err))
        return false;
    if (!*ret_found)
        return true;
    if (!span_equal(known.digest, digest))
        return error_set(err, ERROR_CONFLICT,
                         "the Idempotency-Key was used for another request within a day");
    job->answer = json_loadb(known.answer.at, known.answer.n, 0, NULL);
    return true;
}

static bool keep_answer(struct api_job *job, struct db *db, struct error *err)
{
    CLEANUP(cleanup_free) char *text = json_dumps(job->answer, JSON_COMPACT);
    struct answered answered = { .token = job->call->caller.token,
                                 .key = job->key,
                                 .digest = { (const char *)job->digest, sizeof(job->digest) },
                                 .answer = span_of(text),
                                 .at = job->now_ms };

    return answered_put(db, &answered, err);
}

static bool run_job(struct ledger_job *base, struct db *db, struct error *err)
{
    struct api_job *job = (struct api_job *)base;
    struct request request = request_of(job->call, job->args, job->now_ms);
    bool known = false;

    request.ahead = job->ahead;
    json_decref(job->answer); /* of a run that was rolled back */
    job->answer = NULL;
    if (job->key.at != NULL && !find_answer(job, db, &known, err))
        return false;
    return known || (request_perform(job->entry, db, &request, &job->answer, err) &&
                     (job->key.at == NULL || keep_answer(job, db, err)));
}

static void free_job(struct api_job *job)
{
    request_ahead_free(job->ahead);
    json_decref(job->answer);
    json_decref(job->args);
    alloc_free(job);
}

static void job_done(struct web_job *base)
{
    struct api_job *job = (struct api_job *)base;

    if (base->job.ok)
        answer_with(job->call, job->answer);
    else
        web_fail(job->call, &base->job.error);
    free_job(job);
}

/* The key, and what it stands for: method, address and arguments. */
static bool read_key(struct web_call *call, struct api_job *job, struct error *err)
{
    struct span key = http_exchange_header(call->exchange, "Idempotency-Key");
    CLEANUP(cleanup_free) char *args = NULL;
    struct digest *digest;

    if (key.at == NULL || call->request->method != HTTP_POST)
        return true;
    if (key.n == 0 || key.n > KEY_MOST || !text_is_ascii(key) || text_has_control(key))
        return error_set(err, ERROR_INVALID, "the Idempotency-Key must be 1 to %d ASCII letters",
                         KEY_MOST);
    if (job->entry->is_secret)
        return error_set(err, ERROR_INVALID,
                         "%s takes no Idempotency-Key: the answer holds a secret, which is not "
                         "kept",
                         job->entry->name);
    args = json_dumps(job->args, JSON_COMPACT | JSON_SORT_KEYS);
    digest = digest_new();
    digest_start(digest);
    digest_add(digest, call->request->path);
    digest_add(digest, SPAN("\n"));
    digest_add(digest, span_of(args));
    digest_end(digest, job->digest);
    digest_free(digest);
    job->key = key;
    return true;
}

/* What needs no store is done here, beside the ledger. */
static bool ready(struct api_job *job, struct error *err)
{
    struct request request = request_of(job->call, job->args, job->now_ms);

    return read_key(job->call, job, err) && request_ready(job->entry, &request, &job->ahead, err);
}

static void answer_writing(struct web_call *call, const struct request_entry *entry, json_t *args)
{
    struct api_job *job = NEW(struct api_job);
    struct error err;

    job->job.job.name = entry->name;
    job->job.job.run = run_job;
    job->job.done = job_done;
    job->call = call;
    job->entry = entry;
    job->args = args;
    job->now_ms = web_now_ms(call->web);
    if (ready(job, &err)) {
        web_submit(call->web, &job->job);
        return;
    }
    web_fail(call, &err);
    free_job(job);
}

/* False when it is answered that the caller is too fast. */
static bool paces(struct web_call *call, const struct request_entry *entry)
{
    int64_t wait_ms = entry->is_paced ? web_submission_wait_ms(call) : 0;
    char seconds[24];
    const struct http_field fields[] = { { "Retry-After", seconds }, { NULL, NULL } };

    if (wait_ms == 0)
        return true;
    (void)snprintf(seconds, sizeof seconds, "%lld", (long long)((wait_ms + 999) / 1000));
    web_refuse(call, 429, "too many messages in a minute (submission.rate)", fields);
    return false;
}

static bool is_json(struct web_call *call)
{
    struct span type = http_exchange_header(call->exchange, "Content-Type");

    type = span_trim(span_first(type, span_index(type, ';')));
    return call->request->body.n == 0 || span_equal_nocase(type, SPAN("application/json"));
}

/* False when what is wrong with them is answered. */
static bool take_arguments(struct web_call *call, const struct request_entry *entry,
                           json_t **ret_args)
{
    struct error err;

    if (!is_json(call)) {
        web_refuse(call, 415, "the body must be JSON: Content-Type: application/json", NULL);
        return false;
    }
    if (!paces(call, entry))
        return false;
    if (api_arguments(call, ret_args, &err))
        return true;
    web_fail(call, &err);
    return false;
}

bool api_look(struct web_call *call, json_t **ret_answer)
{
    const struct request_entry *entry = web_find_request(call->web, operation_of(call)->request);
    json_t *args;

    return take_arguments(call, entry, &args) && look(call, entry, args, ret_answer);
}

void api_answer(struct web_call *call)
{
    const struct request_entry *entry = web_find_request(call->web, operation_of(call)->request);
    json_t *args;

    if (!take_arguments(call, entry, &args))
        return;
    if (entry->reads)
        answer_reading(call, entry, args);
    else
        answer_writing(call, entry, args);
}
