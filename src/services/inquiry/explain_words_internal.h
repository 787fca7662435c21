/*
 * Explain's findings on their way into sentences: explain_words.c tells of the mail,
 * explain_way_words.c of its way.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_EXPLAIN_WORDS_INTERNAL_H
#define POSTROOM_SERVICES_INQUIRY_EXPLAIN_WORDS_INTERNAL_H

#include <jansson.h>

#include "base/buf.h"
#include "services/inquiry/explain_internal.h"

struct words {
    const struct explain *e;
    json_t *sentences;
    struct buf text; /* the sentence at hand */
};

/* explain_say ends the sentence at hand; explain_put_words puts somebody else's words into it. */
void explain_say(struct words *w);
void explain_put_words(struct words *w, struct span words);

/* explain_say_left_alone tells why nothing is sent to the domain, explain_say_stopped to its site;
 * explain_say_limits of each kind the limit that binds. */
void explain_say_left_alone(struct words *w);
void explain_say_stopped(struct words *w);
void explain_say_limits(struct words *w);

#endif
