/*
 * Offering watches. They begin with what happens next: of this event its people are told because
 * they are addressed.
 */
#include "services/intake/auto_watch.h"

#include "base/cleanup.h"
#include "domain/auto_watch.h"
#include "store/kind.h"
#include "store/person.h"
#include "store/topic.h"
#include "store/watch.h"

bool auto_watch_read(struct db *db, struct arena *arena, struct auto_watch *watch,
                     struct error *err)
{
    struct kind kind = { .of = KIND_OF_TOPIC };
    struct topic topic;
    bool found;

    if (!topic_load(db, arena, watch->topic, &topic, err))
        return false;
    kind.name = topic.kind;
    if (!kind_find(db, arena, &kind, &found, err))
        return false;
    watch->rules = found ? kind.auto_watch : (struct span){ NULL, 0 };
    watch->mode = found ? kind.default_mode : WATCH_NOW;
    return true;
}

bool auto_watch_offer(struct db *db, struct arena *arena, const struct auto_watch *watch,
                      int64_t person, const char *rule, struct error *err)
{
    struct watch wish = { .topic = watch->topic,
                          .who = person,
                          .mode = watch->mode,
                          .kinds = WATCH_ALL_KINDS,
                          .delay = -1 };
    struct person row;

    if (rule == NULL || !auto_watch_allows(watch->rules, rule))
        return true;
    if (!person_load(db, arena, person, &row, err))
        return false;
    if (row.auto_watch.at != NULL && !auto_watch_allows(row.auto_watch, rule))
        return true;
    span_copy(span_of(rule), wish.origin, sizeof wish.origin);
    return watch_offer(db, &wish, watch->cause, watch->now_ms, err);
}
