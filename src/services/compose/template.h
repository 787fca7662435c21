/*
 * A template: source text compiled once into a program and run against values any number of
 * times. The language is described in postroom-template(5). A template reaches nothing but the
 * values it is given and the partials of its own set; what it may cost is bounded by the limits
 * here.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_TEMPLATE_H
#define POSTROOM_SERVICES_COMPOSE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "services/compose/value.h"

enum {
    TEMPLATE_OPS_MOST = 8192,           /* steps of one program, partials included */
    TEMPLATE_DEPTH_MOST = 16,           /* sections within sections */
    TEMPLATE_PARTIAL_DEPTH_MOST = 8,    /* partials within partials */
    TEMPLATE_ROUNDS_MOST = 20000,       /* rounds of all loops of one run together */
    TEMPLATE_OUTPUT_MOST = 1024 * 1024, /* bytes one run may put out */
    TEMPLATE_PATH_MOST = 4              /* names in a.b.c.d */
};

/* What is made: a subject, plain text or HTML. It decides how values are escaped. */
enum template_part { TEMPLATE_SUBJECT, TEMPLATE_TEXT, TEMPLATE_HTML };

struct template;

/* What a template is compiled from. */
struct template_source {
    const char *name; /* for messages: "notice.de.html" */
    struct span text;
    enum template_part part;
    const struct value_field *model; /* the fields of the root record */

    /* template_partial gives the source of a partial and its name for messages; false when there
     * is none. NULL: there are no partials. Sources live as long as the template. */
    bool (*partial)(void *context, struct span name, enum template_part part,
                    struct template_source *ret_source);
    void *context;
};

/* template_compile checks the source against its model and compiles it; the error names file,
 * line and field. The template borrows
 * the sources' texts and the model. */
MUST_USE bool template_compile(const struct template_source *source, struct template **ret_template,
                               struct error *err);

/* template_render appends what the template makes of `root`, a record of its model; fails when a
 * limit is passed. A template may be run by any number of threads at once. */
MUST_USE bool template_render(const struct template *t, const struct value *root, struct buf *to,
                              struct error *err);

/* template_uses tells whether the template names the field of the root record of that index, or
 * something in it: what it does not use cannot change its output. */
MUST_USE bool template_uses(const struct template *t, size_t field);

/* template_free frees the program; NULL is allowed. */
void template_free(struct template *t);

#endif
