/*
 * Watches in answers.
 */
#include "services/directory/watch_json.h"

#include "services/request/answer.h"
#include "store/watch.h"

bool watch_json_put(json_t *object, struct db *db, const struct watch *watch, struct error *err)
{
    answer_string(object, "mode", watch_mode_name(watch->mode));
    answer_duration(object, "delay", watch->delay);
    answer_moment(object, "until", watch->until);
    answer_string(object, "origin", watch->origin);
    return answer_kinds(object, "kinds", db, watch->kinds, err);
}
