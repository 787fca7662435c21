/*
 * DKIM: bodies and fields in the canonical forms of RFC 6376, section 3.4, made here a second time
 * by its own words; the same at every cut; and what is signed makes one field. The first byte
 * chooses the forms and how the body is cut.
 */
#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "protocol/dkim/canonical.h"
#include "protocol/dkim/sign.h"
#include "tests/fuzz/mail_reader.h"
#include "tests/fuzz/target.h"

/* The private key of RFC 8463, appendix A.2: signing with it takes no time. */
static const char key_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                              "-----END PRIVATE KEY-----\n";

/* One line of a body: runs of white space become a space, none stays at its end. */
static void put_relaxed_line(struct buf *to, struct span line)
{
    bool blank = false;

    for (size_t i = 0; i < line.n; i++) {
        bool now = line.at[i] == ' ' || line.at[i] == '\t';

        if (!now && blank)
            buf_put_byte(to, ' ');
        if (!now)
            buf_put_byte(to, line.at[i]);
        blank = now;
    }
}

/* Line by line; the empty lines at the end go, and a last line without CRLF gets one. */
static void put_body(struct buf *to, struct span body, enum dkim_canonical canonical)
{
    while (body.n > 0) {
        size_t end = span_find(body, SPAN("\r\n"));

        if (canonical == DKIM_RELAXED)
            put_relaxed_line(to, span_first(body, end));
        else
            buf_put(to, span_first(body, end));
        buf_put(to, SPAN("\r\n"));
        body = end < body.n ? span_rest(body, end + 2) : span_rest(body, body.n);
    }
    while (span_ends(buf_view(to), SPAN("\r\n\r\n")))
        buf_cut(to, to->n - 2);
    if (span_equal(buf_view(to), SPAN("\r\n")))
        buf_clear(to);
    if (to->n == 0 && canonical == DKIM_SIMPLE)
        buf_put(to, SPAN("\r\n"));
}

static void check_body(struct span body, enum dkim_canonical canonical, size_t piece)
{
    CLEANUP(buf_fini) struct buf expected;
    struct digest *digest = digest_new();
    unsigned char found[DIGEST_SIZE];
    unsigned char sum[DIGEST_SIZE];
    struct dkim_body b;

    buf_init(&expected, 1 << 22);
    put_body(&expected, body, canonical);
    digest_sha256(buf_view(&expected), sum);
    dkim_body_start(&b, digest, canonical);
    for (struct span rest = body; rest.n > 0; rest = span_rest(rest, span_first(rest, piece).n))
        dkim_body_add(&b, span_first(rest, piece));
    dkim_body_end(&b, found);
    assert(memcmp(found, sum, DIGEST_SIZE) == 0);
    digest_free(digest);
}

/* A field in its relaxed form has no line end and is its own relaxed form. */
static void check_field(struct span value)
{
    CLEANUP(buf_fini) struct buf field;
    CLEANUP(buf_fini) struct buf once;
    CLEANUP(buf_fini) struct buf twice;

    buf_init(&field, 1 << 22);
    buf_init(&once, 1 << 22);
    buf_init(&twice, 1 << 22);
    buf_put(&field, SPAN("Subject :"));
    buf_put(&field, value);
    dkim_field_put(&once, buf_view(&field), DKIM_RELAXED);
    assert(span_starts(buf_view(&once), SPAN("subject:")));
    assert(span_index(buf_view(&once), '\n') == once.n);
    assert(span_find(buf_view(&once), SPAN("  ")) == once.n);
    dkim_field_put(&twice, buf_view(&once), DKIM_RELAXED);
    assert(span_equal(buf_view(&once), buf_view(&twice)));
}

static void check_signature(struct span message, enum dkim_canonical header,
                            enum dkim_canonical body)
{
    struct dkim_signer *signer = dkim_signer_new();
    struct dkim_options options = { .header = header, .body = body, .at_utc_ms = 1528637909000 };
    struct dkim_key *key;
    CLEANUP(buf_fini) struct buf field;
    CLEANUP(buf_fini) struct buf value;
    struct error err;
    bool loaded =
        dkim_key_load(span_of(key_pem), SPAN("football.example.com"), SPAN("brisbane"), &key, &err);

    assert(loaded);
    buf_init(&field, 1 << 22);
    buf_init(&value, 1 << 22);
    options.key = key;
    if (dkim_sign_message(signer, &options, message, &field, &err)) {
        mail_reader_field(buf_view(&field), "DKIM-Signature", &value);
        assert(span_find(buf_view(&value), SPAN("h=From:")) < value.n);
    } else {
        assert(field.n == 0 && err.text[0] != '\0');
    }
    dkim_key_free(key);
    dkim_signer_free(signer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum dkim_canonical body;
    enum dkim_canonical header;
    struct span input;

    if (size < 1)
        return 0;
    input = (struct span){ (const char *)data + 1, size - 1 };
    body = (data[0] & 1) != 0 ? DKIM_SIMPLE : DKIM_RELAXED;
    header = (data[0] & 2) != 0 ? DKIM_SIMPLE : DKIM_RELAXED;
    check_body(input, body, 1 + (data[0] >> 2));
    check_body(input, body, 1 + input.n);
    check_field(input);
    check_signature(input, header, body);
    return 0;
}
