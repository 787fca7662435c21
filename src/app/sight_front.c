/*
 * One of the two, or neither.
 */
#include "app/sight_front.h"

#include "base/alloc.h"
#include "services/sight/sight_desk.h"
#include "services/sight/sight_module.h"

struct sight_front {
    struct sight_desk *desk;
    struct sight_module *module;
};

struct sight_front *sight_front_new(const struct settings *settings, struct ledger *ledger,
                                    struct error *err)
{
    const struct visibility_settings *v = &settings->visibility;
    struct sight_front *front;

    if (v->url != NULL && v->module != NULL) {
        (void)error_set(err, ERROR_INVALID,
                        "visibility.url and visibility.module are both set: the application is "
                        "asked in one way");
        return NULL;
    }
    front = NEW(struct sight_front);
    if (v->url != NULL)
        front->desk = sight_desk_new(&(struct sight_desk_options){ settings, ledger });
    if (v->module != NULL)
        front->module = sight_module_open(v->module, err);
    if (v->module == NULL || front->module != NULL)
        return front;
    (void)error_wrap(err, "visibility.module");
    sight_front_free(front);
    return NULL;
}

struct sight_source sight_front_source(struct sight_front *front)
{
    if (front->module != NULL)
        return (struct sight_source){ .see = sight_module_see, .context = front->module };
    if (front->desk != NULL)
        return (struct sight_source){ .ask = sight_desk_ask, .context = front->desk };
    return (struct sight_source){ .see = NULL };
}

void sight_front_start(struct sight_front *front)
{
    if (front->desk != NULL)
        sight_desk_start(front->desk);
}

void sight_front_stop(struct sight_front *front)
{
    if (front->desk != NULL)
        sight_desk_stop(front->desk);
}

void sight_front_free(struct sight_front *front)
{
    if (front == NULL)
        return;
    sight_desk_free(front->desk);
    sight_module_close(front->module);
    alloc_free(front);
}
