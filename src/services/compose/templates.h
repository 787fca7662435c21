/*
 * Requests about templates: template.list, template.show, template.set, template.reset. The
 * templates are those of the settings' folder as its files are now, over the built-in ones, and
 * those of the store over both.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_TEMPLATES_H
#define POSTROOM_SERVICES_COMPOSE_TEMPLATES_H

#include "services/request/request.h"

enum { TEMPLATE_REVISIONS_SHOWN = 50 };

/* templates_list gives {"templates": [...]} with name, language, revision and where subject, text
 * and html are from, and {"partials": [...]}. With `for`, a kind, the templates in the order in
 * which mail about that kind tries them, with whom each is for. Reads. */
request_handler templates_list;

/* templates_show gives the parts of the template `name` in `language` (English), with their
 * sources and the newest TEMPLATE_REVISIONS_SHOWN revisions; with `revision`, that one as it was.
 * Reads. */
request_handler templates_show;

/* templates_set takes `source` for the `part` (text) of the template `name` in `language`. All
 * templates must be good with it, else nothing changes; mail composed from then on is made with
 * it. Answers with the file's name and the templates that have a new revision. */
request_handler templates_set;

/* templates_reset takes back what was set: of the template `name` in `language` all parts, or the
 * one named. Answers with the names of the files. */
request_handler templates_reset;

#endif
