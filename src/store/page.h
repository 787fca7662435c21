/*
 * A page of a list: what follows an id, so many rows. Lists are walked by the id of their last
 * row, never by counting, so that every page costs the same.
 */
#ifndef POSTROOM_STORE_PAGE_H
#define POSTROOM_STORE_PAGE_H

#include <stddef.h>
#include <stdint.h>

struct page {
    int64_t after; /* the last id of the page before; 0 at first */
    size_t limit;
};

#endif
