/*
 * Compiling the three parts of a notice's template from their common source.
 */
#include "services/compose/notice_template.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "services/compose/notice_model.h"

enum { FILE_NAME_MOST = 120 };

/* The files of a part, as messages call them. */
static const char *const endings[] = {
    [TEMPLATE_SUBJECT] = "subject.txt",
    [TEMPLATE_TEXT] = "text.txt",
    [TEMPLATE_HTML] = "html",
};

static struct span json_span(const struct json_t *text)
{
    return (struct span){ json_string_value(text), json_string_length(text) };
}

/* A partial in the template's language goes before one in none. */
static bool find_partial(void *context, struct span name, enum template_part part,
                         struct template_source *ret_source)
{
    const struct notice_template *t = context;
    const char *ending = part == TEMPLATE_HTML ? "html" : "txt";
    struct json_t *partials = json_object_get(t->parsed, "partials");
    char file[FILE_NAME_MOST];
    void *found;

    (void)snprintf(file, sizeof(file), "%.*s.%s.partial.%s", SPAN_ARGS(name), t->language, ending);
    found = json_object_iter_at(partials, file);
    if (found == NULL) {
        (void)snprintf(file, sizeof(file), "%.*s.partial.%s", SPAN_ARGS(name), ending);
        found = json_object_iter_at(partials, file);
    }
    if (found == NULL || !json_is_string(json_object_iter_value(found)))
        return false;
    *ret_source = (struct template_source){ json_object_iter_key(found),
                                            json_span(json_object_iter_value(found)),
                                            part,
                                            NULL,
                                            find_partial,
                                            context };
    return true;
}

/* Files in the default language need not name it, and seldom do. */
static void put_file_name(char file[FILE_NAME_MOST], const struct notice_template *t,
                          enum template_part part)
{
    bool named = strcmp(t->language, TEMPLATE_LANGUAGE_DEFAULT) != 0;

    (void)snprintf(file, FILE_NAME_MOST, "%s%s%s.%s", t->name, named ? "." : "",
                   named ? t->language : "", endings[part]);
}

static bool compile_part(struct notice_template *t, const char *field, enum template_part part,
                         struct template **ret_template, struct error *err)
{
    const struct json_t *text = json_object_get(t->parsed, field);
    char file[FILE_NAME_MOST];
    const struct template_source source = {
        .name = file,
        .text = json_span(text),
        .part = part,
        .model = t->is_digest ? digest_model : notice_model,
        .partial = find_partial,
        .context = t,
    };

    put_file_name(file, t, part);
    if (!json_is_string(text))
        return error_set(err, ERROR_INVALID, "%s: there is no such part", file);
    return template_compile(&source, ret_template, err);
}

static bool compile_all(struct notice_template *t, struct error *err)
{
    if (!compile_part(t, "subject", TEMPLATE_SUBJECT, &t->subject, err) ||
        !compile_part(t, "text", TEMPLATE_TEXT, &t->text, err))
        return false;
    return json_object_get(t->parsed, "html") == NULL ||
           compile_part(t, "html", TEMPLATE_HTML, &t->html, err);
}

bool notice_template_make(const char *name, const char *language, struct span source,
                          struct notice_template **ret_template, struct error *err)
{
    struct notice_template *t = NEW(struct notice_template);

    t->name = alloc_text(name);
    t->language = alloc_text(language);
    t->is_digest = strcmp(name, TEMPLATE_NAME_DIGEST) == 0;
    t->source = span_text(source);
    t->parsed = json_loadb(source.at, source.n, 0, NULL);
    digest_sha256(source, t->digest);
    if (compile_all(t, err)) {
        *ret_template = t;
        return true;
    }
    notice_template_free(t);
    return false;
}

void notice_template_free(struct notice_template *t)
{
    if (t == NULL)
        return;
    template_free(t->subject);
    template_free(t->text);
    template_free(t->html);
    json_decref(t->parsed);
    alloc_free(t->name);
    alloc_free(t->language);
    alloc_free(t->source);
    alloc_free(t);
}
