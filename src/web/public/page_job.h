/*
 * What a page does when its button is pressed: requests, all or none, asked by a page on behalf of
 * its person. They are those of commands and of the API, and stand in the audit as those do.
 */
#ifndef POSTROOM_WEB_PUBLIC_PAGE_JOB_H
#define POSTROOM_WEB_PUBLIC_PAGE_JOB_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/person.h"
#include "web/public/page_person.h"
#include "web/web.h"

enum { PAGE_STEPS_MOST = PERSON_ADDRESSES_LIMIT };

struct page_step {
    const char *request; /* of the table of requests */
    json_t *args;
};

struct page_plan {
    struct page_step at[PAGE_STEPS_MOST];
    size_t n;
};

/* page_plan_add adds a request, whose args are taken over. */
void page_plan_add(struct page_plan *plan, const char *request, json_t *args);

/* page_plan_drop frees the args of a plan that is not done. */
void page_plan_drop(struct page_plan *plan);

/* page_job_submit does a plan, which is taken over, on the ledger, and calls `done` on the web's
 * loop: after the commit with err == NULL, else with what went wrong. A person who presses too
 * often is answered at once. */
void page_job_submit(struct web_call *call, const struct page_person *person,
                     struct page_plan *plan, void (*done)(void *context, const struct error *err),
                     void *context);

#endif
