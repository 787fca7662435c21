/*
 * Is a text fit to stand in a line of a mail, or to be a link?
 */
#ifndef POSTROOM_SERVICES_REQUEST_PLAIN_TEXT_H
#define POSTROOM_SERVICES_REQUEST_PLAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

enum { URL_LIMIT = 2000 };

/* plain_line_check fails, naming `field`, when `text` has more than `limit` bytes, is no UTF-8 or
 * holds a control character. */
MUST_USE bool plain_line_check(struct span text, const char *field, size_t limit,
                               struct error *err);

/* plain_url_check fails unless `url` is an http or https URL of printable ASCII, at most URL_LIMIT
 * bytes. */
MUST_USE bool plain_url_check(struct span url, const char *field, struct error *err);

#endif
