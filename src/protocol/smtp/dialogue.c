/*
 * Writing a session down, and reading it again. A record is its kind (a letter), when, how many
 * bytes (two numbers of seven bits a byte, the low ones first), and the bytes; of content there is
 * the number alone. Lines are put together by the reader, so that a reply that dripped in is one
 * line with the time of its end.
 */
#include "protocol/smtp/dialogue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    LINE_KEPT_MAX = 1000,
    NUMBER_MOST = 10,                  /* bytes of a packed number */
    RECORD_HEAD = 1 + 2 * NUMBER_MOST, /* at most */
    END_ROOM = 3 * RECORD_HEAD         /* of the record, a count of content, and KIND_CUT */
};

static const char kinds[] = "SC-N!";
#define KIND_CONTENT 'N'
#define KIND_CUT '!' /* what follows had no room */

static const char secret[] = "(secret)\r\n";

void smtp_dialogue_init(struct smtp_dialogue *d, size_t limit)
{
    *d = (struct smtp_dialogue){ .is_full = limit == 0 };
    buf_init(&d->packed, limit);
}

void smtp_dialogue_fini(struct smtp_dialogue *d)
{
    buf_fini(&d->packed);
}

/* ---- writing ---- */

static size_t put_number(char *to, uint64_t number)
{
    size_t n = 0;

    for (; number > 127; number >>= 7)
        to[n++] = (char)(0x80 | (number & 0x7f));
    to[n++] = (char)number;
    return n;
}

static void put_record(struct buf *to, char kind, int64_t at_ms, size_t n, struct span bytes)
{
    char head[RECORD_HEAD] = { kind };
    size_t length = 1;

    length += put_number(head + length, at_ms < 0 ? 0 : (uint64_t)at_ms);
    length += put_number(head + length, n);
    buf_put(to, (struct span){ head, length });
    buf_put(to, bytes);
}

static void put(struct smtp_dialogue *d, char kind, int64_t at_ms, size_t n, struct span bytes)
{
    size_t before = d->packed.n;

    put_record(&d->packed, kind, at_ms, n, bytes);
    if (d->listen != NULL)
        d->listen(d->listener, span_rest(buf_view(&d->packed), before));
}

static size_t room_of(const struct smtp_dialogue *d)
{
    size_t limit = d->is_open ? d->packed.limit : d->packed.limit / 2;
    size_t used = d->packed.n + END_ROOM;

    return used < limit ? limit - used : 0;
}

static void put_content(struct smtp_dialogue *d, int64_t at_ms)
{
    if (d->content_octets == 0)
        return;
    put(d, KIND_CONTENT, at_ms, d->content_octets, (struct span){ NULL, 0 });
    d->content_octets = 0;
    d->turn = d->packed.n;
}

/* A record is kept whole or not at all; the first that has no room is where it ends. */
static void add(struct smtp_dialogue *d, char kind, int64_t at_ms, struct span bytes)
{
    if (d->is_full)
        return;
    put_content(d, at_ms);
    d->is_full = bytes.n > room_of(d);
    if (d->is_full)
        put(d, KIND_CUT, at_ms, 0, (struct span){ NULL, 0 });
    else
        put(d, kind, at_ms, bytes.n, bytes);
}

static bool is_success_or_refusal(struct span reply)
{
    return reply.n > 0 && reply.at[0] != '3';
}

void smtp_dialogue_server(struct smtp_dialogue *d, int64_t at_ms, struct span bytes)
{
    if (d->hides && is_success_or_refusal(bytes))
        d->hides = false;
    add(d, kinds[SPEAKER_SERVER], at_ms, bytes);
}

/* What comes after "AUTH MECHANISM" is secret, and so is every line until the server has decided.
 */
static struct span without_secrets(struct smtp_dialogue *d, struct span bytes, bool *ret_cut)
{
    static const char auth[] = "AUTH ";
    struct span rest;

    *ret_cut = d->hides;
    if (d->hides)
        return span_first(bytes, 0);
    if (!span_starts_nocase(bytes, span_of(auth)))
        return bytes;
    d->hides = true;
    *ret_cut = true;
    rest = span_rest(bytes, sizeof(auth) - 1);
    return span_first(bytes, sizeof(auth) - 1 + span_index(rest, ' '));
}

