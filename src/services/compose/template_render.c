/*
 * The machine that runs a template's program. Every jump goes where the compiler put it; what
 * bounds a run is the number of rounds and of bytes, both checked here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/compose/template.h"
#include "services/compose/template_program_internal.h"

/* A section being run: the value it is over, and for a loop where it is. */
struct round {
    const struct value *value;
    const struct value *items; /* NULL: no loop */
    size_t count;
    size_t at;
};

struct run {
    const struct template *template;
    struct round rounds[TEMPLATE_DEPTH_MOST + 1];
    size_t depth; /* rounds in use */
    size_t spent; /* rounds begun */
    struct buf *to;
};

static const struct value nothing;

/* The value of a name in a named list: its items hold name and value. */
static const struct value *find_named(const struct value *list, struct span name)
{
    for (size_t i = 0; i < list->list.count; i++)
        if (span_equal(list->list.items[i].fields[0].text, name))
            return &list->list.items[i].fields[1];
    return &nothing;
}

/* An absent record on the way makes all below it absent. */
static const struct value *find(const struct run *r, const struct template_path *path)
{
    const struct value *v = r->rounds[path->frame].value;

    for (uint8_t i = 0; i < path->steps; i++) {
        if (v->fields == NULL)
            return &nothing;
        v = &v->fields[path->step[i]];
    }
    return path->name.n > 0 ? find_named(v, path->name) : v;
}

static void put_number(struct run *r, const struct template_op *op, int64_t number)
{
    char text[24];
    int n = snprintf(text, sizeof(text), "%" PRId64, number);

    template_escape_put(r->to, (struct span){ text, (size_t)n }, op->escape, LAYOUT_LINE);
}

static void put_value(struct run *r, const struct template_op *op)
{
    const struct value *v = find(r, &op->path);

    if (op->type == VALUE_NUMBER)
        put_number(r, op, v->number);
    else
        template_escape_put(r->to, v->text, op->escape, op->layout);
}

/* Begins a section over a list or record that is present. */
static void enter(struct run *r, const struct template_op *op, const struct value *v)
{
    struct round *round = &r->rounds[r->depth++];

    *round = (struct round){ .value = v, .count = 1 };
    if (op->type == VALUE_LIST) {
        round->items = v->list.items;
        round->count = v->list.count;
        round->value = v->list.items;
    }
    r->spent++;
}

/* Ends a round: gives the op to go on with. */
static size_t leave(struct run *r, const struct template_op *op, size_t at)
{
    struct round *round = &r->rounds[r->depth - 1];

    if (round->items != NULL && round->at + 1 < round->count) {
        round->value = &round->items[++round->at];
        r->spent++;
        return op->target + 1;
    }
    r->depth--;
    return at + 1;
}

static bool holds(const struct run *r, const struct template_op *op, const struct value **ret_value)
{
    const struct round *round = &r->rounds[op->path.frame];
    bool first = round->at == 0;
    bool last = round->at + 1 >= round->count;

    switch (op->code) {
    case OP_FIRST:
        return first;
    case OP_UNLESS_FIRST:
        return !first;
    case OP_LAST:
        return last;
    case OP_UNLESS_LAST:
        return !last;
    case OP_SECTION:
    case OP_ABSENT:
    case OP_LITERAL:
    case OP_VALUE:
    case OP_NUMBER:
    case OP_END:
        break;
    }
    *ret_value = find(r, &op->path);
    return value_present(*ret_value, op->type) == (op->code == OP_SECTION);
}

/* Runs one op and gives the next. */
static size_t step(struct run *r, size_t at)
{
    const struct template_op *op = &r->template->ops[at];
    const struct value *v = &nothing;

    switch (op->code) {
    case OP_LITERAL:
        buf_put(r->to, op->literal);
        return at + 1;
    case OP_VALUE:
        put_value(r, op);
        return at + 1;
    case OP_NUMBER:
        put_number(r, op, (int64_t)r->rounds[op->path.frame].at + 1);
        return at + 1;
    case OP_END:
        return leave(r, op, at);
    case OP_SECTION:
    case OP_ABSENT:
    case OP_FIRST:
    case OP_LAST:
    case OP_UNLESS_FIRST:
    case OP_UNLESS_LAST:
        break;
    }
    if (!holds(r, op, &v))
        return op->target;
    if (op->frame)
        enter(r, op, v);
    return at + 1;
}

bool template_render(const struct template *t, const struct value *root, struct buf *to,
                     struct error *err)
{
    struct run r = { .template = t, .depth = 1, .to = to };
    size_t begin = to->n;

    r.rounds[0] = (struct round){ .value = root, .count = 1 };
    for (size_t at = 0; at < t->count;) {
        at = step(&r, at);
        if (r.spent > TEMPLATE_ROUNDS_MOST)
            return error_set(err, ERROR_LIMIT, "%s: more than %d rounds of loops", t->name,
                             TEMPLATE_ROUNDS_MOST);
        if (to->overflown || to->n - begin > TEMPLATE_OUTPUT_MOST)
            return error_set(err, ERROR_LIMIT, "%s: makes more than %d bytes", t->name,
                             TEMPLATE_OUTPUT_MOST);
    }
    return true;
}

bool template_uses(const struct template *t, size_t field)
{
    return (t->uses >> (field % 64) & 1) != 0;
}
