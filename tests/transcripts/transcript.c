/*
 * Reads dialogues. Escapes in what the two sides say: \r \n \t \0 \\ \xHH; a line gets its CR LF
 * unless it ends in \c. On the lines of the side that is fed to the machine " / " stands between
 * replies of one block.
 */
#include "tests/transcripts/transcript.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "tests/support/cmocka.h"

enum { TRANSCRIPT_SIZE_MAX = 1 << 20, TRANSCRIPT_ITEMS_MAX = 400, FILES_MAX = 200 };

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

static void put_peer_lines(struct buf *to, struct span line)
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

static void add_speech(struct arena *arena, struct transcript *t, struct item item)
{
    struct item *last = t->count > 0 ? &t->items[t->count - 1] : NULL;
    bool peer = item.kind == ITEM_PEER;
    CLEANUP(buf_fini) struct buf bytes;

    buf_init(&bytes, TRANSCRIPT_SIZE_MAX);
    item.text = span_trim(span_rest(item.text, 2));
    item.mark = is_mark(item.text);
    if (item.mark) {
        t->items[t->count++] = item;
        return;
    }
    if (peer && last != NULL && last->kind == ITEM_PEER && !last->mark) {
        buf_put(&bytes, last->text);
        t->count--;
    }
    if (peer)
        put_peer_lines(&bytes, item.text);
    else
        put_line(&bytes, item.text);
    item.text = arena_copy(arena, buf_view(&bytes));
    t->items[t->count++] = item;
}

static bool is_speech(struct span line)
{
    return span_starts(line, SPAN("S:")) || span_starts(line, SPAN("C:"));
}

bool transcript_read(const char *path, char peer, struct arena *arena,
                     struct transcript *ret_transcript, struct error *err)
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
        if (is_speech(item.text)) {
            item.kind = item.text.at[0] == peer ? ITEM_PEER : ITEM_OWN;
            add_speech(arena, &t, item);
        } else {
            t.items[t.count++] = item;
        }
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

static size_t peer_bytes(const struct item *item)
{
    return item->kind == ITEM_PEER && !item->mark ? item->text.n : 0;
}

size_t transcript_longest(const struct transcript *t)
{
    size_t longest = 0;

    for (size_t i = 0; i < t->count; i++)
        if (peer_bytes(&t->items[i]) > longest)
            longest = peer_bytes(&t->items[i]);
    return longest;
}

size_t transcript_total(const struct transcript *t)
{
    size_t total = 0;

    for (size_t i = 0; i < t->count; i++)
        total += peer_bytes(&t->items[i]);
    return total;
}

bool transcript_has(const struct transcript *t, struct span order)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].kind == ITEM_ORDER && span_equal(t->items[i].text, order))
            return true;
    return false;
}

static int is_transcript(const struct dirent *entry)
{
    return span_ends(span_of(entry->d_name), SPAN(".smtp"));
}

int transcript_tests(const char *folder, void (*holds)(void **state))
{
    static char paths[FILES_MAX][512];
    static struct CMUnitTest tests[FILES_MAX];
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_transcript, alphasort);

    assert_true(count > 0 && count <= FILES_MAX);
    for (int i = 0; i < count; i++) {
        (void)snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, entries[i]->d_name);
        tests[i] = (struct CMUnitTest)cmocka_unit_test_prestate(holds, paths[i]);
        tests[i].name = strrchr(paths[i], '/') + 1;
        free(entries[i]);
    }
    free((void *)entries);
    /* The macro wants an array whose length the compiler knows; this is what it calls. */
    return _cmocka_run_group_tests("transcripts", tests, (size_t)count, NULL, NULL);
}

struct span transcript_word(struct span *order)
{
    *order = span_trim(*order);
    return span_take_until(order, ' ');
}
