/*
 * The fields that templates of notices may name: the model they are compiled against, and the
 * places of the values. postroom-template(5) describes each for people.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_NOTICE_MODEL_H
#define POSTROOM_SERVICES_COMPOSE_NOTICE_MODEL_H

#include "services/compose/value.h"

/* The root record. */
enum notice_field {
    NOTICE_LANGUAGE,
    NOTICE_DIRECTION,
    NOTICE_SUBJECT,
    NOTICE_PREVIEW,
    NOTICE_PERSON,
    NOTICE_TOPIC,
    NOTICE_CONTAINER,
    NOTICE_ACTORS,
    NOTICE_MORE_ACTORS,
    NOTICE_CHANGES,
    NOTICE_CHANGER,
    NOTICE_MORE_CHANGES,
    NOTICE_ITEMS,
    NOTICE_MORE_ITEMS,
    NOTICE_COUNT,
    NOTICE_SEVERAL,
    NOTICE_URL,
    NOTICE_DEADLINE,
    NOTICE_REASON,
    NOTICE_FIRST,
    NOTICE_OWED,
    NOTICE_SITE,
    NOTICE_FIELDS
};

enum notice_person_field { PERSON_NAME, PERSON_ADDRESS, PERSON_FIELDS };

enum notice_topic_field {
    TOPIC_KEY,
    TOPIC_KIND,
    TOPIC_KIND_NAME,
    TOPIC_ID,
    TOPIC_TITLE,
    TOPIC_LABEL,
    TOPIC_NAME,
    TOPIC_URL,
    TOPIC_FIELDS
};

enum notice_actor_field { ACTOR_NAME, ACTOR_FIELDS };

enum notice_change_field { CHANGE_FIELD, CHANGE_OLD, CHANGE_NEW, CHANGE_BY, CHANGE_FIELDS };

enum notice_item_field {
    ITEM_ACTOR,
    ITEM_AT,
    ITEM_KIND,
    ITEM_KIND_NAME,
    ITEM_TOPIC,
    ITEM_TITLE,
    ITEM_TEXT,
    ITEM_URL,
    ITEM_FIELDS
};

enum notice_time_field {
    TIME_YEAR,
    TIME_MONTH,
    TIME_DAY,
    TIME_HOUR,
    TIME_MINUTE,
    TIME_ZONE,
    TIME_DATE,
    TIME_CLOCK,
    TIME_FIELDS
};

enum notice_reason_field {
    REASON_ASSIGNED_FIELD,
    REASON_MENTIONED_FIELD,
    REASON_AUTHOR_FIELD,
    REASON_CC_FIELD,
    REASON_OTHER_FIELD,
    REASON_WATCH_FIELD,
    REASON_ALSO_FIELD,
    REASON_FIELDS
};

enum notice_site_field { SITE_NAME, SITE_URL, SITE_FIELDS };

/* The root record's model. */
extern const struct value_field notice_model[];

#endif
