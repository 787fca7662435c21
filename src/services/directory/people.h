/*
 * Requests about people: person.add, person.set, person.show, person.list,
 * person.erase.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_PEOPLE_H
#define POSTROOM_SERVICES_DIRECTORY_PEOPLE_H

#include "services/request/request.h"

/* people_add makes a person. `person` is their key or address; or `key`, `addresses` and the rest
 * of PERSON_WISH_FIELDS. A known key is a conflict. Answers as people_show. */
request_handler people_add;

/* people_set changes the given fields of `person`; empty texts clear. Answers as people_show. */
request_handler people_set;

/* people_erase erases `person` and says what of theirs went (store/erasure.h). */
request_handler people_erase;

/* people_show gives all about `person`, with their grants and suppressions. Reads. */
request_handler people_show;

/* people_list gives {"people": [...], "next": id}, `limit` at a time after id `after`; without
 * "next" it was the last page. Reads. */
request_handler people_list;

#endif
