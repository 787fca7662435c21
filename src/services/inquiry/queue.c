/*
 * Looking at the lanes.
 */
#include "services/inquiry/queue.h"

#include "base/cleanup.h"
#include "services/inquiry/notices.h"
#include "services/request/answer.h"
#include "services/request/site_wish.h"
#include "store/counter.h"
#include "store/domain.h"
#include "store/lane.h"
#include "store/site_search.h"
#include "store/site_word.h"

enum {
    LANES_SHOWN = 20,
    LANES_A_PAGE = 64,
    LANES_COMPARED = 20000, /* at most, for one answer */
    DOMAINS_A_PAGE = 64,
    DOMAINS_SUMMED = 2048, /* of a site, the same */
    STREAMS = STREAM_MAILOUTS + 1
};

/* What is asked. */
struct wish {
    bool has_stream;
    enum stream_id stream;
    struct span domain; /* at == NULL: all */
    struct span site;   /* the same */
    struct span state;  /* the same */
    int64_t now_ms;
};

static bool is_wanted(const struct wish *wish, const struct counter_sum *sum)
{
    return wish->state.at == NULL || span_equal(wish->state, sum->state);
}

static void put_sums(json_t *object, const struct wish *wish, const struct counter_list *sums,
                     const char *key)
{
    for (size_t i = 0; i < sums->n; i++)
        if (span_equal(sums->at[i].key, span_of(key)) && is_wanted(wish, &sums->at[i])) {
            char state[40];

            span_copy(sums->at[i].state, state, sizeof state);
            answer_number(object, state, sums->at[i].n);
        }
}

static bool put_streams(struct db *db, const struct wish *wish, json_t *answer, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct counter_list sums;
    json_t *list = json_array();

    arena_init(&arena);
    answer_take(answer, "streams", list);
    if (!counter_list_read(db, &arena, "stream", (struct span){ NULL, 0 }, &sums, err))
        return false;
    for (int i = 0; i < STREAMS; i++) {
        const char *name = stream_name((enum stream_id)i);
        json_t *object = json_object();

        put_sums(object, wish, &sums, name);
        if ((wish->has_stream && (int)wish->stream != i) || json_object_size(object) == 0) {
            json_decref(object);
            continue;
        }
        answer_string(object, "stream", name);
        (void)json_array_append_new(list, object);
    }
    return true;
}

/* The longest lanes met, the longest first. */
struct longest {
    struct lane_row rows[LANES_SHOWN];
    size_t n;
};

static void consider(struct longest *longest, const struct lane_row *row)
{
    size_t i = longest->n;

    if (i == LANES_SHOWN && row->waiting <= longest->rows[i - 1].waiting)
        return;
    if (i == LANES_SHOWN)
        i--;
    else
        longest->n++;
    for (; i > 0 && longest->rows[i - 1].waiting < row->waiting; i--)
        longest->rows[i] = longest->rows[i - 1];
    longest->rows[i] = *row;
}

static bool find_longest(struct db *db, const struct wish *wish, struct longest *longest,
                         bool *ret_more, struct error *err)
{
    struct lane_row page[LANES_A_PAGE];
    struct lane_row last = { .stream = wish->stream };
    size_t n = LANES_A_PAGE;
    size_t seen = 0;

    for (; n == LANES_A_PAGE && seen < LANES_COMPARED; seen += n) {
        if (!lane_each_waiting_all(db, &last, page, LANES_A_PAGE, &n, err))
            return false;
        for (size_t i = 0; i < n; i++) {
            if (wish->has_stream && page[i].stream != wish->stream)
                return true;
            consider(longest, &page[i]);
        }
        if (n > 0)
            last = page[n - 1];
    }
    *ret_more = n == LANES_A_PAGE;
    return true;
}

static bool find_of_domain(struct db *db, const struct wish *wish, struct longest *longest,
                           struct error *err)
{
    for (int i = 0; i < STREAMS; i++) {
        struct lane_row row;
        bool found;

        if (!lane_find_all(db, (enum stream_id)i, wish->domain, &row, &found, err))
            return false;
        if (found && (!wish->has_stream || wish->stream == (enum stream_id)i))
            consider(longest, &row);
    }
    return true;
}

static bool find_of_site(struct db *db, const struct wish *wish, struct longest *longest,
                         bool *ret_more, struct error *err)
{
    struct site_domain rows[LANES_SHOWN + 1];
    struct site_domains domains = { rows, LANES_SHOWN + 1, 0 };

    if (!site_search_domains(db, wish->site, SPAN(""), &domains, err))
        return false;
    for (size_t i = 0; i < domains.n && i < LANES_SHOWN; i++) {
        struct wish of_domain = *wish;

        of_domain.domain = span_of(rows[i].name);
        if (!find_of_domain(db, &of_domain, longest, err))
            return false;
    }
    *ret_more = domains.n > LANES_SHOWN;
    return true;
}

