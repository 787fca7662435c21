/*
 * Bearer tokens. That a token is used is noted once an hour, behind the answer.
 */
#include "web/authorization.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "domain/access.h"
#include "store/token.h"
#include "web/answer_http.h"

static const int64_t mark_every_ms = INT64_C(3600) * 1000;

struct mark {
    struct web_job job; /* first */
    int64_t token;
    int64_t now_ms;
};

static bool run_mark(struct ledger_job *job, struct db *db, struct error *err)
{
    const struct mark *mark = (const struct mark *)job;

    return token_mark_used(db, mark->token, mark->now_ms, err);
}

static void mark_done(struct web_job *job)
{
    alloc_free(job);
}

static void mark_used(struct web_call *call)
{
    int64_t now_ms = web_now_ms(call->web);
    struct mark *mark;

    if (now_ms - call->caller.used_at < mark_every_ms)
        return;
    mark = NEW(struct mark);
    mark->job.job.name = "token.used";
    mark->job.job.run = run_mark;
    mark->job.done = mark_done;
    mark->token = call->caller.token;
    mark->now_ms = now_ms;
    web_submit(call->web, &mark->job);
}

static bool refuse_stranger(struct web_call *call, const char *detail, const char *challenge)
{
    const struct http_field fields[] = { { "WWW-Authenticate", challenge }, { NULL, NULL } };

    web_refuse(call, 401, detail, fields);
    return false;
}

static bool refuse_scope(struct web_call *call)
{
    struct arena *arena = http_exchange_arena(call->exchange);
    const char *needs = call->match.route->needs;
    const struct http_field fields[] = {
        { "WWW-Authenticate",
          arena_printf(arena,
                       "Bearer realm=\"postroom\", error=\"insufficient_scope\", "
                       "scope=\"%s\"",
                       needs) },
        { NULL, NULL },
    };

    web_refuse(call, 403,
               arena_printf(arena, "this needs the scope %s, which the token does not have", needs),
               fields);
    return false;
}

bool web_authorize(struct web_call *call)
{
    struct span header = http_exchange_header(call->exchange, "Authorization");
    struct error err;
    uint64_t needs;
    bool found;

    if (call->match.route->needs == NULL)
        return true;
    if (!span_starts_nocase(header, SPAN("Bearer ")))
        return refuse_stranger(call,
                               "this needs a token: Authorization: Bearer TOKEN; `postroom token "
                               "add` makes one",
                               "Bearer realm=\"postroom\"");
    if (!caller_find(web_reader(call->web), span_trim(span_rest(header, 7)), web_now_ms(call->web),
                     &call->caller, &found, &err)) {
        web_fail(call, &err);
        return false;
    }
    if (!found)
        return refuse_stranger(call, "this token is unknown, revoked or expired",
                               "Bearer realm=\"postroom\", error=\"invalid_token\"");
    needs = access_scope(span_of(call->match.route->needs));
    if (call->match.route->needs[0] != '\0' &&
        (needs == 0 || (call->caller.scopes & needs) != needs))
        return refuse_scope(call);
    mark_used(call);
    return true;
}
