/*
 * What recurs, as commands and the API ask for it.
 */
#include "services/intake/recurrences.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "domain/day_time.h"
#include "domain/topic_key.h"
#include "services/intake/event_draft.h"
#include "services/intake/recurrence_plan.h"
#include "services/request/answer.h"

enum { TIMES_SHOWN = 3, TIMES_A_DAY = 24 };

#define DAY_MS INT64_C(86400000)

static const char *const catch_up_names[] = { "skip", "once", "all" };

static bool read_catch_up(const struct request *request, enum catch_up *ret, struct error *err)
{
    struct span word;

    *ret = CATCH_UP_ONCE;
    if (!request_text(request, "catch_up", &word, err))
        return false;
    for (size_t i = 0; word.at != NULL && i < ARRAY_LENGTH(catch_up_names); i++) {
        if (span_equal(word, span_of(catch_up_names[i]))) {
            *ret = (enum catch_up)i;
            return true;
        }
    }
    return word.at == NULL ||
           error_set(err, ERROR_INVALID, "catch_up: must be skip, once or all, got \"%.*s\"",
                     SPAN_ARGS(span_first(word, 40)));
}

/* Days one by one or from one to another, and those of a calendar. */
static bool read_holidays(const struct request *request, struct arena *arena, int64_t today,
                          struct holidays *holidays, struct error *err)
{
    struct span *days;
    size_t count;
    struct span calendar;

    if (!request_texts(request, "holidays", arena, &days, &count, err) ||
        !request_text(request, "holiday_calendar", &calendar, err))
        return false;
    for (size_t i = 0; i < count; i++)
        while (days[i].n > 0)
            if (!holidays_read(holidays, span_trim(span_take_until(&days[i], ',')), err))
                return error_wrap(err, "holidays");
    return calendar.at == NULL || holidays_read_calendar(holidays, calendar, today, err) ||
           error_wrap(err, "holiday_calendar");
}

static struct span holidays_json(const struct holidays *holidays, struct arena *arena)
{
    json_t *array = json_array();
    char day[DAY_ROOM];
    char *text;
    struct span copy;

    for (size_t i = 0; i < holidays->n; i++) {
        day_put(holidays->at[i], day);
        (void)json_array_append_new(array, json_string(day));
    }
    text = json_dumps(array, JSON_COMPACT);
    copy = arena_copy(arena, span_of(text));
    alloc_free(text);
    json_decref(array);
    return copy;
}

/* The day it is by the clocks of the zone; an unknown zone is refused later. */
static int64_t day_of(struct span zone_name, int64_t now_ms)
{
    struct zone *zone = zone_name.at != NULL ? zone_open(zone_name) : NULL;
    struct zone_moment m;

    zone_moment(zone, now_ms, &m);
    zone_free(zone);
    return (now_ms + m.offset_minutes * INT64_C(60000)) / DAY_MS;
}

/* Without a first day it is today, but what has passed of today does not count. */
static bool read_start(const struct request *request, struct recurrence_row *row, struct error *err)
{
    struct span at;
    struct span from;
    int minute;

    if (!request_need_text(request, "at", &at, err) || !request_text(request, "from", &from, err))
        return false;
    if (!day_time_read(at, &minute))
        return error_set(err, ERROR_INVALID, "at: \"%.*s\": must be a time of day such as 09:00",
                         SPAN_ARGS(span_first(at, 40)));
    row->start_minute = minute;
    if (from.at != NULL)
        return day_read(from, &row->start_day) ||
               error_set(err, ERROR_INVALID, "from: \"%.*s\": must be a day such as 2026-11-30",
                         SPAN_ARGS(span_first(from, 40)));
    row->start_day = day_of(row->zone, request->now_ms);
    row->start_ms = request->now_ms;
    return true;
}

