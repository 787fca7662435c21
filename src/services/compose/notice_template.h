/*
 * One revision of a template of notices or digests: subject, text and HTML, compiled. Its source is
 * one JSON object {"subject", "text", "html", "partials"}, so that a revision in the store is
 * whole: a letter can be made again as it was, whatever became of the files. Partials have their
 * files' names.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_NOTICE_TEMPLATE_H
#define POSTROOM_SERVICES_COMPOSE_NOTICE_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "crypto/digest.h"
#include "services/compose/template.h"

struct json_t; /* jansson's */

/* The name whose templates are for all kinds that have none of their own. */
#define TEMPLATE_NAME_NOTICE "notice"

/* The one name whose templates are for mails of several threads. */
#define TEMPLATE_NAME_DIGEST "digest"

enum { TEMPLATE_NAME_MOST = 60, TEMPLATE_LANGUAGE_MOST = 35 };

/* What files without a language in their name are in. */
#define TEMPLATE_LANGUAGE_DEFAULT "en"

struct notice_template {
    int64_t revision; /* in the store; 0 until it was taken in */
    char *name;       /* "notice" */
    char *language;   /* "de"; "en" when the files name none */
    bool is_digest;   /* made for mails of several threads: digest_model, else notice_model */
    char *source;     /* the JSON */
    unsigned char digest[DIGEST_SIZE];
    struct template *subject;
    struct template *text;
    struct template *html; /* NULL: mails are plain text */
    struct json_t *parsed; /* what the programs borrow from */
};

/* notice_template_make compiles a source; the error names file and line. */
MUST_USE bool notice_template_make(const char *name, const char *language, struct span source,
                                   struct notice_template **ret_template, struct error *err);

/* notice_template_free frees it; NULL is allowed. */
void notice_template_free(struct notice_template *t);

#endif
