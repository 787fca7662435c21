/*
 * The compiler of templates. Names are resolved here, once: a name is looked for in the innermost
 * section's record and then outwards, as Mustache does, but against the model, so an unknown name
 * is an error of the template and not an empty place in somebody's mail.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "services/compose/template.h"
#include "services/compose/template_markup.h"
#include "services/compose/template_program_internal.h"
#include "services/compose/template_scan.h"

/* A section that made a frame, as the compiler sees it. */
struct frame {
    const struct value_field *fields; /* NULL: the frame's value is a text */
    bool loop;
};

struct compiler {
    const struct template_source *source; /* the one at hand: of the template or a partial */
    struct template_scan scan;
    const char *name; /* file and place at hand, for the error's sentence */
    struct template_place place;
    struct template *template;
    size_t room;
    struct frame frames[TEMPLATE_DEPTH_MOST + 1];
    uint8_t frame_count;
    int tokens;
    int depth;                                         /* sections */
    int partial_depth;                                 /* partials */
    struct span partials[TEMPLATE_PARTIAL_DEPTH_MOST]; /* those being compiled, by name */
    struct template_markup markup;
    struct error *err;
};

/* What a name stands for. */
struct meaning {
    struct template_path path;
    const struct value_field *field; /* NULL: a text of a list of texts, or a word of the loop */
    enum value_type type;
    enum { MEANS_VALUE, MEANS_FIRST, MEANS_LAST, MEANS_NUMBER } word;
};

static bool compile_block(struct compiler *c, const struct template_token *section);
static bool compile_source(struct compiler *c, const struct template_source *source);

static struct template_op *add_op(struct compiler *c, enum template_op_code code)
{
    struct template *t = c->template;

    if (t->count == c->room) {
        c->room = c->room > 0 ? c->room * 2 : 32;
        t->ops = alloc_grow(t->ops, c->room * sizeof(t->ops[0]));
    }
    t->ops[t->count] = (struct template_op){ .code = code };
    return &t->ops[t->count++];
}

/* Every token counts, so that partials that only include partials have an end too. */
static bool count_token(struct compiler *c)
{
    if (++c->tokens <= TEMPLATE_OPS_MOST)
        return true;
    return error_set(c->err, ERROR_LIMIT, "the template has more than %d steps", TEMPLATE_OPS_MOST);
}

static const struct value_field *field_find(const struct value_field *fields, struct span name,
                                            uint8_t *ret_index)
{
    for (uint8_t i = 0; fields != NULL && fields[i].name != NULL; i++) {
        if (span_equal(name, span_of(fields[i].name))) {
            *ret_index = i;
            return &fields[i];
        }
    }
    return NULL;
}

/* The names a template may use at this place, innermost first, for the error's sentence. */
static void list_names(const struct compiler *c, char *to, size_t room)
{
    size_t n = 0;

    to[0] = '\0';
    for (int f = c->frame_count - 1; f >= 0; f--) {
        const struct value_field *fields = c->frames[f].fields;

        for (size_t i = 0; fields != NULL && fields[i].name != NULL; i++) {
            size_t length = strlen(fields[i].name);

            if (n + length + 3 > room)
                return;
            if (n > 0) {
                memcpy(to + n, ", ", 2);
                n += 2;
            }
            memcpy(to + n, fields[i].name, length + 1);
            n += length;
        }
    }
}

static bool unknown(struct compiler *c, struct span name)
{
    char names[300];

    list_names(c, names, sizeof(names));
    return error_set(c->err, ERROR_INVALID, "there is no field `%.*s` here; there are: %s",
                     SPAN_ARGS(name), names);
}

