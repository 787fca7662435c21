/*
 * What only the store knows of a push: which folders are topics, who the pusher is. Then it is an
 * event like any other.
 */
#include "services/intake/git_pushes.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "domain/mail_address.h"
#include "domain/person_reference.h"
#include "domain/topic_key.h"
#include "services/intake/event_draft.h"
#include "services/intake/events.h"
#include "services/intake/git_paths.h"
#include "services/intake/git_push.h"
#include "services/request/answer.h"
#include "store/person.h"
#include "store/topic.h"

enum {
    SCOPES_MOST = EVENT_SCOPES_LIMIT - 1 - GIT_BRANCHES_LIMIT, /* beside repository and branches */
    NESTED_MOST = 4 /* folders within folders that distances tell apart */
};

struct folder {
    struct span path;
    struct span key; /* of its topic */
    bool whole;      /* it holds all of the push */
};

struct push {
    struct db *db;
    const struct request *request;
    struct arena *arena;
    struct request event; /* its args are a copy that is completed */
    struct span topic;
    struct span whole;
    struct folder folders[SCOPES_MOST]; /* known topics, the outer before those they hold */
    size_t folder_count;
    int64_t left_out;
    struct span branches[GIT_BRANCHES_LIMIT]; /* keys of topics */
    size_t branch_count;
    bool one_branch; /* no other moved */
};

static bool holds(struct span outer, struct span inner)
{
    return span_starts(inner, outer) && (inner.n == outer.n || inner.at[outer.n] == '/');
}

static int compare(const void *a, const void *b)
{
    const struct folder *left = a;
    const struct folder *right = b;

    return left->path.n < right->path.n ? -1 : left->path.n > right->path.n;
}

/* The key of a topic of the repository, if there is one; else at == NULL. */
static bool find_part(struct push *p, char mark, struct span name, struct span *ret_key,
                      struct error *err)
{
    int64_t topic;

    *ret_key = (struct span){ NULL, 0 };
    if (name.n == 0 || p->topic.n + 1 + name.n > TOPIC_KEY_LIMIT)
        return true;
    *ret_key =
        span_of(arena_printf(p->arena, "%.*s%c%.*s", SPAN_ARGS(p->topic), mark, SPAN_ARGS(name)));
    if (!topic_find(p->db, *ret_key, &topic, err))
        return false;
    if (topic == 0)
        *ret_key = (struct span){ NULL, 0 };
    return true;
}

static bool add_folder(struct push *p, struct span path, struct error *err)
{
    struct folder folder = { .path = path, .whole = holds(path, p->whole) };

    if (!find_part(p, '/', path, &folder.key, err))
        return false;
    if (folder.key.at == NULL)
        return true;
    if (p->folder_count == SCOPES_MOST)
        p->left_out++;
    else
        p->folders[p->folder_count++] = folder;
    return true;
}

static bool find_branches(struct push *p, struct error *err)
{
    struct span *names;
    size_t count;

    if (!request_texts(p->request, "branches", p->arena, &names, &count, err))
        return false;
    if (count > GIT_BRANCHES_LIMIT)
        return error_set(err, ERROR_LIMIT, "branches: at most %d", GIT_BRANCHES_LIMIT);
    p->one_branch = count == 1;
    for (size_t i = 0; i < count; i++) {
        struct span *key = &p->branches[p->branch_count];

        if (!find_part(p, '@', names[i], key, err))
            return false;
        p->branch_count += key->at != NULL;
    }
    return true;
}

static bool find_folders(struct push *p, struct error *err)
{
    const json_t *array = json_object_get(p->request->args, "folders");
    size_t i;
    json_t *item;

    if (array != NULL && !json_is_array(array))
        return error_set(err, ERROR_INVALID, "folders: must be a list");
    if (json_array_size(array) > GIT_FOLDERS_LIMIT)
        return error_set(err, ERROR_LIMIT, "folders: at most %d", GIT_FOLDERS_LIMIT);
    json_array_foreach (array, i, item) {
        struct span path = { json_string_value(item), json_string_length(item) };

        if (!json_is_string(item))
            return error_set(err, ERROR_INVALID, "folders: must be texts");
        if (!add_folder(p, path, err))
            return false;
    }
    qsort(p->folders, p->folder_count, sizeof p->folders[0], compare);
    return true;
}

static int nested(int depth)
{
    return depth < NESTED_MOST ? depth : NESTED_MOST;
}

/* How many of the known folders hold the one at `i`. */
static int depth_of(const struct push *p, size_t i)
{
    int depth = 0;

    for (size_t k = 0; k < i; k++)
        depth += holds(p->folders[k].path, p->folders[i].path);
    return depth;
}

static int count_whole(const struct push *p)
{
    int n = 0;

    for (size_t i = 0; i < p->folder_count; i++)
        n += p->folders[i].whole;
    return nested(n);
}

static void add_scope(json_t *scopes, struct span topic, int distance)
{
    json_t *scope = json_object();

    answer_text(scope, "topic", topic);
    answer_number(scope, "distance", distance);
    (void)json_array_append_new(scopes, scope);
}

