/*
 * Merging, which cannot be undone: so it is counted first, and done only by a clear word.
 */
#include "services/directory/person_merge.h"

#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "store/merging.h"

struct wish {
    int64_t from;
    int64_t into;
    bool is_dry;
};

static bool read_wish(struct db *db, const struct request *request, struct wish *ret_wish,
                      struct error *err)
{
    bool yes;

    if (!request_allow(request, "person into dry_run yes", err) ||
        !request_person(db, request, "person", &ret_wish->from, err) ||
        !request_person(db, request, "into", &ret_wish->into, err) ||
        !request_flag(request, "dry_run", false, &ret_wish->is_dry, err) ||
        !request_flag(request, "yes", false, &yes, err))
        return false;
    if (ret_wish->from == ret_wish->into)
        return error_set(err, ERROR_INVALID, "into: that is the same person already");
    return ret_wish->is_dry || yes ||
           error_set(err, ERROR_INVALID,
                     "yes: is missing: this cannot be undone (a dry run shows what it would do)");
}

static bool answer_with(struct db *db, const struct wish *wish, const struct merging *merging,
                        json_t **ret_answer, struct error *err)
{
    json_t *answer = json_object();

    if (!answer_person(answer, "person", db, wish->from, err) ||
        !answer_person(answer, "into", db, wish->into, err)) {
        json_decref(answer);
        return false;
    }
    answer_number(answer, "addresses", merging->addresses);
    answer_number(answer, "watches", merging->watches);
    answer_number(answer, "lists", merging->lists);
    answer_number(answer, "grants", merging->grants);
    answer_number(answer, "notices", merging->notices);
    answer_flag(answer, "dry_run", wish->is_dry);
    *ret_answer = answer;
    return true;
}

bool person_merge(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    struct merging merging = { 0 };
    struct wish wish;

    return read_wish(db, request, &wish, err) &&
           merging_foresee(db, wish.from, wish.into, &merging, err) &&
           (wish.is_dry || merging_of_people(db, wish.from, wish.into, request->now_ms, err)) &&
           answer_with(db, &wish, &merging, ret_answer, err);
}
