#include "services/compose/template.h"

#include <string.h>

#include "tests/support/cmocka.h"

/* A small model: a person, a list of records that hold a list of texts, and one value a type. */
enum { TITLE, NOTE, LINK, COUNT, SHOWN, PERSON, ITEMS, FIELDS };
enum { NAME, ADDRESS };
enum { WHO, TAGS };

static const struct value_field person_fields[] = { { "name", VALUE_TEXT },
                                                    { "address", VALUE_TEXT },
                                                    { NULL } };
static const struct value_field item_fields[] = { { "who", VALUE_RECORD, person_fields },
                                                  { "tags", VALUE_LIST },
                                                  { NULL } };
static const struct value_field model[] = { { "title", VALUE_TEXT },
                                            { "note", VALUE_TEXT, NULL, true },
                                            { "link", VALUE_TEXT },
                                            { "count", VALUE_NUMBER },
                                            { "shown", VALUE_FLAG },
                                            { "person", VALUE_RECORD, person_fields },
                                            { "items", VALUE_LIST, item_fields },
                                            { NULL } };

static struct value text(const char *s)
{
    return (struct value){ .text = span_of(s) };
}

/* Ana and Bo, of whom Ana has tags. */
struct sample {
    struct value root[FIELDS];
    struct value people[2][2];
    struct value records[2][2];
    struct value items[2];
    struct value tags[3];
};

static const struct value *sample_init(struct sample *s, struct value *ret_root)
{
    *s = (struct sample){ 0 };
    s->people[0][NAME] = text("Ana");
    s->people[1][NAME] = text("Bo <bo@x>");
    s->tags[0] = text("a");
    s->tags[1] = text("b&c");
    s->tags[2] = text("d");
    for (size_t i = 0; i < 2; i++) {
        s->records[i][WHO].fields = s->people[i];
        s->items[i].fields = s->records[i];
    }
    s->records[0][TAGS].list.items = s->tags;
    s->records[0][TAGS].list.count = 3;
    s->root[TITLE] = text("A <b>\n title & \"more\" 'x'");
    s->root[NOTE] = text("\n one\n\n  two https://a.example/x?a=1&b=2.\n\tthree\x01\n\n");
    s->root[LINK] = text("https://a.example/?q=\"1\"&r='2'");
    s->root[COUNT].number = 7;
    s->root[PERSON].fields = s->people[0];
    s->root[ITEMS].list.items = s->items;
    s->root[ITEMS].list.count = 2;
    ret_root->fields = s->root;
    return ret_root;
}

/* Two partials: one that is fine, one that includes itself. */
static bool partial(void *context, struct span name, enum template_part part,
                    struct template_source *ret_source)
{
    (void)context;
    *ret_source =
        (struct template_source){ "who.txt", SPAN("<{{who.name}}>"), part, NULL, partial, NULL };
    if (span_equal(name, SPAN("again")))
        ret_source->text = SPAN("{{>again}}");
    return span_equal(name, SPAN("who")) || span_equal(name, SPAN("again"));
}

static struct template_source source_of(const char *source, enum template_part part)
{
    return (struct template_source){ "t", span_of(source), part, model, partial, NULL };
}

static void assert_renders(const char *source, enum template_part part, const char *expected)
{
    const struct template_source s = source_of(source, part);
    CLEANUP(buf_fini) struct buf out;
    struct sample sample;
    struct value root;
    struct template *t = NULL;
    struct error err = { 0 };

    buf_init(&out, 100000);
    if (!template_compile(&s, &t, &err))
        fail_msg("%s: %s", source, err.text);
    assert_true(template_render(t, sample_init(&sample, &root), &out, &err));
    assert_string_equal(buf_text(&out), expected);
    template_free(t);
}

