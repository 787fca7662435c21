/*
 * Files are read whole, within a bound.
 */
#include "app/key_pair.h"

#include <errno.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/span.h"
#include "crypto/secret.h"

enum { PEM_LIMIT = 256 * 1024 };

static bool read_pem(const char *path, char **ret_text, struct error *err)
{
    CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
    CLEANUP(buf_fini) struct buf text;
    char *room;

    buf_init(&text, PEM_LIMIT);
    if (file == NULL)
        return error_set_errno(err, errno, "opening %s", path);
    room = buf_reserve(&text, PEM_LIMIT);
    buf_advance(&text, fread(room, 1, PEM_LIMIT, file));
    if (ferror(file) != 0 || feof(file) == 0)
        return error_set(err, ERROR_INVALID, "%s cannot be read, or is no certificate or key",
                         path);
    *ret_text = buf_take_text(&text);
    return true;
}

bool key_pair_read(const char *section, const char *certificate, const char *key,
                   struct key_pair *ret_pair, struct error *err)
{
    struct key_pair pair = { NULL, NULL };

    if ((certificate == NULL) != (key == NULL))
        return error_set(err, ERROR_INVALID,
                         "%s.certificate and %s.key go together: one is missing", section, section);
    if (certificate != NULL &&
        (!read_pem(certificate, &pair.certificate, err) || !read_pem(key, &pair.key, err))) {
        key_pair_wipe(&pair);
        return error_wrap(err, "%s.certificate, %s.key", section, section);
    }
    *ret_pair = pair;
    return true;
}

bool key_pair_equal(const struct key_pair *a, const struct key_pair *b)
{
    return span_equal(span_of(a->certificate), span_of(b->certificate)) &&
           span_equal(span_of(a->key), span_of(b->key));
}

void key_pair_wipe(struct key_pair *pair)
{
    if (pair->key != NULL)
        secret_wipe(pair->key, span_of(pair->key).n);
    alloc_free(pair->key);
    alloc_free(pair->certificate);
    *pair = (struct key_pair){ NULL, NULL };
}
