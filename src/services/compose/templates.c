/*
 * Looking at templates and changing those of the store.
 */
#include "services/compose/templates.h"

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "services/compose/template_files.h"
#include "services/compose/template_scan.h"
#include "services/compose/template_set.h"
#include "services/request/answer.h"
#include "store/template.h"

static void free_set(struct template_set **set)
{
    template_set_free(*set);
}

static bool read_files(struct template_files *files, struct db *db, const struct request *request,
                       struct error *err)
{
    return template_files_read(files, request->settings->template_folder, err) &&
           template_files_overlay(files, db, err);
}

/* Empty for English, as in the files' names. */
static bool read_language(const struct request *request, struct span *ret_language,
                          struct error *err)
{
    struct span language;

    if (!request_text(request, "language", &language, err))
        return false;
    if (language.at == NULL || span_equal_nocase(language, SPAN(TEMPLATE_LANGUAGE_DEFAULT)))
        language = SPAN("");
    *ret_language = language;
    return true;
}

static bool read_part(const struct request *request, bool *ret_given,
                      enum template_file_part *ret_part, struct error *err)
{
    struct span part;

    if (!request_text(request, "part", &part, err))
        return false;
    *ret_given = part.at != NULL;
    *ret_part = FILE_TEXT;
    return !*ret_given || template_file_part_read(part, ret_part) ||
           error_set(err, ERROR_INVALID,
                     "part: must be subject, text, html, partial.txt or partial.html, got \"%.*s\"",
                     SPAN_ARGS(span_first(part, 40)));
}

/* ---- list ---- */

static bool put_revision(json_t *row, struct db *db, const struct notice_template *t,
                         struct error *err)
{
    struct template_revision revision = {
        .name = span_of(t->name),
        .language = span_of(t->language),
        .digest = { (const char *)t->digest, sizeof(t->digest) },
    };
    bool found;

    if (!template_revision_find(db, &revision, &found, err))
        return false;
    if (found)
        answer_number(row, "revision", revision.id);
    return true;
}

static struct span file_language(const struct notice_template *t)
{
    return strcmp(t->language, TEMPLATE_LANGUAGE_DEFAULT) == 0 ? SPAN("") : span_of(t->language);
}

/* A subject or page that the template does not have itself is left out. */
static void put_origins(json_t *row, const struct template_files *files,
                        const struct notice_template *t)
{
    for (int part = FILE_SUBJECT; part <= FILE_HTML; part++) {
        const struct template_file *f = template_files_find(
            files, span_of(t->name), file_language(t), (enum template_file_part)part);

        if (f != NULL)
            answer_string(row, template_file_part_name((enum template_file_part)part),
                          template_origin_name(f->origin));
    }
}

static json_t *template_row(const struct notice_template *t)
{
    json_t *row = json_object();

    answer_string(row, "name", t->name);
    answer_string(row, "language", t->language);
    return row;
}

struct listing {
    struct db *db;
    struct template_files files;
    struct template_set *set;
    json_t *templates;
};

static void listing_fini(struct listing *l)
{
    template_files_fini(&l->files);
    template_set_free(l->set);
    json_decref(l->templates);
}

static bool put_template(struct listing *l, const struct notice_template *t, const char *for_whom,
                         struct error *err)
{
    json_t *row = template_row(t);

    (void)json_array_append_new(l->templates, row);
    if (for_whom != NULL)
        answer_string(row, "for", for_whom);
    put_origins(row, &l->files, t);
    return put_revision(row, l->db, t, err);
}

static bool put_all(struct listing *l, struct error *err)
{
    for (const struct notice_template *t = template_set_each(l->set, NULL); t != NULL;
         t = template_set_each(l->set, t))
        if (!put_template(l, t, NULL, err))
            return false;
    return true;
}

/* Those of one name: other languages first, English for all who are left. *ret_ended: it has it. */
static bool put_name(struct listing *l, struct span name, bool *ret_ended, struct error *err)
{
    const struct notice_template *rest = NULL;

    for (const struct notice_template *t = template_set_each(l->set, NULL); t != NULL;
         t = template_set_each(l->set, t)) {
        char whom[TEMPLATE_LANGUAGE_MOST + 20];

        if (!span_equal(span_of(t->name), name))
            continue;
        if (file_language(t).n == 0) {
            rest = t;
            continue;
        }
        (void)snprintf(whom, sizeof(whom), "who reads %s", t->language);
        if (!put_template(l, t, whom, err))
            return false;
    }
    *ret_ended = rest != NULL;
    return rest == NULL || put_template(l, rest, "all others", err);
}

