/*
 * Filling and growing of struct error.
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/span.h"
#include "base/text.h"

/* A sentence that was cut must not end inside a character. */
static void end_whole(struct error *err)
{
    size_t n = strlen(err->text);
    size_t start = n;

    if (n + 1 < sizeof(err->text))
        return;
    do
        start--;
    while (start > n - 4 && ((unsigned char)err->text[start] & 0xc0) == 0x80);
    if (text_utf8_length((struct span){ err->text + start, n - start }, NULL) == 0)
        err->text[start] = '\0';
}

bool(error_set)(struct error *err, enum error_kind kind, const char *format, ...)
{
    va_list args;

    err->kind = kind;
    err->system_errno = 0;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    end_whole(err);
    return false;
}

bool(error_set_errno)(struct error *err, int system_errno, const char *format, ...)
{
    va_list args;
    size_t used;
    char reason[128];

    err->kind = ERROR_IO;
    err->system_errno = system_errno;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    used = strlen(err->text);
    /* the GNU strerror_r may return a static text instead of filling the buffer */
    (void)snprintf(err->text + used, sizeof(err->text) - used, ": %s",
                   strerror_r(system_errno, reason, sizeof(reason)));
    return false;
}

bool(error_wrap)(struct error *err, const char *format, ...)
{
    va_list args;
    char inner[sizeof(err->text)];
    size_t used;

    memcpy(inner, err->text, sizeof(inner));
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    used = strlen(err->text);
    (void)snprintf(err->text + used, sizeof(err->text) - used, ": %s", inner);
    end_whole(err);
    return false;
}

int error_exit_code(enum error_kind kind)
{
    switch (kind) {
    case ERROR_INVALID:
        return EX_DATAERR;
    case ERROR_NOT_FOUND:
        return EX_NOINPUT;
    case ERROR_CONFLICT:
        return EX_UNAVAILABLE;
    case ERROR_LIMIT:
        return EX_DATAERR;
    case ERROR_TEMPORARY:
        return EX_TEMPFAIL;
    case ERROR_IO:
        return EX_IOERR;
    case ERROR_INTERNAL:
        return EX_SOFTWARE;
    }
    return EX_SOFTWARE;
}

const char *error_kind_name(enum error_kind kind)
{
    switch (kind) {
    case ERROR_INVALID:
        return "invalid";
    case ERROR_NOT_FOUND:
        return "not_found";
    case ERROR_CONFLICT:
        return "conflict";
    case ERROR_LIMIT:
        return "limit";
    case ERROR_TEMPORARY:
        return "temporary";
    case ERROR_IO:
        return "io";
    case ERROR_INTERNAL:
        return "internal";
    }
    return "internal";
}
