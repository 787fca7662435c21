/*
 * What the sender of a ready-made message wants to hear of it, in the words of RFC 3461, for those
 * who know no protocol: the store keeps it.
 */
#ifndef POSTROOM_DOMAIN_REPORT_WISH_H
#define POSTROOM_DOMAIN_REPORT_WISH_H

#include "protocol/smtp/dsn.h"

#endif
