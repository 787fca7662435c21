/*
 * What a token may is said when it is made, by somebody who may as much; an operator's role bounds
 * it for as long as it lives.
 */
#include "services/directory/tokens.h"

#include "base/cleanup.h"
#include "crypto/secret.h"
#include "domain/access.h"
#include "services/request/answer.h"
#include "services/request/caller.h"
#include "services/request/plain_text.h"
#include "store/operator.h"
#include "store/token.h"

enum { SCOPES_ROOM = 1000 };

static bool read_scopes(const struct request *request, struct arena *arena, uint64_t *ret_scopes,
                        struct error *err)
{
    struct span *texts;
    size_t count;

    if (!request_texts(request, "scopes", arena, &texts, &count, err))
        return false;
    *ret_scopes = 0;
    for (size_t i = 0; i < count; i++) {
        struct span unknown;

        *ret_scopes |= access_read_scopes(texts[i], &unknown);
        if (unknown.at != NULL)
            return error_set(
                err, ERROR_INVALID,
                "scopes: no scope is called \"%.*s\"; postroom-api(7) lists them, such "
                "as events:write or people:read",
                SPAN_ARGS(span_first(unknown, 40)));
    }
    return true;
}

/* The operator's role is the default of scopes, and their bound. */
static bool read_operator(struct db *db, const struct request *request, struct arena *arena,
                          struct token_row *row, uint64_t *scopes, struct error *err)
{
    struct operator_row op;
    struct span name;
    uint64_t may;
    bool found;

    if (!request_text(request, "operator", &name, err))
        return false;
    if (name.n == 0)
        return *scopes != 0 || error_set(err, ERROR_INVALID,
                                         "scopes: say what the token may, or whose it is: "
                                         "--operator gives it what their role may");
    if (!operator_find(db, arena, name, &op, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND,
                         "operator: nobody is called %.*s; `operator add` makes an operator",
                         SPAN_ARGS(span_first(name, TOKEN_NAME_LIMIT)));
    may = access_role_scopes((enum access_role)op.role);
    if ((*scopes & ~may) != 0)
        return error_set(err, ERROR_INVALID, "scopes: more than a %s may",
                         access_role_name((enum access_role)op.role));
    row->operator_id = op.id;
    row->operator_name = op.name;
    *scopes = *scopes != 0 ? *scopes : may;
    return true;
}

static bool read_name(const struct request *request, struct span *ret_name, struct error *err)
{
    return request_need_text(request, "name", ret_name, err) &&
           plain_line_check(*ret_name, "name", TOKEN_NAME_LIMIT, err);
}

static bool refuse_taken(struct db *db, struct arena *arena, struct span name, struct error *err)
{
    struct token_row row;
    bool found;

    if (!token_find_name(db, arena, name, &row, &found, err))
        return false;
    return !found ||
           error_set(err, ERROR_CONFLICT, "name: a token %.*s exists; `token revoke` ends it",
                     SPAN_ARGS(name));
}

static bool read_expiry(const struct request *request, struct token_row *row, struct error *err)
{
    return request_moment(request, "expires", &row->expires_at, err) &&
           (row->expires_at == 0 || row->expires_at > request->now_ms ||
            error_set(err, ERROR_INVALID, "expires: that moment is past"));
}

static void describe(json_t *object, const struct token_row *row)
{
    answer_text(object, "name", row->name);
    answer_text(object, "prefix", row->prefix);
    answer_take(object, "scopes", answer_names_json(row->scopes));
    answer_text(object, "operator", row->operator_name);
    answer_moment(object, "made", row->made_at);
    answer_moment(object, "expires", row->expires_at);
    answer_moment(object, "used", row->used_at);
    answer_moment(object, "revoked", row->revoked_at);
}

static bool make(struct db *db, struct token_row *row, json_t **ret_answer, struct error *err)
{
    unsigned char digest[TOKEN_DIGEST_SIZE];
    char text[TOKEN_ROOM];
    bool ok;

    token_make(text, &row->prefix, digest);
    row->digest = (struct span){ (const char *)digest, sizeof(digest) };
    ok = token_insert(db, row, err);
    if (ok) {
        *ret_answer = json_object();
        describe(*ret_answer, row);
        answer_string(*ret_answer, "token", text);
    }
    secret_wipe(text, sizeof(text));
    return ok;
}

bool tokens_add(struct db *db, const struct request *request, json_t **ret_answer,
                struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    CLEANUP(buf_fini) struct buf names;
    struct token_row row = { .made_at = request->now_ms };
    uint64_t scopes;

    arena_init(&arena);
    buf_init(&names, SCOPES_ROOM);
    if (!request_allow(request, "name scopes operator expires", err) ||
        !read_name(request, &row.name, err) || !read_scopes(request, &arena, &scopes, err) ||
        !read_operator(db, request, &arena, &row, &scopes, err) ||
        !request_may_grant(request, scopes, "scopes", err) || !read_expiry(request, &row, err) ||
        !refuse_taken(db, &arena, row.name, err))
        return false;
    access_put_scopes(&names, scopes);
    row.scopes = buf_view(&names);
    return make(db, &row, ret_answer, err);
}

bool tokens_revoke(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct token_row row;
    struct span name;
    bool found;

    arena_init(&arena);
    if (!request_allow(request, "name", err) || !read_name(request, &name, err) ||
        !token_find_name(db, &arena, name, &row, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND,
                         "name: no token %.*s is in use; `token list` shows those that are",
                         SPAN_ARGS(name));
    if (!token_revoke(db, row.id, request->now_ms, err))
        return false;
    row.revoked_at = request->now_ms;
    *ret_answer = json_object();
    describe(*ret_answer, &row);
    return true;
}

bool tokens_list(struct db *db, const struct request *request, json_t **ret_answer,
                 struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct token_list list;
    json_t *array;
    struct token_page page;

    arena_init(&arena);
    if (!request_allow(request, "all after limit", err) ||
        !request_flag(request, "all", false, &page.with_revoked, err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &page.after, err) ||
        !request_page(request, &page.room, err) || !token_list_read(db, &arena, &page, &list, err))
        return false;
    array = json_array();
    for (size_t i = 0; i < list.n; i++) {
        json_t *object = json_object();

        describe(object, &list.at[i]);
        (void)json_array_append_new(array, object);
    }
    *ret_answer = json_object();
    answer_take(*ret_answer, "tokens", array);
    if (list.n == page.room)
        answer_number(*ret_answer, "next", list.at[list.n - 1].id);
    return true;
}
