/*
 * The attachments of an event as an application writes them.
 */
#ifndef POSTROOM_SERVICES_INTAKE_ATTACHMENT_DRAFT_H
#define POSTROOM_SERVICES_INTAKE_ATTACHMENT_DRAFT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "domain/attachment.h"
#include "services/request/request.h"

#define ATTACHMENT_DRAFT_FIELDS "name type content inline"

/* attachment_draft_read reads the request's field "attachments" within the limits of the settings;
 * contents are decoded into the arena. */
MUST_USE bool attachment_draft_read(const struct request *request, struct arena *arena,
                                    struct attachment_list *ret_attachments, struct error *err);

/* attachment_draft_octets counts the bytes of the contents as they are written in the event, which
 * have a limit of their own. */
MUST_USE size_t attachment_draft_octets(const json_t *event);

/* attachment_draft_octets_most gives how many they may be. */
MUST_USE size_t attachment_draft_octets_most(const struct settings *settings);

#endif