static bool loop_word(struct compiler *c, struct span name, struct meaning *ret)
{
    int f = c->frame_count - 1;

    if (span_equal(name, SPAN("@first")))
        ret->word = MEANS_FIRST;
    else if (span_equal(name, SPAN("@last")))
        ret->word = MEANS_LAST;
    else if (span_equal(name, SPAN("@number")))
        ret->word = MEANS_NUMBER;
    else
        return error_set(c->err, ERROR_INVALID, "`%.*s` is none of @first, @last, @number",
                         SPAN_ARGS(name));
    while (f >= 0 && !c->frames[f].loop)
        f--;
    if (f < 0)
        return error_set(c->err, ERROR_INVALID, "`%.*s` stands in no loop", SPAN_ARGS(name));
    ret->path.frame = (uint8_t)f;
    ret->type = ret->word == MEANS_NUMBER ? VALUE_NUMBER : VALUE_FLAG;
    return true;
}

static bool own_value(struct compiler *c, struct meaning *ret)
{
    const struct frame *frame = &c->frames[c->frame_count - 1];

    if (frame->fields != NULL)
        return error_set(c->err, ERROR_INVALID, "{{.}} stands for the texts of a list of texts");
    ret->path.frame = (uint8_t)(c->frame_count - 1);
    ret->type = VALUE_TEXT;
    return true;
}

/* Follows the names after the first dot. */
static bool follow(struct compiler *c, struct span rest, struct span whole, struct meaning *ret)
{
    while (rest.n > 0) {
        struct span name = span_take_until(&rest, '.');
        uint8_t index;

        if (ret->type == VALUE_LIST && ret->field->named && rest.n == 0) {
            ret->path.name = name;
            ret->field = &ret->field->fields[1];
            ret->type = VALUE_TEXT;
            return true;
        }
        if (ret->type != VALUE_RECORD)
            return error_set(c->err, ERROR_INVALID, "`%.*s`: only a record has fields",
                             SPAN_ARGS(whole));
        ret->field = field_find(ret->field->fields, name, &index);
        if (ret->field == NULL || ret->path.steps == TEMPLATE_PATH_MOST)
            return unknown(c, whole);
        ret->type = ret->field->type;
        ret->path.step[ret->path.steps++] = index;
    }
    return true;
}

static bool resolve(struct compiler *c, struct span name, struct meaning *ret)
{
    struct span rest = name;
    struct span head;

    *ret = (struct meaning){ .word = MEANS_VALUE };
    if (name.at[0] == '@')
        return loop_word(c, name, ret);
    if (span_equal(name, SPAN(".")))
        return own_value(c, ret);
    head = span_take_until(&rest, '.');
    for (int f = c->frame_count - 1; f >= 0; f--) {
        uint8_t index;

        ret->field = field_find(c->frames[f].fields, head, &index);
        if (ret->field == NULL)
            continue;
        ret->path = (struct template_path){ .frame = (uint8_t)f, .steps = 1, .step = { index } };
        ret->type = ret->field->type;
        return follow(c, rest, name, ret);
    }
    return unknown(c, name);
}

static void note_use(struct compiler *c, const struct meaning *m)
{
    if (m->word == MEANS_VALUE && m->path.frame == 0 && m->path.steps > 0)
        c->template->uses |= UINT64_C(1) << (m->path.step[0] % 64);
}

static bool read_layout(struct compiler *c, const struct template_token *token,
                        const struct meaning *m, enum template_layout *ret_layout)
{
    static const struct {
        const char *name;
        enum template_layout layout;
    } layouts[] = { { "brief", LAYOUT_BRIEF },
                    { "lines", LAYOUT_LINES },
                    { "quote", LAYOUT_QUOTE } };

    *ret_layout = LAYOUT_LINE;
    if (token->layout.at == NULL) {
        if (m->field != NULL && m->field->whole && c->source->part != TEMPLATE_SUBJECT)
            return error_set(c->err, ERROR_INVALID,
                             "`%.*s` has many lines: say how to lay it out, as in "
                             "{{%.*s|lines}}, {{%.*s|quote}} or {{%.*s|brief}}",
                             SPAN_ARGS(token->text), SPAN_ARGS(token->text), SPAN_ARGS(token->text),
                             SPAN_ARGS(token->text));
        return true;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(layouts); i++) {
        if (span_equal(token->layout, span_of(layouts[i].name))) {
            *ret_layout = layouts[i].layout;
            return true;
        }
    }
    return error_set(c->err, ERROR_INVALID,
                     "there is no layout `%.*s`; there are: brief, lines, "
                     "quote",
                     SPAN_ARGS(token->layout));
}

