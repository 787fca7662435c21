/*
 * One header field. What is fine stays byte for byte as it was, for somebody may have signed it.
 * Bytes that are no UTF-8 are taken for Latin-1, which most old programs wrote.
 */
#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/mail/fold.h"
#include "protocol/mail/header.h"
#include "protocol/mail/parameter_list.h"
#include "protocol/mail/phrase.h"
#include "protocol/mail/repair_internal.h"

enum { VALUE_MOST = 8000 };

enum repair_class repair_field_class(struct span name, bool *ret_single)
{
    static const struct {
        const char *name;
        enum repair_class class;
        bool single;
    } known[] = {
        { "From", REPAIR_ADDRESSES, true },
        { "Sender", REPAIR_ADDRESSES, true },
        { "Reply-To", REPAIR_ADDRESSES, true },
        { "To", REPAIR_ADDRESSES, true },
        { "Cc", REPAIR_ADDRESSES, true },
        { "Resent-From", REPAIR_ADDRESSES, false },
        { "Resent-Sender", REPAIR_ADDRESSES, false },
        { "Resent-To", REPAIR_ADDRESSES, false },
        { "Resent-Cc", REPAIR_ADDRESSES, false },
        { "Bcc", REPAIR_DROPPED, false },
        { "Resent-Bcc", REPAIR_DROPPED, false },
        { "Return-Path", REPAIR_DROPPED, false },
        { "Subject", REPAIR_TEXT, true },
        { "Date", REPAIR_STRUCTURED, true },
        { "Message-ID", REPAIR_STRUCTURED, true },
        { "In-Reply-To", REPAIR_STRUCTURED, true },
        { "References", REPAIR_STRUCTURED, true },
        { "MIME-Version", REPAIR_STRUCTURED, true },
        { "Content-Type", REPAIR_PARAMETERS, true },
        { "Content-Transfer-Encoding", REPAIR_STRUCTURED, true },
        { "Content-ID", REPAIR_STRUCTURED, true },
        { "Content-Disposition", REPAIR_PARAMETERS, true },
        { "Received", REPAIR_STRUCTURED, false },
        { "DKIM-Signature", REPAIR_STRUCTURED, false },
        { "List-Unsubscribe", REPAIR_STRUCTURED, false },
        { "List-Unsubscribe-Post", REPAIR_STRUCTURED, false },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(known); i++)
        if (span_equal_nocase(name, span_of(known[i].name))) {
            *ret_single = known[i].single;
            return known[i].class;
        }
    *ret_single = false;
    return REPAIR_TEXT;
}

bool repair_lines_are_fine(struct span text)
{
    size_t column = 0;

    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.at[i] >= 128)
            return false;
        if (text.at[i] == '\n')
            column = 0;
        else if (text.at[i] != '\r' && ++column > MESSAGE_LINE_MOST)
            return false;
    }
    return true;
}

struct span repair_as_utf8(struct arena *arena, struct span text)
{
    char *to;
    size_t n = 0;

    if (text_is_utf8(text))
        return text;
    to = arena_take(arena, 2 * text.n);
    for (size_t i = 0; i < text.n; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if (byte >= 128)
            to[n++] = (char)(0xc0 | byte >> 6);
        to[n++] = (char)(byte < 128 ? byte : 0x80 | (byte & 0x3f));
    }
    return (struct span){ to, n };
}

static void put_parameters(const char *name, struct span value, struct arena *arena, struct buf *to)
{
    struct parameter_list *list = ARENA_NEW(arena, struct parameter_list);

    parameter_list_read(value, arena, list);
    header_put_parameters(to, name, arena_text(arena, list->value), list->at, list->n);
}

/* A control character has no business in a field: white space by which it is folded has. */
static bool has_control(struct span whole)
{
    for (size_t i = 0; i < whole.n; i++)
        if (((unsigned char)whole.at[i] < 32 && whole.at[i] != '\t' && whole.at[i] != '\r' &&
             whole.at[i] != '\n') ||
            whole.at[i] == 127)
            return true;
    return false;
}

/* A line of white space alone would end the header for some readers. */
static bool has_empty_fold(struct span whole)
{
    whole = span_rest(whole, span_index(whole, '\n') + 1);
    while (whole.n > 0)
        if (span_trim(span_take_until(&whole, '\n')).n == 0)
            return true;
    return false;
}

/* White space before the colon is of old. */
static bool is_fine(const struct field *field)
{
    return field->whole.at[field->name.n] == ':' && repair_lines_are_fine(field->whole) &&
           !has_control(field->whole) && !has_empty_fold(field->whole) &&
           span_ends(field->whole, SPAN("\r\n"));
}

