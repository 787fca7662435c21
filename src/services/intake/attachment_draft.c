/*
 * Reading attachments: names and types are checked before anything is decoded, sizes while it is.
 */
#include "services/intake/attachment_draft.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "services/request/plain_text.h"

/* While the list is read. */
struct reading {
    const struct request *request;
    struct arena *arena;
    size_t left; /* bytes that all further ones may have */
};

/* Bytes that base64 of so many bytes has. */
static size_t encoded(size_t n)
{
    return (n + 2) / 3 * 4;
}

size_t attachment_draft_octets_most(const struct settings *settings)
{
    return encoded(settings->attachments_size_limit) + 4 * (size_t)settings->attachment_limit;
}

size_t attachment_draft_octets(const json_t *event)
{
    const json_t *array = json_object_get(event, "attachments");
    size_t n = 0;
    size_t i;
    json_t *one;

    json_array_foreach (array, i, one)
        n += json_string_length(json_object_get(one, "content"));
    return n;
}

static bool decode(struct reading *r, struct span text, struct span *ret_content, struct error *err)
{
    const struct settings *settings = r->request->settings;
    CLEANUP(buf_fini) struct buf bytes;

    buf_init(&bytes, settings->attachment_size_limit + 2);
    if (text.n > encoded(settings->attachment_size_limit))
        return error_set(err, ERROR_LIMIT, "content: at most %zu bytes (limits.attachment_size)",
                         settings->attachment_size_limit);
    if (!base64_read(&bytes, text))
        return error_set(err, ERROR_INVALID, "content: must be base64 without line ends");
    if (bytes.n > settings->attachment_size_limit)
        return error_set(err, ERROR_LIMIT, "content: at most %zu bytes (limits.attachment_size)",
                         settings->attachment_size_limit);
    if (bytes.n > r->left)
        return error_set(err, ERROR_LIMIT,
                         "content: at most %zu bytes all together (limits.attachments_size)",
                         settings->attachments_size_limit);
    r->left -= bytes.n;
    *ret_content = arena_copy(r->arena, buf_view(&bytes));
    return true;
}

static bool read_one(struct reading *r, json_t *object, struct attachment *a, struct error *err)
{
    struct request part = request_part(r->request, object);
    struct span text;

    if (!json_is_object(object))
        return error_set(err, ERROR_INVALID, "must be a list of {name, type, content, inline}");
    if (!request_allow(&part, ATTACHMENT_DRAFT_FIELDS, err) ||
        !request_need_text(&part, "name", &a->name, err) ||
        !plain_line_check(a->name, "name", ATTACHMENT_NAME_LIMIT, err) ||
        !attachment_name_check(a->name, err) || !request_text(&part, "type", &a->type, err) ||
        !request_flag(&part, "inline", false, &a->is_inline, err) ||
        !request_text(&part, "content", &text, err))
        return false;
    if (text.at == NULL) /* empty it may be */
        return error_set(err, ERROR_INVALID, "content: is missing");
    if (a->type.at == NULL)
        a->type = SPAN("application/octet-stream");
    if (!attachment_type_check(a->type, err))
        return false;
    if (a->is_inline && !span_starts_nocase(a->type, SPAN("image/")))
        return error_set(err, ERROR_INVALID, "inline: only images can be, with their type");
    if (!decode(r, text, &a->content, err))
        return false;
    a->size = (int64_t)a->content.n;
    return true;
}

bool attachment_draft_read(const struct request *request, struct arena *arena,
                           struct attachment_list *ret_attachments, struct error *err)
{
    const struct settings *settings = request->settings;
    struct reading r = { request, arena, settings->attachments_size_limit };
    json_t *array = json_object_get(request->args, "attachments");
    size_t i;
    json_t *object;

    *ret_attachments = (struct attachment_list){ NULL, 0 };
    if (array == NULL || json_is_null(array))
        return true;
    if (!json_is_array(array))
        return error_set(err, ERROR_INVALID, "attachments: must be a list");
    if (json_array_size(array) > (size_t)settings->attachment_limit)
        return error_set(err, ERROR_LIMIT, "attachments: at most %d (limits.attachments)",
                         settings->attachment_limit);
    ret_attachments->at = ARENA_ARRAY(arena, struct attachment, json_array_size(array) + 1);
    json_array_foreach (array, i, object) {
        if (!read_one(&r, object, &ret_attachments->at[i], err))
            return error_wrap(err, "attachments[%zu]", i);
        ret_attachments->n++;
    }
    return true;
}
