#include "protocol/mail/mime.h"

#include <string.h>

#include "tests/support/cmocka.h"

static void a_letter_has_the_plain_form_first(void **state)
{
    CLEANUP(mime_body_fini) struct mime_body text;
    CLEANUP(mime_body_fini) struct mime_body html;
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    mime_body_init(&text);
    mime_body_init(&html);
    buf_init(&to, 5000);
    mime_body_set_text(&text, SPAN("what was there before"));
    mime_body_set_text(&text, SPAN("Hello\n"));
    mime_body_set_text(&html, SPAN("<p>Gr\u00fc\u00dfe to all of you</p>\n"));
    mime_put_letter(&to, &text, &html, SPAN("<1@x>"));
    assert_string_equal(buf_text(&to),
                        "MIME-Version: 1.0\r\n"
                        "Content-Type: multipart/alternative; boundary=\"=_d8e25e43fff9b828.0\"\r\n"
                        "\r\n"
                        "--=_d8e25e43fff9b828.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: 7bit\r\n"
                        "\r\n"
                        "Hello\r\n"
                        "\r\n"
                        "--=_d8e25e43fff9b828.0\r\n"
                        "Content-Type: text/html; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: quoted-printable\r\n"
                        "\r\n"
                        "<p>Gr=C3=BC=C3=9Fe to all of you</p>\r\n"
                        "\r\n"
                        "--=_d8e25e43fff9b828.0--\r\n");
    buf_clear(&to);
    mime_put_letter(&to, &text, NULL, SPAN("<1@x>"));
    assert_string_equal(buf_text(&to), "MIME-Version: 1.0\r\n"
                                       "Content-Type: text/plain; charset=utf-8\r\n"
                                       "Content-Transfer-Encoding: 7bit\r\n"
                                       "\r\n"
                                       "Hello\r\n");
}

/* RFC 2387: a related part names the type of its first one; cid: finds what HTML shows. */
static void pictures_and_files_have_their_places(void **state)
{
    CLEANUP(mime_body_fini) struct mime_body html;
    CLEANUP(mime_body_fini) struct mime_body file;
    CLEANUP(buf_fini) struct buf to;
    const struct mime_part related[] = {
        { .kind = MIME_TEXT, .type = "text/html", .body = &html },
        { .kind = MIME_INLINE,
          .type = "image/png",
          .body = &file,
          .file_name = SPAN("a long name of which the end counts: M\u00e4rz=?.png"),
          .content_id = SPAN("p1@example.org") },
    };
    const struct mime_part mixed[] = {
        { .kind = MIME_RELATED, .parts = related, .part_count = 2 },
        { .kind = MIME_ATTACHMENT, .type = "application/pdf", .body = &file },
    };
    const struct mime_part root = { .kind = MIME_MIXED, .parts = mixed, .part_count = 2 };

    (void)state;
    mime_body_init(&html);
    mime_body_init(&file);
    buf_init(&to, 5000);
    mime_body_set_text(&html, SPAN("<img src=\"cid:p1@example.org\">\n"));
    mime_body_set_file(&file, SPAN("what was there before"));
    mime_body_set_file(&file, SPAN("\0\n"));
    mime_put(&to, &root, SPAN(""));
    assert_string_equal(
        buf_text(&to),
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=\"=_cbf29ce484222325.0\"\r\n"
        "\r\n"
        "--=_cbf29ce484222325.0\r\n"
        "Content-Type: multipart/related; boundary=\"=_cbf29ce484222325.1\";\r\n"
        " type=\"text/html\"\r\n"
        "\r\n"
        "--=_cbf29ce484222325.1\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        "<img src=\"cid:p1@example.org\">\r\n"
        "\r\n"
        "--=_cbf29ce484222325.1\r\n"
        "Content-Type: image/png; name=\"ame of which the end counts: M_rz__.png\"\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Content-Disposition: inline;\r\n"
        " filename*0*=utf-8''a%20long%20name%20of%20which%20the%20end%20count;\r\n"
        " filename*1*=s%3A%20M%C3%A4rz%3D%3F.png\r\n"
        "Content-ID: <p1@example.org>\r\n"
        "\r\n"
        "AAo=\r\n"
        "\r\n"
        "--=_cbf29ce484222325.1--\r\n"
        "\r\n"
        "--=_cbf29ce484222325.0\r\n"
        "Content-Type: application/pdf\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment\r\n"
        "\r\n"
        "AAo=\r\n"
        "\r\n"
        "--=_cbf29ce484222325.0--\r\n");
}

/* A mail that quotes a former mail of ours whole must not end at its boundary. */
static void the_boundary_of_another_mail_ends_nothing(void **state)
{
    CLEANUP(mime_body_fini) struct mime_body text;
    CLEANUP(mime_body_fini) struct mime_body html;
    CLEANUP(buf_fini) struct buf first;
    CLEANUP(buf_fini) struct buf second;
    size_t boundaries = 0;

    (void)state;
    mime_body_init(&text);
    mime_body_init(&html);
    buf_init(&first, 10000);
    buf_init(&second, 10000);
    mime_body_set_text(&text, SPAN("Hello\n"));
    mime_body_set_text(&html, SPAN("<p>Hello</p>\n"));
    mime_put_letter(&first, &text, &html, SPAN("<1@x>"));
    mime_body_set_text(&text, buf_view(&first));
    mime_put_letter(&second, &text, &html, SPAN("<1@x>"));
    for (struct span rest = buf_view(&second); rest.n > 0;)
        boundaries += span_starts(span_take_until(&rest, '\n'), SPAN("--=_d8e25e43fff9b828.0"));
    assert_int_equal(boundaries, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_has_the_plain_form_first),
        cmocka_unit_test(pictures_and_files_have_their_places),
        cmocka_unit_test(the_boundary_of_another_mail_ends_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
