/*
 * The DNS record of a DKIM key (RFC 6376 section 3.6.1, RFC 8463).
 */
#ifndef POSTROOM_PROTOCOL_DKIM_KEY_RECORD_H
#define POSTROOM_PROTOCOL_DKIM_KEY_RECORD_H

#include "base/buf.h"
#include "protocol/dkim/sign.h"

/* dkim_key_record_put_name appends the name it is published at, without a dot at its end. */
void dkim_key_record_put_name(struct buf *to, const struct dkim_key *key);

/* dkim_key_record_put_value appends the whole text as a verifier sees it. */
void dkim_key_record_put_value(struct buf *to, const struct dkim_key *key);

/* dkim_key_record_put_zone appends a line for a zone file, the text cut in strings of at most 255
 * bytes. */
void dkim_key_record_put_zone(struct buf *to, const struct dkim_key *key);

#endif