void smtp_dialogue_client(struct smtp_dialogue *d, int64_t at_ms, struct span bytes)
{
    bool is_cut;
    struct span shown = without_secrets(d, bytes, &is_cut);

    if (shown.n > 0)
        add(d, kinds[SPEAKER_CLIENT], at_ms, shown);
    if (is_cut && shown.n < bytes.n)
        add(d, kinds[SPEAKER_CLIENT], at_ms, span_of(secret));
}

void smtp_dialogue_content(struct smtp_dialogue *d, int64_t at_ms, struct span bytes)
{
    (void)at_ms;
    if (!d->is_full)
        d->content_octets += bytes.n;
}

void smtp_dialogue_remark(struct smtp_dialogue *d, int64_t at_ms, struct span remark)
{
    add(d, kinds[SPEAKER_REMARK], at_ms, remark);
}

struct span smtp_dialogue_view(const struct smtp_dialogue *d)
{
    return buf_view(&d->packed);
}

/* ---- reading ---- */

void smtp_dialogue_reader_init(struct smtp_dialogue_reader *r, struct span packed)
{
    *r = (struct smtp_dialogue_reader){ .packed = packed };
    buf_init(&r->partial, LINE_KEPT_MAX);
}

void smtp_dialogue_reader_fini(struct smtp_dialogue_reader *r)
{
    buf_fini(&r->partial);
}

void smtp_dialogue_reader_add(struct smtp_dialogue_reader *r, struct span packed)
{
    r->packed = packed;
}

static bool take_number(struct span *from, uint64_t *ret_number)
{
    uint64_t number = 0;

    for (size_t i = 0; i < from->n && i < NUMBER_MOST - 1; i++) {
        unsigned char byte = (unsigned char)from->at[i];

        number |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            *from = span_rest(*from, i + 1);
            *ret_number = number;
            return true;
        }
    }
    return false;
}

/* Takes the next record's head; false at the end, and where there is no record. */
static bool take_record(struct smtp_dialogue_reader *r, char *ret_kind, uint64_t *ret_n)
{
    struct span in = r->packed;
    char kind = in.n > 0 ? in.at[0] : '\0';
    uint64_t at_ms;
    uint64_t n;

    in = span_rest(in, 1);
    if (kind == '\0' || !take_number(&in, &at_ms) || !take_number(&in, &n))
        return false;
    r->at_ms = (int64_t)at_ms;
    if (kind != KIND_CONTENT && kind != KIND_CUT) {
        if (n > in.n || (kind != kinds[0] && kind != kinds[1] && kind != kinds[2]))
            return false;
        r->left = span_first(in, n);
        in = span_rest(in, n);
    }
    r->packed = in;
    *ret_kind = kind;
    *ret_n = n;
    return true;
}

/* ---- from mail to mail ---- */

static void keep_from(struct smtp_dialogue *d, size_t turn)
{
    size_t kept = d->packed.n - turn;

    if (kept > 0)
        memmove(d->packed.at + d->opening, d->packed.at + turn, kept);
    buf_cut(&d->packed, d->opening + kept);
    d->turn = d->opening;
    d->content_octets = 0;
    d->is_open = true;
    d->is_full = false;
}

void smtp_dialogue_turn(struct smtp_dialogue *d)
{
    if (d->packed.limit == 0)
        return;
    if (!d->is_open)
        d->opening = d->packed.n;
    keep_from(d, d->packed.n);
}

/* Where a reply is being read. */
struct reply_end {
    size_t column;
    bool is_last; /* line of the reply */
    bool is_over;
};

/* What follows the reply in a piece of it. */
static struct span after_reply(struct reply_end *end, struct span piece)
{
    while (piece.n > 0 && !end->is_over) {
        char byte = piece.at[0];

        if (end->column++ == 3)
            end->is_last = byte != '-';
        end->is_over = byte == '\n' && (end->is_last || end->column <= 3);
        if (byte == '\n')
            end->column = 0;
        piece = span_rest(piece, 1);
    }
    return piece;
}

