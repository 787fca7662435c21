/*
 * libyaml's event parser driven by a small stack: the path of mappings we are in.
 */
#include "app/config/yaml_reader.h"

#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"

enum { DEPTH_LIMIT = 8, LIST_LIMIT = 1000, NAME_LIMIT = 200, NAMES_LIMIT = 1000 };

struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    struct arena arena;
    struct buf path;
    const char *names[NAMES_LIMIT]; /* seen, to refuse duplicates */
    size_t names_count;
    bool (*take)(void *owner, const struct yaml_entry *entry, struct error *err);
    void *owner;
};

static void drop_event(struct reader *r)
{
    if (r->has_event)
        yaml_event_delete(&r->event);
    r->has_event = false;
}

static bool next_event(struct reader *r, struct error *err)
{
    drop_event(r);
    if (!yaml_parser_parse(&r->parser, &r->event))
        return error_set(err, ERROR_INVALID, "line %zu: %s", r->parser.problem_mark.line + 1,
                         r->parser.problem != NULL ? r->parser.problem : "not YAML");
    r->has_event = true;
    return true;
}

static int line_of(const struct reader *r)
{
    return (int)r->event.start_mark.line + 1;
}

static bool unexpected(const struct reader *r, const char *what, struct error *err)
{
    return error_set(err, ERROR_INVALID, "line %d: %s", line_of(r), what);
}

/* Anchors and tags of the node at hand would give it a meaning beside its text. */
static bool plain_node(const struct reader *r, const yaml_char_t *anchor, const yaml_char_t *tag,
                       struct error *err)
{
    if (anchor != NULL)
        return unexpected(r, "anchors are not used here", err);
    if (tag != NULL)
        return unexpected(r, "tags are not used here", err);
    return true;
}

/* The scalar at hand, copied; a null scalar ("key:" with nothing) is refused. */
static bool scalar(struct reader *r, struct span *ret_text, struct error *err)
{
    const char *text = (const char *)r->event.data.scalar.value;
    struct span value = { text, r->event.data.scalar.length };
    bool plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    if (!plain_node(r, r->event.data.scalar.anchor, r->event.data.scalar.tag, err))
        return false;
    if (plain && (value.n == 0 || span_equal(value, SPAN("~")) || span_equal(value, SPAN("null"))))
        return error_set(err, ERROR_INVALID, "line %d: %s has no value", line_of(r),
                         buf_text(&r->path));
    *ret_text = arena_copy(&r->arena, value);
    return true;
}

static bool remember(struct reader *r, int line, struct error *err)
{
    const char *name = arena_text(&r->arena, buf_view(&r->path));

    for (size_t i = 0; i < r->names_count; i++)
        if (strcmp(r->names[i], name) == 0)
            return error_set(err, ERROR_INVALID, "line %d: %s is given twice", line, name);
    if (r->names_count == NAMES_LIMIT)
        return error_set(err, ERROR_INVALID, "line %d: too many keys", line);
    r->names[r->names_count++] = name;
    return true;
}

static bool hand_over(struct reader *r, int line, const struct span *values, size_t count,
                      struct error *err)
{
    struct yaml_entry entry = { .name = buf_text(&r->path),
                                .line = line,
                                .values = values,
                                .count = count,
                                .is_list = r->event.type == YAML_SEQUENCE_END_EVENT };

    if (!remember(r, line, err))
        return false;
    if (!r->take(r->owner, &entry, err))
        return error_wrap(err, "line %d", line);
    return true;
}

static bool read_list(struct reader *r, struct error *err)
{
    struct span values[LIST_LIMIT];
    size_t count = 0;
    int line = line_of(r);

    if (!plain_node(r, r->event.data.sequence_start.anchor, r->event.data.sequence_start.tag, err))
        return false;
    for (;;) {
        if (!next_event(r, err))
            return false;
        if (r->event.type == YAML_SEQUENCE_END_EVENT)
            return hand_over(r, line, values, count, err);
        if (r->event.type != YAML_SCALAR_EVENT)
            return unexpected(r, "a list may hold only plain values", err);
        if (count == LIST_LIMIT)
            return unexpected(r, "the list is too long", err);
        if (!scalar(r, &values[count++], err))
            return false;
    }
}

