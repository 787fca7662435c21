/*
 * Header fields: whatever a value holds, one call writes one field of short ASCII lines, and a
 * reader finds the value in it again. The first byte of the input chooses the kind of field.
 */
#include <assert.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/mail/address.h"
#include "protocol/mail/clean.h"
#include "protocol/mail/header.h"
#include "protocol/mail/list_headers.h"
#include "protocol/mail/message_id.h"
#include "tests/fuzz/mail_reader.h"
#include "tests/fuzz/target.h"

/* Longer values are cut, parameters first; what is cut is not compared. */
enum { FIELD_MOST = 1 << 20, WHOLE_MOST = 900 };

/* What a field is written to, and what is expected in it. */
struct trial {
    struct span input;
    struct buf field;
    struct buf value;
    struct buf found;
    struct buf expected;
};

static void read_field(struct trial *t, const char *name)
{
    assert(!t->field.overflown);
    mail_reader_field(buf_view(&t->field), name, &t->value);
}

static void compare(const struct trial *t)
{
    if (t->input.n <= WHOLE_MOST)
        assert(span_equal(buf_view(&t->found), buf_view(&t->expected)));
}

static void text_comes_back(struct trial *t)
{
    header_put_text(&t->field, "Subject", t->input);
    read_field(t, "Subject");
    mail_reader_text(buf_view(&t->value), &t->found);
    clean_put_line(&t->expected, t->input);
    compare(t);
}

/* Cuts a display name off, and the address in brackets behind it. A name in quotes may hold the
 * address too: then the bracket after the closing quote counts. */
static struct span take_name(struct span *value, struct span address)
{
    struct span all = *value;
    size_t n = 0;

    if (all.n > 0 && all.at[0] == '"')
        for (n = 1; n < all.n && all.at[n] != '"'; n++)
            n += all.at[n] == '\\';
    n += span_find(span_rest(all, n), address);
    assert(n < all.n);
    *value = span_rest(all, n + address.n);
    return span_first(all, n);
}

static void name_comes_back(struct trial *t, struct span phrase)
{
    buf_clear(&t->found);
    mail_reader_phrase(phrase, &t->found);
    compare(t);
}

static void names_come_back(struct trial *t)
{
    struct address a;
    struct error err;
    bool fine = address_parse(SPAN("a.b@example.org"), &a, &err);
    const struct mailbox mailboxes[] = { { t->input, &a }, { { NULL, 0 }, &a }, { t->input, &a } };
    const struct span end = SPAN(" <a.b@example.org>");
    const struct span between = SPAN(", a.b@example.org, ");
    struct span value;

    assert(fine);
    header_put_mailboxes(&t->field, "To", mailboxes, 3);
    read_field(t, "To");
    value = span_trim(buf_view(&t->value));
    clean_put_line(&t->expected, t->input);
    if (t->expected.n == 0)
        return;
    name_comes_back(t, take_name(&value, end));
    assert(span_starts(value, between));
    value = span_rest(value, between.n);
    name_comes_back(t, take_name(&value, end));
    assert(value.n == 0);
}

static void parameters_come_back(struct trial *t)
{
    const struct parameter parameters[] = {
        { "charset", { "utf-8", 5 } },
        { "filename", t->input },
        { "x", { "y;z", 3 } },
    };

    header_put_parameters(&t->field, "Content-Disposition", "attachment", parameters, 3);
    read_field(t, "Content-Disposition");
    assert(mail_reader_parameter(buf_view(&t->value), "x", &t->found));
    assert(span_equal(buf_view(&t->found), SPAN("y;z")));
    buf_clear(&t->found);
    assert(mail_reader_parameter(buf_view(&t->value), "filename", &t->found));
    clean_put_line(&t->expected, t->input);
    compare(t);
}

static void structured_stays_one_field(struct trial *t)
{
    header_put_structured(&t->field, "X-Reason", t->input);
    read_field(t, "X-Reason");
}

static void uris_stay_in_their_brackets(struct trial *t)
{
    const struct span uris[] = { t->input, SPAN("mailto:u.a@example.org") };
    size_t brackets = 0;

    header_put_uris(&t->field, "List-Unsubscribe", uris, 2);
    read_field(t, "List-Unsubscribe");
    for (size_t i = 0; i < t->value.n; i++)
        brackets += t->value.at[i] == '<' || t->value.at[i] == '>';
    assert(brackets == 4 || (brackets == 2 && t->input.n > 200)); /* too long for a line */
    assert(span_ends(buf_view(&t->value), SPAN(".org>")));
}

static void identities_are_taken_and_written(struct trial *t)
{
    struct span rest = t->input;
    struct span ids[50];
    size_t n = 0;

    while (n < ARRAY_LENGTH(ids) && message_id_take(&rest, &ids[n])) {
        assert(message_id_is_valid(ids[n]));
        n++;
    }
    header_put_message_ids(&t->field, "References", ids, n);
    assert((n > 0) == (t->field.n > 0));
    if (n == 0)
        return;
    read_field(t, "References");
    rest = buf_view(&t->value);
    for (size_t i = 0; message_id_take(&rest, &ids[0]); i++)
        assert(i < HEADER_REFERENCES_MOST);
}

static void an_identity_can_be_made(struct trial *t)
{
    message_id_put(&t->found, t->input, SPAN("example.org"));
    assert(text_is_ascii(buf_view(&t->found)) && !text_has_control(buf_view(&t->found)));
    if (t->input.n > 0 && t->input.n < 200)
        assert(message_id_is_valid(buf_view(&t->found)));
}

static void lists_have_one_identity(struct trial *t)
{
    struct span value;

    list_headers_put_id(&t->field, t->input, t->input, SPAN("example.org"));
    read_field(t, "List-Id");
    value = buf_view(&t->value);
    value = span_rest(value, span_last_index(value, '<'));
    assert(value.n > 2 && value.n <= 257 && span_ends(value, SPAN(".example.org>")));
    value = span_rest(span_first(value, value.n - 1), 1);
    while (value.n > 0) {
        struct span label = span_take_until(&value, '.');

        assert(label.n > 0);
        for (size_t i = 0; i < label.n; i++)
            assert(span_index(SPAN("abcdefghijklmnopqrstuvwxyz0123456789-_"), label.at[i]) < 38);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const trials[])(struct trial *) = {
        text_comes_back,
        names_come_back,
        parameters_come_back,
        structured_stays_one_field,
        uris_stay_in_their_brackets,
        identities_are_taken_and_written,
        an_identity_can_be_made,
        lists_have_one_identity,
    };
    struct trial t = { 0 };
    struct buf *const bufs[] = { &t.field, &t.value, &t.found, &t.expected };

    if (size < 1)
        return 0;
    t.input = (struct span){ (const char *)data + 1, size - 1 };
    for (size_t i = 0; i < ARRAY_LENGTH(bufs); i++)
        buf_init(bufs[i], FIELD_MOST);
    trials[data[0] % ARRAY_LENGTH(trials)](&t);
    for (size_t i = 0; i < ARRAY_LENGTH(bufs); i++)
        buf_fini(bufs[i]);
    return 0;
}
