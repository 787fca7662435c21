/*
 * Looking at sites. Sums are of lanes, bounded; what waits is counted nowhere row by row.
 */
#include "services/inquiry/sites.h"

#include "base/cleanup.h"
#include "services/inquiry/site_bounds.h"
#include "services/inquiry/site_json.h"
#include "services/request/answer.h"
#include "services/request/site_wish.h"
#include "store/domain.h"
#include "store/site_search.h"
#include "store/site_word.h"

enum { DOMAINS_SHOWN = 20 };

/* ---- one ---- */

static bool put_domain(struct db *db, json_t *list, const struct site_domain *row, int64_t now_ms,
                       struct error *err)
{
    struct domain_row domain;
    json_t *object = json_object();
    bool found;

    (void)json_array_append_new(list, object);
    answer_string(object, "domain", row->name);
    answer_number(object, "waiting", row->waiting_in_all);
    if (!domain_find(db, span_of(row->name), &domain, &found, err))
        return false;
    if (!found || domain.failures == 0)
        return true;
    answer_number(object, "failures", domain.failures);
    if (domain.asleep_until > now_ms)
        answer_moment(object, "asleep_until", domain.asleep_until);
    if (domain.text[0] != '\0')
        answer_string(object, "text", domain.text);
    return true;
}

static bool put_domains(struct db *db, const struct request *request, json_t *answer,
                        struct span key, struct error *err)
{
    struct site_domain rows[DOMAINS_SHOWN + 1];
    struct site_domains domains = { rows, DOMAINS_SHOWN + 1, 0 };
    json_t *list = json_array();
    struct span after;

    answer_take(answer, "domains", list);
    if (!request_text(request, "after", &after, err))
        return false;
    if (after.at == NULL)
        after = SPAN("");
    if (!site_search_domains(db, key, after, &domains, err))
        return false;
    for (size_t i = 0; i < domains.n && i < DOMAINS_SHOWN; i++)
        if (!put_domain(db, list, &rows[i], request->now_ms, err))
            return false;
    if (domains.n > DOMAINS_SHOWN)
        answer_string(answer, "next", rows[DOMAINS_SHOWN - 1].name);
    return true;
}

static bool put_waiting(struct db *db, json_t *answer, struct span key, struct error *err)
{
    struct site_waiting waiting;
    json_t *object = json_object();

    answer_take(answer, "waiting", object);
    if (!site_search_waiting(db, key, &waiting, err))
        return false;
    for (int i = 0; i <= STREAM_MAILOUTS; i++)
        if (waiting.of[i] != 0)
            answer_number(object, stream_name((enum stream_id)i), waiting.of[i]);
    answer_number(answer, "waiting_in_all", waiting.all);
    if (waiting.has_more)
        answer_flag(answer, "more_waits", true);
    return true;
}

static bool put_site(struct db *db, const struct request *request, struct span key, json_t *answer,
                     struct error *err)
{
    struct site_bounds bounds;

    answer_text(answer, "site", key);
    if (!site_bounds_read(db, request->settings, key, &bounds, err))
        return false;
    if (bounds.provider != NULL)
        answer_text(answer, "provider", bounds.provider->name);
    site_json_put_limits(answer, &bounds, request->now_ms);
    site_bounds_fini(&bounds);
    return site_json_put_stops(db, answer, key, request->now_ms, err) &&
           site_json_put_hosts(db, answer, key, request->now_ms, err) &&
           put_waiting(db, answer, key, err) && put_domains(db, request, answer, key, err);
}

bool sites_show(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct span key;
    json_t *answer;

    arena_init(&arena);
    if (!request_allow(request, "site after", err) ||
        !request_site(db, request, "site", &arena, &key, err))
        return false;
    answer = json_object();
    if (!put_site(db, request, key, answer, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}

/* ---- many ---- */

static void add_stream(json_t *object, const char *field, struct span stream)
{
    json_t *list = json_object_get(object, field);

    if (list == NULL) {
        list = json_array();
        answer_take(object, field, list);
    }
    (void)json_array_append_new(list, json_stringn(stream.at, stream.n));
}

static bool put_row(struct db *db, json_t *list, struct span key, int64_t now_ms, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct site_word_list words;
    struct site_waiting waiting;
    json_t *object = json_object();

    arena_init(&arena);
    (void)json_array_append_new(list, object);
    answer_text(object, "site", key);
    if (!site_search_waiting(db, key, &waiting, err) ||
        !site_word_list_read(db, &arena, key, now_ms, &words, err))
        return false;
    answer_number(object, "waiting", waiting.all);
    for (size_t i = 0; i < words.n; i++) {
        enum stream_id stream;

        if (span_equal(words.at[i].about, SPAN(SITE_WORD_PAUSE)))
            answer_flag(object, "paused", true);
        else if (stream_find(words.at[i].about, &stream))
            add_stream(object,
                       span_equal(words.at[i].by, SPAN("operator")) ? "paused_streams"
                                                                    : "blocked_streams",
                       words.at[i].about);
    }
    return true;
}

static bool read_choice(const struct request *request, struct site_page *page, struct error *err)
{
    struct span only;

    if (!request_text(request, "only", &only, err))
        return false;
    if (span_equal(only, SPAN("paused")))
        page->choice = SITES_PAUSED;
    else if (span_equal(only, SPAN("blocked")))
        page->choice = SITES_BLOCKED;
    else if (only.at != NULL)
        return error_set(err, ERROR_INVALID, "only: must be paused or blocked");
    return true;
}

static bool read_page(const struct request *request, struct site_page *page, struct error *err)
{
    int64_t room;

    if (!request_allow(request, "only after limit", err) || !read_choice(request, page, err) ||
        !request_text(request, "after", &page->after, err) ||
        !request_integer(request, "limit", 1, SITE_KEYS_MOST, SITE_KEYS_MOST / 2, &room, err))
        return false;
    if (page->after.at == NULL)
        page->after = SPAN("");
    page->room = (size_t)room;
    page->now_ms = request->now_ms;
    return true;
}

bool sites_list(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    struct site_page page = { .choice = SITES_ALL };
    struct site_keys keys;
    json_t *list;

    if (!read_page(request, &page, err) || !site_search_page(db, &page, &keys, err))
        return false;
    list = json_array();
    for (size_t i = 0; i < keys.n; i++) {
        if (!put_row(db, list, span_of(keys.at[i]), page.now_ms, err)) {
            json_decref(list);
            return false;
        }
    }
    *ret_answer = json_object();
    answer_take(*ret_answer, "sites", list);
    if (keys.n == page.room)
        answer_string(*ret_answer, "next", keys.at[keys.n - 1]);
    return true;
}