static bool read_mapping(struct reader *r, int depth, struct error *err);

static bool read_value(struct reader *r, int depth, struct error *err)
{
    struct span value;

    if (!next_event(r, err))
        return false;
    if (r->event.type == YAML_SCALAR_EVENT)
        return scalar(r, &value, err) && hand_over(r, line_of(r), &value, 1, err);
    if (r->event.type == YAML_SEQUENCE_START_EVENT)
        return read_list(r, err);
    if (r->event.type == YAML_MAPPING_START_EVENT)
        return depth < DEPTH_LIMIT ? read_mapping(r, depth + 1, err)
                                   : unexpected(r, "nested too deep", err);
    return unexpected(r, "aliases are not used here", err);
}

/* The path grows by the key and shrinks back after its value. */
static bool read_mapping(struct reader *r, int depth, struct error *err)
{
    if (!plain_node(r, r->event.data.mapping_start.anchor, r->event.data.mapping_start.tag, err))
        return false;
    for (;;) {
        size_t before = r->path.n;
        struct span key;

        if (!next_event(r, err))
            return false;
        if (r->event.type == YAML_MAPPING_END_EVENT)
            return true;
        if (r->event.type != YAML_SCALAR_EVENT)
            return unexpected(r, "a key must be plain text", err);
        if (!scalar(r, &key, err))
            return false;
        if (key.n + before > NAME_LIMIT)
            return unexpected(r, "the key is too long", err);
        if (key.n == 0 || text_has_control(key))
            return unexpected(r, "a key must be plain text", err);
        if (before > 0)
            buf_put_byte(&r->path, '.');
        buf_put(&r->path, key);
        if (!read_value(r, depth, err))
            return false;
        buf_cut(&r->path, before);
    }
}

/* What stands after the mapping would be passed over in silence. */
static bool read_end(struct reader *r, struct error *err)
{
    do {
        if (!next_event(r, err))
            return false;
        if (r->event.type == YAML_STREAM_END_EVENT)
            return true;
    } while (r->event.type == YAML_DOCUMENT_END_EVENT);
    return unexpected(r, "the file must be one document", err);
}

static bool read_document(struct reader *r, struct error *err)
{
    do {
        if (!next_event(r, err))
            return false;
    } while (r->event.type == YAML_STREAM_START_EVENT ||
             r->event.type == YAML_DOCUMENT_START_EVENT);
    if (r->event.type == YAML_STREAM_END_EVENT)
        return true; /* an empty file */
    if (r->event.type == YAML_SCALAR_EVENT && r->event.data.scalar.length == 0)
        return read_end(r, err); /* comments alone */
    if (r->event.type != YAML_MAPPING_START_EVENT)
        return unexpected(r, "the file must be `key: value` lines", err);
    return read_mapping(r, 1, err) && read_end(r, err);
}

bool yaml_read(FILE *file,
               bool (*take)(void *owner, const struct yaml_entry *entry, struct error *err),
               void *owner, struct error *err)
{
    struct reader r = { .take = take, .owner = owner };
    bool ok;

    if (!yaml_parser_initialize(&r.parser))
        return error_set(err, ERROR_INTERNAL, "the YAML parser does not start");
    yaml_parser_set_input_file(&r.parser, file);
    arena_init(&r.arena);
    buf_init(&r.path, 2 * NAME_LIMIT);
    ok = read_document(&r, err);
    drop_event(&r);
    yaml_parser_delete(&r.parser);
    buf_fini(&r.path);
    arena_fini(&r.arena);
    return ok;
}
