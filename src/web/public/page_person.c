/*
 * Reading what a page needs to know of its person.
 */
#include "web/public/page_person.h"

#include <jansson.h>

#include "store/grant.h"
#include "store/topic.h"

static enum page_language language_of(struct web_call *call, struct span languages)
{
    enum page_language language =
        page_language_accepted(http_exchange_header(call->exchange, "Accept-Language"));
    json_t *list = json_loadb(languages.at, languages.n, 0, NULL);
    const json_t *tag;
    size_t i;

    json_array_foreach (list, i, tag) {
        if (page_language_find(span_of(json_string_value(tag)), &language))
            break;
    }
    json_decref(list);
    return language;
}

/* Who was merged into somebody leads to them: links live as long as the mails they stand in. */
static bool load_row(struct web_call *call, int64_t id, struct person *ret_row, struct error *err)
{
    struct db *db = web_reader(call->web);
    struct arena *arena = http_exchange_arena(call->exchange);

    return person_load(db, arena, id, ret_row, err) &&
           (ret_row->merged_into == 0 ||
            person_load(db, arena, ret_row->merged_into, ret_row, err));
}

bool page_person_load(struct web_call *call, int64_t id, struct page_person *ret_person,
                      bool *ret_found, struct error *err)
{
    struct db *db = web_reader(call->web);
    struct arena *arena = http_exchange_arena(call->exchange);
    struct page_person person = { .address_count = 0 };
    struct mail_address *addresses;
    struct error gone;

    *ret_found = false;
    if (!load_row(call, id, &person.row, &gone)) {
        *err = gone;
        return gone.kind == ERROR_NOT_FOUND;
    }
    if (!person_addresses(db, arena, person.row.id, &addresses, &person.address_count, err))
        return false;
    person.addresses = addresses;
    person.language = language_of(call, person.row.languages);
    *ret_found = person.address_count > 0;
    *ret_person = person;
    return true;
}

bool page_topic_name(struct web_call *call, const struct page_person *person, int64_t id,
                     struct span *ret_name, struct span *ret_key, struct error *err)
{
    struct db *db = web_reader(call->web);
    struct topic topic;
    struct error gone;
    bool granted;
    bool secret;

    *ret_key = (struct span){ NULL, 0 };
    *ret_name = SPAN("");
    if (!topic_load(db, http_exchange_arena(call->exchange), id, &topic, &gone)) {
        *err = gone;
        return gone.kind == ERROR_NOT_FOUND;
    }
    if (!grant_exists(db, topic.label, person->row.id, &granted, err) ||
        !topic_is_secret(db, id, &secret, err))
        return false;
    *ret_key = topic.key;
    if (!granted)
        *ret_name = span_of(page_word(person->language, WORD_HIDDEN_TOPIC));
    else
        *ret_name = topic.title.n > 0 && !secret ? topic.title : topic.key;
    return true;
}
