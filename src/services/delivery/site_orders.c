/*
 * Orders about sites: rows, and the news of them. A pause for good of all streams is the site's
 * own; one of a stream or for a time is a stop beside those that sites asked for.
 */
#include "services/delivery/site_orders.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "services/request/answer.h"
#include "services/request/plain_text.h"
#include "services/request/site_wish.h"
#include "store/alarm.h"
#include "store/site.h"
#include "store/site_search.h"

enum { REASON_LIMIT = 200, CAUSE_LIMIT = 400 };

struct order {
    struct db *db;
    const struct request *request;
    struct arena arena;
    struct span site;
    struct site_keys *sharing; /* sites with a host of that name */
    bool has_stream;
    enum stream_id stream;
    int64_t until; /* 0: for good */
    struct span words;
};

static bool read_stream(struct order *o, struct error *err)
{
    struct span name;

    if (!request_text(o->request, "stream", &name, err))
        return false;
    o->has_stream = name.at != NULL;
    return !o->has_stream || stream_find(name, &o->stream) ||
           error_set(err, ERROR_INVALID,
                     "stream: there is no stream \"%.*s\" (known: urgent, notices, submissions, "
                     "mailouts)",
                     SPAN_ARGS(span_first(name, 40)));
}

/* "by uid 1000: words" */
static bool read_words(struct order *o, struct error *err)
{
    struct span reason;

    if (!request_text(o->request, "reason", &reason, err) ||
        !plain_line_check(reason, "reason", REASON_LIMIT, err))
        return false;
    o->words = span_of(arena_printf(&o->arena, "by %s%s%.*s", o->request->by,
                                    reason.n > 0 ? ": " : "", SPAN_ARGS(reason)));
    return true;
}

static bool read_until(struct order *o, struct error *err)
{
    if (!request_moment(o->request, "until", &o->until, err))
        return false;
    return o->until == 0 || o->until > o->request->now_ms ||
           error_set(err, ERROR_INVALID, "until: that time is over; give one that is to come");
}

/* A site is called like its first host, which others may have, too. */
static bool read_site(struct order *o, struct error *err)
{
    o->sharing = ARENA_NEW(&o->arena, struct site_keys);
    return request_site(o->db, o->request, "site", &o->arena, &o->site, err) &&
           site_search_host(o->db, o->site, o->sharing, err);
}

/* The other sites, which the order does not concern. */
static void put_others(const struct order *o, json_t *answer)
{
    json_t *others = json_array();

    for (size_t i = 0; i < o->sharing->n; i++)
        if (!span_equal(o->site, span_of(o->sharing->at[i])))
            (void)json_array_append_new(others, json_string(o->sharing->at[i]));
    if (json_array_size(others) > 0)
        answer_take(answer, "others_with_host", others);
    else
        json_decref(others);
}

static void put_order(const struct order *o, json_t *answer)
{
    answer_text(answer, "site", o->site);
    put_others(o, answer);
    if (o->has_stream)
        answer_string(answer, "stream", stream_name(o->stream));
    answer_moment(answer, "until", o->until);
}

/* ---- pause ---- */

static bool stop_streams(struct order *o, struct error *err)
{
    struct site_stop stop = { .origin = LIMIT_OF_OPERATOR,
                              .since = o->request->now_ms,
                              .until = o->until != 0 ? o->until : SITE_STOP_FOR_GOOD,
                              .words = o->words };

    for (int i = 0; i < SITE_STREAMS; i++) {
        stop.stream = (enum stream_id)i;
        if ((!o->has_stream || o->stream == stop.stream) &&
            !site_stop_put(o->db, o->site, &stop, err))
            return false;
    }
    site_tell(o->db, o->site);
    return true;
}

static bool pause_site(struct order *o, json_t *answer, struct error *err)
{
    bool changed = true;

    if (!request_allow(o->request, "site stream until reason", err) || !read_site(o, err) ||
        !read_stream(o, err) || !read_until(o, err) || !read_words(o, err))
        return false;
    if (o->has_stream || o->until != 0) {
        if (!stop_streams(o, err))
            return false;
    } else if (!site_pause(o->db, o->site, o->words, o->request->now_ms, &changed, err)) {
        return false;
    }
    put_order(o, answer);
    answer_flag(answer, "changed", changed);
    return true;
}

/* ---- resume ---- */

static bool end_alarms(struct order *o, struct error *err)
{
    CLEANUP(buf_fini) struct buf cause;

    buf_init(&cause, CAUSE_LIMIT);
    for (int i = 0; i < SITE_STREAMS; i++) {
        if (o->has_stream && (int)o->stream != i)
            continue;
        buf_clear(&cause);
        buf_printf(&cause, "site-blocks %s %.*s", stream_name((enum stream_id)i),
                   SPAN_ARGS(o->site));
        if (!alarm_end(o->db, buf_view(&cause), o->request->now_ms, err))
            return false;
    }
    return true;
}

static bool resume_site(struct order *o, json_t *answer, struct error *err)
{
    bool changed;

    if (!request_allow(o->request, "site stream", err) || !read_site(o, err) ||
        !read_stream(o, err))
        return false;
    if (o->has_stream ? !site_stop_drop(o->db, o->site, o->stream, &changed, err)
                      : !site_resume(o->db, o->site, &changed, err))
        return false;
    put_order(o, answer);
    answer_flag(answer, "changed", changed);
    return end_alarms(o, err);
}

