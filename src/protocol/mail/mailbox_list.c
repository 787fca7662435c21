/*
 * One pass over the value. Words are gathered until a comma, a semicolon or the end says that a
 * mailbox is whole; a colon makes what stood before it the name of a group, which is dropped.
 */
#include "protocol/mail/mailbox_list.h"

#include <string.h>

#include "base/buf.h"

enum { MAILBOX_ROOM = 4000, NESTING_MOST = 50 };

/* What was read of the mailbox at hand. */
struct reading {
    struct span rest;
    struct arena *arena;
    struct mailbox_list list;
    size_t room;
    struct buf words;   /* as a name */
    struct buf raw;     /* as an address, quotes and all */
    struct buf comment; /* the last one */
    struct buf angle;
    bool has_angle;
    bool gap;         /* white space since the last word */
    bool raw_is_torn; /* the words are no address: white space divides them */
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static char take(struct reading *r)
{
    char byte = r->rest.at[0];

    r->rest = span_rest(r->rest, 1);
    return byte;
}

/* White space beside a dot or an at sign is of old, and means nothing. */
static bool joins(const struct reading *r, char next)
{
    char last = r->raw.n > 0 ? r->raw.at[r->raw.n - 1] : '@';

    return last == '.' || last == '@' || next == '.' || next == '@';
}

static void begin_word(struct reading *r, char next)
{
    if (r->gap && r->words.n > 0)
        buf_put_byte(&r->words, ' ');
    if (r->gap && !joins(r, next))
        r->raw_is_torn = true;
    r->gap = false;
}

static bool read_quoted(struct reading *r, struct error *err)
{
    begin_word(r, '"');
    buf_put_byte(&r->raw, take(r));
    while (r->rest.n > 0) {
        char byte = take(r);

        if (byte == '\r' || byte == '\n')
            continue;
        buf_put_byte(&r->raw, byte);
        if (byte == '"')
            return true;
        if (byte == '\\' && r->rest.n > 0) {
            byte = take(r);
            buf_put_byte(&r->raw, byte);
        }
        buf_put_byte(&r->words, byte);
    }
    return error_set(err, ERROR_INVALID, "a quote is not closed");
}

static bool read_comment(struct reading *r, struct error *err)
{
    int depth = 0;

    buf_clear(&r->comment);
    while (r->rest.n > 0) {
        char byte = take(r);

        if (byte == '(' && depth++ == 0)
            continue;
        if (byte == ')' && --depth == 0) {
            r->gap = true;
            return true;
        }
        if (depth > NESTING_MOST)
            break;
        if (byte == '\\' && r->rest.n > 0)
            byte = take(r);
        if (byte != '\r' && byte != '\n')
            buf_put_byte(&r->comment, byte);
    }
    return error_set(err, ERROR_INVALID, "a comment is not closed");
}

/* What stands between angle brackets, less a route of old ("@one,@two:"). */
static bool read_angle(struct reading *r, struct error *err)
{
    size_t end = span_index(r->rest, '>');
    struct span inside = span_rest(span_first(r->rest, end), 1);

    if (end == r->rest.n || r->has_angle)
        return error_set(err, ERROR_INVALID, "angle brackets do not match");
    inside = span_trim(inside);
    if (span_starts(inside, SPAN("@")) && span_index(inside, ':') < inside.n)
        inside = span_rest(inside, span_index(inside, ':') + 1);
    for (size_t i = 0; i < inside.n; i++)
        if (!is_blank(inside.at[i]))
            buf_put_byte(&r->angle, inside.at[i]);
    r->has_angle = true;
    r->rest = span_rest(r->rest, end + 1);
    return true;
}

static void clear(struct reading *r)
{
    buf_clear(&r->words);
    buf_clear(&r->raw);
    buf_clear(&r->comment);
    buf_clear(&r->angle);
    r->has_angle = false;
    r->gap = false;
    r->raw_is_torn = false;
}

static bool make_room(struct reading *r, struct error *err)
{
    struct listed_mailbox *more;

    if (r->list.n < r->room)
        return true;
    if (r->list.n >= MAILBOX_LIST_MOST)
        return error_set(err, ERROR_LIMIT, "more than %d addresses", MAILBOX_LIST_MOST);
    r->room = r->room == 0 ? 8 : r->room * 2;
    more = ARENA_ARRAY(r->arena, struct listed_mailbox, r->room);
    if (r->list.n > 0)
        memcpy(more, r->list.at, r->list.n * sizeof(*more));
    r->list.at = more;
    return true;
}

static bool end_mailbox(struct reading *r, struct error *err)
{
    struct span name =
        span_trim(buf_view(r->has_angle && r->words.n > 0 ? &r->words : &r->comment));
    struct span address = buf_view(r->has_angle ? &r->angle : &r->raw);

    if (!r->has_angle && r->raw.n == 0)
        return true; /* nothing between two commas */
    if (r->words.overflown || r->raw.overflown || r->angle.overflown || r->comment.overflown)
        return error_set(err, ERROR_LIMIT, "an address is longer than %d bytes", MAILBOX_ROOM);
    if (address.n == 0 || (!r->has_angle && r->raw_is_torn))
        return error_set(err, ERROR_INVALID, "\"%.*s\" is no address",
                         SPAN_ARGS(span_first(buf_view(&r->words), 60)));
    if (!make_room(r, err))
        return false;
    r->list.at[r->list.n++] = (struct listed_mailbox){
        .name = arena_copy(r->arena, name),
        .address = arena_copy(r->arena, address),
        .is_encoded = span_find(name, SPAN("=?")) < name.n,
    };
    clear(r);
    return true;
}

static bool read_one(struct reading *r, struct error *err)
{
    char byte = r->rest.at[0];

    switch (byte) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        r->gap = true;
        (void)take(r);
        return true;
    case '"':
        return read_quoted(r, err);
    case '(':
        return read_comment(r, err);
    case '<':
        return read_angle(r, err);
    case ':':
        clear(r);
        (void)take(r);
        return true;
    case ',':
    case ';':
        (void)take(r);
        return end_mailbox(r, err);
    default:
        begin_word(r, byte);
        buf_put_byte(&r->words, byte);
        buf_put_byte(&r->raw, take(r));
        return true;
    }
}

bool mailbox_list_read(struct span value, struct arena *arena, struct mailbox_list *ret_list,
                       struct error *err)
{
    struct reading r = { .rest = value, .arena = arena };
    struct buf *bufs[] = { &r.words, &r.raw, &r.comment, &r.angle };
    bool ok = true;

    for (size_t i = 0; i < ARRAY_LENGTH(bufs); i++)
        buf_init(bufs[i], MAILBOX_ROOM);
    while (ok && r.rest.n > 0)
        ok = read_one(&r, err);
    ok = ok && end_mailbox(&r, err);
    for (size_t i = 0; i < ARRAY_LENGTH(bufs); i++)
        buf_fini(bufs[i]);
    if (ok)
        *ret_list = r.list;
    return ok;
}
