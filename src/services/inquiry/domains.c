/*
 * Looking at recipient domains, from the store alone.
 */
#include "services/inquiry/domains.h"

#include "base/cleanup.h"
#include "services/request/answer.h"
#include "services/request/site_wish.h"
#include "store/counter.h"
#include "store/domain.h"
#include "store/lane.h"

enum { DOMAINS_A_PAGE_MOST = 200, DOMAINS_A_PAGE = 50 };

static void put_row(json_t *object, const struct domain_row *row, int64_t now_ms)
{
    answer_string(object, "domain", row->name);
    if (row->site[0] != '\0')
        answer_string(object, "site", row->site);
    if (row->failures > 0)
        answer_number(object, "failures", row->failures);
    if (row->asleep_until > now_ms)
        answer_moment(object, "asleep_until", row->asleep_until);
    if (row->paused_until > now_ms)
        answer_flag(object, "paused", true);
    if (row->paused_until > now_ms && row->paused_until != DOMAIN_PAUSED_FOR_GOOD)
        answer_moment(object, "paused_until", row->paused_until);
    if (row->text[0] != '\0')
        answer_string(object, "text", row->text);
}

/* ---- one ---- */

static bool put_waiting(struct db *db, json_t *answer, struct span domain, bool *ret_any,
                        struct error *err)
{
    json_t *waiting = json_object();
    int64_t all = 0;

    answer_take(answer, "waiting", waiting);
    for (int i = 0; i <= STREAM_MAILOUTS; i++) {
        struct lane_row lane;
        bool found;

        if (!lane_find_all(db, (enum stream_id)i, domain, &lane, &found, err))
            return false;
        if (!found)
            continue;
        *ret_any = true;
        all += lane.waiting;
        if (lane.site[0] != '\0')
            answer_string(answer, "site", lane.site);
        if (lane.waiting > 0)
            answer_number(waiting, stream_name((enum stream_id)i), lane.waiting);
    }
    answer_number(answer, "waiting_in_all", all);
    return true;
}

static bool put_states(struct db *db, json_t *answer, struct span domain, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct counter_list sums;
    json_t *states = json_object();

    arena_init(&arena);
    answer_take(answer, "states", states);
    if (!counter_list_read(db, &arena, "domain", domain, &sums, err))
        return false;
    for (size_t i = 0; i < sums.n; i++) {
        char state[40];

        span_copy(sums.at[i].state, state, sizeof state);
        answer_number(states, state, sums.at[i].n);
    }
    return true;
}

static bool put_domain(struct db *db, json_t *answer, struct span domain, int64_t now_ms,
                       struct error *err)
{
    struct domain_row row;
    bool found;
    bool is_known;

    answer_text(answer, "domain", domain);
    if (!domain_find(db, domain, &row, &found, err))
        return false;
    is_known = found;
    if (found) {
        put_row(answer, &row, now_ms);
        answer_moment(answer, "seen", row.seen_at);
    }
    if (found && row.paused_until > now_ms) {
        answer_moment(answer, "paused_since", row.paused_at);
        answer_string(answer, "paused_text", row.paused_words);
    }
    if (!put_waiting(db, answer, domain, &is_known, err) || !put_states(db, answer, domain, err))
        return false;
    answer_flag(answer, "known", is_known);
    return true;
}

bool domains_show(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct span domain;
    json_t *answer;

    arena_init(&arena);
    if (!request_allow(request, "domain", err) ||
        !request_need_text(request, "domain", &domain, err) ||
        !request_domain(request, "domain", &arena, &domain, err))
        return false;
    answer = json_object();
    if (!put_domain(db, answer, domain, request->now_ms, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}

/* ---- many ---- */

struct list {
    struct domain_row *rows;
    size_t n;
    bool has_more;
};

static bool read_asleep(struct db *db, int64_t now_ms, size_t room, struct list *list,
                        struct error *err)
{
    struct domain_walk walk = { .asleep_until = now_ms + 1 };

    return domain_asleep_each(db, &walk, list->rows, room, &list->n, err);
}

static bool read_page(struct db *db, const struct request *request, struct domain_page *page,
                      struct list *list, struct error *err)
{
    if (!request_text(request, "after", &page->after, err))
        return false;
    if (page->after.at == NULL)
        page->after = SPAN("");
    if (!domain_each(db, page, list->rows, &list->n, err))
        return false;
    list->has_more = list->n == page->room;
    return true;
}

static bool read_list(struct db *db, const struct request *request, struct arena *arena,
                      struct list *list, struct error *err)
{
    struct domain_page page = { .only_paused = false };
    struct span only;
    int64_t room;

    if (!request_allow(request, "only after limit", err) ||
        !request_text(request, "only", &only, err) ||
        !request_integer(request, "limit", 1, DOMAINS_A_PAGE_MOST, DOMAINS_A_PAGE, &room, err))
        return false;
    list->rows = ARENA_ARRAY(arena, struct domain_row, (size_t)room);
    page.room = (size_t)room;
    if (span_equal(only, SPAN("asleep")))
        return read_asleep(db, request->now_ms, page.room, list, err);
    page.only_paused = span_equal(only, SPAN("paused"));
    if (only.at != NULL && !page.only_paused)
        return error_set(err, ERROR_INVALID, "only: must be paused or asleep");
    return read_page(db, request, &page, list, err);
}

static bool put_list(struct db *db, const struct list *list, int64_t now_ms, json_t *answer,
                     struct error *err)
{
    json_t *array = json_array();

    answer_take(answer, "domains", array);
    for (size_t i = 0; i < list->n; i++) {
        json_t *object = json_object();
        int64_t waiting;

        (void)json_array_append_new(array, object);
        put_row(object, &list->rows[i], now_ms);
        if (!lane_count_waiting(db, span_of(list->rows[i].name), &waiting, err))
            return false;
        answer_number(object, "waiting", waiting);
    }
    if (list->has_more)
        answer_string(answer, "next", list->rows[list->n - 1].name);
    return true;
}

bool domains_list(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct list list = { .n = 0 };
    json_t *answer;

    arena_init(&arena);
    if (!read_list(db, request, &arena, &list, err))
        return false;
    answer = json_object();
    if (!put_list(db, &list, request->now_ms, answer, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
