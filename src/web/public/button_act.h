/*
 * What pressing a button of a mail means in requests, whether it is so already, and how to undo it.
 */
#ifndef POSTROOM_WEB_PUBLIC_BUTTON_ACT_H
#define POSTROOM_WEB_PUBLIC_BUTTON_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/mail_button.h"
#include "store/watch.h"
#include "web/public/page_job.h"
#include "web/public/page_person.h"

/* A button before its person, and the key of its topic (empty: of none). */
struct button_act_terms {
    struct web_call *call;
    const struct page_person *person;
    struct mail_button button;
    struct span key;
};

struct button_state {
    bool done;    /* it is as the button wants it */
    int64_t undo; /* names what undoing would take back; 0: nothing that a page did */
};

/* button_state_read tells how things are. */
MUST_USE bool button_state_read(const struct button_act_terms *terms,
                                struct button_state *ret_state, struct error *err);

/* button_plan_press fills what pressing it takes, nothing when it is done; button_plan_undo what
 * undoing that takes, nothing when something else has become of it. */
MUST_USE bool button_plan_press(const struct button_act_terms *terms, struct page_plan *plan,
                                struct error *err);
MUST_USE bool button_plan_undo(const struct button_act_terms *terms, int64_t undo,
                               struct page_plan *plan, struct error *err);

/* button_plan_mode fills what it takes to hear of the button's topic in that mode, whatever its
 * act; nothing when neither the person nor a list of theirs watches it. */
MUST_USE bool button_plan_mode(const struct button_act_terms *terms, enum watch_mode mode,
                               struct page_plan *plan, struct error *err);

#endif