static bool put_order(struct listing *l, struct span kind, struct error *err)
{
    bool ended = false;

    if (!span_equal(kind, SPAN(TEMPLATE_NAME_DIGEST)) && !put_name(l, kind, &ended, err))
        return false;
    return ended || span_equal(kind, SPAN(TEMPLATE_NAME_NOTICE)) ||
           put_name(l, SPAN(TEMPLATE_NAME_NOTICE), &ended, err);
}

static json_t *partials_of(const struct template_files *files)
{
    json_t *partials = json_array();

    for (size_t i = 0; i < files->n; i++) {
        const struct template_file *f = &files->at[i];
        json_t *row;

        if (f->part != FILE_PARTIAL_TEXT && f->part != FILE_PARTIAL_HTML)
            continue;
        row = json_object();
        answer_string(row, "file", f->file);
        answer_string(row, "from", template_origin_name(f->origin));
        (void)json_array_append_new(partials, row);
    }
    return partials;
}

bool templates_list(struct db *db, const struct request *request, json_t **ret_answer,
                    struct error *err)
{
    CLEANUP(listing_fini) struct listing l = { .db = db };
    struct span kind;

    l.templates = json_array();
    if (!request_allow(request, "for", err) || !request_text(request, "for", &kind, err) ||
        !read_files(&l.files, db, request, err) || !template_set_compile(&l.files, &l.set, err) ||
        !(kind.at != NULL ? put_order(&l, kind, err) : put_all(&l, err)))
        return false;
    *ret_answer = json_object();
    answer_take(*ret_answer, "templates", json_incref(l.templates));
    if (kind.at == NULL)
        answer_take(*ret_answer, "partials", partials_of(&l.files));
    return true;
}

/* ---- show ---- */

static void put_part(json_t *parts, const char *part, const char *file, const char *from,
                     struct span source)
{
    json_t *row = json_object();

    answer_string(row, "part", part);
    if (file != NULL)
        answer_string(row, "file", file);
    if (from != NULL)
        answer_string(row, "from", from);
    answer_text(row, "source", source);
    (void)json_array_append_new(parts, row);
}

static json_t *parts_of(const struct template_files *files, struct span name, struct span language)
{
    json_t *parts = json_array();

    for (int part = FILE_SUBJECT; part < FILE_PARTS; part++) {
        const struct template_file *f =
            template_files_find(files, name, language, (enum template_file_part)part);

        if (f != NULL)
            put_part(parts, template_file_part_name(f->part), f->file,
                     template_origin_name(f->origin), (struct span){ f->bytes, f->n });
    }
    return parts;
}

static bool no_template(struct span name, struct span language, struct error *err)
{
    return error_set(err, ERROR_NOT_FOUND,
                     "there is no template \"%.*s\" in %.*s; `postroom template list` names all",
                     SPAN_ARGS(span_first(name, TEMPLATE_NAME_MOST)),
                     language.n > 0 ? (int)span_first(language, 40).n : 2,
                     language.n > 0 ? language.at : TEMPLATE_LANGUAGE_DEFAULT);
}

static bool put_revisions(json_t *answer, struct db *db, struct span name, struct span language,
                          struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    const struct template_revision of = {
        .name = name, .language = language.n > 0 ? language : SPAN(TEMPLATE_LANGUAGE_DEFAULT)
    };
    struct template_revision_list list;
    json_t *revisions = json_array();

    arena_init(&arena);
    answer_take(answer, "revisions", revisions);
    if (!template_revisions_read(db, &arena, &of, TEMPLATE_REVISIONS_SHOWN, &list, err))
        return false;
    for (size_t i = 0; i < list.n; i++) {
        json_t *row = json_object();

        answer_number(row, "revision", list.at[i].id);
        answer_moment(row, "at", list.at[i].at);
        (void)json_array_append_new(revisions, row);
    }
    return true;
}

