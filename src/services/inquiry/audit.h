/*
 * Looking at the audit.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_AUDIT_H
#define POSTROOM_SERVICES_INQUIRY_AUDIT_H

#include "services/request/request.h"

/* audit_show lists who changed what, the latest first: by, subject, since, before, limit. */
request_handler audit_show;

#endif
