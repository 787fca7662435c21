/*
 * From files to compiled templates, and the choice among them.
 */
#include "services/compose/template_set.h"

#include <jansson.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "services/compose/template_files.h"
#include "store/template.h"

struct template_set {
    struct notice_template **at;
    size_t n;
};

static void put_file(json_t *to, const char *key, const struct template_file *f)
{
    if (f != NULL)
        (void)json_object_set_new(to, key, json_stringn(f->bytes, f->n));
}

/* The subject may be missing: it is the fallback's then. */
static const struct template_file *subject_of(const struct template_files *files,
                                              const struct template_file *text)
{
    const struct span none = SPAN("");
    const struct template_file *found =
        template_files_find(files, text->name, text->language, FILE_SUBJECT);

    if (found == NULL)
        found = template_files_find(files, text->name, none, FILE_SUBJECT);
    if (found == NULL)
        found =
            template_files_find(files, SPAN(TEMPLATE_NAME_NOTICE), text->language, FILE_SUBJECT);
    return found != NULL
               ? found
               : template_files_find(files, SPAN(TEMPLATE_NAME_NOTICE), none, FILE_SUBJECT);
}

/* All partials a template in this language could name. */
static json_t *partials_for(const struct template_files *files, struct span language)
{
    json_t *partials = json_object();

    for (size_t i = 0; i < files->n; i++) {
        const struct template_file *f = &files->at[i];

        if ((f->part == FILE_PARTIAL_TEXT || f->part == FILE_PARTIAL_HTML) &&
            (f->language.n == 0 || span_equal(f->language, language)))
            put_file(partials, f->file, f);
    }
    return partials;
}

static bool compile(const struct template_files *files, const struct template_file *text,
                    struct notice_template **ret_template, struct error *err)
{
    struct span language = text->language.n > 0 ? text->language : SPAN(TEMPLATE_LANGUAGE_DEFAULT);
    CLEANUP(cleanup_free) char *name = span_text(text->name);
    CLEANUP(cleanup_free) char *tag = span_text(language);
    json_t *source = json_object();
    char *dump;
    bool fine;

    put_file(source, "subject", subject_of(files, text));
    put_file(source, "text", text);
    put_file(source, "html", template_files_find(files, text->name, text->language, FILE_HTML));
    (void)json_object_set_new(source, "partials", partials_for(files, text->language));
    dump = json_dumps(source, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(source);
    if (dump == NULL)
        return error_set(err, ERROR_INVALID, "%s: this is not UTF-8", text->file);
    fine = notice_template_make(name, tag, span_of(dump), ret_template, err);
    alloc_free(dump);
    return fine;
}

/* A part without a text of the same name and language would never be used. */
static bool check_company(const struct template_files *files, struct error *err)
{
    for (size_t i = 0; i < files->n; i++) {
        const struct template_file *f = &files->at[i];

        if ((f->part == FILE_SUBJECT || f->part == FILE_HTML) &&
            template_files_find(files, f->name, f->language, FILE_TEXT) == NULL)
            return error_set(err, ERROR_INVALID, "%s: there is no %.*s%s%.*s.text.txt beside it",
                             f->file, SPAN_ARGS(f->name), f->language.n > 0 ? "." : "",
                             SPAN_ARGS(f->language));
    }
    return true;
}

static bool compile_files(struct template_set *set, const struct template_files *files,
                          struct error *err)
{
    if (!check_company(files, err))
        return false;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the array holds pointers */
    set->at = alloc_array(files->n, sizeof(set->at[0]));
    for (size_t i = 0; i < files->n; i++) {
        if (files->at[i].part != FILE_TEXT)
            continue;
        if (!compile(files, &files->at[i], &set->at[set->n], err))
            return false;
        set->n++;
    }
    return true;
}

bool template_set_compile(const struct template_files *files, struct template_set **ret_set,
                          struct error *err)
{
    struct template_set *set = NEW(struct template_set);

