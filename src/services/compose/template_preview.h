/*
 * The request template.preview: a mail as somebody would get it, without making one.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_TEMPLATE_PREVIEW_H
#define POSTROOM_SERVICES_COMPOSE_TEMPLATE_PREVIEW_H

#include "services/request/request.h"

/* template_preview makes the mail of the template `name`, or of the one that the kind `kind` gets,
 * or that the event `event` gets, in `language`, which is the person's first unless given: of that
 * event for `person`, else of the sample of the kind, else of the built-in one. Answers with
 * template, language, subject and `content`: the `part` plain (default), html, headers or raw.
 * With a person who would not be told, `because` says why not. Reads. */
request_handler template_preview;

#endif
