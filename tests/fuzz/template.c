/*
 * Templates: any source is compiled or refused with a place and a reason; what it makes is clean
 * text; and in HTML no value, however made, adds a tag or ends an attribute. The first byte
 * chooses the part, a NUL divides the source from a value.
 */
#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "services/compose/template.h"
#include "tests/fuzz/target.h"

enum { TITLE, NOTE, LINK, COUNT, SHOWN, ITEMS, FIELDS };

static const struct value_field item_fields[] = { { "name", VALUE_TEXT },
                                                  { "tags", VALUE_LIST },
                                                  { NULL } };
static const struct value_field model[] = { { "title", VALUE_TEXT },
                                            { "note", VALUE_TEXT, NULL, true },
                                            { "link", VALUE_TEXT },
                                            { "count", VALUE_NUMBER },
                                            { "shown", VALUE_FLAG },
                                            { "items", VALUE_LIST, item_fields },
                                            { NULL } };

/* One root record, all of whose texts are the same. */
struct world {
    struct value root[FIELDS];
    struct value item[2];
    struct value items[2];
    struct value tags[3];
    struct value record;
};

static const struct value *fill(struct world *w, struct span text)
{
    *w = (struct world){ 0 };
    w->tags[0].text = w->tags[2].text = text;
    w->item[0].text = text;
    w->item[1].list.items = w->tags;
    w->item[1].list.count = 3;
    w->items[0].fields = w->items[1].fields = w->item;
    w->root[TITLE].text = w->root[NOTE].text = w->root[LINK].text = text;
    w->root[COUNT].number = -7;
    w->root[SHOWN].flag = true;
    w->root[ITEMS].list.items = w->items;
    w->root[ITEMS].list.count = 2;
    w->record.fields = w->root;
    return &w->record;
}

static bool partial(void *context, struct span name, enum template_part part,
                    struct template_source *ret_source)
{
    const struct template_source *outer = context;

    *ret_source = *outer;
    ret_source->part = part;
    if (span_equal(name, SPAN("a")))
        ret_source->text = SPAN("{{#items}}\n<b title=\"{{name}}\">{{title}}</b>\n{{/items}}\n");
    return span_equal(name, SPAN("a")) || span_equal(name, SPAN("again"));
}

static bool render(const struct template *t, struct span text, struct buf *to)
{
    struct world w;
    struct error err = { .text = "" };
    bool fine = template_render(t, fill(&w, text), to, &err);

    assert(fine || (err.kind == ERROR_LIMIT && err.text[0] != '\0'));
    return fine;
}

/* Bytes that have a meaning in HTML. */
static void count_marks(struct span html, size_t ret_counts[4])
{
    memset(ret_counts, 0, 4 * sizeof ret_counts[0]);
    for (size_t i = 0; i < html.n; i++)
        for (size_t m = 0; m < 4; m++)
            ret_counts[m] += html.at[i] == "<>\"'"[m];
}

/* With a hostile value the page has just the marks that it has with a harmless one. */
static void nothing_gets_out(const struct template *t, struct span hostile)
{
    CLEANUP(buf_fini) struct buf with;
    CLEANUP(buf_fini) struct buf without;
    size_t marks_with[4];
    size_t marks_without[4];

    buf_init(&with, 4 * (size_t)TEMPLATE_OUTPUT_MOST);
    buf_init(&without, 4 * (size_t)TEMPLATE_OUTPUT_MOST);
    if (!render(t, hostile, &with) || !render(t, SPAN("x"), &without))
        return;
    count_marks(buf_view(&with), marks_with);
    count_marks(buf_view(&without), marks_without);
    assert(memcmp(marks_with, marks_without, sizeof marks_with) == 0);
}

/* Line breaks and addresses of pages get markup of ours: those are another value's business. */
static void made_of_one_line(struct buf *to, struct span value)
{
    buf_put(to, SPAN("</b>\"'>"));
    for (size_t i = 0; i < value.n; i++)
        buf_put_byte(to, strchr("\n\r:", value.at[i]) != NULL ? '<' : value.at[i]);
}

static void check_output(const struct template *t, enum template_part part, struct span value)
{
    CLEANUP(buf_fini) struct buf out;

    buf_init(&out, 2 * (size_t)TEMPLATE_OUTPUT_MOST);
    if (!render(t, value, &out))
        return;
    assert(text_is_utf8(buf_view(&out)));
    for (size_t i = 0; i < out.n; i++)
        assert((unsigned char)out.at[i] >= 32 || strchr("\t\n", out.at[i]) != NULL);
    if (part != TEMPLATE_HTML)
        return;
    buf_clear(&out);
    made_of_one_line(&out, value);
    nothing_gets_out(t, buf_view(&out));
    nothing_gets_out(t, SPAN("<script>alert(\"1\")</script>"));
    nothing_gets_out(t, SPAN("javascript:alert('1')"));
    nothing_gets_out(t, SPAN("mailto:a@example.org?\"><img src='x'>"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct template_source source = { .name = "t", .model = model, .partial = partial };
    struct span input;
    struct template *t = NULL;
    struct error err = { .text = "" };

    if (size < 1)
        return 0;
    input = (struct span){ (const char *)data + 1, size - 1 };
    source.part = (enum template_part)(data[0] % 3);
    source.text = span_take_until(&input, '\0');
    source.context = &source;
    if (!template_compile(&source, &t, &err)) {
        assert(span_starts(span_of(err.text), SPAN("t:")));
        return 0;
    }
    check_output(t, source.part, input);
    template_free(t);
    return 0;
}
