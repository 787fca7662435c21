#include "protocol/dkim/canonical.h"

#include <string.h>

#include "base/encodings.h"
#include "tests/support/cmocka.h"

static void digest_fini(struct digest **digest)
{
    digest_free(*digest);
}

/* The example of RFC 6376, section 3.4.5, and what its section 3.4.2 says in words. */
static void fields_have_their_canonical_forms(void **state)
{
    static const struct {
        const char *field;
        const char *relaxed;
    } cases[] = {
        { "A: X\r\n", "a:X" },
        { "B : Y\t\r\n\tZ  \r\n", "b:Y Z" },
        { "SUBJect:AbC\r\n", "subject:AbC" },
        { "Subject:  a \t b \r\n \r\n c\t", "subject:a b c" },
        { "Subject:\r\n \r\n", "subject:" },
        { "X \t :y", "x:y" },
        { "X: a:b : c\r\n", "x:a:b : c" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 100);
        dkim_field_put(&to, span_of(cases[i].field), DKIM_RELAXED);
        assert_string_equal(buf_text(&to), cases[i].relaxed);
    }
}

static void simple_fields_stay_as_they_are(void **state)
{
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    buf_init(&to, 100);
    dkim_field_put(&to, SPAN("B : Y\t\r\n\tZ  \r\n"), DKIM_SIMPLE);
    assert_string_equal(buf_text(&to), "B : Y\t\r\n\tZ  ");
    buf_clear(&to);
    dkim_field_put(&to, SPAN("A: b"), DKIM_SIMPLE);
    assert_string_equal(buf_text(&to), "A: b");
}

/* Feeds a piece alone: the byte after it is not the one that comes. */
static void add_piece(struct dkim_body *b, struct span piece)
{
    char alone[100];

    assert_true(piece.n < sizeof alone);
    memcpy(alone, piece.at, piece.n);
    alone[piece.n] = 'x';
    dkim_body_add(b, (struct span){ alone, piece.n });
}

/* Whatever the cut, the body hashes as its canonical form. */
static void assert_body(struct span body, enum dkim_canonical canonical, struct span expected)
{
    CLEANUP(digest_fini) struct digest *digest = digest_new();
    unsigned char sum[DIGEST_SIZE];
    unsigned char found[DIGEST_SIZE];
    struct dkim_body b;

    digest_sha256(expected, sum);
    for (size_t piece = 1; piece <= body.n + 1; piece++) {
        struct span rest = body;

        dkim_body_start(&b, digest, canonical);
        while (rest.n > 0) {
            add_piece(&b, span_first(rest, piece));
            rest = span_rest(rest, piece);
        }
        dkim_body_end(&b, found);
        assert_memory_equal(found, sum, DIGEST_SIZE);
    }
}

static void bodies_have_their_canonical_forms(void **state)
{
    static const struct {
        const char *body;
        const char *relaxed;
        const char *simple;
    } cases[] = {
        { " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n", " C \r\nD \t E\r\n" }, /* 3.4.5 */
        { "", "", "\r\n" },
        { "\r\n", "", "\r\n" },
        { "\r\n\r\n", "", "\r\n" },
        { " \t\r\n \r\n", "", " \t\r\n \r\n" },
        { "a", "a\r\n", "a\r\n" },
        { "a \t", "a\r\n", "a \t\r\n" },
        { "a\r\n", "a\r\n", "a\r\n" },
        { "\r\na\r\n", "\r\na\r\n", "\r\na\r\n" },
        { "a\r\n\r\n\r\nb", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n" },
        { "a  b\tc \t d\r\n", "a b c d\r\n", "a  b\tc \t d\r\n" },
        { "\t\ta\r\n", " a\r\n", "\t\ta\r\n" },
        { "a\r\n  \r\nb\r\n \r\n", "a\r\n\r\nb\r\n", "a\r\n  \r\nb\r\n \r\n" },
        { ".a\r\n..\r\n", ".a\r\n..\r\n", ".a\r\n..\r\n" },
        { "a\rb\r\r\nc\r", "a\rb\r\r\nc\r\r\n", "a\rb\r\r\nc\r\r\n" }, /* a CR alone is a byte */
        { "\r \r\n", "\r\r\n", "\r \r\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_body(span_of(cases[i].body), DKIM_RELAXED, span_of(cases[i].relaxed));
        assert_body(span_of(cases[i].body), DKIM_SIMPLE, span_of(cases[i].simple));
    }
}

/* The sums that RFC 6376, sections 3.4.3 and 3.4.4, give for bodies of nothing. */
static void an_empty_body_has_the_sums_of_the_rfc(void **state)
{
    static const struct {
        enum dkim_canonical canonical;
        const char *sum;
    } cases[] = {
        { DKIM_SIMPLE, "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=" },
        { DKIM_RELAXED, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(digest_fini) struct digest *digest = digest_new();
        CLEANUP(buf_fini) struct buf text;
        unsigned char sum[DIGEST_SIZE];
        struct dkim_body b;

        buf_init(&text, 100);
        dkim_body_start(&b, digest, cases[i].canonical);
        dkim_body_end(&b, sum);
        base64_put(&text, (struct span){ (const char *)sum, sizeof sum });
        assert_string_equal(buf_text(&text), cases[i].sum);
    }
}

/* The chunk that gathers small pieces must not lose one when it is full. */
static void long_bodies_pass_in_pieces(void **state)
{
    static char body[3 * 5000];
    static char relaxed[2 * 5000 + 2];
    CLEANUP(digest_fini) struct digest *digest = digest_new();
    unsigned char sum[DIGEST_SIZE];
    unsigned char found[DIGEST_SIZE];
    struct dkim_body b;

    (void)state;
    for (int i = 0; i < 5000; i++) {
        body[3 * i] = 'a';
        body[3 * i + 1] = body[3 * i + 2] = relaxed[2 * i + 1] = ' ';
        relaxed[2 * i] = 'a';
    }
    relaxed[9999] = '\r';
    relaxed[10000] = '\n';
    digest_sha256((struct span){ relaxed, 10001 }, sum);
    dkim_body_start(&b, digest, DKIM_RELAXED);
    dkim_body_add(&b, (struct span){ body, sizeof body });
    dkim_body_end(&b, found);
    assert_memory_equal(found, sum, DIGEST_SIZE);
}

/* A run longer than the chunk does not go through it. */
static void a_long_line_passes_in_one_piece(void **state)
{
    static char line[5002];
    CLEANUP(digest_fini) struct digest *digest = digest_new();
    unsigned char sum[DIGEST_SIZE];
    unsigned char found[DIGEST_SIZE];
    struct dkim_body b;

    (void)state;
    memset(line, 'a', sizeof line);
    memcpy(line + 5000, "\r\n", 2);
    digest_sha256((struct span){ line, sizeof line }, sum);
    dkim_body_start(&b, digest, DKIM_RELAXED);
    dkim_body_add(&b, span_first((struct span){ line, sizeof line }, 100));
    dkim_body_add(&b, span_rest((struct span){ line, sizeof line }, 100));
    dkim_body_end(&b, found);
    assert_memory_equal(found, sum, DIGEST_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_have_their_canonical_forms),
        cmocka_unit_test(simple_fields_stay_as_they_are),
        cmocka_unit_test(bodies_have_their_canonical_forms),
        cmocka_unit_test(an_empty_body_has_the_sums_of_the_rfc),
        cmocka_unit_test(long_bodies_pass_in_pieces),
        cmocka_unit_test(a_long_line_passes_in_one_piece),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
