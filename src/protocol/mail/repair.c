/*
 * The message as a whole: its lines, its fields, and at the end a look at what came out, which is
 * what makes "nothing broken" a fact.
 */
#include "protocol/mail/repair.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/mail/date.h"
#include "protocol/mail/header.h"
#include "protocol/mail/message_id.h"
#include "protocol/mail/repair_internal.h"

/* ---- lines ---- */

static bool is_mbox_line(struct span message)
{
    return span_starts(message, SPAN("From ")) || span_starts(message, SPAN(">From "));
}

static size_t line_length(struct span text)
{
    size_t n = 0;

    while (n < text.n && text.at[n] != '\r' && text.at[n] != '\n')
        n++;
    return n;
}

static void drop_line(struct span *text)
{
    *text = span_rest(*text, line_length(*text));
    if (span_starts(*text, SPAN("\r\n")))
        *text = span_rest(*text, 2);
    else if (text->n > 0)
        *text = span_rest(*text, 1);
}

bool repair_lines(struct span message, struct buf *to, struct error *err)
{
    size_t nul = span_index(message, '\0');

    if (nul < message.n)
        return error_set(err, ERROR_INVALID,
                         "the message holds a NUL, at byte %zu: encode what is no text in base64",
                         nul);
    if (is_mbox_line(message))
        drop_line(&message);
    while (message.n > 0) {
        buf_put(to, span_first(message, line_length(message)));
        buf_put_text(to, "\r\n");
        drop_line(&message);
    }
    return !to->overflown || error_set(err, ERROR_LIMIT, "the message is too long");
}

/* ---- recipients ---- */

static bool has_resent(struct span header)
{
    struct field field;

    return field_find(header, "Resent-To", &field) || field_find(header, "Resent-Cc", &field) ||
           field_find(header, "Resent-Bcc", &field);
}

static bool names_recipients(struct span name, bool resent)
{
    static const char *const names[] = { "To", "Cc", "Bcc" };

    if (resent && !span_starts_nocase(name, SPAN("Resent-")))
        return false;
    if (resent)
        name = span_rest(name, sizeof("Resent-") - 1);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        if (span_equal_nocase(name, span_of(names[i])))
            return true;
    return false;
}

bool repair_recipients(struct span message, struct arena *arena, struct mailbox_list *ret_list,
                       struct error *err)
{
    CLEANUP(buf_fini) struct buf all;
    struct span body;
    struct span rest = field_header(message, &body);
    bool resent = has_resent(rest);
    struct field field;

    buf_init(&all, MESSAGE_HEADER_MOST);
    while (field_take(&rest, &field)) {
        if (!names_recipients(field.name, resent))
            continue;
        buf_put(&all, field.value);
        buf_put_text(&all, ",");
    }
    if (all.overflown)
        return error_set(err, ERROR_LIMIT, "the header is too long");
    return mailbox_list_read(buf_view(&all), arena, ret_list, err) ||
           error_wrap(err, "the recipients");
}

/* ---- fields ---- */

/* While a message is repaired. */
struct repairing {
    const struct repair_facts *facts;
    struct arena *arena;
    struct span header;
    struct buf fields;
    struct repaired result;
    bool has_date;
    bool has_version;
    bool has_type;
};

static bool is_named(const struct field *field, const char *name)
{
    return span_equal_nocase(field->name, span_of(name));
}

/* Fields of that name that stand before this one. */
static bool find_earlier(const struct repairing *r, const struct field *field, struct field *ret)
{
    return field_find(r->header, arena_text(r->arena, field->name), ret) &&
           ret->whole.at != field->whole.at;
}

/* All addresses of fields of one name, which should be one. */
static struct span join(const struct repairing *r, const struct field *field)
{
    struct span rest = r->header;
    struct field other;
    struct span all = field->value;

    while (field_take(&rest, &other))
        if (span_equal_nocase(other.name, field->name) && other.whole.at != field->whole.at)
            all = span_of(
                arena_printf(r->arena, "%.*s,%.*s", SPAN_ARGS(all), SPAN_ARGS(other.value)));
    return all;
}

static bool may_be_joined(const struct field *field)
{
    return is_named(field, "To") || is_named(field, "Cc") || is_named(field, "Reply-To");
}

static void keep_from(struct repairing *r, const struct address *from)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, ADDRESS_MOST);
    address_put(&text, from);
    r->result.from = arena_copy(r->arena, buf_view(&text));
    r->result.from_domain = arena_copy(r->arena, address_domain(from));
}

static bool put_addresses(struct repairing *r, const struct field *field, struct error *err)
{
    const struct repair_addresses addresses = { .name = arena_text(r->arena, field->name),
                                                .value = may_be_joined(field) ? join(r, field)
                                                                              : field->value,
                                                .domain = r->facts->domain,
                                                .arena = r->arena };
    struct address first;

    if (!repair_addresses(&addresses, &r->fields, &first, &r->result.needs_smtputf8, err))
        return false;
    if (is_named(field, "From") && first.domain[0] != '\0')
        keep_from(r, &first);
    return true;
}

/* What is told of the message, and fields that are replaced because they say nothing. */
static bool take_note(struct repairing *r, const struct field *field)
{
    struct span text = field_text(r->arena, field->value);

    if (is_named(field, "Date"))
        return r->has_date = date_is_valid(text);
    if (is_named(field, "Message-ID")) {
        if (message_id_is_valid(text))
            r->result.message_id = text;
        return r->result.message_id.n > 0;
    }
    if (is_named(field, "Subject"))
        r->result.subject = repair_as_utf8(r->arena, text);
    r->has_version = r->has_version || is_named(field, "MIME-Version");
    r->has_type = r->has_type || is_named(field, "Content-Type");
    return true;
}

