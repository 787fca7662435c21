/*
 * Staging, `deliver: all | only LIST | redirect ADDRESS`: who really gets mail. An installation
 * that is being tried out goes all the way with real data, and nobody else hears of it.
 */
#ifndef POSTROOM_DOMAIN_STAGING_H
#define POSTROOM_DOMAIN_STAGING_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/span.h"
#include "domain/settings.h"

/* How a delivery ends that `deliver: only` leaves out: reason code and sentence. */
#define STAGING_REASON "deliver_only"
#define STAGING_SENTENCE "The address is not in deliver: only."

/* staging_allows tells whether mail for an address may leave: its form for comparing, and its
 * domain (domain/mail_address.h). */
MUST_USE bool staging_allows(const struct settings *settings, struct span normal,
                             struct span domain);

/* staging_domain gives the domain whose exchangers get the mail for `domain`: itself, or that of
 * the address all mail is redirected to. Borrowed from either. */
MUST_USE const char *staging_domain(const struct settings *settings, const char *domain);

#endif