static bool layout_fits(struct compiler *c, enum template_layout layout)
{
    bool in_attribute = c->markup.state != MARKUP_TEXT;

    if (layout == LAYOUT_LINE || layout == LAYOUT_BRIEF)
        return true;
    if (c->source->part == TEMPLATE_SUBJECT || in_attribute)
        return error_set(c->err, ERROR_INVALID, "only one line has room here");
    if (layout == LAYOUT_QUOTE && c->source->part == TEMPLATE_HTML)
        return error_set(c->err, ERROR_INVALID,
                         "`quote` is for plain text: in HTML write <blockquote>{{...|lines}}"
                         "</blockquote>");
    return true;
}

static bool compile_value(struct compiler *c, const struct template_token *token)
{
    struct meaning m;
    enum template_layout layout;
    enum template_escape escape = ESCAPE_TEXT;
    struct template_op *op;

    if (!resolve(c, token->text, &m) || !read_layout(c, token, &m, &layout) ||
        !layout_fits(c, layout))
        return false;
    if (m.type == VALUE_LIST || m.type == VALUE_RECORD || m.type == VALUE_FLAG)
        return error_set(c->err, ERROR_INVALID, "`%.*s` is no text: use it as a section, {{#%.*s}}",
                         SPAN_ARGS(token->text), SPAN_ARGS(token->text));
    if (c->source->part == TEMPLATE_HTML && !template_markup_value(&c->markup, &escape, c->err))
        return false;
    note_use(c, &m);
    op = add_op(c, m.word == MEANS_NUMBER ? OP_NUMBER : OP_VALUE);
    op->path = m.path;
    op->type = m.type;
    op->escape = escape;
    op->layout = layout;
    return true;
}

static enum template_op_code section_code(const struct meaning *m, bool inverted)
{
    if (m->word == MEANS_FIRST)
        return inverted ? OP_UNLESS_FIRST : OP_FIRST;
    if (m->word == MEANS_LAST)
        return inverted ? OP_UNLESS_LAST : OP_LAST;
    return inverted ? OP_ABSENT : OP_SECTION;
}

static bool compile_section(struct compiler *c, const struct template_token *token)
{
    struct template_markup before = c->markup;
    size_t begin = c->template->count;
    struct meaning m;
    struct template_op *op;

    if (!resolve(c, token->text, &m))
        return false;
    if (++c->depth > TEMPLATE_DEPTH_MOST)
        return error_set(c->err, ERROR_LIMIT, "more than %d sections within sections",
                         TEMPLATE_DEPTH_MOST);
    note_use(c, &m);
    op = add_op(c, section_code(&m, token->type == TOKEN_INVERTED));
    op->path = m.path;
    op->type = m.type;
    op->frame = op->code == OP_SECTION && (m.type == VALUE_LIST || m.type == VALUE_RECORD);
    if (op->frame)
        c->frames[c->frame_count++] = (struct frame){ m.field->fields, m.type == VALUE_LIST };
    if (!compile_block(c, token))
        return false;
    if (c->template->ops[begin].frame) {
        c->frame_count--;
        add_op(c, OP_END)->target = (uint32_t)begin;
    }
    c->template->ops[begin].target = (uint32_t)c->template->count;
    c->depth--;
    if (template_markup_same(&before, &c->markup))
        return true;
    c->place = token->place;
    return error_set(c->err, ERROR_INVALID,
                     "the section `%.*s` begins and ends at different places of the markup",
                     SPAN_ARGS(token->text));
}

static bool find_partial(struct compiler *c, const struct template_token *token,
                         struct template_source *ret_source)
{
    const struct template_source *s = c->source;

