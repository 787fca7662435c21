/*
 * A plan on its way over the ledger.
 */
#include "web/public/page_job.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "services/request/perform.h"
#include "web/public/page.h"

enum { BY_MOST = 80 };

struct page_job {
    struct web_job job; /* first */
    struct web_call *call;
    struct page_plan plan;
    char by[BY_MOST];
    int64_t now_ms;
    void (*done)(void *context, const struct error *err);
    void *context;
};

void page_plan_add(struct page_plan *plan, const char *request, json_t *args)
{
    assert(plan->n < PAGE_STEPS_MOST);
    plan->at[plan->n++] = (struct page_step){ request, args };
}

void page_plan_drop(struct page_plan *plan)
{
    for (size_t i = 0; i < plan->n; i++)
        json_decref(plan->at[i].args);
    plan->n = 0;
}

static bool do_step(const struct page_job *job, const struct page_step *step, struct db *db,
                    struct error *err)
{
    const struct request request = { .args = step->args,
                                     .now_ms = job->now_ms,
                                     .by = job->by,
                                     .way = "page",
                                     .settings = web_settings(job->call->web) };
    json_t *answer = NULL;
    bool fine = request_perform(web_find_request(job->call->web, step->request), db, &request,
                                &answer, err);

    json_decref(answer);
    return fine;
}

static bool run(struct ledger_job *base, struct db *db, struct error *err)
{
    const struct page_job *job = (const struct page_job *)base;

    for (size_t i = 0; i < job->plan.n; i++)
        if (!do_step(job, &job->plan.at[i], db, err))
            return false;
    return true;
}

static void end(struct web_job *base)
{
    struct page_job *job = (struct page_job *)base;

    job->done(job->context, base->job.ok ? NULL : &base->job.error);
    page_plan_drop(&job->plan);
    alloc_free(job);
}

/* Who they are is in the record by what they are called, as it is for commands. */
static void set_by(struct page_job *job, const struct page_person *person)
{
    CLEANUP(buf_fini) struct buf by;
    struct error err;

    buf_init(&by, PERSON_HANDLE_LIMIT + 20);
    buf_put_text(&by, "page of ");
    if (!person_handle_put(web_reader(job->call->web), &by, person->row.id, &err))
        buf_printf(&by, "#%lld", (long long)person->row.id);
    span_copy(buf_view(&by), job->by, sizeof(job->by));
}

void page_job_submit(struct web_call *call, const struct page_person *person,
                     struct page_plan *plan, void (*done)(void *context, const struct error *err),
                     void *context)
{
    int64_t now_ms = web_now_ms(call->web);
    struct page_job *job;

    if (!pace_allow(web_pace(call->web), (uint64_t)person->row.id, now_ms)) {
        page_plan_drop(plan);
        page_refuse(call, 429, WORD_TOO_OFTEN);
        return;
    }
    job = NEW(struct page_job);
    job->job.job.name = "page";
    job->job.job.run = run;
    job->job.done = end;
    job->call = call;
    job->plan = *plan;
    job->now_ms = now_ms;
    job->done = done;
    job->context = context;
    set_by(job, person);
    web_submit(call->web, &job->job);
}
