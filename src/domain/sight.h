/*
 * Sight: what the application says about who may see what. Grants are in the store; this is the
 * other way: when a mail is composed, a sheet lists each event that it is to tell its person of,
 * and the application answers for each. What it does not answer may not be seen.
 */
#ifndef POSTROOM_DOMAIN_SIGHT_H
#define POSTROOM_DOMAIN_SIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/list.h"
#include "base/span.h"

struct mailbox;

enum {
    SIGHT_ITEMS_MOST = 2000,      /* of a sheet: events beyond are not asked about, nor told */
    SIGHT_LATER_MOST_S = 604800,  /* "later" is at most so far away */
    SIGHT_FIELDS_MOST = 32,       /* of one answer, */
    SIGHT_FIELD_NAME_MOST = 40,   /* letters, digits and _ */
    SIGHT_FIELD_VALUE_MOST = 8192 /* bytes */
};

/* The numbers are in the store. */
enum sight_word {
    SIGHT_UNANSWERED = 0, /* or answered by what is no answer: may not be seen */
    SIGHT_YES = 1,
    SIGHT_NO = 2,
    SIGHT_NOT_NEEDED = 3, /* may be seen, but need not be told: as if it had been */
    SIGHT_LATER = 4       /* to be asked again at `until` */
};

/* More for the template: data.NAME of the item. */
struct sight_field {
    struct span name;
    struct span value;
};

struct sight_answer {
    enum sight_word word;
    int64_t until; /* UTC ms, with SIGHT_LATER */
    const struct sight_field *fields;
    size_t field_count;
};

/* An event that the sheet's person is to be told of. */
struct sight_item {
    int64_t event; /* id */
    struct span key;
    struct span kind;
    struct span topic;
    struct span thread;
    struct span label; /* of the event, else of its topic; may be empty */
    struct sight_answer answer;
};

/* All that one mail asks, and the answers. Texts live in its arena. */
struct sight_sheet {
    struct arena arena;
    struct span person; /* key; may be empty */
    struct span address;
    struct sight_item *items; /* by rising event */
    size_t count;
    int64_t answered_at; /* UTC ms; 0: not yet */
};

/* sight_sheet_new makes one with room for `room` items, sight_sheet_free ends it (NULL is
 * allowed). */
MUST_USE struct sight_sheet *sight_sheet_new(size_t room);
void sight_sheet_free(struct sight_sheet *sheet);

/* sight_sheet_find gives the item of an event, NULL when the sheet does not ask about it. */
MUST_USE const struct sight_item *sight_sheet_find(const struct sight_sheet *sheet, int64_t event);

/* sight_sheet_sort puts the items in the order sight_sheet_find needs. */
void sight_sheet_sort(struct sight_sheet *sheet);

/* sight_word_name gives "yes", "no", "not needed", "later", and "unanswered"; sight_word_find
 * finds a word that an application may say: the last one is none. */
MUST_USE const char *sight_word_name(enum sight_word word);
MUST_USE bool sight_word_find(struct span name, enum sight_word *ret_word);

/* sight_reason gives the code under which an event that is left out is on record: "hidden",
 * "not_needed", "unanswered", "put_off"; NULL for SIGHT_YES. */
MUST_USE const char *sight_reason(enum sight_word word);

/* sight_field_check refuses what is no field: a name of other letters, a value too long. */
MUST_USE bool sight_field_check(const struct sight_field *field, struct error *err);

/* A sheet on its way to whoever has it answered, and back to the mailbox. */
struct sight_ask {
    struct list link;
    struct sight_sheet *sheet;
    struct mailbox *answers;
    bool ok;              /* it is answered; else */
    struct error problem; /* why not */
};

#endif