static bool find_lanes(struct db *db, const struct wish *wish, struct longest *longest,
                       bool *ret_more, struct error *err)
{
    if (wish->state.at != NULL)
        return true;
    if (wish->domain.at != NULL)
        return find_of_domain(db, wish, longest, err);
    if (wish->site.at != NULL)
        return find_of_site(db, wish, longest, ret_more, err);
    return find_longest(db, wish, longest, ret_more, err);
}

/* Until when a lane is left alone, and why. */
struct rest {
    int64_t until;  /* 0: it is not */
    bool is_paused; /* by the operator, until they say otherwise */
    char text[512];
};

static void rest_until(struct rest *rest, int64_t until, struct span text)
{
    if (until <= rest->until)
        return;
    rest->until = until;
    span_copy(text, rest->text, sizeof rest->text);
}

/* A site may take nothing of one stream. */
static bool read_stop(struct db *db, const struct lane_row *lane, int64_t now_ms, struct rest *rest,
                      struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct site_word_list words = { NULL, 0 };

    arena_init(&arena);
    if (lane->site[0] != '\0' &&
        !site_word_list_read(db, &arena, span_of(lane->site), now_ms, &words, err))
        return false;
    for (size_t i = 0; i < words.n; i++) {
        const struct site_word *word = &words.at[i];

        if (span_equal(word->about, span_of(stream_name(lane->stream)))) {
            rest_until(rest, word->until, word->text);
        } else if (span_equal(word->about, SPAN(SITE_WORD_PAUSE))) {
            rest->is_paused = true;
            rest_until(rest, INT64_MAX, word->text);
        }
    }
    return true;
}

static bool put_lane(struct db *db, const struct lane_row *lane, int64_t now_ms, json_t *object,
                     struct error *err)
{
    struct domain_row domain = { .failures = 0 };
    struct rest rest = { .until = 0 };
    bool found;

    answer_string(object, "stream", stream_name(lane->stream));
    answer_string(object, "domain", lane->domain);
    if (lane->site[0] != '\0')
        answer_string(object, "site", lane->site);
    answer_number(object, "waiting", lane->waiting);
    if (lane->next_due != LANE_NEVER)
        answer_moment(object, "next_due", lane->next_due);
    if (!domain_find(db, span_of(lane->domain), &domain, &found, err) ||
        !read_stop(db, lane, now_ms, &rest, err))
        return false;
    if (domain.failures > 0)
        answer_number(object, "failures", domain.failures);
    if (domain.asleep_until > now_ms)
        rest_until(&rest, domain.asleep_until, span_of(domain.text));
    if (domain.paused_until > now_ms) {
        rest.is_paused = rest.is_paused || domain.paused_until == DOMAIN_PAUSED_FOR_GOOD;
        rest_until(&rest, domain.paused_until, span_of(domain.paused_words));
    }
    if (rest.is_paused)
        answer_flag(object, "paused", true);
    else
        answer_moment(object, "left_alone_until", rest.until);
    if (rest.text[0] != '\0')
        answer_string(object, "text", rest.text);
    return true;
}

static bool put_lanes(struct db *db, const struct wish *wish, json_t *answer, struct error *err)
{
    struct longest longest = { .n = 0 };
    json_t *list = json_array();
    bool more = false;

    answer_take(answer, "lanes", list);
    if (!find_lanes(db, wish, &longest, &more, err))
        return false;
    for (size_t i = 0; i < longest.n; i++) {
        json_t *object = json_object();

        (void)json_array_append_new(list, object);
        if (!put_lane(db, &longest.rows[i], wish->now_ms, object, err))
            return false;
    }
    if (wish->domain.at == NULL)
        answer_flag(answer, "more_lanes", more);
    return true;
}

/* Adds what a domain's mails are, by state. */
static bool add_states(struct db *db, const struct wish *wish, struct span domain, json_t *states,
                       struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct counter_list sums;

    arena_init(&arena);
    if (!counter_list_read(db, &arena, "domain", domain, &sums, err))
        return false;
    for (size_t i = 0; i < sums.n; i++) {
        char state[40];

        if (!is_wanted(wish, &sums.at[i]))
            continue;
        span_copy(sums.at[i].state, state, sizeof state);
        answer_number(states, state,
                      sums.at[i].n + json_integer_value(json_object_get(states, state)));
    }
    return true;
}