/* The deadline is as long as each time's event is told. */
static bool check_event(const struct request *part, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct event_draft draft;
    struct span deadline;
    int64_t ms;

    arena_init(&arena);
    if (!request_text(part, "deadline", &deadline, err))
        return false;
    if (deadline.at != NULL && !text_to_duration(deadline, &ms))
        return error_set(err, ERROR_INVALID,
                         "deadline: must be a duration from each time on, such as 8h");
    return event_draft_read(part, &arena, &draft, err);
}

/* The args without the fields of the recurrence are the event. */
static bool read_event(const struct request *request, struct arena *arena, struct span *ret_event,
                       struct error *err)
{
    static const char *const own[] = { "recurrence", "rule",     "zone",
                                       "at",         "from",     "until",
                                       "holidays",   "catch_up", "holiday_calendar" };
    json_t *event = json_copy(request->args);
    struct request part = request_part(request, event);
    char *text;
    bool ok;

    for (size_t i = 0; i < ARRAY_LENGTH(own); i++)
        (void)json_object_del(event, own[i]);
    ok = check_event(&part, err);
    if (ok) {
        text = json_dumps(event, JSON_COMPACT | JSON_SORT_KEYS);
        *ret_event = arena_copy(arena, span_of(text));
        alloc_free(text);
    }
    json_decref(event);
    return ok;
}

static bool read_row(const struct request *request, struct arena *arena, struct recurrence_row *row,
                     struct error *err)
{
    struct holidays holidays = { .n = 0 };

    if (!request_need_text(request, "recurrence", &row->name, err) ||
        !(list_name_check(row->name, err) || error_wrap(err, "recurrence")) ||
        !request_need_text(request, "rule", &row->rule, err) ||
        !request_text(request, "zone", &row->zone, err) || !read_start(request, row, err) ||
        !request_moment(request, "until", &row->until_ms, err) ||
        !read_catch_up(request, &row->catch_up, err) ||
        !read_holidays(request, arena, row->start_day, &holidays, err) ||
        !read_event(request, arena, &row->event, err))
        return false;
    row->holidays = holidays_json(&holidays, arena);
    row->made_at = request->now_ms;
    return true;
}

/* Of rules for times of day: so many that a day of them is a short walk. */
static bool check_plan(const struct recurrence_plan *plan, struct error *err)
{
    const struct recurrence_rule *rule = &plan->recurrence.rule;
    int hours = rule->hours != 0 ? __builtin_popcount(rule->hours) : 1;
    int minutes = rule->minutes != 0 ? __builtin_popcountll(rule->minutes) : 1;

    return hours * minutes <= TIMES_A_DAY ||
           error_set(err, ERROR_LIMIT, "rule: at most %d times a day", TIMES_A_DAY);
}

static bool find_first(const struct request *request, struct recurrence_row *row, struct error *err)
{
    struct recurrence_plan plan;
    bool ok = recurrence_plan_open(row, &plan, err) && check_plan(&plan, err);

    if (ok)
        row->next_at = recurrence_plan_next(&plan, request->now_ms);
    recurrence_plan_close(&plan);
    if (!ok)
        return false;
    return row->next_at != 0 ||
           error_set(err, ERROR_INVALID, "rule: has no time in the next twelve years");
}

static const char *state_of(const struct recurrence_row *row)
{
    if (row->paused_at != 0)
        return "paused";
    return row->next_at != 0 ? "goes on" : "over";
}

static void put_times(json_t *object, const struct recurrence_row *row)
{
    struct recurrence_plan plan;
    struct error err;
    json_t *array = json_array();
    int64_t at = row->next_at;

    if (!recurrence_plan_open(row, &plan, &err))
        at = 0;
    for (int i = 0; i < TIMES_SHOWN && at != 0; i++) {
        json_t *holder = json_object();

        answer_moment(holder, "at", at);
        (void)json_array_append(array, json_object_get(holder, "at"));
        json_decref(holder);
        at = recurrence_plan_next(&plan, at);
    }
    recurrence_plan_close(&plan);
    answer_take(object, "next", array);
}

