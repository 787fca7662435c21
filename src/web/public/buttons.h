/*
 * The pages behind the buttons of a mail: /u/TOKEN. A GET shows what the button would do and
 * changes nothing; a POST does it, by the page's own button or by a mail program's (RFC 8058).
 */
#ifndef POSTROOM_WEB_PUBLIC_BUTTONS_H
#define POSTROOM_WEB_PUBLIC_BUTTONS_H

struct web_call;

/* buttons_show answers a GET, buttons_press a POST. */
void buttons_show(struct web_call *call);
void buttons_press(struct web_call *call);

#endif
