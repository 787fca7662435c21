/*
 * Who may see what carries a label.
 */
#include "services/directory/grants.h"

#include "domain/topic_key.h"
#include "services/request/answer.h"
#include "services/request/person_wish.h"
#include "store/grant.h"

static bool read(struct db *db, const struct request *request, struct span *ret_label,
                 int64_t *ret_person, struct error *err)
{
    return request_allow(request, "person label", err) &&
           request_person(db, request, "person", ret_person, err) &&
           request_need_text(request, "label", ret_label, err) &&
           (label_check(*ret_label, err) || error_wrap(err, "label"));
}

static bool answer_with(struct db *db, struct span label, int64_t person, bool changed,
                        json_t **ret_answer, struct error *err)
{
    json_t *answer = json_object();

    if (!answer_person(answer, "person", db, person, err)) {
        json_decref(answer);
        return false;
    }
    answer_text(answer, "label", label);
    answer_flag(answer, "changed", changed);
    *ret_answer = answer;
    return true;
}

bool grants_add(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    struct span label;
    int64_t person;
    bool changed;

    return read(db, request, &label, &person, err) && grant_add(db, label, person, &changed, err) &&
           answer_with(db, label, person, changed, ret_answer, err);
}

bool grants_remove(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    struct span label;
    int64_t person;
    bool changed;

    return read(db, request, &label, &person, err) &&
           grant_remove(db, label, person, &changed, err) &&
           answer_with(db, label, person, changed, ret_answer, err);
}