static void put_time_of_day(json_t *object, const struct recurrence_row *row)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%02d:%02d", (int)row->start_minute / 60 % 24,
                   (int)row->start_minute % 60);
    answer_string(object, "at", text);
}

static json_t *row_json(const struct recurrence_row *row)
{
    json_t *object = json_object();
    char text[DAY_ROOM];

    answer_text(object, "recurrence", row->name);
    answer_text(object, "rule", row->rule);
    put_time_of_day(object, row);
    answer_text(object, "zone", row->zone.at != NULL ? row->zone : SPAN("UTC"));
    day_put(row->start_day, text);
    answer_string(object, "from", text);
    answer_moment(object, "until", row->until_ms);
    answer_string(object, "catch_up", catch_up_names[row->catch_up]);
    answer_string(object, "state", state_of(row));
    answer_moment(object, "last", row->last_at);
    answer_text(object, "problem", row->problem);
    put_times(object, row);
    return object;
}

static json_t *whole_json(const struct recurrence_row *row)
{
    json_t *object = row_json(row);

    answer_json(object, "holidays", row->holidays);
    answer_json(object, "event", row->event);
    return object;
}

/* Each time is an event of its own: what names one, or a moment, cannot stand in all of them. */
static bool allow_fields(const struct request *request, struct error *err)
{
    static const char *const single[] = { "key", "revision", "not_before" };

    for (size_t i = 0; i < ARRAY_LENGTH(single); i++)
        if (json_object_get(request->args, single[i]) != NULL)
            return error_set(err, ERROR_INVALID, "%s: cannot be that of each time", single[i]);
    return request_allow(request,
                         "recurrence rule zone from until holidays holiday_calendar "
                         "catch_up " EVENT_DRAFT_SUBSTANCE,
                         err);
}

bool recurrences_add(struct db *db, const struct request *request, json_t **ret_answer,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct recurrence_row row = { .id = 0 };

    arena_init(&arena);
    if (!allow_fields(request, err) || !read_row(request, &arena, &row, err) ||
        !find_first(request, &row, err) || !recurrence_row_insert(db, &row, err))
        return false;
    *ret_answer = whole_json(&row);
    return true;
}

static bool need_row(struct db *db, const struct request *request, struct arena *arena,
                     struct recurrence_row *row, struct error *err)
{
    struct span name;

    return request_allow(request, "recurrence", err) &&
           request_need_text(request, "recurrence", &name, err) &&
           (recurrence_row_need(db, arena, name, row, err) || error_wrap(err, "recurrence"));
}

/* The args that would make the row as it stands. */
static json_t *args_of(const struct recurrence_row *row)
{
    json_t *args = json_loadb(row->event.at, row->event.n, 0, NULL);
    char text[DAY_ROOM];

    if (args == NULL)
        args = json_object();
    answer_text(args, "recurrence", row->name);
    answer_text(args, "rule", row->rule);
    answer_text(args, "zone", row->zone);
    put_time_of_day(args, row);
    day_put(row->start_day, text);
    answer_string(args, "from", text);
    answer_moment(args, "until", row->until_ms);
    answer_string(args, "catch_up", catch_up_names[row->catch_up]);
    answer_json(args, "holidays", row->holidays);
    return args;
}

static void apply_wishes(json_t *args, const json_t *wishes)
{
    const char *name;
    json_t *wish;

    json_object_foreach ((json_t *)(uintptr_t)wishes, name, wish) {
        if ((json_is_string(wish) && json_string_length(wish) == 0) ||
            (json_is_array(wish) && json_array_size(wish) == 0))
            (void)json_object_del(args, name);
        else if (!json_is_null(wish))
            (void)json_object_set(args, name, wish);
    }
}

/* The row that `request` would make, in the place of `old`. */
static bool read_changed(const struct request *request, const struct recurrence_row *old,
                         struct arena *arena, struct recurrence_row *row, struct error *err)
{
    if (!read_row(request, arena, row, err) || !find_first(request, row, err))
        return false;
    row->id = old->id;
    row->made_at = old->made_at;
    row->last_at = old->last_at;
    row->paused_at = old->paused_at;
    if (row->paused_at != 0)
        row->next_at = 0;
    return true;
}

