/*
 * The program a template is compiled into: what template_compile.c writes and template_render.c
 * runs.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_TEMPLATE_PROGRAM_INTERNAL_H
#define POSTROOM_SERVICES_COMPOSE_TEMPLATE_PROGRAM_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "services/compose/template.h"
#include "services/compose/template_escape.h"
#include "services/compose/value.h"

/* Where a value is found: `frame` counts the sections around from the outermost, 0 being the root
 * record; then field after field. No steps: the frame's own value (the item of a list of texts). */
struct template_path {
    uint8_t frame;
    uint8_t steps;
    uint8_t step[TEMPLATE_PATH_MOST];
    struct span name; /* of the value wanted of a named list; empty: the list or field itself */
};

enum template_op_code {
    OP_LITERAL, /* puts out `literal` */
    OP_VALUE,   /* puts out the value of `path` */
    OP_NUMBER,  /* puts out the round of the loop in frame `path.frame`, from 1 */
    OP_SECTION, /* goes on when the value of `path` is present, else jumps to `target` */
    OP_ABSENT,  /* goes on when it is not, else jumps */
    OP_FIRST,   /* goes on in the first round of the loop in frame `path.frame`, else jumps */
    OP_LAST,    /* goes on in the last round */
    OP_UNLESS_FIRST,
    OP_UNLESS_LAST,
    OP_END /* of a section that made a frame: the next round, from `target` + 1, or out of it */
};

struct template_op {
    enum template_op_code code;
    enum value_type type; /* of the value */
    enum template_escape escape;
    enum template_layout layout;
    bool frame; /* OP_SECTION: the section makes a frame (list or record) */
    struct template_path path;
    uint32_t target;
    struct span literal;
};

struct template
{
    char *name;
    struct template_op *ops;
    size_t count;
    uint64_t uses; /* bits of root fields named */
};

#endif
