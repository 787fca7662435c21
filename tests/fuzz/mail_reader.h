/*
 * A reader of mail for the fuzz targets: small, strict, and of another hand than what it judges.
 * It asserts the form of what it reads, and gives the values that were to be written.
 */
#ifndef POSTROOM_TESTS_FUZZ_MAIL_READER_H
#define POSTROOM_TESTS_FUZZ_MAIL_READER_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

enum { MAIL_READER_LINE_MOST = 998 };

/* mail_reader_field asserts that `field` is exactly one header field called `name`: printable
 * ASCII in folded lines that end with CRLF; gives its value without line ends. */
void mail_reader_field(struct span field, const char *name, struct buf *ret_value);

/* mail_reader_take_field cuts the next field with its continuation lines off a header. */
MUST_USE struct span mail_reader_take_field(struct span *header);

/* mail_reader_text decodes the encoded-words of an unstructured value or a phrase without quotes,
 * and asserts their form. */
void mail_reader_text(struct span value, struct buf *to);

/* mail_reader_phrase decodes the display name before an angle bracket. */
void mail_reader_phrase(struct span phrase, struct buf *to);

/* mail_reader_parameter decodes the value of one parameter, in pieces or not, by RFC 2231; false
 * when the field has none of that name. */
MUST_USE bool mail_reader_parameter(struct span value, const char *name, struct buf *to);

/* mail_reader_body decodes a body by the name of its transfer encoding. */
void mail_reader_body(struct span encoding, struct span body, struct buf *to);

/* mail_reader_lines is what a text must come out as: CRLF after each line, no NUL, U+FFFD for
 * each byte that is not UTF-8. */
void mail_reader_lines(struct span text, struct buf *to);

#endif
