/*
 * A span is borrowed bytes: a pointer and a length, not ended by NUL. Valid as long as its owner
 * keeps the bytes where they are.
 */
#ifndef POSTROOM_BASE_SPAN_H
#define POSTROOM_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct span {
    const char *at;
    size_t n;
};

/* SPAN makes a span of a string literal. */
#define SPAN(literal) ((struct span){ "" literal, sizeof(literal) - 1 })

/* SPAN_ARGS gives printf's "%.*s" its two arguments. */
#define SPAN_ARGS(span) (int)(span).n, (span).at

/* span_of borrows a C string; NULL gives an empty span. */
MUST_USE struct span span_of(const char *text);

/* span_empty is true for a span of no bytes. */
MUST_USE bool span_empty(struct span s);

/* span_equal compares bytes. */
MUST_USE bool span_equal(struct span a, struct span b);

/* span_lower folds an ASCII capital; other bytes stay. */
MUST_USE char span_lower(char byte);

/* span_equal_nocase compares with ASCII letters folded. */
MUST_USE bool span_equal_nocase(struct span a, struct span b);

/* span_starts, span_starts_nocase and span_ends tell whether `s` begins or ends with `part`. */
MUST_USE bool span_starts(struct span s, struct span part);
MUST_USE bool span_starts_nocase(struct span s, struct span part);
MUST_USE bool span_ends(struct span s, struct span part);

/* span_index gives the offset of the first `byte`, or s.n when there is none. */
MUST_USE size_t span_index(struct span s, char byte);

/* span_last_index gives the offset of the last `byte`, or s.n when there is none. */
MUST_USE size_t span_last_index(struct span s, char byte);

/* span_find gives the offset of the first `part`, or s.n when there is none. */
MUST_USE size_t span_find(struct span s, struct span part);

/* span_find_nocase is the same with ASCII letters folded. */
MUST_USE size_t span_find_nocase(struct span s, struct span part);

/* span_first and span_rest split at `n`: the first n bytes, and what follows. */
MUST_USE struct span span_first(struct span s, size_t n);
MUST_USE struct span span_rest(struct span s, size_t n);

/* span_trim drops spaces, tabs, CR and LF at both ends. */
MUST_USE struct span span_trim(struct span s);

/* span_take_until cuts off and returns what stands before `byte`; `s` goes on after the byte.
 * Without the byte all of `s` is returned and `s` becomes empty. */
MUST_USE struct span span_take_until(struct span *s, char byte);

/* span_copy copies into `to`, which has `room` bytes, and ends it with NUL: what is too long is
 * cut, between two UTF-8 characters. */
void span_copy(struct span s, char *to, size_t room);

/* span_text gives a heap copy ended by NUL, to be freed with alloc_free. */
MUST_USE char *span_text(struct span s);

#endif
