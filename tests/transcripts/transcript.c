/*
 * Reads dialogues. Escapes in what the two sides say: \r \n \t \0 \\ \xHH; a line gets its CR LF
 * unless it ends in \c. On the server's lines " / " stands between replies of one block.
 */
#include "tests/transcripts/transcript.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encodings.h"

enum { TRANSCRIPT_SIZE_MAX = 1 << 20, TRANSCRIPT_ITEMS_MAX = 400 };

static bool read_file(const char *path, struct buf *to, struct error *err)
{
    CLEANUP(cleanup_file) FILE *file = fopen(path, "re");

    if (file == NULL)
        return error_set_errno(err, errno, "opening %s", path);
    for (;;) {
        char *at = buf_reserve(to, 4096);
        size_t n;

        if (at == NULL)
            return error_set(err, ERROR_LIMIT, "%s is too long", path);
        n = fread(at, 1, 4096, file);
        buf_advance(to, n);
        if (n == 0)
            return true;
    }
}

/* Puts the byte that an escape stands for; gives how long the escape is. */
static size_t put_escape(struct buf *to, struct span escape)
{
    static const char names[] = "rnt0\\";
    static const char bytes[] = "\r\n\t\0\\";
    const char *name = escape.n > 1 ? memchr(names, escape.at[1], sizeof(names) - 1) : NULL;

    if (name != NULL) {
        buf_put_byte(to, bytes[name - names]);
        return 2;
    }
    if (escape.n > 3 && escape.at[1] == 'x' && hex_read(to, (struct span){ escape.at + 2, 2 }))
        return 4;
    buf_put_byte(to, '\\');
    return 1;
}

static void put_unescaped(struct buf *to, struct span text)
{
    while (text.n > 0) {
        size_t n = span_index(text, '\\');

        buf_put(to, span_first(text, n));
        text = span_rest(text, n);
        if (text.n > 0)
            text = span_rest(text, put_escape(to, text));
    }
}

/* One line of speech: with CR LF, or as it stands when it ends in \c. */
static void put_line(struct buf *to, struct span text)
{
    bool open = span_ends(text, SPAN("\\c"));

    put_unescaped(to, open ? span_first(text, text.n - 2) : text);
    if (!open)
        buf_put(to, SPAN("\r\n"));
}

static void put_server_line(struct buf *to, struct span line)
{
    for (;;) {
        size_t n = span_find(line, SPAN(" / "));

        put_line(to, span_first(line, n));
        if (n == line.n)
            return;
        line = span_rest(line, n + 3);
    }
}

static bool is_mark(struct span text)
{
    return span_starts(text, SPAN("<")) && span_ends(text, SPAN(">"));
}

static void add_speech(struct arena *arena, struct transcript *t, struct item item, bool server)
{
    struct item *last = t->count > 0 ? &t->items[t->count - 1] : NULL;
    CLEANUP(buf_fini) struct buf bytes;

    buf_init(&bytes, TRANSCRIPT_SIZE_MAX);
    item.kind = server ? ITEM_SERVER : ITEM_CLIENT;
    item.text = span_trim(span_rest(item.text, 2));
    item.mark = is_mark(item.text);
    if (item.mark) {
        t->items[t->count++] = item;
        return;
    }
    if (server && last != NULL && last->kind == ITEM_SERVER && !last->mark) {
        buf_put(&bytes, last->text);
        t->count--;
    }
    if (server)
        put_server_line(&bytes, item.text);
    else
        put_line(&bytes, item.text);
    item.text = arena_copy(arena, buf_view(&bytes));
    t->items[t->count++] = item;
}

bool transcript_read(const char *path, struct arena *arena, struct transcript *ret_transcript,
                     struct error *err)
{
    struct transcript t = { .path = path };
    CLEANUP(buf_fini) struct buf file;
    struct span rest;

    buf_init(&file, TRANSCRIPT_SIZE_MAX);
    if (!read_file(path, &file, err))
        return false;
    t.items = ARENA_ARRAY(arena, struct item, TRANSCRIPT_ITEMS_MAX);
    rest = arena_copy(arena, buf_view(&file));
    for (int line = 1; rest.n > 0; line++) {
        struct item item = { .kind = ITEM_ORDER, .line = line };

        item.text = span_trim(span_take_until(&rest, '\n'));
        if (span_empty(item.text) || item.text.at[0] == '#')
            continue;
        if (t.count == TRANSCRIPT_ITEMS_MAX)
            return error_set(err, ERROR_LIMIT, "%s has too many lines", path);
        if (span_starts(item.text, SPAN("S:")) || span_starts(item.text, SPAN("C:")))
            add_speech(arena, &t, item, item.text.at[0] == 'S');
        else
            t.items[t.count++] = item;
    }
    *ret_transcript = t;
    return true;
}

struct span transcript_unescape(struct arena *arena, struct span text)
{
    CLEANUP(buf_fini) struct buf bytes;

    buf_init(&bytes, TRANSCRIPT_SIZE_MAX);
    put_unescaped(&bytes, text);
    return arena_copy(arena, buf_view(&bytes));
}

struct span transcript_word(struct span *order)
{
    *order = span_trim(*order);
    return span_take_until(order, ' ');
}
