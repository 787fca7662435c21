/*
 * Header fields (RFC 5322 section 2.2), other scripts by RFC 2047, parameters by RFC 2231 (see
 * parameter.c). Not a reader of headers.
 */
#include "protocol/mail/header.h"

#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/mail/clean.h"
#include "protocol/mail/date.h"
#include "protocol/mail/encoded_word.h"
#include "protocol/mail/fold.h"
#include "protocol/mail/message_id.h"
#include "protocol/mail/parameter_internal.h"
#include "protocol/mail/phrase.h"

/* Values are cut here: beyond it no reader shows them, and receivers refuse huge headers. */
enum { VALUE_MOST = 8000, PLAIN_WORD_MOST = 60 };

/* A word has no place to fold; with its field's name it must fit into a line of 998. */
enum { LINE_WORD_MOST = 900 };

bool header_name_is_valid(struct span name)
{
    if (name.n == 0 || name.n > HEADER_NAME_MOST)
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (name.at[i] < 33 || name.at[i] > 126 || name.at[i] == ':')
            return false;
    return true;
}

static void start(struct fold *f, struct buf *to, const char *name)
{
    assert(header_name_is_valid(span_of(name)));
    fold_start(f, to, name);
}

/* Makes `line` the clean form of `text`, cut at a whole character. */
static void clean(struct buf *line, struct span text)
{
    size_t n = text.n < VALUE_MOST ? text.n : VALUE_MOST;

    while (n < text.n && n > 0 && ((unsigned char)text.at[n] & 0xc0) == 0x80)
        n--;
    buf_init(line, VALUE_MOST * 3);
    clean_put_line(line, span_first(text, n));
}

/* What a reader could take for an encoded-word is encoded, and so are words too long for a line
 * and spaces that unfolding might lose. */
static bool must_be_encoded(struct span word)
{
    return word.n == 0 || word.n > PLAIN_WORD_MOST || !text_is_ascii(word) ||
           span_find(word, SPAN("=?")) < word.n;
}

/* Finds the stretch from the first to the last word that must be encoded; false when all may stay
 * plain. An empty word, between two spaces, draws in its neighbours. */
static bool find_stretch(struct span line, size_t *ret_from, size_t *ret_to)
{
    struct span rest = line;
    size_t before = 0; /* start of the word before */
    bool drawn_in = false;
    bool found = false;

    while (rest.n > 0) {
        struct span word = span_take_until(&rest, ' ');
        size_t from = (size_t)(word.at - line.at);

        if (must_be_encoded(word) || drawn_in) {
            if (!found)
                *ret_from = word.n == 0 ? before : from;
            *ret_to = from + word.n;
            drawn_in = word.n == 0;
            found = true;
        }
        before = from;
    }
    return found;
}

static void put_words(struct fold *f, struct span line)
{
    while (line.n > 0) {
        struct span word = span_take_until(&line, ' ');

        while (word.n > 0) {
            fold_word(f, span_first(word, LINE_WORD_MOST));
            word = span_rest(word, LINE_WORD_MOST);
        }
    }
}

static void put_text(struct fold *f, struct span line)
{
    size_t from;
    size_t to;

    if (!find_stretch(line, &from, &to)) {
        put_words(f, line);
        return;
    }
    put_words(f, span_first(line, from));
    encoded_word_put(f, span_rest(span_first(line, to), from));
    put_words(f, span_rest(line, to));
}

void header_put_text(struct buf *to, const char *name, struct span text)
{
    CLEANUP(buf_fini) struct buf line;
    struct fold f;

    clean(&line, text);
    start(&f, to, name);
    put_text(&f, buf_view(&line));
    fold_end(&f);
}

void header_put_structured(struct buf *to, const char *name, struct span value)
{
    CLEANUP(buf_fini) struct buf line;
    struct fold f;

    clean(&line, value);
    for (size_t i = 0; i < line.n; i++)
        if ((unsigned char)line.at[i] >= 128)
            line.at[i] = '?';
    start(&f, to, name);
    put_words(&f, buf_view(&line));
    fold_end(&f);
}

void header_put_date(struct buf *to, const char *name, int64_t utc_ms, int offset_minutes)
{
    CLEANUP(buf_fini) struct buf date;

    buf_init(&date, 100);
    date_put(&date, utc_ms, offset_minutes);
    header_put_structured(to, name, buf_view(&date));
}

static void put_mailbox(struct fold *f, const struct mailbox *mailbox)
{
    CLEANUP(buf_fini) struct buf name;
    CLEANUP(buf_fini) struct buf address;

    clean(&name, mailbox->name);
    buf_init(&address, ADDRESS_MOST + 2);
    if (name.n == 0) {
        address_put(&address, mailbox->address);
        fold_word(f, buf_view(&address));
        return;
    }
    phrase_put(f, buf_view(&name));
    buf_put_byte(&address, '<');
    address_put(&address, mailbox->address);
    buf_put_byte(&address, '>');
    fold_word(f, buf_view(&address));
}

void header_put_mailboxes(struct buf *to, const char *name, const struct mailbox *mailboxes,
                          size_t count)
{
    struct fold f;

    assert(count > 0);
    start(&f, to, name);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            fold_attach(&f, SPAN(","));
        put_mailbox(&f, &mailboxes[i]);
    }
    fold_end(&f);
}

void header_put_message_ids(struct buf *to, const char *name, const struct span *ids, size_t count)
{
    struct fold f = { 0 };

    for (size_t i = 0; i < count; i++) {
        bool kept = i == 0 || count - i < HEADER_REFERENCES_MOST;

        if (!kept || !message_id_is_valid(ids[i]))
            continue;
        if (f.to == NULL)
            start(&f, to, name);
        fold_word(&f, ids[i]);
    }
    if (f.to != NULL)
        fold_end(&f);
}

static void put_uri(struct buf *word, struct span uri)
{
    buf_put_byte(word, '<');
    for (size_t i = 0; i < uri.n; i++) {
        unsigned char c = (unsigned char)uri.at[i];

        if (c <= 32 || c >= 127 || strchr("<>\"\\^`{|}", c) != NULL)
            buf_printf(word, "%%%02X", (unsigned)c);
        else
            buf_put_byte(word, (char)c);
    }
    buf_put_byte(word, '>');
}

void header_put_uris(struct buf *to, const char *name, const struct span *uris, size_t count)
{
    CLEANUP(buf_fini) struct buf word;
    struct fold f = { 0 };

    buf_init(&word, LINE_WORD_MOST);
    for (size_t i = 0; i < count; i++) {
        buf_clear(&word);
        put_uri(&word, uris[i]);
        if (word.overflown)
            continue;
        if (f.to == NULL)
            start(&f, to, name);
        else
            fold_attach(&f, SPAN(","));
        fold_word(&f, buf_view(&word));
    }
    if (f.to != NULL)
        fold_end(&f);
}

void header_put_parameters(struct buf *to, const char *name, const char *value,
                           const struct parameter *parameters, size_t count)
{
    struct fold f;

    start(&f, to, name);
    fold_word(&f, span_of(value));
    for (size_t i = 0; i < count; i++)
        parameter_put(&f, &parameters[i]);
    fold_end(&f);
}