    if (!compile_files(set, files, err)) {
        template_set_free(set);
        return error_wrap(err, "templates");
    }
    *ret_set = set;
    return true;
}

bool template_set_load(const struct template_files *files, struct db *db,
                       struct template_set **ret_set, struct error *err)
{
    CLEANUP(template_files_fini) struct template_files all = { 0 };

    template_files_copy(&all, files);
    return template_files_overlay(&all, db, err) && template_set_compile(&all, ret_set, err);
}

void template_set_free(struct template_set *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->n; i++)
        notice_template_free(set->at[i]);
    alloc_free(set->at);
    alloc_free(set);
}

static struct template_revision revision_of(const struct notice_template *t)
{
    return (struct template_revision){
        .name = span_of(t->name),
        .language = span_of(t->language),
        .digest = { (const char *)t->digest, sizeof(t->digest) },
        .source = span_of(t->source),
    };
}

bool template_set_recall(struct template_set *set, struct db *db, struct error *err)
{
    for (size_t i = 0; i < set->n; i++) {
        struct notice_template *t = set->at[i];
        struct template_revision revision = revision_of(t);
        bool found;

        if (!template_revision_find(db, &revision, &found, err))
            return false;
        if (!found)
            return error_set(err, ERROR_CONFLICT, "template %s.%s is not in the store as it is now",
                             t->name, t->language);
        t->revision = revision.id;
    }
    return true;
}

bool template_set_take_in(struct template_set *set, struct db *db, int64_t now_ms,
                          struct error *err)
{
    for (size_t i = 0; i < set->n; i++) {
        struct notice_template *t = set->at[i];
        struct template_revision revision = revision_of(t);

        revision.at = now_ms;
        if (!template_revision_take(db, &revision, err))
            return error_wrap(err, "taking in template %s.%s", t->name, t->language);
        t->revision = revision.id;
    }
    return true;
}

static const struct notice_template *find(const struct template_set *set, struct span name,
                                          struct span language)
{
    for (size_t i = 0; i < set->n; i++)
        if (span_equal(span_of(set->at[i]->name), name) &&
            span_equal_nocase(span_of(set->at[i]->language), language))
            return set->at[i];
    return NULL;
}

/* "de-AT", then "de". */
static const struct notice_template *find_variant(const struct template_set *set, struct span name,
                                                  struct span language)
{
    const struct notice_template *found = find(set, name, language);

    while (found == NULL && language.n > 0) {
        size_t dash = span_last_index(language, '-');

        if (dash == language.n)
            break;
        language = span_first(language, dash);
        found = find(set, name, language);
    }
    return found;
}

static const struct notice_template *
choose_language(const struct template_set *set, struct span name, const struct template_wish *wish)
{
    const struct notice_template *found = NULL;

    for (size_t i = 0; i < wish->language_count && found == NULL; i++)
        found = find_variant(set, name, wish->languages[i]);
    return found != NULL ? found : find(set, name, SPAN(TEMPLATE_LANGUAGE_DEFAULT));
}

const struct notice_template *template_set_choose(const struct template_set *set,
                                                  const struct template_wish *wish)
{
    const struct notice_template *found = NULL;

    for (size_t i = 0; i < wish->name_count && found == NULL; i++)
        if (!span_equal(wish->names[i], SPAN(TEMPLATE_NAME_DIGEST)))
            found = choose_language(set, wish->names[i], wish);
    return found != NULL ? found : choose_language(set, SPAN(TEMPLATE_NAME_NOTICE), wish);
}

const struct notice_template *template_set_digest(const struct template_set *set,
                                                  const struct span *languages, size_t count)
{
    const struct template_wish wish = { .languages = languages, .language_count = count };

    return choose_language(set, SPAN(TEMPLATE_NAME_DIGEST), &wish);
}

const struct notice_template *template_set_each(const struct template_set *set,
                                                const struct notice_template *after)
{
    size_t i = 0;

    while (after != NULL && i < set->n && set->at[i] != after)
        i++;
    i += after != NULL;
    return i < set->n ? set->at[i] : NULL;
}
