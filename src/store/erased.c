/*
 * Rows of erased, and their key in meta, which is made with the first of them.
 */
#include "store/erased.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/random.h"
#include "crypto/hmac.h"
#include "store/db.h"

enum { KEY_SIZE = 32, KEY_TEXT_SIZE = 2 * KEY_SIZE };

static bool make_key(struct db *db, struct buf *key, struct error *err)
{
    CLEANUP(buf_fini) struct buf text;
    char bytes[KEY_SIZE];

    buf_init(&text, KEY_TEXT_SIZE);
    random_secret(bytes, sizeof bytes);
    buf_put(key, (struct span){ bytes, sizeof bytes });
    hex_put(&text, buf_view(key));
    return db_run(db, err, SQL("INSERT INTO meta (key, value) VALUES ('erased_key', $1)"),
                  db_text(buf_view(&text)));
}

/* Leaves `key` empty when there is none. */
static bool read_key(struct db *db, struct buf *key, struct error *err)
{
    char *text = NULL;
    bool found;
    bool fine;

    if (!db_find_text(db, err, &found, &text, SQL("SELECT value FROM meta WHERE key = $1"),
                      db_string("erased_key")))
        return false;
    fine = !found || hex_read(key, span_of(text)) ||
           error_set(err, ERROR_INTERNAL, "the store's erased_key is broken");
    alloc_free(text);
    return fine;
}

static void hash_of(struct span key, struct span normal, unsigned char code[HMAC_SIZE])
{
    struct hmac *hmac = hmac_new(key);

    hmac_sum(hmac, normal, code);
    hmac_free(hmac);
}

bool erased_put(struct db *db, struct span normal, int64_t now_ms, struct error *err)
{
    CLEANUP(buf_fini) struct buf key;
    unsigned char code[HMAC_SIZE];

    buf_init(&key, KEY_SIZE);
    if (!read_key(db, &key, err) || (buf_view(&key).n == 0 && !make_key(db, &key, err)))
        return false;
    hash_of(buf_view(&key), normal, code);
    return db_run(db, err,
                  SQL("INSERT INTO erased (hash, at) VALUES ($1, $2) "
                      "ON CONFLICT (hash) DO NOTHING"),
                  db_blob((struct span){ (const char *)code, sizeof code }), db_int(now_ms));
}

bool erased_knows(struct db *db, struct span normal, bool *ret_known, struct error *err)
{
    CLEANUP(buf_fini) struct buf key;
    unsigned char code[HMAC_SIZE];
    int64_t at;

    buf_init(&key, KEY_SIZE);
    if (!read_key(db, &key, err))
        return false;
    *ret_known = false;
    if (buf_view(&key).n == 0)
        return true;
    hash_of(buf_view(&key), normal, code);
    return db_find_int(db, err, ret_known, &at, SQL("SELECT at FROM erased WHERE hash = $1"),
                       db_blob((struct span){ (const char *)code, sizeof code }));
}
