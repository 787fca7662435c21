/*
 * The model of notices, with what postroom-template(5) says of each field. Each array is in the
 * order of its enum in the header.
 */
#include "services/compose/notice_model.h"

#include <stddef.h>

/* clang-format off */
#define TEXT(name, help) { name, VALUE_TEXT, NULL, false, false, help }
#define LINES(name, help) { name, VALUE_TEXT, NULL, true, false, help }
#define FLAG(name, help) { name, VALUE_FLAG, NULL, false, false, help }
#define NUMBER(name, help) { name, VALUE_NUMBER, NULL, false, false, help }
#define RECORD(name, fields, help) { name, VALUE_RECORD, fields, false, false, help }
#define LIST(name, fields, help) { name, VALUE_LIST, fields, false, false, help }
#define NAMED(name, fields, help) { name, VALUE_LIST, fields, false, true, help }

static const struct value_field person_model[] = {
    [PERSON_NAME]    = TEXT("name", "The name of whom the mail is for; may be empty."),
    [PERSON_ADDRESS] = TEXT("address", "Their address. A template that names anything of the person is rendered for each person anew, others once for all who are told the same."),
    [PERSON_FIELDS]  = { NULL },
};

static const struct value_field topic_model[] = {
    [TOPIC_KEY]       = TEXT("key", "Its key, such as issue/12."),
    [TOPIC_KIND]      = TEXT("kind", "The key of its kind, such as issue."),
    [TOPIC_KIND_NAME] = TEXT("kind_name", "What the kind is called in the language of the template."),
    [TOPIC_ID]        = TEXT("id", "The key without its kind, such as 12."),
    [TOPIC_TITLE]     = TEXT("title", "Its title; may be empty."),
    [TOPIC_LABEL]     = TEXT("label", "What to call it in few words: Issue 12, or the title of a topic whose key ends in no number."),
    [TOPIC_NAME]      = TEXT("name", "What to call it in full: Issue 12: It crashes."),
    [TOPIC_URL]       = TEXT("url", "Where to see it; empty when it has none, or none that is safe to follow."),
    [TOPIC_FIELDS]    = { NULL },
};

static const struct value_field actor_model[] = {
    [ACTOR_NAME]   = TEXT("name", "The name."),
    [ACTOR_FIELDS] = { NULL },
};

static const struct value_field diff_model[] = {
    [DIFF_ADDED]   = FLAG("added", "The line came."),
    [DIFF_REMOVED] = FLAG("removed", "The line went."),
    [DIFF_SAME]    = FLAG("same", "The line stayed and stands near a change."),
    [DIFF_GAP]     = FLAG("gap", "Here stayed lines that are not shown."),
    [DIFF_TEXT]    = LINES("text", "The line; empty for a gap."),
    [DIFF_FIELDS]  = { NULL },
};

static const struct value_field change_model[] = {
    [CHANGE_FIELD]  = TEXT("field", "What changed, as the application calls it."),
    [CHANGE_OLD]    = LINES("old", "What it was before the first event that is told; empty: nothing."),
    [CHANGE_NEW]    = LINES("new", "What it is after the last one; empty: nothing."),
    [CHANGE_DIFF]   = LIST("diff", diff_model, "The lines that came and went, when old or new has several lines or is longer than a line; at most 40 of them, and 200 in a mail. Where it is empty, old and new are short, or there is no more room."),
    [CHANGE_MORE_LINES] = NUMBER("more_lines", "How many more lines came or went."),
    [CHANGE_BY]     = TEXT("by", "Who changed it last; empty when one person made all changes, who is the changer."),
    [CHANGE_FIELDS] = { NULL },
};

