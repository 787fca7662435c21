/*
 * The settings of a person: /p/TOKEN. What they watch and how often they hear of it, their
 * language, zone and quiet hours, and turning all off. A GET shows them, a POST changes one.
 */
#ifndef POSTROOM_WEB_PUBLIC_PREFERENCES_H
#define POSTROOM_WEB_PUBLIC_PREFERENCES_H

struct web_call;

/* preferences_show answers a GET, preferences_change a POST. */
void preferences_show(struct web_call *call);
void preferences_change(struct web_call *call);

#endif
