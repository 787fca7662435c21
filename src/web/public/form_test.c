/*
 * Forms come out the same in both encodings, and what is no form is refused.
 */
#include "web/public/form.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/support/cmocka.h"

#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART "multipart/form-data; boundary=b"

struct reading {
    const char *story;
    const char *type;
    const char *body;
    const char *name; /* NULL: it is refused */
    const char *value;
};

static const struct reading readings[] = {
    { "a mail provider presses", URLENCODED, "List-Unsubscribe=One-Click", "List-Unsubscribe",
      "One-Click" },
    { "with a charset", URLENCODED "; charset=UTF-8", "a=1&b=%C3%A4+b", "b", "\xc3\xa4 b" },
    { "nothing at all", URLENCODED, "", "a", NULL },
    { "of two the first", URLENCODED, "a=1&a=2", "a", "1" },
    { "broken percent", URLENCODED, "a=%4", NULL, NULL },
    { "not UTF-8", URLENCODED, "a=%ff", NULL, NULL },
    { "a NUL", URLENCODED, "a=%00", NULL, NULL },
    { "a provider with parts", MULTIPART,
      "--b\r\nContent-Disposition: form-data; "
      "name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n",
      "List-Unsubscribe", "One-Click" },
    { "a quoted boundary", "Multipart/Form-Data; boundary=\"x y\"",
      "--x y\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--x y--", "a", "1" },
    { "a preamble, two parts, an empty value", MULTIPART,
      "before\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; "
      "name=\"a\"\r\n\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n2\r\n--b--",
      "c", "2" },
    { "lines in a value", MULTIPART,
      "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n2\r\n--b--", "a", "1\r\n2" },
    { "cut off", MULTIPART, "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", NULL,
      NULL },
    { "no last delimiter", MULTIPART,
      "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b\r\n", NULL, NULL },
    { "a part without a name", MULTIPART, "--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--", NULL,
      NULL },
    { "no boundary", "multipart/form-data", "--b--", NULL, NULL },
    { "no parts", MULTIPART, "", NULL, NULL },
    { "another type", "application/json", "{}", NULL, NULL },
    { "no type", "", "a=1", NULL, NULL },
};

static void check(const struct reading *r)
{
    CLEANUP(arena_fini) struct arena arena;
    struct form form;
    bool fine;

    arena_init(&arena);
    fine = form_read(span_of(r->type), span_of(r->body), &arena, &form);
    if (fine != (r->name != NULL))
        fail_msg("%s: %s", r->story, fine ? "taken" : "refused");
    if (!fine)
        return;
    if (r->value == NULL)
        assert_null(form_find(&form, r->name).at);
    else if (!span_equal(form_find(&form, r->name), span_of(r->value)))
        fail_msg("%s: got %.*s", r->story, SPAN_ARGS(form_find(&form, r->name)));
}

static void forms_are_read_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(readings); i++)
        check(&readings[i]);
}

static void too_much_is_refused(void **state)
{
    CLEANUP(arena_fini) struct arena arena;
    CLEANUP(buf_fini) struct buf body;
    struct form form;

    (void)state;
    arena_init(&arena);
    buf_init(&body, 2 * (size_t)FORM_BYTES_MOST);
    for (size_t i = 0; i < FORM_FIELDS_MOST; i++)
        buf_put_text(&body, "a=1&");
    assert_true(form_read(SPAN(URLENCODED), buf_view(&body), &arena, &form));
    buf_put_text(&body, "a=1");
    assert_false(form_read(SPAN(URLENCODED), buf_view(&body), &arena, &form));
    buf_clear(&body);
    buf_put_text(&body, "a=");
    while (body.n <= FORM_BYTES_MOST)
        buf_put_byte(&body, '1');
    assert_false(form_read(SPAN(URLENCODED), buf_view(&body), &arena, &form));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_read_or_refused),
        cmocka_unit_test(too_much_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
