/*
 * postroom-event(5) names the fields that the readers take, and no others.
 */
#include "app/manual_event.h"

#include "tests/support/cmocka.h"

#include "base/span.h"

static bool is_known(const struct event_object *object, struct span name)
{
    struct span rest = span_of(object->known);

    while (rest.n > 0)
        if (span_equal(span_take_until(&rest, ' '), name))
            return true;
    return false;
}

static bool is_told(const struct event_object *object, struct span name)
{
    for (const struct event_field *field = object->fields; field->name != NULL; field++)
        if (span_equal(span_of(field->name), name))
            return true;
    return false;
}

static void the_page_names_what_is_read_and_nothing_else(void **state)
{
    (void)state;
    for (const struct event_object *o = manual_event_objects(); o->title != NULL; o++) {
        struct span rest = span_of(o->known);

        while (rest.n > 0) {
            struct span name = span_take_until(&rest, ' ');

            if (!is_told(o, name))
                fail_msg("%s: the page does not tell of %.*s", o->title, SPAN_ARGS(name));
        }
        for (const struct event_field *field = o->fields; field->name != NULL; field++)
            if (!is_known(o, span_of(field->name)))
                fail_msg("%s: the page tells of %s, which is refused", o->title, field->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_names_what_is_read_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