bool recurrences_set(struct db *db, const struct request *request, json_t **ret_answer,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct recurrence_row old;
    struct recurrence_row row = { .id = 0 };
    struct request whole;
    struct span name;
    json_t *args;
    bool ok;

    arena_init(&arena);
    if (!allow_fields(request, err) || !request_need_text(request, "recurrence", &name, err) ||
        !(recurrence_row_need(db, &arena, name, &old, err) || error_wrap(err, "recurrence")))
        return false;
    args = args_of(&old);
    apply_wishes(args, request->args);
    whole = request_part(request, args);
    row.start_ms = json_object_get(request->args, "from") == NULL ? old.start_ms : 0;
    ok = read_changed(&whole, &old, &arena, &row, err) && recurrence_row_update(db, &row, err);
    if (ok) {
        request_note_before(request, whole_json(&old));
        *ret_answer = whole_json(&row);
    }
    json_decref(args);
    return ok;
}

bool recurrences_show(struct db *db, const struct request *request, json_t **ret_answer,
                      struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct recurrence_row row;

    arena_init(&arena);
    if (!need_row(db, request, &arena, &row, err))
        return false;
    *ret_answer = whole_json(&row);
    return true;
}

bool recurrences_list(struct db *db, const struct request *request, json_t **ret_answer,
                      struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct recurrence_row_list rows;
    struct page page;
    json_t *array;

    arena_init(&arena);
    if (!request_allow(request, "after limit", err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &page.after, err) ||
        !request_page(request, &page.limit, err) ||
        !recurrence_row_page(db, &arena, page, &rows, err))
        return false;
    array = json_array();
    for (size_t i = 0; i < rows.n; i++)
        (void)json_array_append_new(array, row_json(&rows.at[i]));
    *ret_answer = json_pack("{s:o}", "recurrences", array);
    if (rows.n == page.limit)
        answer_number(*ret_answer, "next", rows.at[rows.n - 1].id);
    return true;
}

bool recurrences_remove(struct db *db, const struct request *request, json_t **ret_answer,
                        struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct recurrence_row row;

    arena_init(&arena);
    if (!need_row(db, request, &arena, &row, err) || !recurrence_row_delete(db, row.id, err))
        return false;
    request_note_before(request, whole_json(&row));
    *ret_answer = json_object();
    answer_text(*ret_answer, "recurrence", row.name);
    answer_flag(*ret_answer, "removed", true);
    return true;
}

bool recurrences_pause(struct db *db, const struct request *request, json_t **ret_answer,
                       struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct recurrence_row row;

    arena_init(&arena);
    if (!need_row(db, request, &arena, &row, err))
        return false;
    if (row.paused_at != 0)
        return error_set(err, ERROR_CONFLICT, "recurrence: it is paused already");
    row.paused_at = request->now_ms;
    row.next_at = 0;
    if (!recurrence_row_move(db, &row, err))
        return false;
    *ret_answer = row_json(&row);
    return true;
}

bool recurrences_resume(struct db *db, const struct request *request, json_t **ret_answer,
                        struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct recurrence_plan plan;
    struct recurrence_row row;

    arena_init(&arena);
    if (!need_row(db, request, &arena, &row, err))
        return false;
    if (row.paused_at == 0)
        return error_set(err, ERROR_CONFLICT, "recurrence: it is not paused");
    if (recurrence_plan_open(&row, &plan, err))
        row.next_at = recurrence_plan_next(&plan, request->now_ms);
    else
        row.problem = arena_copy(&arena, span_of(err->text));
    recurrence_plan_close(&plan);
    row.paused_at = 0;
    if (!recurrence_row_move(db, &row, err))
        return false;
    *ret_answer = row_json(&row);
    return true;
}
