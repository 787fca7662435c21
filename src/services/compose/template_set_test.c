#include "services/compose/template_set.h"

#include <string.h>

#include "services/compose/template_files.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

static void set_fini(struct template_set **set)
{
    template_set_free(*set);
}

static void write_file(struct scratch *scratch, const char *name, const char *text)
{
    FILE *file = fopen(scratch_path(scratch, name), "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static bool compile_folder(const char *folder, struct template_set **ret_set, struct error *err)
{
    CLEANUP(template_files_fini) struct template_files files = { 0 };

    return template_files_read(&files, folder, err) && template_set_compile(&files, ret_set, err);
}

static struct template_set *load(struct scratch *scratch)
{
    struct template_set *set = NULL;
    struct error err;

    if (!compile_folder(scratch->folder, &set, &err))
        fail_msg("%s", err.text);
    return set;
}

static const struct notice_template *choose(const struct template_set *set, const char *name,
                                            const char *first, const char *second)
{
    const struct span names[] = { span_of(name) };
    const struct span languages[] = { span_of(first), span_of(second) };
    const struct template_wish wish = { names, 1, languages, second != NULL ? 2 : 1 };

    return template_set_choose(set, &wish);
}

static void the_first_language_that_there_is_speaks(void **state)
{
    static const struct {
        const char *name;
        const char *first;
        const char *second;
        const char *chosen;
    } cases[] = {
        { "notice", "en", NULL, "notice en" },
        { "notice", "de", NULL, "notice de" },
        { "notice", "de-AT", NULL, "notice de" },
        { "notice", "de-Latn-AT", NULL, "notice de" },
        { "notice", "DE-at", NULL, "notice de" },
        { "notice", "fr", "de", "notice de" },
        { "notice", "fr-CH", "it", "notice en" },
        { "notice", "", NULL, "notice en" },
        { "notice", "d", NULL, "notice en" },
        { "merged", "pt-BR", NULL, "merged pt-BR" },
        { "merged", "pt", NULL, "merged en" },
        { "merged", "de", NULL, "merged en" }, /* the kind's own template before the language */
        { "closed", "de", NULL, "notice de" },
    };
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    CLEANUP(set_fini) struct template_set *set = NULL;

    (void)state;
    write_file(&scratch, "merged.text.txt", "merged\n");
    write_file(&scratch, "merged.pt-BR.text.txt", "mesclado\n");
    set = load(&scratch);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct notice_template *t =
            choose(set, cases[i].name, cases[i].first, cases[i].second);
        char chosen[100];

        (void)snprintf(chosen, sizeof chosen, "%s %s", t->name, t->language);
        assert_string_equal(chosen, cases[i].chosen);
    }
}

static void a_file_of_the_folder_goes_before_the_built_in_one(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    CLEANUP(set_fini) struct template_set *set = NULL;
    CLEANUP(set_fini) struct template_set *built_in = NULL;
    struct error err;

    (void)state;
    write_file(&scratch, "notice.en.text.txt", "Windows\r\nlines\r\n");
    write_file(&scratch, ".hidden", "\x01");
    write_file(&scratch, "notice.text.txt~", "{{broken");
    set = load(&scratch);
    assert_true(compile_folder(NULL, &built_in, &err));
    assert_non_null(strstr(choose(set, "notice", "en", NULL)->source, "Windows\\nlines\\n"));
    assert_non_null(choose(set, "notice", "en", NULL)->html); /* the built-in one */
    assert_memory_not_equal(choose(set, "notice", "en", NULL)->digest,
                            choose(built_in, "notice", "en", NULL)->digest, DIGEST_SIZE);
    assert_memory_equal(choose(set, "notice", "de", NULL)->digest,
                        choose(built_in, "notice", "de", NULL)->digest, DIGEST_SIZE);
}

static void walking_meets_each_template_once(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    CLEANUP(set_fini) struct template_set *set = load(&scratch);
    const struct notice_template *t = NULL;
    int english = 0;
    int german = 0;
    int all = 0;

    (void)state;
    while ((t = template_set_each(set, t)) != NULL) {
        english += strcmp(t->language, "en") == 0;
        german += strcmp(t->language, "de") == 0;
        all++;
    }
    assert_int_equal(all, 4); /* notice and digest */
    assert_int_equal(english, 2);
    assert_int_equal(german, 2);
}

static void what_is_wrong_with_a_file_is_told(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *reason;
    } cases[] = {
        { "notice.text.txt", "one\n{{nosuch}}\n",
          "notice.text.txt:2:1: there is no field `nosuch`" },
        { "notice.fr.html", "<p>", "notice.fr.html: there is no notice.fr.text.txt beside it" },
        { "lone.subject.txt", "x", "lone.subject.txt: there is no lone.text.txt beside it" },
        { "notes.txt", "x", "notes.txt is no name of a template" },
        { "a b.text.txt", "x", "a b.text.txt is no name of a template" },
        { ".text.txt~", "x", NULL }, /* passed over */
        { "x.text.txt", "\x01", "x.text.txt:1:1: a control character (0x01)" },
        { "x.text.txt", "\xff", "x.text.txt" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
        CLEANUP(set_fini) struct template_set *set = NULL;
        struct error err = { .text = "" };

        write_file(&scratch, cases[i].name, cases[i].text);
        if (compile_folder(scratch.folder, &set, &err) != (cases[i].reason == NULL) ||
            (cases[i].reason != NULL && strstr(err.text, cases[i].reason) == NULL))
            fail_msg("%s: %s", cases[i].name, err.text);
    }
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    struct template_set *set = NULL;
    struct error err;

    (void)state;
    assert_false(compile_folder("/nowhere/at/all", &set, &err));
    assert_string_equal(err.text, "templates: opening /nowhere/at/all: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_language_that_there_is_speaks),
        cmocka_unit_test(a_file_of_the_folder_goes_before_the_built_in_one),
        cmocka_unit_test(walking_meets_each_template_once),
        cmocka_unit_test(what_is_wrong_with_a_file_is_told),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