static const struct value_field time_model[] = {
    [TIME_YEAR]   = TEXT("year", "Four digits."),
    [TIME_MONTH]  = TEXT("month", "Two digits."),
    [TIME_DAY]    = TEXT("day", "Two digits."),
    [TIME_HOUR]   = TEXT("hour", "Two digits, 00 to 23."),
    [TIME_MINUTE] = TEXT("minute", "Two digits."),
    [TIME_ZONE]   = TEXT("zone", "The name of the person's time zone then, such as CET."),
    [TIME_DATE]   = TEXT("date", "The date as 2026-11-24."),
    [TIME_CLOCK]  = TEXT("clock", "The time as 18:02."),
    [TIME_FIELDS] = { NULL },
};

static const struct value_field data_model[] = {
    [DATA_NAME]   = TEXT("name", "The name."),
    [DATA_VALUE]  = LINES("value", "The value."),
    [DATA_FIELDS] = { NULL },
};

static const struct value_field attachment_model[] = {
    [ATTACHMENT_NAME]   = TEXT("name", "What the file is called."),
    [ATTACHMENT_TYPE]   = TEXT("type", "Its MIME type."),
    [ATTACHMENT_SIZE]   = TEXT("size", "How large it is, such as 12 kB."),
    [ATTACHMENT_CID]    = TEXT("cid", "Of an image that the page may show: the link for src=\"{{cid}}\", in double quotes. An image that the page does not show so is attached. Empty for other files, and when the mail does not carry it."),
    [ATTACHMENT_FIELDS] = { NULL },
};

static const struct value_field item_model[] = {
    [ITEM_ACTOR]     = TEXT("actor", "The name of who did it; empty: not known."),
    [ITEM_AT]        = RECORD("at", time_model, "When it happened, as clocks show it in the person's time zone."),
    [ITEM_KIND]      = TEXT("kind", "The key of the event's kind, such as commented."),
    [ITEM_KIND_NAME] = TEXT("kind_name", "What the kind is called in the language of the template."),
    [ITEM_TOPIC]     = RECORD("other_topic", topic_model, "The topic it happened to, absent when that is the topic of the mail."),
    [ITEM_TITLE]     = TEXT("title", "Its title; empty when it is that of the topic."),
    [ITEM_TEXT]      = LINES("text", "Its text; may be empty."),
    [ITEM_URL]       = TEXT("url", "Where to see it; may be empty."),
    [ITEM_ASKS]      = TEXT("asks", "The answers it asks for, by commas; empty: it asks nothing."),
    [ITEM_ATTACHMENTS] = LIST("attachments", attachment_model, "The files it brings along."),
    [ITEM_ATTACHMENT_COUNT] = NUMBER("attachment_count", "How many files."),
    [ITEM_CARRIED]   = FLAG("carried", "The mail carries the files; a digest does not, nor does a mail whose files have more than 5 MiB together."),
    [ITEM_DATA]      = NAMED("data", data_model, "More that the application tells: the texts and numbers in the event's own data, and what it added when it was asked who may see the event. A list of name and value; the value of a name is had by data.NAME, empty when there is none."),
    [ITEM_FIELDS]    = { NULL },
};

static const struct value_field reason_model[] = {
    [REASON_ASSIGNED_FIELD]  = FLAG("assigned", "They were assigned."),
    [REASON_MENTIONED_FIELD] = FLAG("mentioned", "They were mentioned."),
    [REASON_AUTHOR_FIELD]    = FLAG("author", "They started it."),
    [REASON_CC_FIELD]        = FLAG("cc", "They are on copy."),
    [REASON_OTHER_FIELD]     = TEXT("other", "They are addressed by another reason, in the application's word for it."),
    [REASON_WATCH_FIELD]     = RECORD("watch", topic_model, "The nearest topic they watch, when no reason above holds."),
    [REASON_ALSO_FIELD]      = LIST("also", topic_model, "The other topics they watch that tell of it, nearest first."),
    [REASON_FIELDS]          = { NULL },
};

