/*
 * What one mail tells one person of a thread: which of the thread's events are for them (the law
 * of watching, asked of each event anew), what remains of the changes when undone ones are left
 * out, and why they are told. Pure: facts come in, indexes into them go out.
 */
#ifndef POSTROOM_DOMAIN_NOTICE_CONTENT_H
#define POSTROOM_DOMAIN_NOTICE_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/span.h"
#include "domain/attachment.h"
#include "domain/letter.h"
#include "domain/sight.h"
#include "domain/watching.h"

enum {
    NOTICE_EVENTS_MOST = 1000, /* of a thread's range, the newest; older ones are counted */
    NOTICE_CHANGES_MOST = 100  /* fields that one mail lists */
};

/* What something is called, by language; `language` is empty for a name in no language. */
struct notice_name {
    struct span language;
    struct span name;
};

struct notice_name_list {
    const struct notice_name *at;
    size_t n;
};

/* A topic as mail shows it. */
struct notice_topic {
    int64_t id;
    struct span key;
    struct span kind;
    struct notice_name_list kind_names;
    struct span title;
    struct span url;
    size_t label; /* who may see it: number in the thread's labels, from 1; 0: everybody */
    bool secret;  /* it, or its kind: of what happens in it mail says only that something did */
};

/* A topic an event concerns. */
struct notice_scope {
    size_t topic; /* index in the thread's topics */
    int distance;
    bool holds; /* the thread's topic is in it, directly */
};

/* A change of a field; old or new are empty when there was or is nothing. */
struct notice_change {
    struct span field;
    struct span old;
    struct span new;
};

struct notice_event {
    int64_t id;
    struct span key; /* the application's own; may be empty */
    int64_t seq;
    size_t topic; /* index */
    int64_t actor;
    struct span actor_name; /* empty: not known */
    struct span kind;
    struct notice_name_list kind_names;
    int kind_bit;
    bool redacted;
    bool secret;    /* mail says no more of it than that something happened */
    bool addressed; /* somebody is addressed directly */
    int64_t at;
    int64_t taken_at;
    int64_t deadline; /* 0: none */
    struct span title;
    struct span text;
    struct span url;
    struct span asks; /* the answers it asks for; empty: none */
    struct span data; /* JSON object of the application's own; may be empty */
    size_t label;     /* as a topic's */
    const struct notice_change *changes;
    size_t change_count;
    struct attachment_list attachments; /* without content */
    const struct notice_scope *scopes;  /* nearest first */
    size_t scope_count;
};

/* When a mail tells. A mail's deadline is the strictest of those its events had when it was made,
 * and is seen to until the last moment; what was past its own by then is left out. */
struct notice_time {
    int64_t date;     /* the mail's Date, UTC ms, a whole second */
    int64_t deadline; /* 0: none */
};

/* A range of a thread, the same for all people. */
struct notice_thread {
    const struct notice_topic *topics;
    size_t topic_count;
    size_t topic;                      /* the thread's own: index */
    const struct notice_event *events; /* by seq */
    size_t event_count;
    size_t left_out; /* events before the first that was read */
    const struct span *labels;
    size_t label_count;
};

/* A watch of the reader, or of a list they are on, on one of the thread's topics. */
struct notice_watch {
    size_t topic; /* index */
    enum watch_mode mode;
    int64_t kinds;
    int64_t until; /* 0: no end */
    int64_t since;
    int64_t list; /* whose watch it is; 0: the reader's own */
};

struct notice_direct {
    size_t event; /* index */
    int64_t rank;
    struct span reason;
};

/* A suppression that concerns the reader's address. */
struct notice_bar {
    bool everything; /* else: mail about `topic` */
    size_t topic;    /* index */
    bool unsubscribed;
};

/* The one who is to be told. */
struct notice_reader {
    int64_t person;
    bool inactive;
    bool self_notify;
    enum watch_mode digest; /* the mail is this digest; WATCH_MUTE: it tells at once */
    int64_t owed_before; /* not 0: of this thread of the digest something is owed from before that
                          * seq, told at once or not; see notice_content.c */
    struct notice_time time; /* of the mail */
    const struct notice_watch *watches;
    size_t watch_count;
    const struct notice_direct *directs;
    size_t direct_count;
    const bool *granted; /* one for each of the thread's labels */
    /* what the application says of each of the thread's events, NULL where it was not asked; all
     * NULL: it has no say */
    const struct sight_answer *const *sights;
    const struct notice_bar *bars;
    size_t bar_count;
};

/* What remains of a field's changes. */
struct notice_net_change {
    struct span field;
    struct span old;
    struct span new;
    size_t event; /* the last that changed it */
};

struct notice_content {
    enum letter_verdict verdict; /* LETTER_READY, LETTER_NOTHING or LETTER_FORBIDDEN */
    const char *reason;          /* code, when it is not ready */
    bool any_redacted;           /* an event of the range would have been told but for that */
    size_t put_off; /* the number, from 1, of the first event that the application wants told later:
                     * those after it wait for it, too; 0: none */
    int64_t put_off_until; /* UTC ms */
    int64_t put_off_why;   /* why_pack */
    bool any_secret;       /* something happened that is not told, but that it did */

    const size_t *told; /* indexes of events, by seq */
    size_t told_count;
    const size_t *omitted; /* what the application does not let the reader see, or need not be told;
                            * the reader's `sights` say which */
    size_t omitted_count;
    const size_t *items; /* those with more to say than changes, but for secret ones */
    size_t item_count;
    const struct notice_net_change *changes;
    size_t change_count;
    size_t changes_left_out;

    int64_t why;             /* the strongest reason, why_pack */
    struct span reason_word; /* of being addressed directly, "assigned"; else empty */
    const size_t *watched;   /* topics whose watches told of any of it, nearest first */
    size_t watched_count;
};

/* notice_is_late is true for an event whose deadline (0: none) keeps it out of such a mail. */
MUST_USE bool notice_is_late(int64_t deadline, struct notice_time time);

/* notice_sight gives what the application says of an event of the reader's, whom it was asked
 * about. */
MUST_USE enum sight_word notice_sight(const struct notice_reader *reader, size_t event);

/* notice_content_make asks the law of each event and collects what is for the reader. All arrays
 * live in the arena, texts in the thread. */
void notice_content_make(const struct notice_thread *thread, const struct notice_reader *reader,
                         struct arena *arena, struct notice_content *ret_content);

/* notice_name_find gives the name for the first of `languages` that has one ("de-AT" falls back to
 * "de"), else the English one, else any; empty when there is none at all. */
MUST_USE struct span notice_name_find(struct notice_name_list names, const struct span *languages,
                                      size_t language_count);

#endif
