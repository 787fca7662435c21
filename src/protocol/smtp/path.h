/*
 * An address as it may stand between the angle brackets of MAIL and RCPT. This is the last guard
 * before the wire, not the judge of addresses (that is protocol/mail): whatever came in, nothing
 * that passes here can end the command or add a parameter to it.
 */
#ifndef POSTROOM_PROTOCOL_SMTP_PATH_H
#define POSTROOM_PROTOCOL_SMTP_PATH_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/span.h"

enum { SMTP_PATH_MAX = 254 }; /* octets without the brackets: RFC 5321, 4.5.3.1.3 */

/* smtp_path_safe is true for an address of 3 to 254 octets with an @, valid UTF-8, no control
 * bytes, and blanks, brackets and commas only inside a quoted local part. */
MUST_USE bool smtp_path_safe(struct span address);

#endif
