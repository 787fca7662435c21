/*
 * Whose page it is.
 */
#ifndef POSTROOM_WEB_PUBLIC_PAGE_PERSON_H
#define POSTROOM_WEB_PUBLIC_PAGE_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "domain/mail_address.h"
#include "store/person.h"
#include "web/public/page_words.h"
#include "web/web.h"

/* Lives in the arena of the exchange. */
struct page_person {
    struct person row;
    const struct mail_address *addresses;
    size_t address_count;
    enum page_language language;
};

/* page_person_load finds somebody who is there and can be mailed; *ret_found is false for all
 * others, such as who was erased. The language is theirs, else that of the browser. */
MUST_USE bool page_person_load(struct web_call *call, int64_t id, struct page_person *ret_person,
                               bool *ret_found, struct error *err);

/* page_topic_name gives what to call a topic before them: its title, else its key, or that they may
 * not see it; *ret_key is its key, and absent (at == NULL) when there is no such topic. */
MUST_USE bool page_topic_name(struct web_call *call, const struct page_person *person,
                              int64_t topic, struct span *ret_name, struct span *ret_key,
                              struct error *err);

#endif
