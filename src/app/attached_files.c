/*
 * Reading the files, and guessing what they are. What the guess does not know is sent as bytes of
 * no type: mail programs look at the name then.
 */
#include "app/attached_files.h"

#include <string.h>

#include "app/standard_input.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/span.h"
#include "base/text.h"
#include "domain/attachment.h"

static const char *type_of(struct span name)
{
    static const struct {
        const char *end;
        const char *type;
    } types[] = {
        { "png", "image/png" },
        { "jpg", "image/jpeg" },
        { "jpeg", "image/jpeg" },
        { "gif", "image/gif" },
        { "webp", "image/webp" },
        { "svg", "image/svg+xml" },
        { "pdf", "application/pdf" },
        { "txt", "text/plain" },
        { "log", "text/plain" },
        { "diff", "text/x-diff" },
        { "patch", "text/x-diff" },
        { "csv", "text/csv" },
        { "html", "text/html" },
        { "ics", "text/calendar" },
        { "json", "application/json" },
        { "xml", "application/xml" },
        { "zip", "application/zip" },
        { "gz", "application/gzip" },
        { "odt", "application/vnd.oasis.opendocument.text" },
        { "ods", "application/vnd.oasis.opendocument.spreadsheet" },
        { "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
        { "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
    };
    struct span end = span_rest(name, span_last_index(name, '.') + 1);

    for (size_t i = 0; i < ARRAY_LENGTH(types); i++)
        if (span_equal_nocase(end, span_of(types[i].end)))
            return types[i].type;
    return "application/octet-stream";
}

/* "report.pdf" of "out/report.pdf". */
static struct span name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return span_of(slash != NULL ? slash + 1 : path);
}

static bool put_file(json_t *attachments, const char *path, bool is_inline, struct error *err)
{
    CLEANUP(buf_fini) struct buf bytes;
    CLEANUP(buf_fini) struct buf text;
    struct span name = name_of(path);

    buf_init(&bytes, ATTACHMENTS_SIZE_LIMIT);
    buf_init(&text, 2 * (size_t)ATTACHMENTS_SIZE_LIMIT);
    if (strcmp(path, "-") == 0)
        return error_set(err, ERROR_INVALID, "standard input has no name: give a file");
    if (!text_is_utf8(name))
        return error_set(err, ERROR_INVALID, "the name of a file is not UTF-8");
    if (!standard_input_or_file_read(path, &bytes, err))
        return false;
    base64_put(&text, buf_view(&bytes));
    return json_array_append_new(attachments,
                                 json_pack("{s:s%,s:s,s:s%,s:b}", "name", name.at, name.n, "type",
                                           type_of(name), "content", buf_text(&text), text.n,
                                           "inline", is_inline)) == 0 ||
           error_set(err, ERROR_INTERNAL, "out of memory");
}

/* Takes the names out of the field. */
static bool put_files(json_t *args, const char *field, bool are_inline, json_t *attachments,
                      struct error *err)
{
    const json_t *paths = json_object_get(args, field);
    size_t i;
    const json_t *path;

    json_array_foreach (paths, i, path) {
        if (!put_file(attachments, json_string_value(path), are_inline, err))
            return error_wrap(err, "--%s", field);
    }
    (void)json_object_del(args, field);
    return true;
}

bool attached_files_shape(json_t *args, struct error *err)
{
    json_t *attachments = json_array();

    if (!put_files(args, "attach", false, attachments, err) ||
        !put_files(args, "inline", true, attachments, err)) {
        json_decref(attachments);
        return false;
    }
    if (json_array_size(attachments) > 0)
        return json_object_set_new(args, "attachments", attachments) == 0;
    json_decref(attachments);
    return true;
}