static bool show_now(struct db *db, const struct request *request, struct span name,
                     json_t **ret_answer, struct error *err)
{
    CLEANUP(template_files_fini) struct template_files files = { 0 };
    struct span language;
    json_t *parts;

    if (!read_language(request, &language, err) || !read_files(&files, db, request, err))
        return false;
    parts = parts_of(&files, name, language);
    if (json_array_size(parts) == 0) {
        json_decref(parts);
        return no_template(name, language, err);
    }
    *ret_answer = json_object();
    answer_text(*ret_answer, "name", name);
    answer_text(*ret_answer, "language",
                language.n > 0 ? language : SPAN(TEMPLATE_LANGUAGE_DEFAULT));
    answer_take(*ret_answer, "parts", parts);
    return put_revisions(*ret_answer, db, name, language, err);
}

static struct span json_span(const json_t *text)
{
    return (struct span){ json_string_value(text), json_string_length(text) };
}

/* A revision holds the partials that its template could name under their files' names. */
static json_t *parts_of_revision(const json_t *source)
{
    json_t *parts = json_array();
    const char *file;
    json_t *partial;

    for (int part = FILE_SUBJECT; part <= FILE_HTML; part++) {
        const char *name = template_file_part_name((enum template_file_part)part);
        const json_t *text = json_object_get(source, name);

        if (json_is_string(text))
            put_part(parts, name, NULL, NULL, json_span(text));
    }
    json_object_foreach (json_object_get(source, "partials"), file, partial) {
        put_part(parts, "partial", file, NULL, json_span(partial));
    }
    return parts;
}

static bool show_revision(struct db *db, struct span name, int64_t id, json_t **ret_answer,
                          struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct template_revision revision;
    json_t *source;
    bool found;

    arena_init(&arena);
    if (!template_revision_load(db, &arena, id, &revision, &found, err))
        return false;
    if (!found || !span_equal(revision.name, name))
        return error_set(err, ERROR_NOT_FOUND, "there is no revision %lld of a template \"%.*s\"",
                         (long long)id, SPAN_ARGS(span_first(name, TEMPLATE_NAME_MOST)));
    source = json_loadb(revision.source.at, revision.source.n, 0, NULL);
    *ret_answer = json_object();
    answer_text(*ret_answer, "name", revision.name);
    answer_text(*ret_answer, "language", revision.language);
    answer_number(*ret_answer, "revision", revision.id);
    answer_moment(*ret_answer, "at", revision.at);
    answer_take(*ret_answer, "parts", parts_of_revision(source));
    json_decref(source);
    return true;
}

bool templates_show(struct db *db, const struct request *request, json_t **ret_answer,
                    struct error *err)
{
    struct span name;
    int64_t revision = 0;
    json_t *answer = NULL;

