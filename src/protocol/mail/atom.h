/*
 * Atoms (RFC 5322 section 3.2.3): the words of addresses, identities and display names.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_ATOM_H
#define POSTROOM_PROTOCOL_MAIL_ATOM_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/span.h"

/* atom_has tells whether an atom may hold the ASCII character `c`. */
MUST_USE bool atom_has(char c);

/* atom_is_dotted tells whether `s` is atoms joined by single dots. */
MUST_USE bool atom_is_dotted(struct span s);

#endif
