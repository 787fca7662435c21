/*
 * Every text is there in every language, and each says the topic where the others do.
 */
#include "web/public/page_words.h"

#include <string.h>

#include "base/text.h"
#include "tests/support/cmocka.h"

static void every_language_says_everything(void **state)
{
    (void)state;
    for (size_t w = 0; w < PAGE_WORDS; w++)
        for (size_t l = 0; l < PAGE_LANGUAGES; l++) {
            const char *text = page_word((enum page_language)l, (enum page_word)w);
            const char *english = page_word(PAGE_ENGLISH, (enum page_word)w);

            assert_non_null(text);
            if (text[0] == '\0' || !text_is_utf8(span_of(text)))
                fail_msg("word %zu is missing in %s", w, page_language_tag((enum page_language)l));
            assert_int_equal(strstr(text, "{}") != NULL, strstr(english, "{}") != NULL);
            assert_null(strpbrk(text, "<>&\""));
        }
}

static void the_browser_is_understood(void **state)
{
    (void)state;
    assert_int_equal(page_language_accepted(SPAN("de-AT,en;q=0.8")), PAGE_GERMAN);
    assert_int_equal(page_language_accepted(SPAN("fr, DE ;q=0.9")), PAGE_GERMAN);
    assert_int_equal(page_language_accepted(SPAN("fr")), PAGE_ENGLISH);
    assert_int_equal(page_language_accepted((struct span){ NULL, 0 }), PAGE_ENGLISH);
    assert_int_equal(page_language_accepted(SPAN("den,;,")), PAGE_ENGLISH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_language_says_everything),
        cmocka_unit_test(the_browser_is_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
