/*
 * The fields that templates of notices and digests may name: the models they are compiled against,
 * and the places of the values. postroom-template(5) describes each for people.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_NOTICE_MODEL_H
#define POSTROOM_SERVICES_COMPOSE_NOTICE_MODEL_H

#include "services/compose/value.h"

/* The root record of a notice. What is said of one thread comes first: it is a section's record in
 * a mail of several threads, where the rest is the mail's. */
enum notice_field {
    NOTICE_TOPIC,
    NOTICE_CONTAINER,
    NOTICE_ACTORS,
    NOTICE_MORE_ACTORS,
    NOTICE_CHANGES,
    NOTICE_CHANGER,
    NOTICE_MORE_CHANGES,
    NOTICE_ITEMS,
    NOTICE_MORE_ITEMS,
    NOTICE_SECRET,
    NOTICE_COUNT,
    NOTICE_SEVERAL,
    NOTICE_URL,
    NOTICE_DEADLINE,
    NOTICE_REASON,
    NOTICE_FIRST,
    NOTICE_OWED,
    NOTICE_SECTION_FIELDS,
    NOTICE_LANGUAGE = NOTICE_SECTION_FIELDS,
    NOTICE_DIRECTION,
    NOTICE_SUBJECT,
    NOTICE_PREVIEW,
    NOTICE_PERSON,
    NOTICE_SITE,
    NOTICE_LINKS,
    NOTICE_FIELDS
};

/* The root record of a mail of several threads: a digest, or a roundup of what came at once. */
enum digest_field {
    DIGEST_LANGUAGE,
    DIGEST_DIRECTION,
    DIGEST_SUBJECT,
    DIGEST_PREVIEW,
    DIGEST_PERSON,
    DIGEST_SITE,
    DIGEST_LINKS,
    DIGEST_HOURLY,
    DIGEST_DAILY,
    DIGEST_WEEKLY,
    DIGEST_CHANGE_COUNT,
    DIGEST_SEVERAL_CHANGES,
    DIGEST_TOPIC_COUNT,
    DIGEST_SEVERAL_TOPICS,
    DIGEST_NAMED,
    DIGEST_MORE_NAMED,
    DIGEST_CONTENTS,
    DIGEST_SECTIONS,
    DIGEST_MORE_SECTIONS,
    DIGEST_WATCHED,
    DIGEST_MORE_WATCHED,
    DIGEST_ADDRESSED,
    DIGEST_FIELDS
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

enum notice_change_field {
    CHANGE_FIELD,
    CHANGE_OLD,
    CHANGE_NEW,
    CHANGE_DIFF,
    CHANGE_MORE_LINES,
    CHANGE_BY,
    CHANGE_FIELDS
};

enum notice_diff_field { DIFF_ADDED, DIFF_REMOVED, DIFF_SAME, DIFF_GAP, DIFF_TEXT, DIFF_FIELDS };

enum data_field { DATA_NAME, DATA_VALUE, DATA_FIELDS };

enum notice_attachment_field {
    ATTACHMENT_NAME,
    ATTACHMENT_TYPE,
    ATTACHMENT_SIZE,
    ATTACHMENT_CID,
    ATTACHMENT_FIELDS
};

enum notice_item_field {
    ITEM_ACTOR,
    ITEM_AT,
    ITEM_KIND,
    ITEM_KIND_NAME,
    ITEM_TOPIC,
    ITEM_TITLE,
    ITEM_TEXT,
    ITEM_URL,
    ITEM_ASKS,
    ITEM_ATTACHMENTS,
    ITEM_ATTACHMENT_COUNT,
    ITEM_CARRIED,
    ITEM_DATA,
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

enum notice_link_field {
    LINK_MUTE,
    LINK_STOP,
    LINK_DAILY,
    LINK_WATCHED,
    LINK_ALL_OFF,
    LINK_SETTINGS,
    LINK_QUESTIONS,
    LINK_MORE_QUESTIONS,
    LINK_FIELDS
};

enum notice_question_field {
    QUESTION_NAME,
    QUESTION_DAYS,
    QUESTION_SEVERAL_DAYS,
    QUESTION_URL,
    QUESTION_ANSWERS,
    QUESTION_FIELDS
};

enum notice_answer_field { ANSWER_TEXT, ANSWER_URL, ANSWER_FIELDS };

/* The models of the root records. */
extern const struct value_field notice_model[];
extern const struct value_field digest_model[];

#endif