/* The folders that hold the whole push are one within the other: the innermost at 0, then outward
 * to the repository, and behind it the folders that the push touches among others. A branch is
 * next to the repository, on this side when it moved alone. */
static void set_scopes(struct push *p)
{
    json_t *scopes = json_array();
    bool is_nearer = p->one_branch && p->branch_count > 0;
    int whole = count_whole(p);
    int repository = is_nearer && whole == 0 ? 1 : whole;

    add_scope(scopes, p->topic, repository);
    for (size_t i = 0; i < p->folder_count; i++) {
        int depth = nested(depth_of(p, i) + 1);
        int distance = p->folders[i].whole ? repository - depth : repository + depth;

        add_scope(scopes, p->folders[i].key, distance);
    }
    for (size_t i = 0; i < p->branch_count; i++)
        add_scope(scopes, p->branches[i], is_nearer ? repository - 1 : repository + 1);
    if (is_nearer)
        answer_text(p->event.args, "thread", p->branches[0]);
    answer_take(p->event.args, "scopes", scopes);
}

/* Whom git names. An address that is none, or of several people, names nobody. */
struct hand {
    struct span text; /* empty: nobody is named */
    int64_t person;   /* 0: nobody known */
    bool may_be_made;
};

static bool find_hand(struct push *p, struct span text, struct hand *hand, struct error *err)
{
    struct person_reference reference;

    *hand = (struct hand){ .text = text };
    if (text.n == 0 || !person_reference_read(text, &reference, err))
        return text.n == 0;
    if (!person_find(p->db, &reference, &hand->person, err))
        return err->kind == ERROR_CONFLICT;
    hand->may_be_made = hand->person == 0;
    return true;
}

static void make_committer(struct push *p, struct span name, struct span address)
{
    json_t *people = json_array();
    json_t *person = json_object();

    answer_text(person, "address", address);
    answer_text(person, "name", span_trim(name));
    (void)json_array_append_new(people, person);
    answer_take(p->event.args, "people", people);
}

static bool read_committer(struct push *p, struct span *name, struct hand *hand, struct error *err)
{
    struct request part = *p->request;
    struct span address;
    struct mail_address unused;
    struct error no_address;

    part.args = json_object_get(p->request->args, "committer");
    *name = (struct span){ NULL, 0 };
    *hand = (struct hand){ .person = 0 };
    if (part.args == NULL)
        return true;
    if (!request_allow(&part, "name address", err) || !request_text(&part, "name", name, err) ||
        !request_text(&part, "address", &address, err))
        return error_wrap(err, "committer");
    if (!mail_address_read(address, &unused, &no_address))
        return true;
    return find_hand(p, address, hand, err);
}

static bool set_actor(struct push *p, struct error *err)
{
    struct span text;
    struct span name;
    struct hand by;
    struct hand committer;

    if (!request_text(p->request, "by", &text, err) || !read_committer(p, &name, &committer, err))
        return false;
    if (!find_hand(p, text, &by, err))
        return error_wrap(err, "by");
    if (by.person != 0 || (by.may_be_made && committer.person == 0)) {
        answer_text(p->event.args, "actor", by.text);
    } else if (committer.person != 0 || committer.may_be_made) {
        answer_text(p->event.args, "actor", committer.text);
        if (committer.may_be_made)
            make_committer(p, name, committer.text);
    }
    return true;
}

static bool read_push(struct push *p, struct error *err)
{
    json_t *event = json_object_get(p->request->args, "event");

    if (!request_allow(p->request, "event folders branches whole by committer", err) ||
        !request_text(p->request, "whole", &p->whole, err))
        return false;
    if (!json_is_object(event))
        return error_set(err, ERROR_INVALID, "event: must be an object");
    p->event = *p->request;
    p->event.args = json_copy(event);
    return request_need_text(&p->event, "topic", &p->topic, err) &&
           (topic_key_check(p->topic, err) || error_wrap(err, "topic"));
}

static bool take(struct push *p, json_t **ret_answer, struct error *err)
{
    json_t *known = json_array();

    if (!read_push(p, err) || !find_folders(p, err) || !find_branches(p, err) ||
        !set_actor(p, err)) {
        json_decref(known);
        return false;
    }
    set_scopes(p);
    for (size_t i = 0; i < p->folder_count; i++)
        (void)json_array_append_new(known, json_stringn(p->folders[i].key.at, p->folders[i].key.n));
    if (!events_add(p->db, &p->event, ret_answer, err)) {
        json_decref(known);
        return false;
    }
    answer_take(*ret_answer, "folders", known);
    if (p->left_out > 0)
        answer_number(*ret_answer, "folders_left_out", p->left_out);
    return true;
}

bool git_pushes_add(struct db *db, const struct request *request, json_t **ret_answer,
                    struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct push *push;
    bool ok;

    arena_init(&arena);
    push = ARENA_NEW(&arena, struct push);
    push->db = db;
    push->request = request;
    push->arena = &arena;
    ok = take(push, ret_answer, err);
    json_decref(push->event.args);
    return ok;
}
