/*
 * The keys of the secret, and what is refused.
 */
#include "app/secret_file.h"

#include <stdio.h>
#include <string.h>

#include "crypto/hmac.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

#define AA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BB "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static bool read_text(const char *text, struct secret_keys *ret_keys, struct error *err)
{
    struct scratch folder = scratch_new();
    const char *path = scratch_path(&folder, "secret");
    FILE *file = fopen(path, "we");
    bool fine;

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    fine = secret_file_read(path, ret_keys, err);
    scratch_fini(&folder);
    return fine;
}

static void the_first_key_comes_first(void **state)
{
    struct secret_keys keys;
    struct error err;
    struct hmac *hmac;

    (void)state;
    assert_true(read_text("7 " AA "\n3 " BB "\n\n", &keys, &err));
    assert_int_equal(keys.count, 2);
    assert_int_equal(keys.at[0].number, 7);
    assert_int_equal(keys.at[0].bytes[31], 0xaa);
    assert_int_equal(keys.at[1].number, 3);
    assert_int_equal(keys.at[1].bytes[0], 0xbb);
    hmac = secret_keys_hmac(&keys);
    hmac_free(hmac);
    secret_keys_wipe(&keys);
    assert_int_equal(keys.count, 0);
}

static void a_broken_secret_is_refused_by_line(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        { "", "there is no key in it" },
        { "1 aaaa\n", "line 1: must be a number and 32 bytes in hex" },
        { "0 " AA "\n", "line 1: must be a number and 32 bytes in hex" },
        { AA "\n", "line 1: must be a number and 32 bytes in hex" },
        { "1 " AA "\n256 " BB "\n", "line 2: must be a number and 32 bytes in hex" },
        { "1 " AA "\n1 " BB "\n", "line 2: there is a key 1 already" },
        { "1 " AA "\n2 " AA "\n3 " AA "\n4 " AA "\n5 " AA "\n6 " AA "\n7 " AA "\n8 " AA "\n9 " AA,
          "line 9: there may be 8 keys" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct secret_keys keys;
        struct error err;

        assert_false(read_text(cases[i].text, &keys, &err));
        if (strstr(err.text, cases[i].message) == NULL)
            fail_msg("%s", err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_key_comes_first),
        cmocka_unit_test(a_broken_secret_is_refused_by_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
