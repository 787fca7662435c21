/*
 * What a file may be called, and be.
 */
#include "domain/attachment.h"

#include "tests/support/cmocka.h"

static void a_name_is_that_of_a_file_alone(void **state)
{
    static const char *const fine[] = { "report.pdf", "Übersicht 2026.pdf", ".profile", "a\"b" };
    static const char *const bad[] = { "", ".", "..", "/etc/passwd", "a/b", "C:\\x.pdf" };
    struct error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(fine); i++)
        if (!attachment_name_check(span_of(fine[i]), &err))
            fail_msg("%s: %s", fine[i], err.text);
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        if (attachment_name_check(span_of(bad[i]), &err))
            fail_msg("%s is taken", bad[i]);
}

static void a_type_has_two_names_and_no_parameters(void **state)
{
    static const char *const fine[] = { "image/png", "application/vnd.oasis.opendocument.text",
                                        "image/svg+xml", "TEXT/Plain" };
    static const char *const bad[] = { "",
                                       "png",
                                       "image/",
                                       "/png",
                                       "a/b/c",
                                       "text/plain; charset=utf-8",
                                       "image/p ng",
                                       "x/y\r\nBcc",
                                       "multipart/mixed",
                                       "Message/RFC822" };
    struct error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(fine); i++)
        if (!attachment_type_check(span_of(fine[i]), &err))
            fail_msg("%s: %s", fine[i], err.text);
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        if (attachment_type_check(span_of(bad[i]), &err))
            fail_msg("%s is taken", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_that_of_a_file_alone),
        cmocka_unit_test(a_type_has_two_names_and_no_parameters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