static const struct value_field site_model[] = {
    [SITE_NAME]   = TEXT("name", "The setting sender.name."),
    [SITE_URL]    = TEXT("url", "The setting public_url; may be empty."),
    [SITE_FIELDS] = { NULL },
};

static const struct value_field answer_model[] = {
    [ANSWER_TEXT]   = TEXT("answer", "The answer, such as approve."),
    [ANSWER_URL]    = TEXT("url", "The page where it is given; empty without public_url."),
    [ANSWER_FIELDS] = { NULL },
};

static const struct value_field question_model[] = {
    [QUESTION_NAME]         = TEXT("name", "What it is about: its title, else that of its topic, else the key of that."),
    [QUESTION_DAYS]         = NUMBER("days", "How many days ago it was asked, in a digest; 0: within a day."),
    [QUESTION_SEVERAL_DAYS] = FLAG("several_days", "More than one."),
    [QUESTION_URL]          = TEXT("url", "The page with all answers; empty without public_url."),
    [QUESTION_ANSWERS]      = LIST("answers", answer_model, "The answers that may be given."),
    [QUESTION_FIELDS]       = { NULL },
};

static const struct value_field link_model[] = {
    [LINK_MUTE]     = TEXT("mute", "Hear no more of the thread."),
    [LINK_STOP]     = TEXT("stop", "Stop watching what is the reason; empty when that is the thread's own topic, or none."),
    [LINK_DAILY]    = TEXT("daily", "Get that once a day; empty when no watch is the reason."),
    [LINK_WATCHED]  = TEXT("watched", "What stop and daily are about, in few words."),
    [LINK_ALL_OFF]  = TEXT("all_off", "In a mail of many topics: get none about any."),
    [LINK_SETTINGS] = TEXT("settings", "All settings of the person."),
    [LINK_QUESTIONS] = LIST("questions", question_model, "What the person is asked: in a notice what it tells of, in a digest all that still waits for their answer; the oldest ten."),
    [LINK_MORE_QUESTIONS] = NUMBER("more_questions", "How many more wait."),
    [LINK_FIELDS]   = { NULL },
};

/* Of one thread: the root record of a notice has them, and each section of a digest. */
#define THREAD_FIELDS \
    [NOTICE_TOPIC]        = RECORD("topic", topic_model, "The topic whose thread the mail belongs to."), \
    [NOTICE_CONTAINER]    = RECORD("container", topic_model, "The topic that one is in; absent when there is none, or when the person may not see it."), \
    [NOTICE_ACTORS]       = LIST("actors", actor_model, "Those who did what is told, the first five of them."), \
    [NOTICE_MORE_ACTORS]  = NUMBER("more_actors", "How many more there are."), \
    [NOTICE_CHANGES]      = LIST("changes", change_model, "The fields that changed, what was undone left out."), \
    [NOTICE_CHANGER]      = TEXT("changer", "Who made all the changes; empty when it was not one person."), \
    [NOTICE_MORE_CHANGES] = NUMBER("more_changes", "How many more changed: a mail lists 100."), \
    [NOTICE_ITEMS]        = LIST("items", item_model, "What else happened, the oldest first: the newest 50, in a digest 10, fewer when there are more than ten sections."), \
    [NOTICE_MORE_ITEMS]   = NUMBER("more_items", "How many came before those."), \
    [NOTICE_SECRET]       = FLAG("secret", "Some of it is secret: mail says no more than that it happened. Nothing else here is about that part but count and reason."), \
    [NOTICE_COUNT]        = NUMBER("count", "How many events are told."), \
    [NOTICE_SEVERAL]      = FLAG("several", "More than one event is told."), \
    [NOTICE_URL]          = TEXT("url", "Where to see the newest of it, else the topic; may be empty."), \
    [NOTICE_DEADLINE]     = RECORD("deadline", time_model, "The earliest moment after which what is told is of no use; absent when there is none."), \
    [NOTICE_REASON]       = RECORD("reason", reason_model, "Why the person gets the mail."), \
    [NOTICE_FIRST]        = FLAG("first", "No mail of the thread was delivered to this person before."), \
    [NOTICE_OWED]         = FLAG("owed", "An earlier mail about some of it could not be delivered."),

