/*
 * Forms: the first byte chooses among types, a zero ends what else stands in the type; what is
 * taken is text that lies within the body or what was made of it.
 */
#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/fuzz/target.h"
#include "web/public/form.h"

static const char *const types[] = { "application/x-www-form-urlencoded",
                                     "multipart/form-data; boundary=b", "multipart/form-data;" };

static void check(const struct form *form, size_t size)
{
    size_t total = 0;

    assert(form->n <= FORM_FIELDS_MOST);
    for (size_t i = 0; i < form->n; i++) {
        assert(text_is_utf8(form->at[i].name) && text_is_utf8(form->at[i].value));
        assert(span_index(form->at[i].value, '\0') == form->at[i].value.n);
        total += form->at[i].name.n + form->at[i].value.n;
    }
    assert(total <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_fini) struct arena arena;
    struct span body = { (const char *)data, size };
    struct form form;
    const char *type;

    arena_init(&arena);
    if (size == 0)
        return 0;
    type = types[data[0] % ARRAY_LENGTH(types)];
    body = span_rest(body, 1);
    if (type == types[ARRAY_LENGTH(types) - 1])
        type = arena_printf(&arena, "%s%.*s", type, SPAN_ARGS(span_take_until(&body, '\0')));
    if (form_read(span_of(type), body, &arena, &form))
        check(&form, body.n);
    return 0;
}
