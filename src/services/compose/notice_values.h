/*
 * The values of a notice: what domain/notice_content chose, in the shape of notice_model.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_NOTICE_VALUES_H
#define POSTROOM_SERVICES_COMPOSE_NOTICE_VALUES_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/zone.h"
#include "domain/notice_content.h"
#include "services/compose/value.h"
#include "store/content.h"
#include "store/content_part.h"

enum {
    NOTICE_ITEMS_MOST = 50,                /* a mail of one thread shows, the newest */
    NOTICE_ACTORS_MOST = 5,                /* a mail names */
    NOTICE_TEXT_BUDGET_BYTES = 200 * 1024, /* texts of all items together */
    NOTICE_DIFF_LINES_MOST = 200,          /* of all changes together, */
    NOTICE_CHANGE_LINES_MOST = 40          /* of one */
};

enum { QUESTIONS_MOST = 10 /* a mail asks, the oldest */ };

struct notice_answer {
    struct span answer;
    struct span url; /* empty: none */
};

/* What somebody is asked. */
struct notice_question {
    int64_t event;
    struct span name;
    int64_t days; /* that it has waited */
    struct span url;
    const struct notice_answer *answers;
    size_t answer_count;
};

/* Where the buttons of a mail lead; empty: there is none. */
struct notice_links {
    struct span mute;
    struct span stop;
    struct span daily;
    struct span all_off;
    struct span settings;
    const struct notice_question *questions;
    size_t question_count;
    int64_t more_questions;
    struct span one_click; /* what List-Unsubscribe names: one of the others, or stronger */
};

/* A file that the mail carries. */
struct notice_file {
    const struct notice_event *event;
    const struct attachment *attachment; /* of it */
    const char *type;
    struct span content;
    struct span content_id; /* "left@right" */
};

struct notice_file_list {
    const struct notice_file *at;
    size_t n;
};

/* What the values are made of. */
struct notice_material {
    const struct content_delivery *delivery;
    const struct content_part *part; /* of it, about this thread */
    const struct notice_thread *thread;
    const struct notice_content *content;
    const struct sight_answer *const *sights; /* of the thread's events, as the reader has them */
    struct span language;                     /* of the template */
    const struct zone *zone;                  /* the reader's; NULL: UTC */
    bool container_hidden;                    /* its label is not granted to the reader */
    size_t items_most;                        /* items shown, the newest */
    size_t text_budget;                       /* bytes of all their texts together */
    size_t diff_budget;                       /* lines of all its diffs together */
    const char *site_name;
    const char *site_url; /* NULL: none */
    const struct notice_links *links;
    struct notice_file_list files;
};

/* notice_values_make gives the root record. All of it lives in the arena and in the material. The
 * field subject is empty: it is set when the subject is known. */
MUST_USE struct value *notice_values_make(const struct notice_material *material,
                                          struct arena *arena);

/* What any mail has beside what it tells: the records of its person and of who sends it, the
 * direction of a language's script, and its links. */
MUST_USE struct value *notice_person_values(const struct content_delivery *delivery,
                                            struct arena *arena);
MUST_USE struct value *notice_site_values(const struct notice_material *material,
                                          struct arena *arena);
MUST_USE struct span notice_direction(struct span language);
MUST_USE struct value *notice_link_values(const struct notice_links *links, struct arena *arena);

/* notice_preview gives the first text or title of the items of a record made by
 * notice_values_make. */
MUST_USE struct span notice_preview(const struct value *root);

/* notice_container gives the index of the topic the thread's topic is in; false when it is in
 * none. */
MUST_USE bool notice_container(const struct notice_thread *thread, size_t *ret_topic);

/* notice_senders names those who did what is told, for the From field: up to two, the others
 * counted; empty when none of them has a name. */
MUST_USE struct span notice_senders(const struct notice_thread *thread,
                                    const struct notice_content *content, struct arena *arena);

/* notice_topic_values gives the record of a topic. */
MUST_USE struct value *notice_topic_values(const struct notice_topic *topic,
                                           const struct span *languages, size_t language_count,
                                           struct arena *arena);

#endif