    for (int i = 0; i < c->partial_depth; i++)
        if (span_equal(c->partials[i], token->text))
            return error_set(c->err, ERROR_INVALID, "the partial `%.*s` takes itself in",
                             SPAN_ARGS(token->text));
    if (c->partial_depth == TEMPLATE_PARTIAL_DEPTH_MOST)
        return error_set(c->err, ERROR_LIMIT, "more than %d partials within partials",
                         TEMPLATE_PARTIAL_DEPTH_MOST);
    if (s->partial == NULL || !s->partial(s->context, token->text, s->part, ret_source))
        return error_set(c->err, ERROR_INVALID, "there is no partial `%.*s`",
                         SPAN_ARGS(token->text));
    return true;
}

/* A partial is compiled where it stands, with the fields in reach there. */
static bool compile_partial(struct compiler *c, const struct template_token *token)
{
    const struct template_source *outer = c->source;
    struct template_scan outer_scan = c->scan;
    struct template_source inner;
    bool fine;

    if (!find_partial(c, token, &inner))
        return false;
    c->partials[c->partial_depth++] = token->text;
    fine = compile_source(c, &inner);
    c->partial_depth--;
    c->source = outer;
    c->scan = outer_scan;
    if (fine)
        c->name = outer->name;
    return fine;
}

static bool compile_close(struct compiler *c, const struct template_token *section,
                          const struct template_token *token)
{
    if (section != NULL && span_equal(section->text, token->text))
        return true;
    if (section == NULL)
        return error_set(c->err, ERROR_INVALID, "{{/%.*s}} closes a section that is not open",
                         SPAN_ARGS(token->text));
    return error_set(c->err, ERROR_INVALID,
                     "{{/%.*s}} stands where {{/%.*s}} must (opened in line %d)",
                     SPAN_ARGS(token->text), SPAN_ARGS(section->text), section->place.line);
}

static bool compile_end(struct compiler *c, const struct template_token *section)
{
    if (section == NULL)
        return true;
    c->place = section->place;
    return error_set(c->err, ERROR_INVALID, "the section `%.*s` is never closed",
                     SPAN_ARGS(section->text));
}

static bool compile_token(struct compiler *c, const struct template_token *token)
{
    switch (token->type) {
    case TOKEN_LITERAL:
        if (c->source->part == TEMPLATE_HTML)
            template_markup_feed(&c->markup, token->text);
        add_op(c, OP_LITERAL)->literal = token->text;
        return true;
    case TOKEN_VALUE:
        return compile_value(c, token);
    case TOKEN_SECTION:
    case TOKEN_INVERTED:
        return compile_section(c, token);
    case TOKEN_PARTIAL:
        return compile_partial(c, token);
    case TOKEN_END:
    case TOKEN_CLOSE:
        break;
    }
    return true;
}

/* Compiles up to the end of `section`, or of the source when it is NULL. */
static bool compile_block(struct compiler *c, const struct template_token *section)
{
    for (;;) {
        struct template_token token;
        bool fine = template_scan_next(&c->scan, &token, c->err);

        c->place = fine ? token.place : c->scan.place;
        if (!fine || !count_token(c))
            return false;
        if (token.type == TOKEN_CLOSE)
            return compile_close(c, section, &token);
        if (token.type == TOKEN_END)
            return compile_end(c, section);
        if (!compile_token(c, &token))
            return false;
    }
}

static bool compile_source(struct compiler *c, const struct template_source *source)
{
    c->source = source;
    c->name = source->name;
    template_scan_init(&c->scan, source->text);
    return template_scan_check(source->text, &c->place, c->err) && compile_block(c, NULL);
}

bool template_compile(const struct template_source *source, struct template **ret_template,
                      struct error *err)
{
    struct compiler c = { .frame_count = 1, .err = err };

    c.template = NEW(struct template);
    c.template->name = alloc_text(source->name);
    c.frames[0].fields = source->model;
    template_markup_init(&c.markup);
    if (!compile_source(&c, source)) {
        template_free(c.template);
        return error_wrap(err, "%s:%d:%d", c.name, c.place.line, c.place.column);
    }
    *ret_template = c.template;
    return true;
}

void template_free(struct template *t)
{
    if (t == NULL)
        return;
    alloc_free(t->name);
    alloc_free(t->ops);
    alloc_free(t);
}
