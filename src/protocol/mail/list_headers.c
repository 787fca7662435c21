/*
 * Header fields of mail that goes to many. List-Id takes part in filters that people set up, so
 * the mapping from keys is an interface: it may not change.
 *
 * The pieces of a key between slashes become labels, the last piece first. Letters, digits and
 * "-" stand for themselves, any other byte and capitals (identities are compared without case) are
 * "_" and two hex digits, an empty piece is "_". A key too long for that gives a label of its
 * digest.
 */
#include "protocol/mail/list_headers.h"

#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "protocol/mail/clean.h"
#include "protocol/mail/fold.h"
#include "protocol/mail/header.h"
#include "protocol/mail/phrase.h"

enum { ID_MOST = 255, LABEL_MOST = 60, DIGEST_BYTES = 12 };

static void put_piece(struct buf *to, struct span piece)
{
    if (piece.n == 0)
        buf_put_byte(to, '_');
    for (size_t i = 0; i < piece.n; i++) {
        char c = piece.at[i];

        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')
            buf_put_byte(to, c);
        else
            buf_printf(to, "_%02x", (unsigned)(unsigned char)c);
    }
    buf_put_byte(to, '.');
}

static void put_pieces(struct buf *to, struct span key)
{
    for (;;) {
        size_t slash = span_last_index(key, '/');

        if (slash == key.n) {
            put_piece(to, key);
            return;
        }
        put_piece(to, span_rest(key, slash + 1));
        key = span_first(key, slash);
    }
}

/* "__" begins no label of a key. */
static void put_digest(struct buf *to, struct span key)
{
    unsigned char sum[DIGEST_SIZE];

    digest_sha256(key, sum);
    buf_put(to, SPAN("__"));
    base32_put(to, (struct span){ (const char *)sum, DIGEST_BYTES });
    buf_put_byte(to, '.');
}

void list_id_put(struct buf *to, struct span key, struct span domain)
{
    CLEANUP(buf_fini) struct buf labels;

    buf_init(&labels, domain.n < ID_MOST ? ID_MOST - domain.n : 0);
    put_pieces(&labels, key);
    if (labels.overflown)
        put_digest(to, key);
    else
        buf_put(to, buf_view(&labels));
    buf_put(to, domain);
}

void list_headers_put_id(struct buf *to, struct span label, struct span key, struct span domain)
{
    CLEANUP(buf_fini) struct buf name;
    CLEANUP(buf_fini) struct buf id;
    struct fold f;

    buf_init(&name, 8 * LABEL_MOST);
    buf_init(&id, 2 * ID_MOST);
    clean_put_line(&name, span_first(label, label.n < LABEL_MOST ? label.n : LABEL_MOST));
    buf_put_byte(&id, '<');
    list_id_put(&id, key, domain);
    buf_put_byte(&id, '>');
    fold_start(&f, to, "List-Id");
    if (text_is_ascii(buf_view(&name)) && span_find(buf_view(&name), SPAN("=?")) == name.n)
        phrase_put(&f, buf_view(&name));
    fold_word(&f, buf_view(&id));
    fold_end(&f);
}

void list_headers_put_unsubscribe(struct buf *to, struct span uri, struct span mailto_uri)
{
    const struct span uris[] = { uri, mailto_uri };

    header_put_uris(to, "List-Unsubscribe", uris, mailto_uri.n > 0 ? 2 : 1);
    if (span_starts_nocase(uri, SPAN("https://")))
        header_put_structured(to, "List-Unsubscribe-Post", SPAN("List-Unsubscribe=One-Click"));
}

void list_headers_put_automatic(struct buf *to)
{
    header_put_structured(to, "Auto-Submitted", SPAN("auto-generated"));
}
