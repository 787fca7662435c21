/*
 * The buttons of a letter: which ones it has, and what one click on its List-Unsubscribe does.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_LETTER_LINKS_H
#define POSTROOM_SERVICES_COMPOSE_LETTER_LINKS_H

#include "services/compose/notice_values.h"

struct composer_worker;
struct gathered;

/* letter_links_make gives the links of the letter's person in the worker's arena, as of its date;
 * none without a public_url, but for what the person is asked. The same letter made again has the
 * same. */
void letter_links_make(struct composer_worker *worker, const struct gathered *gathered,
                       int64_t date_ms, struct notice_links *ret_links);

#endif