/* Counters are kept by stream or by domain: of a stream at a domain the lanes say what waits. */
static bool put_domain(struct db *db, const struct wish *wish, json_t *answer, struct error *err)
{
    struct lane_row row = { .waiting = 0 };
    json_t *states;
    bool found;

    answer_text(answer, "domain", wish->domain);
    if (wish->has_stream) {
        if (!lane_find_all(db, wish->stream, wish->domain, &row, &found, err))
            return false;
        answer_number(answer, "waiting", found ? row.waiting : 0);
        return true;
    }
    states = json_object();
    answer_take(answer, "states", states);
    return add_states(db, wish, wish->domain, states, err);
}

static bool put_site_states(struct db *db, const struct wish *wish, json_t *answer,
                            struct error *err)
{
    struct site_domain rows[DOMAINS_A_PAGE];
    struct site_domains page = { rows, DOMAINS_A_PAGE, DOMAINS_A_PAGE };
    char last[DELIVERY_DOMAIN_ROOM] = "";
    json_t *states = json_object();
    size_t seen = 0;

    answer_take(answer, "states", states);
    for (; page.n == DOMAINS_A_PAGE && seen < DOMAINS_SUMMED; seen += page.n) {
        if (!site_search_domains(db, wish->site, span_of(last), &page, err))
            return false;
        for (size_t i = 0; i < page.n; i++)
            if (!add_states(db, wish, span_of(rows[i].name), states, err))
                return false;
        if (page.n > 0)
            span_copy(span_of(rows[page.n - 1].name), last, sizeof last);
    }
    if (page.n == DOMAINS_A_PAGE)
        answer_flag(answer, "more_domains", true);
    return true;
}

static bool put_site(struct db *db, const struct wish *wish, json_t *answer, struct error *err)
{
    struct site_waiting waiting;

    answer_text(answer, "site", wish->site);
    if (!wish->has_stream)
        return put_site_states(db, wish, answer, err);
    if (!site_search_waiting(db, wish->site, &waiting, err))
        return false;
    answer_number(answer, "waiting", waiting.of[wish->stream]);
    return true;
}

static bool put_counts(struct db *db, const struct wish *wish, json_t *answer, struct error *err)
{
    if (wish->domain.at != NULL)
        return put_domain(db, wish, answer, err);
    return wish->site.at != NULL ? put_site(db, wish, answer, err)
                                 : put_streams(db, wish, answer, err);
}

static bool read_stream(const struct request *request, struct wish *wish, struct error *err)
{
    struct span stream;

    if (!request_text(request, "stream", &stream, err))
        return false;
    wish->has_stream = stream.at != NULL;
    return !wish->has_stream || stream_find(stream, &wish->stream) ||
           error_set(err, ERROR_INVALID, "stream: there is no stream \"%.*s\"",
                     SPAN_ARGS(span_first(stream, 40)));
}

static bool read_state(const struct request *request, struct wish *wish, struct error *err)
{
    enum delivery_state state;

    if (!request_text(request, "state", &wish->state, err))
        return false;
    return wish->state.at == NULL || delivery_state_find(wish->state, &state) ||
           error_set(err, ERROR_INVALID, "state: there is no state \"%.*s\"",
                     SPAN_ARGS(span_first(wish->state, 40)));
}

static bool read_wish(struct db *db, const struct request *request, struct arena *arena,
                      struct wish *wish, struct error *err)
{
    if (!request_allow(request, "stream domain site state", err) ||
        !read_stream(request, wish, err) || !read_state(request, wish, err) ||
        !request_domain(request, "domain", arena, &wish->domain, err))
        return false;
    if (wish->has_stream && wish->state.at != NULL &&
        (wish->domain.at != NULL || json_object_get(request->args, "site") != NULL))
        return error_set(err, ERROR_INVALID,
                         "state: of a domain or site it is counted for all streams together: leave "
                         "out the stream, or see `deliveries`");
    if (json_object_get(request->args, "site") == NULL)
        return true;
    if (wish->domain.at != NULL)
        return error_set(err, ERROR_INVALID, "site: goes without a domain");
    return request_site(db, request, "site", arena, &wish->site, err);
}

/* What is no mail yet is of no stream, domain or state. */
static bool put_rest(struct db *db, const struct request *request, json_t *answer,
                     struct error *err)
{
    return json_object_size(request->args) > 0 || notices_put(db, answer, err);
}

bool queue_show(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct wish wish = { .now_ms = request->now_ms };
    json_t *answer;

    arena_init(&arena);
    if (!read_wish(db, request, &arena, &wish, err))
        return false;
    answer = json_object();
    answer_filter(answer, request->args);
    if (!put_counts(db, &wish, answer, err) || !put_lanes(db, &wish, answer, err) ||
        !put_rest(db, request, answer, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