bool repair_field(const struct field *field, struct arena *arena, struct buf *to, struct error *err)
{
    const char *name = arena_text(arena, field->name);
    struct span value;
    bool single;

    if (is_fine(field)) {
        buf_put(to, field->whole);
        return true;
    }
    if (field->value.n > VALUE_MOST)
        return error_set(err, ERROR_LIMIT,
                         "the field %s cannot be repaired: it is longer than %d "
                         "bytes",
                         name, VALUE_MOST);
    value = repair_as_utf8(arena, field_text(arena, field->value));
    switch (repair_field_class(field->name, &single)) {
    case REPAIR_TEXT:
    case REPAIR_ADDRESSES:
        header_put_text(to, name, value);
        break;
    case REPAIR_STRUCTURED:
        header_put_structured(to, name, value);
        break;
    case REPAIR_PARAMETERS:
        put_parameters(name, value, arena, to);
        break;
    case REPAIR_DROPPED:
        break;
    }
    return true;
}

bool repair_address(struct span text, struct span domain, struct address *ret_address,
                    struct error *err)
{
    CLEANUP(buf_fini) struct buf whole;

    buf_init(&whole, 2 * (size_t)ADDRESS_MOST);
    buf_put(&whole, text);
    if (span_last_index(text, '@') == text.n && domain.n > 0)
        buf_printf(&whole, "@%.*s", SPAN_ARGS(domain));
    return address_parse(buf_view(&whole), ret_address, err) ||
           error_wrap(err, "\"%.*s\"", SPAN_ARGS(span_first(text, 80)));
}

/* An encoded name stays as it is: in words. */
static void put_name(struct fold *f, const struct listed_mailbox *mailbox, struct arena *arena)
{
    struct span rest = mailbox->name;

    if (!mailbox->is_encoded || !text_is_ascii(rest)) {
        phrase_put(f, repair_as_utf8(arena, rest));
        return;
    }
    while (rest.n > 0) {
        struct span word = span_take_until(&rest, ' ');

        if (word.n > 0)
            fold_word(f, word);
    }
}

static void put_mailbox(struct fold *f, const struct listed_mailbox *mailbox,
                        const struct address *address, struct arena *arena)
{
    CLEANUP(buf_fini) struct buf word;

    buf_init(&word, ADDRESS_MOST + 2);
    put_name(f, mailbox, arena);
    if (mailbox->name.n > 0)
        buf_put_byte(&word, '<');
    address_put(&word, address);
    if (mailbox->name.n > 0)
        buf_put_byte(&word, '>');
    fold_word(f, buf_view(&word));
}

/* Reads all addresses; *ret_as_they_are: none has to be written anew. */
static bool read_addresses(const struct repair_addresses *field, const struct mailbox_list *list,
                           struct address *addresses, bool *ret_as_they_are, struct error *err)
{
    *ret_as_they_are = true;
    for (size_t i = 0; i < list->n; i++) {
        struct span text = list->at[i].address;

        if (!repair_address(text, field->domain, &addresses[i], err))
            return error_wrap(err, "the field %s", field->name);
        if (span_last_index(text, '@') == text.n)
            *ret_as_they_are = false;
    }
    return true;
}

static void put_addresses(const struct repair_addresses *field, const struct mailbox_list *list,
                          const struct address *addresses, struct buf *to)
{
    struct fold f;

    fold_start(&f, to, field->name);
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0)
            fold_attach(&f, SPAN(","));
        put_mailbox(&f, &list->at[i], &addresses[i], field->arena);
    }
    fold_end(&f);
}

static bool is_fine_value(struct span value)
{
    return repair_lines_are_fine(value) && !has_control(value) && !has_empty_fold(value);
}

/* Nobody is whom a mail may be for, but not whom it is from. */
static bool is_empty_group(const struct repair_addresses *field)
{
    return span_index(field->value, ':') < field->value.n &&
           !span_equal_nocase(span_of(field->name), SPAN("From"));
}

/* The domain of From signs and answers for the mail (RFC 7489 section 6.6.1): there is one. */
static bool check_domains(const struct repair_addresses *field, const struct address *addresses,
                          size_t n, struct error *err)
{
    if (!span_equal_nocase(span_of(field->name), SPAN("From")))
        return true;
    for (size_t i = 1; i < n; i++)
        if (!span_equal(address_domain(&addresses[i]), address_domain(&addresses[0])))
            return error_set(err, ERROR_INVALID,
                             "the field From names addresses of two domains: one answers for a "
                             "mail");
    return true;
}

bool repair_addresses(const struct repair_addresses *field, struct buf *to,
                      struct address *ret_first, bool *ret_utf8, struct error *err)
{
    struct mailbox_list list;
    struct address *addresses;
    bool as_they_are;
    bool says_something;

    if (!mailbox_list_read(field->value, field->arena, &list, err))
        return error_wrap(err, "the field %s", field->name);
    addresses = ARENA_ARRAY(field->arena, struct address, list.n + 1);
    if (!read_addresses(field, &list, addresses, &as_they_are, err) ||
        !check_domains(field, addresses, list.n, err))
        return false;
    for (size_t i = 0; i < list.n; i++)
        *ret_utf8 = *ret_utf8 || addresses[i].needs_smtputf8;
    says_something = list.n > 0 || is_empty_group(field);
    if (says_something && as_they_are && is_fine_value(field->value))
        buf_printf(to, "%s:%.*s\r\n", field->name, SPAN_ARGS(field->value));
    else if (list.n > 0)
        put_addresses(field, &list, addresses, to);
    *ret_first = addresses[0];
    return true;
}
