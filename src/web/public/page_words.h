/*
 * What the public pages say, in every language they speak. A language more is a column of the
 * table in page_words.c.
 */
#ifndef POSTROOM_WEB_PUBLIC_PAGE_WORDS_H
#define POSTROOM_WEB_PUBLIC_PAGE_WORDS_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/span.h"

enum page_language { PAGE_ENGLISH, PAGE_GERMAN, PAGE_LANGUAGES };

/* "{}" in a text stands for the topic. Of each button: the question, what pressing it means, the
 * button, and what is said once it is so. */
enum page_word {
    WORD_MUTE_ASK,
    WORD_MUTE_MEANS,
    WORD_MUTE_PRESS,
    WORD_MUTE_DONE,
    WORD_STOP_ASK,
    WORD_STOP_MEANS,
    WORD_STOP_PRESS,
    WORD_STOP_DONE,
    WORD_DAILY_ASK,
    WORD_DAILY_MEANS,
    WORD_DAILY_PRESS,
    WORD_DAILY_DONE,
    WORD_NO_MAIL_ASK,
    WORD_NO_MAIL_MEANS,
    WORD_NO_MAIL_PRESS,
    WORD_NO_MAIL_DONE,
    WORD_ALL_OFF_ASK,
    WORD_ALL_OFF_MEANS,
    WORD_ALL_OFF_PRESS,
    WORD_ALL_OFF_DONE,

    WORD_UNDO,
    WORD_UNDONE,
    WORD_ALL_SETTINGS,
    WORD_HIDDEN_TOPIC, /* one the person may not see any more */

    WORD_SETTINGS_TITLE,
    WORD_SAVED,
    WORD_SUSPENDED,
    WORD_TURN_ON,
    WORD_WATCHED,
    WORD_WATCHES_NOTHING,
    WORD_THROUGH_LISTS,
    WORD_HOW_OFTEN,
    WORD_MODE_MUTE, /* in the order of enum watch_mode */
    WORD_MODE_NOW,
    WORD_MODE_HOURLY,
    WORD_MODE_DAILY,
    WORD_MODE_WEEKLY,
    WORD_SOME_KINDS,
    WORD_SAVE,
    WORD_MORE,
    WORD_SILENCED,
    WORD_ALLOW,
    WORD_READING, /* heading of language, zone and quiet hours */
    WORD_LANGUAGE,
    WORD_TIMEZONE,
    WORD_TIMEZONE_HINT,
    WORD_QUIET_HOURS,
    WORD_QUIET_HINT,
    WORD_QUIET_FROM,
    WORD_QUIET_TO,
    WORD_BAD_TIMEZONE,

    WORD_ANSWER_ASK, /* what an event asks the person */
    WORD_ANSWER_TEXT,
    WORD_ANSWER_GIVEN,
    WORD_ANSWER_YOU,
    WORD_ANSWER_WITHDRAWN,
    WORD_ANSWER_LATE,

    WORD_LOST_TITLE,
    WORD_LOST,
    WORD_BAD_FORM,
    WORD_TOO_OFTEN,
    WORD_NOT_NOW,
    WORD_PROBLEM_TITLE,
    PAGE_WORDS
};

/* page_word gives a text, UTF-8 that needs no escaping in HTML. */
MUST_USE const char *page_word(enum page_language language, enum page_word word);

/* page_language_find finds the language that a tag such as "de-AT" is of. */
MUST_USE bool page_language_find(struct span tag, enum page_language *ret_language);

/* page_language_accepted gives the first language of an Accept-Language that we speak, else
 * English. */
MUST_USE enum page_language page_language_accepted(struct span accept);

/* page_language_tag gives "de", page_language_name "Deutsch". */
MUST_USE const char *page_language_tag(enum page_language language);
MUST_USE const char *page_language_name(enum page_language language);

#endif
