/*
 * Names and numbers of watching.
 */
#include "domain/watching.h"

static const char *const mode_names[] = { "mute", "now", "hourly", "daily", "weekly" };

int64_t who_of_list(int64_t list)
{
    return -list;
}

bool who_is_list(int64_t who)
{
    return who < 0 && who > WHO_LISTS_END;
}

int64_t who_list(int64_t who)
{
    return -who;
}

int64_t who_of_hook(int64_t hook)
{
    return WHO_LISTS_END - hook;
}

bool who_is_hook(int64_t who)
{
    return who < WHO_LISTS_END;
}

int64_t who_hook(int64_t who)
{
    return WHO_LISTS_END - who;
}

int64_t why_pack(int64_t rank, int64_t topic)
{
    return rank * WHY_RANK_UNIT + topic;
}

int64_t why_rank(int64_t why)
{
    return why / WHY_RANK_UNIT;
}

int64_t why_topic(int64_t why)
{
    return why % WHY_RANK_UNIT;
}

const char *watch_mode_name(enum watch_mode mode)
{
    return mode_names[mode];
}

bool watch_mode_find(struct span name, enum watch_mode *ret_mode)
{
    for (size_t i = 0; i < ARRAY_LENGTH(mode_names); i++) {
        if (span_equal(name, span_of(mode_names[i]))) {
            *ret_mode = (enum watch_mode)i;
            return true;
        }
    }
    return false;
}

int64_t direct_reason_rank(struct span reason)
{
    static const struct {
        const char *name;
        int64_t rank;
    } ranks[] = { { "assigned", REASON_ASSIGNED },
                  { "mentioned", REASON_MENTIONED },
                  { "author", REASON_AUTHOR },
                  { "cc", REASON_CC } };

    for (size_t i = 0; i < ARRAY_LENGTH(ranks); i++)
        if (span_equal_nocase(reason, span_of(ranks[i].name)))
            return ranks[i].rank;
    return REASON_OTHER;
}
