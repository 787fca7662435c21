/*
 * Requests about lists: list.new, list.show, list.list, list.rm, list.add, list.remove.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_LISTS_H
#define POSTROOM_SERVICES_DIRECTORY_LISTS_H

#include "services/request/request.h"

/* lists_new: "list", "title". lists_list: "after", "limit". */
request_handler lists_new;
request_handler lists_list;

/* lists_show gives a list and a page of its members: "list", "after", "limit"; with "past" of those
 * who have left. */
request_handler lists_show;

/* lists_remove ends a list with its memberships and watches: "list". */
request_handler lists_remove;

/* lists_add and lists_take put people on a list and take them off, all or none: "list", "people";
 * to add also "basis" and "origin". */
request_handler lists_add;
request_handler lists_take;

#endif
