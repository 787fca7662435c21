/*
 * What explain has found out, for its verdict and its words.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_EXPLAIN_INTERNAL_H
#define POSTROOM_SERVICES_INQUIRY_EXPLAIN_INTERNAL_H

#include <jansson.h>

#include "base/arena.h"
#include "domain/settings.h"
#include "services/inquiry/site_bounds.h"
#include "services/request/request.h"
#include "store/attempt.h"
#include "store/delivery.h"
#include "store/delivery_order.h"
#include "store/domain.h"
#include "store/heard.h"
#include "store/intent.h"
#include "store/lane.h"
#include "store/notice.h"
#include "store/site_word.h"
#include "store/store_lock.h"

enum waits_for {
    WAITS_NOT, /* it has ended */
    WAITS_DUE,
    WAITS_RETRY,
    WAITS_GREYLISTING,
    WAITS_DOUBT,
    WAITS_APPLICATION,
    WAITS_DOMAIN,
    WAITS_SITE,
    WAITS_TURN,
    WAITS_ANSWER,
    WAITS_OPERATOR,
    WAITS_END,
    WAITS_DAEMON,
    WAITS_WINDOW,
    WAITS_FAN_OUT
};

struct explain {
    struct db *db;
    struct arena *arena;
    const struct settings *settings;
    int64_t now_ms;
    bool has_daemon;

    struct delivery_row row; /* id 0: no mail is made yet, there is a notice alone */
    int64_t gives_up;
    struct attempt_list tries;         /* the last one */
    struct intent_list intents;        /* the last one */
    struct delivery_order_list orders; /* by hand, the last few */
    bool has_lane;
    struct lane_row lane;
    bool has_domain;
    struct domain_row domain;
    bool has_bounds;
    struct site_bounds bounds;    /* of its site */
    struct site_word_list words;  /* what its site's servers said of themselves */
    const struct site_word *stop; /* the one by which they take none of its stream, or NULL */
    bool is_barred;
    char bar[100];    /* why, when it is */
    bool is_left_out; /* by `deliver: only` */

    int64_t person; /* 0: nobody in particular */
    int64_t thread;
    struct span topic; /* its key */
    struct span name;  /* how a command names the person */
    bool has_notice;   /* of what is newer than the mail */
    struct notice notice;
    bool has_heard;
    struct heard heard;

    enum waits_for waits_for;
    int64_t until; /* 0: no time is known */
};

/* explain_put_sentences sets "sentences" for people. */
void explain_put_sentences(json_t *answer, const struct explain *e);

#endif
