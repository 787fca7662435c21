/*
 * The page of a question: who is asked opens it from a mail and answers there. Once anybody has
 * answered it says who, what and when.
 */
#ifndef POSTROOM_WEB_PUBLIC_ANSWERS_H
#define POSTROOM_WEB_PUBLIC_ANSWERS_H

#include "web/web.h"

/* answers_show shows the question of an answer's link; answers_give takes the answer that its form
 * posts, as approval.answer does. */
void answers_show(struct web_call *call);
void answers_give(struct web_call *call);

#endif
