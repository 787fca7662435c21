/*
 * The buttons of a mail: links that let somebody change what they hear of without signing in. A
 * button is a token (protocol/mail/token.h) that says whose watching it changes, of what, and how;
 * who holds it may press it, today and years from now. It leads to a page, and only pressing the
 * button of that page does anything.
 */
#ifndef POSTROOM_DOMAIN_MAIL_BUTTON_H
#define POSTROOM_DOMAIN_MAIL_BUTTON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"
#include "protocol/mail/token.h"

/* The numbers are in mails that were sent. */
enum button_act {
    BUTTON_MUTE = 1,  /* hear nothing of the topic and what is in it, but what is watched nearer */
    BUTTON_STOP = 2,  /* end the watch of the topic */
    BUTTON_DAILY = 3, /* hear of it once a day */
    BUTTON_UNSUBSCRIBE = 4 /* get no mail about the topic, whoever addresses them; 0: about any */
};

struct mail_button {
    int64_t person;
    enum button_act act;
    int64_t topic;
};

/* A link that answers a question. */
struct answer_link {
    int64_t person;
    int64_t event; /* that asks */
    int number;    /* of the answer, from 1; 0: none of them yet */
};

/* Where the pages of buttons, of settings and of questions are, below public_url. */
#define BUTTON_PATH "/u/"
#define SETTINGS_PATH "/p/"
#define ANSWER_PATH "/a/"

/* mail_button_put appends the token of a button, settings_token_put that of a person's settings,
 * answer_link_put that of an answer. */
void mail_button_put(struct buf *to, struct token_keys *keys, struct mail_button button);
void settings_token_put(struct buf *to, struct token_keys *keys, int64_t person);
void answer_link_put(struct buf *to, struct token_keys *keys, struct answer_link link);

/* mail_button_read, settings_token_read and answer_link_read take them apart; false for whatever we
 * did not make. */
MUST_USE bool mail_button_read(struct span text, struct token_keys *keys,
                               struct mail_button *ret_button);
MUST_USE bool settings_token_read(struct span text, struct token_keys *keys, int64_t *ret_person);
MUST_USE bool answer_link_read(struct span text, struct token_keys *keys,
                               struct answer_link *ret_link);

#endif
