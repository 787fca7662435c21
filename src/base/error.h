/*
 * Our own failures: a kind that decides exit code, HTTP status and "retry or not", the system's
 * errno when there was one, and one sentence that grows on the way up, the way a person would
 * tell it: "signing domain example.org: opening /etc/dkim.pem: No such file or directory".
 *
 * A function that can fail returns bool, is MUST_USE and takes a struct error as last argument,
 * which it fills when it returns false. What a mail server answered is data, not an error.
 */
#ifndef POSTROOM_BASE_ERROR_H
#define POSTROOM_BASE_ERROR_H

#include <stdbool.h>

#include "base/compiler.h"

enum error_kind {
    ERROR_INVALID = 1, /* the caller's input is wrong */
    ERROR_NOT_FOUND,   /* what was named does not exist */
    ERROR_CONFLICT,    /* exists already, ambiguous, or not in a state that allows it */
    ERROR_LIMIT,       /* over a named limit */
    ERROR_TEMPORARY,   /* may work later */
    ERROR_IO,          /* the system refused: disk, socket, permission */
    ERROR_INTERNAL     /* a fault of ours */
};

struct error {
    enum error_kind kind;
    int system_errno; /* 0 when the system said nothing */
    char text[600];   /* never empty after a failure, ends in NUL, cut when too long */
};

/* error_set fills `err` and returns false, so that a failure is one statement. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* error_set_errno is error_set with ERROR_IO and ": " + the text of `system_errno` at the end. */
bool error_set_errno(struct error *err, int system_errno, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* error_wrap puts "context: " before the sentence and returns false; the kind stays. */
bool error_wrap(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same, so written that compilers and analyzers see the `false`: after a call that succeeded
 * they then know its results to be set. */
#define error_set(...) (error_set(__VA_ARGS__), false)
#define error_set_errno(...) (error_set_errno(__VA_ARGS__), false)
#define error_wrap(...) (error_wrap(__VA_ARGS__), false)

/* error_exit_code gives the sysexits.h code for a command that ends with this kind. */
MUST_USE int error_exit_code(enum error_kind kind);

/* error_kind_name gives the kind's name for JSON answers: "invalid", "not_found", ... */
MUST_USE const char *error_kind_name(enum error_kind kind);

#endif