/* Writes the records again, without the first reply of the server among them. */
static void put_without_reply(struct buf *to, struct span packed)
{
    struct smtp_dialogue_reader r = { .packed = packed };
    struct reply_end end = { .column = 0 };
    char kind;
    uint64_t n;

    for (struct span record = packed; take_record(&r, &kind, &n); record = r.packed) {
        if (kind != kinds[SPEAKER_SERVER] || end.is_over) {
            buf_put(to, span_first(record, record.n - r.packed.n));
            continue;
        }
        r.left = after_reply(&end, r.left);
        if (r.left.n > 0)
            put_record(to, kind, r.at_ms, r.left.n, r.left);
    }
}

void smtp_dialogue_turn_behind(struct smtp_dialogue *d)
{
    struct buf kept;

    if (!d->is_open || d->turn <= d->opening) {
        smtp_dialogue_turn(d);
        return;
    }
    buf_init(&kept, d->packed.limit);
    put_without_reply(&kept, span_rest(buf_view(&d->packed), d->turn));
    buf_cut(&d->packed, d->turn);
    buf_put(&d->packed, buf_view(&kept));
    buf_fini(&kept);
    keep_from(d, d->turn);
}

/* ---- line by line ---- */

static struct smtp_dialogue_line line_of(const struct smtp_dialogue_reader *r,
                                         enum smtp_speaker who, struct span text)
{
    return (struct smtp_dialogue_line){ .at_ms = r->at_ms, .who = who, .text = span_trim(text) };
}

/* What the counts stand for. */
static struct smtp_dialogue_line note_of(struct smtp_dialogue_reader *r, char kind, uint64_t n)
{
    if (kind == KIND_CUT)
        return line_of(r, SPEAKER_REMARK, SPAN("(the rest is not kept)"));
    (void)snprintf(r->note, sizeof r->note, "(%" PRIu64 " octets of content)", n);
    return line_of(r, SPEAKER_CLIENT, span_of(r->note));
}

/* A line of the server may come in pieces; one of ours is whole, with or without its end. */
static bool take_line(struct smtp_dialogue_reader *r, struct smtp_dialogue_line *line)
{
    size_t n = span_index(r->left, '\n');
    struct span piece = span_first(r->left, n);
    bool has_end = n < r->left.n;

    r->left = span_rest(r->left, n + 1);
    if (r->who != SPEAKER_SERVER) {
        *line = line_of(r, r->who, span_first(piece, LINE_KEPT_MAX));
        return true;
    }
    buf_put(&r->partial, span_first(piece, LINE_KEPT_MAX - r->partial.n));
    if (!has_end)
        return false;
    *line = line_of(r, SPEAKER_SERVER, buf_view(&r->partial));
    r->is_told = true;
    return true;
}

static enum smtp_speaker speaker_of(char kind)
{
    return kind == kinds[0] ? SPEAKER_SERVER : kind == kinds[1] ? SPEAKER_CLIENT : SPEAKER_REMARK;
}

bool smtp_dialogue_next(struct smtp_dialogue_reader *r, struct smtp_dialogue_line *line)
{
    char kind;
    uint64_t n;

    if (r->is_told)
        buf_clear(&r->partial);
    r->is_told = false;
    for (;;) {
        while (r->left.n > 0)
            if (take_line(r, line))
                return true;
        if (!take_record(r, &kind, &n))
            return false;
        if (kind == KIND_CONTENT || kind == KIND_CUT) {
            *line = note_of(r, kind, n);
            return true;
        }
        r->who = speaker_of(kind);
    }
}

bool smtp_dialogue_rest(struct smtp_dialogue_reader *r, struct smtp_dialogue_line *line)
{
    if (r->is_told || r->partial.n == 0)
        return false;
    *line = line_of(r, SPEAKER_SERVER, buf_view(&r->partial));
    r->is_told = true;
    return true;
}

const char *smtp_speaker_name(enum smtp_speaker who)
{
    static const char *const names[] = { "server", "client", "postroom" };

    return names[who];
}