static void values_sections_and_loops(void **state)
{
    static const struct {
        const char *source;
        const char *expected;
    } cases[] = {
        { "", "" },
        { "plain { } text", "plain { } text" },
        { "{{count}} {{ count }}{{! a comment }}.", "7 7." },
        { "{{person.name}}, {{person.address}}.", "Ana, ." },
        { "{{#person}}{{name}}{{/person}}", "Ana" },
        { "{{#count}}{{count}} more{{/count}}{{^count}}none{{/count}}", "7 more" },
        { "{{#shown}}yes{{/shown}}{{^shown}}no{{/shown}}", "no" },
        { "{{#person.address}}x{{/person.address}}", "" },
        { "{{#items}}{{who.name}};{{/items}}", "Ana;Bo <bo@x>;" },
        { "{{#items}}{{#who}}{{name}}{{/who}}{{^@last}}, {{/@last}}{{/items}}", "Ana, Bo <bo@x>" },
        { "{{#items}}{{@number}}{{#@first}}!{{/@first}}{{^@first}}?{{/@first}}{{/items}}", "1!2?" },
        { "{{#items}}{{#tags}}{{.}}{{#@last}}.{{/@last}}{{^@last}},{{/@last}}{{/tags}}{{/items}}",
          "a,b&c,d." },
        { "{{#items}}{{^tags}}{{who.name}} has none{{/tags}}{{/items}}", "Bo <bo@x> has none" },
        { "{{#items}}{{#tags}}{{who.name}}{{title}}{{/tags}}{{/items}}",
          "AnaA <b> title & \"more\" 'x'AnaA <b> title & \"more\" 'x'AnaA <b> title & \"more\" "
          "'x'" },
        { "{{#items}}{{>who}}{{/items}}", "<Ana><Bo <bo@x>>" },
        { "a\n{{#items}}\n - {{who.name}}\n{{/items}}\nb\n", "a\n - Ana\n - Bo <bo@x>\nb\n" },
        { "  {{! alone }}  \nx{{! not alone }}\n", "x\n" },
        { "{{#shown}}\nx\n{{/shown}}", "" },
        { "{{note|brief}}", "one" },
        { "{{note|lines}}", " one\n\n  two https://a.example/x?a=1&b=2.\n    three" },
        { "{{note|quote}}", ">  one\n>\n>   two https://a.example/x?a=1&b=2.\n>     three" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_renders(cases[i].source, TEMPLATE_TEXT, cases[i].expected);
}

static void values_are_escaped_for_their_place(void **state)
{
    static const struct {
        enum template_part part;
        const char *source;
        const char *expected;
    } cases[] = {
        { TEMPLATE_SUBJECT, "{{title}}", "A <b> title & \"more\" 'x'" },
        { TEMPLATE_HTML, "<p>{{title}}</p>",
          "<p>A &lt;b&gt; title &amp; &quot;more&quot; &#39;x&#39;</p>" },
        { TEMPLATE_HTML, "<p title='{{person.name}}' class=\"a\" >1 < 2</p>",
          "<p title='Ana' class=\"a\" >1 < 2</p>" },
        { TEMPLATE_HTML, "<a href=\"{{link}}\">", "<a href=\"#\">" },
        { TEMPLATE_HTML, "<a href=\"https://b.example/?u={{link}}\">",
          "<a href=\"https://b.example/?u="
          "https%3A%2F%2Fa.example%2F%3Fq%3D%221%22%26r%3D%272%27\">" },
        { TEMPLATE_HTML, "{{note|lines}}",
          "&nbsp;one<br>\n<br>\n&nbsp;&nbsp;two "
          "<a href=\"https://a.example/x?a=1&amp;b=2\">https://a.example/x?a=1&amp;b=2</a>.<br>\n"
          "&nbsp;&nbsp;&nbsp; three" },
        { TEMPLATE_HTML, "<!-- a > b --><style>p > a { }</style>{{count}}",
          "<!-- a > b --><style>p > a { }</style>7" },
        { TEMPLATE_HTML, "{{#count}}<td>{{count}}</td>{{/count}}", "<td>7</td>" },
        { TEMPLATE_HTML, "<p class=a id = b hidden>{{count}}</p>",
          "<p class=a id = b hidden>7</p>" },
        { TEMPLATE_HTML, "<a href = \"{{link}}\" b=>{{count}}", "<a href = \"#\" b=>7" },
        { TEMPLATE_HTML, "<br/><b title='\"{{count}}'>", "<br/><b title='\"7'>" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_renders(cases[i].source, cases[i].part, cases[i].expected);
}

static void faults_are_told_with_their_line(void **state)
{
    static const struct {
        enum template_part part;
        const char *source;
        const char *message;
    } cases[] = {
        { TEMPLATE_TEXT, "a\n{{tilte}}",
          "t:2:1: there is no field `tilte` here; there are: title, "
          "note, link, count, shown, person, items" },
        { TEMPLATE_TEXT, "{{person.nam}}", "t:1:1: there is no field `person.nam`" },
        { TEMPLATE_TEXT, "{{title.x}}", "t:1:1: `title.x`: only a record has fields" },
        { TEMPLATE_TEXT, "{{#items}}\n{{nmae}}\n{{/items}}",
          "t:2:1: there is no field `nmae` here; "
          "there are: who, tags, title" },
        { TEMPLATE_TEXT, "\n\n{{#items}}", "t:3:1: the section `items` is never closed" },
        { TEMPLATE_TEXT, "{{#items}}\n{{/person}}",
          "t:2:1: {{/person}} stands where {{/items}} must "
          "(opened in line 1)" },
        { TEMPLATE_TEXT, "{{/items}}", "t:1:1: {{/items}} closes a section that is not open" },
        { TEMPLATE_TEXT, "\n{{title", "t:2:1: a tag is opened with {{ and never closed with }}" },
        { TEMPLATE_TEXT, "{{}}", "t:1:1: `` is no name of a field" },
        { TEMPLATE_TEXT, "{{a b}}", "t:1:1: `a b` is no name of a field" },
        { TEMPLATE_TEXT, "{{{title}}}", "t:1:1: unescaped values do not exist here" },
        { TEMPLATE_TEXT, "{{&title}}", "t:1:1: unescaped values do not exist here" },
        { TEMPLATE_TEXT, "{{=<% %>=}}", "t:1:1: the delimiters {{ and }} cannot be changed" },
        { TEMPLATE_TEXT, "{{items}}", "t:1:1: `items` is no text: use it as a section" },
        { TEMPLATE_TEXT, "{{@first}}", "t:1:1: `@first` stands in no loop" },
        { TEMPLATE_TEXT, "{{#items}}{{@odd}}{{/items}}", "t:1:11: `@odd` is none of" },
        { TEMPLATE_TEXT, "{{.}}", "t:1:1: {{.}} stands for the texts of a list of texts" },
        { TEMPLATE_TEXT, "{{note}}", "t:1:1: `note` has many lines" },
        { TEMPLATE_TEXT, "{{title|loud}}", "t:1:1: there is no layout `loud`" },
        { TEMPLATE_TEXT, "{{title|}}", "t:1:1: after | the name of a layout is missing" },
        { TEMPLATE_TEXT, "gr\xc3\xbc\xc3\x9f\n\xc3\xa4 {{tilte}}", "t:2:3: there is no field" },
        { TEMPLATE_TEXT, "{{>nobody}}", "t:1:1: there is no partial `nobody`" },
        { TEMPLATE_TEXT, "{{>again}}", ": the partial `again` takes itself in" },
        { TEMPLATE_TEXT, "{{>who}}", "who.txt:1:2: there is no field `who.name`" },
        { TEMPLATE_TEXT, "a\n\x1b[0m", "t:2:1: a control character (0x1b)" },
        { TEMPLATE_TEXT, "\xff", "t:1:1: this is not UTF-8" },
        { TEMPLATE_SUBJECT, "{{note|lines}}", "t:1:1: only one line has room here" },
        { TEMPLATE_HTML, "{{note|quote}}", "t:1:1: `quote` is for plain text" },
        { TEMPLATE_HTML, "<a title=\"{{note|lines}}\">", "t:1:11: only one line has room here" },
        { TEMPLATE_HTML, "<a href={{link}}>",
          "t:1:9: the value of the attribute href needs quotes" },
        { TEMPLATE_HTML, "<a href=x{{link}}>",
          "t:1:10: the value of the attribute href needs quotes" },
        { TEMPLATE_HTML, "<p hidden{{title}}>", "t:1:10: no value can stand inside a tag" },
        { TEMPLATE_HTML, "<{{title}}>", "t:1:2: no value can stand inside a tag" },
        { TEMPLATE_HTML, "<a {{title}}>", "t:1:4: no value can stand inside a tag" },
        { TEMPLATE_HTML, "<p\nonclick=\"{{title}}\">",
          "t:2:10: no value can stand in the attribute "
          "onclick: it is code" },
        { TEMPLATE_HTML, "<p style='{{title}}'>", "attribute style: it is code" },
        { TEMPLATE_HTML, "<script>{{title}}</script>",
          "t:1:9: no value can stand in a style sheet" },
        { TEMPLATE_HTML, "<!-- {{title}} -->", "t:1:6: no value can stand in a comment" },
        { TEMPLATE_HTML, "{{#items}}<a href=\"{{/items}}",
          "t:1:1: the section `items` begins and "
          "ends at different places" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct template_source s = source_of(cases[i].source, cases[i].part);
        struct template *t = NULL;
        struct error err = { 0 };

        if (template_compile(&s, &t, &err))
            fail_msg("was taken: %s", cases[i].source);
        if (strstr(err.text, cases[i].message) == NULL)
            fail_msg("%s\n gave: %s\n not: %s", cases[i].source, err.text, cases[i].message);
    }
}

static void nesting_has_an_end(void **state)
{
    CLEANUP(buf_fini) struct buf source;
    struct template_source s;
    struct template *t = NULL;
    struct error err = { 0 };

    (void)state;
    buf_init(&source, 10000);
    for (int i = 0; i < TEMPLATE_DEPTH_MOST + 1; i++)
        buf_put_text(&source, "{{#items}}");
    for (int i = 0; i < TEMPLATE_DEPTH_MOST + 1; i++)
        buf_put_text(&source, "{{/items}}");
    s = source_of(buf_text(&source), TEMPLATE_TEXT);
    assert_false(template_compile(&s, &t, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void loops_and_output_have_an_end(void **state)
{
    CLEANUP(buf_fini) struct buf out;
    CLEANUP(buf_fini) struct buf source;
    struct template_source s;
    struct template *t = NULL;
    struct sample sample;
    struct value root;
    struct error err = { 0 };

    (void)state;
    buf_init(&source, 10000);
    for (int i = 0; i < TEMPLATE_DEPTH_MOST; i++) /* two rounds each: 2^16 in all */
        buf_put_text(&source, "{{#items}}");
    for (int i = 0; i < TEMPLATE_DEPTH_MOST; i++)
        buf_put_text(&source, "{{/items}}");
    s = source_of(buf_text(&source), TEMPLATE_TEXT);
    assert_true(template_compile(&s, &t, &err));
    buf_init(&out, 100);
    assert_false(template_render(t, sample_init(&sample, &root), &out, &err));
    assert_non_null(strstr(err.text, "rounds"));
    template_free(t);

    s = source_of("{{title}}{{title}}{{title}}{{title}}{{title}}", TEMPLATE_TEXT);
    assert_true(template_compile(&s, &t, &err));
    assert_false(template_render(t, &root, &out, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    template_free(t);
}

static void a_template_knows_what_it_uses(void **state)
{
    const struct template_source s =
        source_of("{{#items}}{{title}}{{/items}}{{#person}}{{/person}}", TEMPLATE_TEXT);
    struct template *t = NULL;
    struct error err = { 0 };

    (void)state;
    assert_true(template_compile(&s, &t, &err));
    assert_true(template_uses(t, TITLE));
    assert_true(template_uses(t, PERSON));
    assert_true(template_uses(t, ITEMS));
    assert_false(template_uses(t, COUNT));
    template_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_sections_and_loops),
        cmocka_unit_test(values_are_escaped_for_their_place),
        cmocka_unit_test(faults_are_told_with_their_line),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(loops_and_output_have_an_end),
        cmocka_unit_test(a_template_knows_what_it_uses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
