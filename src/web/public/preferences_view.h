/*
 * How the page of a person's settings looks.
 */
#ifndef POSTROOM_WEB_PUBLIC_PREFERENCES_VIEW_H
#define POSTROOM_WEB_PUBLIC_PREFERENCES_VIEW_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "web/public/page.h"
#include "web/public/page_person.h"

struct preferences_page {
    struct web_call *call;
    struct page_person person;
    bool tells;          /* whether something is said on top: */
    enum page_word word; /* it was saved, or why not */
    int status;          /* of the answer */
};

/* What the buttons of its forms ask for. */
#define DO_WATCH "watch"
#define DO_END "end"
#define DO_ALLOW "allow"
#define DO_OFF "off"
#define DO_ON "on"
#define DO_READING "reading"

/* preferences_put answers with the page; fails, having answered nothing, when the store cannot be
 * read. */
MUST_USE bool preferences_put(const struct preferences_page *p, struct error *err);

#endif
