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
#include "crypto/secret.h"

enum { LINE_ROOM = 200 };

static bool read_key(struct span line, struct secret_key *ret_key)
{
    struct span rest = span_trim(line);
    struct span number = span_take_until(&rest, ' ');
    struct buf bytes;
    int64_t value;
    bool fine;

    buf_init(&bytes, LINE_ROOM);
    fine = text_to_integer(number, 1, UINT8_MAX, &value) && hex_read(&bytes, span_trim(rest)) &&
           bytes.n == SECRET_SIZE;
    if (fine) {
        ret_key->number = (uint8_t)value;
        memcpy(ret_key->bytes, bytes.at, SECRET_SIZE);
    }
    if (bytes.at != NULL)
        secret_wipe(bytes.at, bytes.n);
    buf_fini(&bytes);
    return fine;
}

static bool is_taken(const struct secret_keys *keys, uint8_t number)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->at[i].number == number)
            return true;
    return false;
}

static bool read_lines(FILE *file, char line[LINE_ROOM], struct secret_keys *keys,
                       struct error *err)
{
    int number = 0;

    while (fgets(line, LINE_ROOM, file) != NULL) {
        struct secret_key *key = &keys->at[keys->count];

        number++;
        if (span_trim(span_of(line)).n == 0 && keys->count > 0)
            continue;
        if (keys->count == SECRET_KEYS_MOST)
            return error_set(err, ERROR_LIMIT, "line %d: there may be %d keys", number,
                             SECRET_KEYS_MOST);
        if (!read_key(span_of(line), key))
            return error_set(err, ERROR_INVALID, "line %d: must be a number and %d bytes in hex",
                             number, SECRET_SIZE);
        if (is_taken(keys, key->number))
            return error_set(err, ERROR_INVALID, "line %d: there is a key %d already", number,
                             key->number);
        keys->count++;
    }
    return keys->count > 0 || error_set(err, ERROR_INVALID, "there is no key in it");
}

bool secret_file_read(const char *path, struct secret_keys *ret_keys, struct error *err)
{
    CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
    char line[LINE_ROOM] = "";
    struct secret_keys keys = { 0 };
    bool fine;

    if (file == NULL)
        return error_set_errno(err, errno,
                               "the token secret %s (put back the one of the backup; a new one is "
                               "a line of 1 and %d random bytes in hex)",
                               path, SECRET_SIZE);
    (void)setvbuf(file, NULL, _IONBF, 0); /* no copy of the keys is left in a buffer */
    fine = read_lines(file, line, &keys, err);
    secret_wipe(line, sizeof(line));
    if (fine)
        *ret_keys = keys;
    secret_keys_wipe(&keys);
    return fine || error_wrap(err, "%s", path);
}

void secret_keys_wipe(struct secret_keys *keys)
{
    secret_wipe(keys, sizeof(*keys));
}

struct hmac *secret_keys_hmac(const struct secret_keys *keys)
{
    return hmac_new((struct span){ (const char *)keys->at[0].bytes, SECRET_SIZE });
}