static const struct value_field section_model[] = {
    THREAD_FIELDS
    [NOTICE_SECTION_FIELDS] = { NULL },
};

const struct value_field notice_model[] = {
    THREAD_FIELDS
    [NOTICE_LANGUAGE]     = TEXT("language", "The language of the template, such as de."),
    [NOTICE_DIRECTION]    = TEXT("direction", "The direction of its script: ltr or rtl."),
    [NOTICE_SUBJECT]      = TEXT("subject", "The subject of the mail; empty in the subject itself."),
    [NOTICE_PREVIEW]      = LINES("preview", "The first text or title of the items, for what lists of mails show beside the subject."),
    [NOTICE_PERSON]       = RECORD("person", person_model, "Whom the mail is for."),
    [NOTICE_SITE]         = RECORD("site", site_model, "Who sends the mail."),
    [NOTICE_LINKS]        = RECORD("links", link_model, "Pages where the person changes what they hear; all empty without public_url. A template that names any is rendered for each person anew."),
    [NOTICE_FIELDS]       = { NULL },
};

const struct value_field digest_model[] = {
    [DIGEST_LANGUAGE]        = TEXT("language", "The language of the template, such as de."),
    [DIGEST_DIRECTION]       = TEXT("direction", "The direction of its script: ltr or rtl."),
    [DIGEST_SUBJECT]         = TEXT("subject", "The subject of the mail; empty in the subject itself."),
    [DIGEST_PREVIEW]         = LINES("preview", "The first text or title in the sections, for what lists of mails show beside the subject."),
    [DIGEST_PERSON]          = RECORD("person", person_model, "Whom the mail is for."),
    [DIGEST_SITE]            = RECORD("site", site_model, "Who sends the mail."),
    [DIGEST_LINKS]           = RECORD("links", link_model, "Pages where the person changes what they hear, as in a notice."),
    [DIGEST_HOURLY]          = FLAG("hourly", "It is an hourly digest. When it is none of the three, it is a roundup: news of many topics that was due at once."),
    [DIGEST_DAILY]           = FLAG("daily", "It is a daily digest."),
    [DIGEST_WEEKLY]          = FLAG("weekly", "It is a weekly digest."),
    [DIGEST_CHANGE_COUNT]    = NUMBER("change_count", "How many events are told."),
    [DIGEST_SEVERAL_CHANGES] = FLAG("several_changes", "More than one event is told."),
    [DIGEST_TOPIC_COUNT]     = NUMBER("topic_count", "Of how many topics."),
    [DIGEST_SEVERAL_TOPICS]  = FLAG("several_topics", "Of more than one topic."),
    [DIGEST_NAMED]           = LIST("named", topic_model, "The topics of the first three sections, for the subject."),
    [DIGEST_MORE_NAMED]      = NUMBER("more_named", "How many topics there are beside those."),
    [DIGEST_CONTENTS]        = LIST("contents", section_model, "The sections once more when there are more than three, for a table of contents."),
    [DIGEST_SECTIONS]        = LIST("sections", section_model, "One for each topic, at most 50: first where the person is addressed, then the nearest watched, the newest first."),
    [DIGEST_MORE_SECTIONS]   = NUMBER("more_sections", "How many topics have no section."),
    [DIGEST_WATCHED]         = LIST("watched", topic_model, "The topics the person watches that tell of any of it, the first ten of them."),
    [DIGEST_MORE_WATCHED]    = FLAG("more_watched", "There are more."),
    [DIGEST_ADDRESSED]       = FLAG("addressed", "Some of it addresses the person directly."),
    [DIGEST_FIELDS]          = { NULL },
};
/* clang-format on */