/* ---- limits ---- */

/* clang-format off */
static const struct {
    int64_t least;
    int64_t most;
    bool is_time;
} ranges[SITE_LIMIT_KINDS] = {
    [LIMIT_CONNECTIONS]      = { 1, 10000, false },
    [LIMIT_NEW_CONNECTIONS]  = { 1, 100000, false },
    [LIMIT_MAILS]            = { 1, 10000000, false },
    [LIMIT_CONNECTION_MAILS] = { 1, 1000000, false },
    [LIMIT_CONNECTION_MS]    = { 1000, 86400000, true },
    [LIMIT_IDLE_MS]          = { 1000, 3600000, true },
};
/* clang-format on */

static bool refuse_kind(const char *name, struct error *err)
{
    CLEANUP(buf_fini) struct buf known;

    buf_init(&known, 300);
    for (int kind = 0; kind < SITE_LIMIT_KINDS; kind++)
        buf_printf(&known, "%s%s", kind > 0 ? ", " : "",
                   site_limit_kind_name((enum site_limit_kind)kind));
    return error_set(err, ERROR_INVALID, "limits: there is no limit \"%.40s\" (known: %s)", name,
                     buf_text(&known));
}

static bool refuse_value(enum site_limit_kind kind, struct error *err)
{
    CLEANUP(buf_fini) struct buf range;

    buf_init(&range, 100);
    if (ranges[kind].is_time) {
        buf_put_text(&range, "a duration from ");
        text_put_duration(&range, ranges[kind].least);
        buf_put_text(&range, " to ");
        text_put_duration(&range, ranges[kind].most);
    } else {
        buf_printf(&range, "a number from %lld to %lld", (long long)ranges[kind].least,
                   (long long)ranges[kind].most);
    }
    return error_set(err, ERROR_INVALID,
                     "limits: %s must be %s, or default; `site pause` lets nothing go",
                     site_limit_kind_name(kind), buf_text(&range));
}

static bool read_value(enum site_limit_kind kind, const json_t *json, int64_t *ret_value,
                       struct error *err)
{
    int64_t value = 0;
    bool ok;

    if (ranges[kind].is_time)
        ok = json_is_string(json) && text_to_duration(span_of(json_string_value(json)), &value);
    else
        ok = json_is_integer(json);
    if (ok && !ranges[kind].is_time)
        value = json_integer_value(json);
    if (!ok || value < ranges[kind].least || value > ranges[kind].most)
        return refuse_value(kind, err);
    *ret_value = value;
    return true;
}

static bool set_limit(struct order *o, enum site_limit_kind kind, const json_t *json,
                      struct error *err)
{
    struct site_limit_new limit = { .kind = kind,
                                    .origin = LIMIT_OF_OPERATOR,
                                    .since = o->request->now_ms,
                                    .until = o->until,
                                    .words = o->words };

    if (json_is_null(json))
        return site_limit_drop(o->db, o->site, kind, LIMIT_OF_OPERATOR, err);
    return read_value(kind, json, &limit.value, err) && site_limit_put(o->db, o->site, &limit, err);
}

static bool limit_site(struct order *o, json_t *answer, struct error *err)
{
    json_t *limits = json_object_get(o->request->args, "limits");
    const char *name;
    json_t *value;

    if (!request_allow(o->request, "site limits until reason", err) || !read_site(o, err) ||
        !read_until(o, err) || !read_words(o, err))
        return false;
    if (!json_is_object(limits) || json_object_size(limits) == 0)
        return error_set(err, ERROR_INVALID, "limits: must be an object of kinds and values");
    json_object_foreach (limits, name, value) {
        enum site_limit_kind kind;

        if (!site_limit_kind_find(span_of(name), &kind))
            return refuse_kind(name, err);
        if (!set_limit(o, kind, value, err))
            return false;
    }
    site_tell(o->db, o->site);
    put_order(o, answer);
    answer_take(answer, "limits", json_incref(limits));
    return true;
}

static bool give_order(struct db *db, const struct request *request,
                       bool (*act)(struct order *o, json_t *answer, struct error *err),
                       json_t **ret_answer, struct error *err)
{
    struct order order = { .db = db, .request = request };
    json_t *answer = json_object();
    bool ok;

    arena_init(&order.arena);
    ok = act(&order, answer, err);
    arena_fini(&order.arena);
    if (ok)
        *ret_answer = answer;
    else
        json_decref(answer);
    return ok;
}

bool site_orders_pause(struct db *db, const struct request *request, json_t **ret_answer,
                       struct error *err)
{
    return give_order(db, request, pause_site, ret_answer, err);
}

bool site_orders_resume(struct db *db, const struct request *request, json_t **ret_answer,
                        struct error *err)
{
    return give_order(db, request, resume_site, ret_answer, err);
}

bool site_orders_limit(struct db *db, const struct request *request, json_t **ret_answer,
                       struct error *err)
{
    return give_order(db, request, limit_site, ret_answer, err);
}
