/*
 * Reading the secret; the bytes are wiped from where they passed.
 */
#include "app/secret_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/span.h"
#include "base/text.h"
#include "crypto/hmac.h"

enum { LINE_ROOM = 200 };

static bool read_first_key(struct span line, struct buf *ret_key)
{
    struct span rest = span_trim(line);
    struct span number = span_take_until(&rest, ' ');
    int64_t value;

    return text_to_integer(number, 1, UINT8_MAX, &value) && hex_read(ret_key, span_trim(rest)) &&
           ret_key->n == SECRET_SIZE;
}

bool secret_file_hmac(const char *path, struct hmac **ret_hmac, struct error *err)
{
    CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
    char line[LINE_ROOM] = "";
    struct buf key;
    bool ok;

    if (file == NULL)
        return error_set_errno(err, errno, "opening the secret %s (`postroom init` makes one)",
                               path);
    buf_init(&key, LINE_ROOM);
    ok = fgets(line, sizeof(line), file) != NULL && read_first_key(span_of(line), &key);
    if (ok)
        *ret_hmac = hmac_new(buf_view(&key));
    explicit_bzero(line, sizeof(line));
    if (key.at != NULL)
        explicit_bzero(key.at, key.n);
    buf_fini(&key);
    return ok || error_set(err, ERROR_INVALID, "%s: line 1: must be a number and %d bytes in hex",
                           path, SECRET_SIZE);
}
