#include "protocol/dkim/fields.h"

#include <string.h>

#include "tests/support/cmocka.h"

static void assert_names(const char *header, const char *names)
{
    CLEANUP(buf_fini) struct buf to;
    CLEANUP(buf_fini) struct buf unfolded;
    static struct dkim_fields f;
    struct fold fold;

    buf_init(&to, 10000);
    buf_init(&unfolded, 10000);
    assert_true(dkim_fields_take(&f, span_of(header)));
    fold_start(&fold, &to, "X");
    dkim_fields_put_names(&f, &fold);
    for (size_t i = 2; i < to.n; i++)
        if (strchr(" \r\n", to.at[i]) == NULL)
            buf_put_byte(&unfolded, to.at[i]);
    assert_string_equal(buf_text(&unfolded), names);
}

/* A name once more than its fields: nobody can add another one (RFC 6376, section 5.4.2). */
static void what_is_there_is_signed_and_what_could_be_added(void **state)
{
    (void)state;
    assert_names("", "h=From:To:Cc:Subject:Date:Reply-To;");
    assert_names("From: a\r\n", "h=From:From:To:Cc:Subject:Date:Reply-To;");
    assert_names("subject: x\r\nFROM : a\r\nX-Own: y\r\nReceived: z\r\nBcc: q\r\n",
                 "h=From:From:To:Cc:Subject:Subject:Date:Reply-To;");
    assert_names("List-Unsubscribe-Post: a\r\nList-Unsubscribe: b\r\nList-Id: c\r\n"
                 "Message-ID: d\r\nMIME-Version: e\r\nContent-Type: f\r\nIn-Reply-To: g\r\n"
                 "References: h\r\nAuto-Submitted: i\r\nSender: j\r\n"
                 "Content-Transfer-Encoding: k\r\n",
                 "h=From:To:Cc:Subject:Date:Reply-To:Sender:Message-ID:In-Reply-To:References:"
                 "MIME-Version:Content-Type:Content-Transfer-Encoding:Auto-Submitted:List-Id:"
                 "List-Unsubscribe:List-Unsubscribe-Post;");
}

/* Verifiers take fields of one name from the bottom up. */
static void fields_of_one_name_are_signed_the_last_first(void **state)
{
    static struct dkim_fields f;
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    buf_init(&to, 1000);
    assert_true(dkim_fields_take(&f, SPAN("To: one\r\nFrom: a\r\n\tb\r\nTo: two\r\n  three\r\n"
                                          "\r\nTo: body\r\n")));
    dkim_fields_put_canonical(&f, &to, DKIM_RELAXED);
    assert_string_equal(buf_text(&to), "from:a b\r\nto:two three\r\nto:one\r\n");
    buf_clear(&to);
    dkim_fields_put_canonical(&f, &to, DKIM_SIMPLE);
    assert_string_equal(buf_text(&to), "From: a\r\n\tb\r\nTo: two\r\n  three\r\nTo: one\r\n");
}

static void a_header_of_too_many_fields_is_refused(void **state)
{
    static struct dkim_fields f;
    CLEANUP(buf_fini) struct buf header;

    (void)state;
    buf_init(&header, 100000);
    for (int i = 0; i < DKIM_FIELDS_MOST; i++)
        buf_put_text(&header, "X: y\r\n");
    assert_true(dkim_fields_take(&f, buf_view(&header)));
    buf_put_text(&header, "X: y\r\n");
    assert_false(dkim_fields_take(&f, buf_view(&header)));
    buf_clear(&header);
    for (int i = 0; i < DKIM_FIELDS_MOST - 5; i++) /* and six that are signed as absent */
        buf_put_text(&header, "Sender: y\r\n");
    assert_false(dkim_fields_take(&f, buf_view(&header)));
    assert_true(dkim_fields_take(&f, span_rest(buf_view(&header), 11)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_is_signed_and_what_could_be_added),
        cmocka_unit_test(fields_of_one_name_are_signed_the_last_first),
        cmocka_unit_test(a_header_of_too_many_fields_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
