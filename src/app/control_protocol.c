/*
 * Lines of JSON for the control socket.
 */
#include "app/control_protocol.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static int append(const char *bytes, size_t n, void *to)
{
    buf_put(to, (struct span){ bytes, n });
    return 0;
}

static void put_line(struct buf *to, json_t *object)
{
    (void)json_dump_callback(object, append, to, JSON_COMPACT);
    buf_put_byte(to, '\n');
    json_decref(object);
}

void control_put_ask(struct buf *to, const char *name, const json_t *args)
{
    put_line(to, json_pack("{s:s, s:O}", "request", name, "args", args));
}

void control_put_answer(struct buf *to, const json_t *answer)
{
    put_line(to, json_pack("{s:O}", "answer", answer));
}

/* The sentence may quote bytes that are not UTF-8, which JSON cannot carry. */
json_t *control_error_json(const struct error *err)
{
    CLEANUP(buf_fini) struct buf visible;
    const char *text = err->text;

    buf_init(&visible, 4 * sizeof(err->text));
    if (!text_is_utf8(span_of(text))) {
        text_put_visible(&visible, span_of(text));
        text = buf_text(&visible);
    }
    return json_pack("{s:{s:s, s:s}}", "error", "kind", error_kind_name(err->kind), "text", text);
}

void control_put_error(struct buf *to, const struct error *err)
{
    put_line(to, control_error_json(err));
}

bool control_read_ask(struct span line, json_t **ret_ask, const char **ret_name, json_t **ret_args,
                      struct error *err)
{
    json_error_t where;
    json_t *ask = json_loadb(line.at, line.n, JSON_REJECT_DUPLICATES, &where);
    const char *name = json_string_value(json_object_get(ask, "request"));
    json_t *args = json_object_get(ask, "args");

    if (name == NULL || !json_is_object(args)) {
        json_decref(ask);
        return error_set(err, ERROR_INVALID, "not a request");
    }
    *ret_ask = ask;
    *ret_name = name;
    *ret_args = args;
    return true;
}

static enum error_kind kind_of(const char *name)
{
    for (int kind = ERROR_INVALID; kind < ERROR_INTERNAL; kind++)
        if (name != NULL && strcmp(name, error_kind_name((enum error_kind)kind)) == 0)
            return (enum error_kind)kind;
    return ERROR_INTERNAL;
}

bool control_read_answer(struct span line, json_t **ret_answer, struct error *err)
{
    json_error_t where;
    json_t *object = json_loadb(line.at, line.n, 0, &where);
    json_t *answer = json_object_get(object, "answer");
    json_t *failure = json_object_get(object, "error");
    const char *text = json_string_value(json_object_get(failure, "text"));

    if (answer != NULL)
        *ret_answer = json_incref(answer);
    else
        (void)error_set(err, kind_of(json_string_value(json_object_get(failure, "kind"))), "%s",
                        text != NULL ? text : "the daemon's answer is not understood");
    json_decref(object);
    return answer != NULL;
}
