/*
 * The model of notices. Each array is in the order of its enum in the header.
 */
#include "services/compose/notice_model.h"

#include <stddef.h>

/* clang-format off */
static const struct value_field person_model[] = {
    [PERSON_NAME]    = { "name", VALUE_TEXT },
    [PERSON_ADDRESS] = { "address", VALUE_TEXT },
    [PERSON_FIELDS]  = { NULL },
};

static const struct value_field topic_model[] = {
    [TOPIC_KEY]       = { "key", VALUE_TEXT },
    [TOPIC_KIND]      = { "kind", VALUE_TEXT },
    [TOPIC_KIND_NAME] = { "kind_name", VALUE_TEXT },
    [TOPIC_ID]        = { "id", VALUE_TEXT },
    [TOPIC_TITLE]     = { "title", VALUE_TEXT },
    [TOPIC_LABEL]     = { "label", VALUE_TEXT },
    [TOPIC_NAME]      = { "name", VALUE_TEXT },
    [TOPIC_URL]       = { "url", VALUE_TEXT },
    [TOPIC_FIELDS]    = { NULL },
};

static const struct value_field actor_model[] = {
    [ACTOR_NAME]   = { "name", VALUE_TEXT },
    [ACTOR_FIELDS] = { NULL },
};

static const struct value_field change_model[] = {
    [CHANGE_FIELD]  = { "field", VALUE_TEXT },
    [CHANGE_OLD]    = { "old", VALUE_TEXT, NULL, true },
    [CHANGE_NEW]    = { "new", VALUE_TEXT, NULL, true },
    [CHANGE_BY]     = { "by", VALUE_TEXT },
    [CHANGE_FIELDS] = { NULL },
};

static const struct value_field time_model[] = {
    [TIME_YEAR]   = { "year", VALUE_TEXT },
    [TIME_MONTH]  = { "month", VALUE_TEXT },
    [TIME_DAY]    = { "day", VALUE_TEXT },
    [TIME_HOUR]   = { "hour", VALUE_TEXT },
    [TIME_MINUTE] = { "minute", VALUE_TEXT },
    [TIME_ZONE]   = { "zone", VALUE_TEXT },
    [TIME_DATE]   = { "date", VALUE_TEXT },
    [TIME_CLOCK]  = { "clock", VALUE_TEXT },
    [TIME_FIELDS] = { NULL },
};

static const struct value_field item_model[] = {
    [ITEM_ACTOR]     = { "actor", VALUE_TEXT },
    [ITEM_AT]        = { "at", VALUE_RECORD, time_model },
    [ITEM_KIND]      = { "kind", VALUE_TEXT },
    [ITEM_KIND_NAME] = { "kind_name", VALUE_TEXT },
    [ITEM_TOPIC]     = { "other_topic", VALUE_RECORD, topic_model },
    [ITEM_TITLE]     = { "title", VALUE_TEXT },
    [ITEM_TEXT]      = { "text", VALUE_TEXT, NULL, true },
    [ITEM_URL]       = { "url", VALUE_TEXT },
    [ITEM_FIELDS]    = { NULL },
};

static const struct value_field reason_model[] = {
    [REASON_ASSIGNED_FIELD]  = { "assigned", VALUE_FLAG },
    [REASON_MENTIONED_FIELD] = { "mentioned", VALUE_FLAG },
    [REASON_AUTHOR_FIELD]    = { "author", VALUE_FLAG },
    [REASON_CC_FIELD]        = { "cc", VALUE_FLAG },
    [REASON_OTHER_FIELD]     = { "other", VALUE_TEXT },
    [REASON_WATCH_FIELD]     = { "watch", VALUE_RECORD, topic_model },
    [REASON_ALSO_FIELD]      = { "also", VALUE_LIST, topic_model },
    [REASON_FIELDS]          = { NULL },
};

static const struct value_field site_model[] = {
    [SITE_NAME]   = { "name", VALUE_TEXT },
    [SITE_URL]    = { "url", VALUE_TEXT },
    [SITE_FIELDS] = { NULL },
};

const struct value_field notice_model[] = {
    [NOTICE_LANGUAGE]     = { "language", VALUE_TEXT },
    [NOTICE_DIRECTION]    = { "direction", VALUE_TEXT },
    [NOTICE_SUBJECT]      = { "subject", VALUE_TEXT },
    [NOTICE_PREVIEW]      = { "preview", VALUE_TEXT, NULL, true },
    [NOTICE_PERSON]       = { "person", VALUE_RECORD, person_model },
    [NOTICE_TOPIC]        = { "topic", VALUE_RECORD, topic_model },
    [NOTICE_CONTAINER]    = { "container", VALUE_RECORD, topic_model },
    [NOTICE_ACTORS]       = { "actors", VALUE_LIST, actor_model },
    [NOTICE_MORE_ACTORS]  = { "more_actors", VALUE_NUMBER },
    [NOTICE_CHANGES]      = { "changes", VALUE_LIST, change_model },
    [NOTICE_CHANGER]      = { "changer", VALUE_TEXT },
    [NOTICE_MORE_CHANGES] = { "more_changes", VALUE_NUMBER },
    [NOTICE_ITEMS]        = { "items", VALUE_LIST, item_model },
    [NOTICE_MORE_ITEMS]   = { "more_items", VALUE_NUMBER },
    [NOTICE_COUNT]        = { "count", VALUE_NUMBER },
    [NOTICE_SEVERAL]      = { "several", VALUE_FLAG },
    [NOTICE_URL]          = { "url", VALUE_TEXT },
    [NOTICE_DEADLINE]     = { "deadline", VALUE_RECORD, time_model },
    [NOTICE_REASON]       = { "reason", VALUE_RECORD, reason_model },
    [NOTICE_FIRST]        = { "first", VALUE_FLAG },
    [NOTICE_OWED]         = { "owed", VALUE_FLAG },
    [NOTICE_SITE]         = { "site", VALUE_RECORD, site_model },
    [NOTICE_FIELDS]       = { NULL },
};
/* clang-format on */
