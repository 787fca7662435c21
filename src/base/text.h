/*
 * Questions about text: is it UTF-8, is it a number, a duration, a moment; and their writing.
 */
#ifndef POSTROOM_BASE_TEXT_H
#define POSTROOM_BASE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

/* text_is_ascii is true when no byte is above 127; text_is_utf8 when RFC 3629 allows it: no
 * overlong forms, no surrogates, nothing above U+10FFFF. */
MUST_USE bool text_is_ascii(struct span s);
MUST_USE bool text_is_utf8(struct span s);

/* text_utf8_length gives how many bytes (1 to 4) the valid character at the start of `s` has,
 * 0 when `s` is empty or starts with no valid character; `ret_rune` may be NULL. */
MUST_USE size_t text_utf8_length(struct span s, uint32_t *ret_rune);

/* text_has_control is true when a byte below 32 or 127 occurs, TAB included. */
MUST_USE bool text_has_control(struct span s);

/* text_put_visible writes `s` so that no terminal and no log can act on it: C0 and C1 controls,
 * DEL and bytes that are no UTF-8 become \xHH. */
void text_put_visible(struct buf *to, struct span s);

/* text_put_json writes `s` as a JSON string with its quotes; bytes that are no UTF-8 become
 * U+FFFD. */
void text_put_json(struct buf *to, struct span s);

/* text_to_integer reads the whole of `s` as a decimal integer with optional '-', in
 * [least, most]; false for anything else. */
MUST_USE bool text_to_integer(struct span s, int64_t least, int64_t most, int64_t *ret_value);

/* text_to_duration reads "90s", "5m", "36h", "7d", "250ms" or "0" into milliseconds; a sum such
 * as "1h30m" is allowed, a sign or a number without unit (but 0) is not. */
MUST_USE bool text_to_duration(struct span s, int64_t *ret_ms);

/* text_put_duration writes milliseconds the same way: "5m", "1h30m", "1.5s" as "1s500ms". */
void text_put_duration(struct buf *to, int64_t ms);

/* text_to_time reads an RFC 3339 moment ("2026-11-24T18:00:00Z", "...+01:00", a space for the T,
 * seconds and fractions optional) into UTC milliseconds. */
MUST_USE bool text_to_time(struct span s, int64_t *ret_utc_ms);

/* text_put_time writes UTC milliseconds as "2026-11-24T18:00:00.000Z". */
void text_put_time(struct buf *to, int64_t utc_ms);

#endif
