/*
 * Settings and webhooks brought together.
 */
#include "services/hooks/hook_wants.h"

#include "domain/change.h"
#include "domain/settings.h"
#include "store/outbox.h"
#include "store/webhook.h"

static int64_t kinds_of_settings(const struct change_settings *settings)
{
    return (settings->events ? CHANGE_EVENT : 0) | (settings->deliveries ? CHANGE_DELIVERY : 0) |
           (settings->suppressions ? CHANGE_SUPPRESSION : 0) |
           (settings->watches ? CHANGE_WATCH : 0);
}

bool hook_wants_renew(struct db *db, const struct settings *settings, struct error *err)
{
    int64_t kinds;
    int64_t before;

    if (!webhook_kinds(db, &kinds, err) || !outbox_wanted(db, &before, err))
        return false;
    kinds |= kinds_of_settings(&settings->changes);
    return kinds == before || outbox_want(db, kinds, err);
}

json_t *hook_kinds_json(int64_t kinds)
{
    json_t *array = json_array();

    for (int64_t kind = CHANGE_EVENT; kind <= CHANGE_WATCH; kind *= 2)
        if ((kinds & kind) != 0)
            (void)json_array_append_new(array,
                                        json_string(change_kind_name((enum change_kind)kind)));
    return array;
}
