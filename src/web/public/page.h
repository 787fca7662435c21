/*
 * The frame of a public page: plain HTML that works without JavaScript, loads nothing, is kept by
 * nobody, and posts only to where it came from.
 */
#ifndef POSTROOM_WEB_PUBLIC_PAGE_H
#define POSTROOM_WEB_PUBLIC_PAGE_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"
#include "web/public/page_words.h"
#include "web/web.h"

/* A page on its way. */
struct html_page {
    struct web_call *call;
    enum page_language language;
    struct buf html;
};

/* page_begin begins one whose title is a text, about a topic or not (at == NULL), which is also
 * its heading. page_answer ends it and answers the call. */
void page_begin(struct html_page *page, struct web_call *call, enum page_language language,
                enum page_word title, struct span topic);
void page_answer(struct html_page *page, int status);

/* page_put appends HTML, page_say a text in the page's language with the topic in its place,
 * page_put_text foreign text, escaped. */
void page_put(struct html_page *page, const char *html);
void page_say(struct html_page *page, enum page_word word, struct span topic);
void page_put_text(struct html_page *page, struct span text);

/* page_put_paragraph is page_say in a paragraph. */
void page_put_paragraph(struct html_page *page, enum page_word word, struct span topic);

/* page_refuse answers with a page that says one thing; in the reader's language as far as their
 * browser tells. */
void page_refuse(struct web_call *call, int status, enum page_word word);

/* page_lost answers whoever has no good token: all of them alike. */
void page_lost(struct web_call *call);

#endif