/* *ret_again: the same stands there already, and once is enough. */
static bool check_single(const struct repairing *r, const struct field *field, bool *ret_again,
                         struct error *err)
{
    struct field earlier;

    *ret_again = find_earlier(r, field, &earlier);
    if (!*ret_again || may_be_joined(field) ||
        span_equal(field_text(r->arena, field->value), field_text(r->arena, earlier.value)))
        return true;
    return error_set(err, ERROR_INVALID, "the field %.*s is there twice, with different values",
                     SPAN_ARGS(field->name));
}

static bool put_field(struct repairing *r, const struct field *field, struct error *err)
{
    bool single;
    enum repair_class class = repair_field_class(field->name, &single);
    bool again = false;

    if (class == REPAIR_DROPPED)
        return true;
    if (single && !check_single(r, field, &again, err))
        return false;
    if (again || !take_note(r, field))
        return true;
    return class == REPAIR_ADDRESSES ? put_addresses(r, field, err)
                                     : repair_field(field, r->arena, &r->fields, err);
}

static bool put_fields(struct repairing *r, struct error *err)
{
    struct span rest = r->header;
    struct field field;
    int hops = 0;
    int fields = 0;

    while (field_take(&rest, &field)) {
        hops += is_named(&field, "Received");
        if (++fields > MESSAGE_FIELDS_MOST)
            return error_set(err, ERROR_LIMIT, "the header has more than %d fields",
                             MESSAGE_FIELDS_MOST);
        if (hops > MESSAGE_HOPS_MOST)
            return error_set(err, ERROR_CONFLICT,
                             "the message has passed more than %d servers: it goes in circles",
                             MESSAGE_HOPS_MOST);
        if (!put_field(r, &field, err))
            return false;
    }
    return true;
}

static bool put_missing_from(struct repairing *r, struct error *err)
{
    struct address address;
    const struct mailbox mailbox = { r->facts->sender_name, &address };

    if (r->result.from.n > 0)
        return true;
    if (r->facts->sender.n == 0)
        return error_set(err, ERROR_INVALID,
                         "the message has no From, and no sender to make it of");
    if (!repair_address(r->facts->sender, r->facts->domain, &address, err))
        return error_wrap(err, "the sender");
    header_put_mailboxes(&r->fields, "From", &mailbox, 1);
    r->result.needs_smtputf8 = r->result.needs_smtputf8 || address.needs_smtputf8;
    keep_from(r, &address);
    return true;
}

static bool put_missing(struct repairing *r, struct error *err)
{
    if (!put_missing_from(r, err))
        return false;
    if (!r->has_date)
        header_put_date(&r->fields, "Date", r->facts->now_ms, 0);
    if (r->result.message_id.n == 0) {
        header_put_message_ids(&r->fields, "Message-ID", &r->facts->message_id, 1);
        r->result.message_id = r->facts->message_id;
    }
    if (!r->has_version)
        buf_put_text(&r->fields, "MIME-Version: 1.0\r\n");
    return true;
}

/* ---- what came out ---- */

/* Addresses in other scripts are the one thing that stays above 127. */
static bool check_result(struct span message, bool utf8, struct error *err)
{
    size_t column = 0;

    for (size_t i = 0; i < message.n; i++) {
        char byte = message.at[i];

        if (byte == '\r' && i + 1 < message.n && message.at[i + 1] == '\n') {
            column = 0;
            i++;
            continue;
        }
        if (byte == '\r' || byte == '\n' || byte == '\0' || ++column > MESSAGE_LINE_MOST ||
            (!utf8 && (unsigned char)byte >= 128))
            return error_set(err, ERROR_INVALID, "the message cannot be repaired, from byte %zu on",
                             i);
    }
    return true;
}

static bool put_message(struct repairing *r, struct span body, struct buf *to, struct error *err)
{
    int parts = 0;
    const struct repair_entity entity = {
        .header = buf_view(&r->fields), .body = body, .arena = r->arena, .parts = &parts
    };
    size_t start = to->n;

    if (r->fields.overflown)
        return error_set(err, ERROR_LIMIT, "the header is longer than %d bytes",
                         MESSAGE_HEADER_MOST);
    if (!repair_entity(&entity, to, err))
        return false;
    if (to->overflown)
        return error_set(err, ERROR_LIMIT, "the message is too long");
    return check_result(span_rest(buf_view(to), start), r->result.needs_smtputf8, err);
}

bool repair_message(struct span message, const struct repair_facts *facts, struct arena *arena,
                    struct buf *to, struct repaired *ret_repaired, struct error *err)
{
    struct repairing r = { .facts = facts, .arena = arena };
    struct span body;
    bool ok;

    r.header = field_header(message, &body);
    if (r.header.n > MESSAGE_HEADER_MOST)
        return error_set(err, ERROR_LIMIT, "the header is longer than %d bytes",
                         MESSAGE_HEADER_MOST);
    buf_init(&r.fields, MESSAGE_HEADER_MOST);
    buf_put(&r.fields, facts->trace);
    ok = put_fields(&r, err) && put_missing(&r, err);
    if (ok && !r.has_type)
        buf_printf(&r.fields, "Content-Type: text/plain; charset=%s\r\n",
                   text_is_utf8(body) ? "utf-8" : "windows-1252");
    ok = ok && put_message(&r, body, to, err);
    buf_fini(&r.fields);
    if (ok)
        *ret_repaired = r.result;
    return ok;
}