    if (!request_allow(request, "name language revision", err) ||
        !request_need_text(request, "name", &name, err) ||
        !request_integer(request, "revision", 1, INT64_MAX, 0, &revision, err))
        return false;
    if (revision != 0)
        return show_revision(db, name, revision, ret_answer, err);
    if (!show_now(db, request, name, &answer, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}

/* ---- change ---- */

/* A row for each template that has no revision as it is now, null for the others. */
static bool put_changed(json_t *rows, struct db *db, const struct template_set *set,
                        struct error *err)
{
    for (const struct notice_template *t = template_set_each(set, NULL); t != NULL;
         t = template_set_each(set, t)) {
        json_t *row = template_row(t);
        bool fine = put_revision(row, db, t, err);
        bool known = json_object_get(row, "revision") != NULL;

        (void)json_array_append(rows, known ? json_null() : row);
        json_decref(row);
        if (!fine)
            return false;
    }
    return true;
}

static void keep_changed(json_t *rows, const struct template_set *set)
{
    size_t i = 0;

    for (const struct notice_template *t = template_set_each(set, NULL); t != NULL;
         t = template_set_each(set, t)) {
        json_t *row = json_array_get(rows, i);

        if (json_is_null(row)) {
            (void)json_array_remove(rows, i);
        } else {
            answer_number(row, "revision", t->revision);
            i++;
        }
    }
}

/* Compiles all with what the store has now and gives each its revision; names those whose is new.
 */
static bool take_in(struct db *db, const struct request *request, json_t *changed,
                    struct error *err)
{
    CLEANUP(template_files_fini) struct template_files files = { 0 };
    CLEANUP(free_set) struct template_set *set = NULL;

    if (!read_files(&files, db, request, err) || !template_set_compile(&files, &set, err) ||
        !put_changed(changed, db, set, err) || !template_set_take_in(set, db, request->now_ms, err))
        return false;
    keep_changed(changed, set);
    return true;
}

static bool read_source(const struct request *request, struct span *ret_source, struct error *err)
{
    struct span source;

    if (!request_need_text(request, "source", &source, err))
        return false;
    if (source.n > TEMPLATE_SOURCE_MOST)
        return error_set(err, ERROR_LIMIT, "source: at most %d bytes", TEMPLATE_SOURCE_MOST);
    if (memchr(source.at, '\0', source.n) != NULL)
        return error_set(err, ERROR_INVALID, "source: holds a NUL byte");
    *ret_source = source;
    return true;
}

struct place_wish {
    struct span name;
    struct span language;
    bool part_given;
    enum template_file_part part;
};

static bool read_place(const struct request *request, struct place_wish *ret_wish,
                       struct error *err)
{
    return request_need_text(request, "name", &ret_wish->name, err) &&
           read_language(request, &ret_wish->language, err) &&
           read_part(request, &ret_wish->part_given, &ret_wish->part, err);
}

static json_t *answer_of(const struct place_wish *wish)
{
    json_t *answer = json_object();

    answer_text(answer, "name", wish->name);
    answer_text(answer, "language",
                wish->language.n > 0 ? wish->language : SPAN(TEMPLATE_LANGUAGE_DEFAULT));
    return answer;
}

bool templates_set(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    CLEANUP(template_files_fini) struct template_files files = { 0 };
    CLEANUP(cleanup_free) char *file = NULL;
    struct template_row row = { .at = request->now_ms };
    struct place_wish wish = { .name = { NULL, 0 } };
    json_t *changed = json_array();
    bool fine = request_allow(request, "name language part source", err) &&
                read_place(request, &wish, err) && read_source(request, &row.source, err) &&
                read_files(&files, db, request, err) &&
                template_files_name(&files, wish.name, wish.language, wish.part, &file, err);

    row.file = span_of(file);
    fine = fine && template_row_put(db, &row, err) &&
           (take_in(db, request, changed, err) || error_wrap(err, "source"));
    if (!fine) {
        json_decref(changed);
        return false;
    }
    *ret_answer = answer_of(&wish);
    answer_string(*ret_answer, "file", file);
    answer_take(*ret_answer, "revisions", changed);
    return true;
}

static bool is_meant(const struct template_file *f, const struct place_wish *wish)
{
    return f->origin == TEMPLATE_STORED && span_equal(f->name, wish->name) &&
           span_equal_nocase(f->language, wish->language) &&
           (!wish->part_given || f->part == wish->part);
}

static bool remove_files(struct db *db, const struct template_files *files,
                         const struct place_wish *wish, json_t *removed, struct error *err)
{
    for (size_t i = 0; i < files->n; i++) {
        if (!is_meant(&files->at[i], wish))
            continue;
        if (!template_row_remove(db, span_of(files->at[i].file), err))
            return false;
        (void)json_array_append_new(removed, json_string(files->at[i].file));
    }
    return json_array_size(removed) > 0 ||
           error_set(err, ERROR_NOT_FOUND, "nothing was set for the template \"%.*s\" in %s",
                     SPAN_ARGS(span_first(wish->name, TEMPLATE_NAME_MOST)),
                     wish->language.n > 0 ? "that language" : TEMPLATE_LANGUAGE_DEFAULT);
}

/* What was no good before, after an upgrade for instance, does not keep a part of it from going. */
static bool was_good(const struct template_files *files)
{
    struct template_set *set = NULL;
    struct error fault;
    bool good = template_set_compile(files, &set, &fault);

    template_set_free(set);
    return good;
}

bool templates_reset(struct db *db, const struct request *request, json_t **ret_answer,
                     struct error *err)
{
    CLEANUP(template_files_fini) struct template_files files = { 0 };
    struct place_wish wish = { .name = { NULL, 0 } };
    json_t *removed = json_array();
    json_t *changed = json_array();
    bool fine = request_allow(request, "name language part", err) &&
                read_place(request, &wish, err) && read_files(&files, db, request, err) &&
                remove_files(db, &files, &wish, removed, err) &&
                (take_in(db, request, changed, err) || !was_good(&files));

    json_decref(changed);
    if (!fine) {
        json_decref(removed);
        return false;
    }
    *ret_answer = answer_of(&wish);
    answer_take(*ret_answer, "files", removed);
    return true;
}
