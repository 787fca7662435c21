/*
 * A push to a git repository, and the event it becomes: one for all its references, in words that
 * read well in a mail. Pure: a value in, JSON out.
 */
#ifndef POSTROOM_SERVICES_INTAKE_GIT_PUSH_H
#define POSTROOM_SERVICES_INTAKE_GIT_PUSH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"
#include "services/intake/git_paths.h"

enum {
    GIT_REFS_LIMIT = 200,   /* of a push that are named; the rest is counted */
    GIT_COMMITS_LIMIT = 200 /* that are named */
};

/* A reference that moved. Bytes are git's own: names need not be UTF-8. */
struct git_ref {
    struct span name; /* "refs/heads/main" */
    struct span old;  /* objects in hex; all zeros: there was or is none */
    struct span new;
    struct span old_commit; /* the commits they stand for; empty: none */
    struct span new_commit;
    int64_t gained; /* commits it leads to that it did not, GIT_UNKNOWN when nobody counted */
    int64_t lost;   /* the other way round: history was rewritten */
    int64_t files;  /* that changed between the two */
    int64_t added;  /* lines */
    int64_t removed;
};

struct git_commit {
    struct span id;
    int64_t at; /* of the committer, UTC ms */
    struct span author;
    struct span author_address;
    struct span committer;
    struct span committer_address;
    struct span subject;
    struct span body;
};

struct git_push {
    struct span topic;    /* the repository's */
    struct span url;      /* where it is to be seen, empty: nowhere */
    struct git_ref *refs; /* the first GIT_REFS_LIMIT */
    size_t ref_count;
    int64_t refs_left_out;
    struct git_commit *commits; /* new ones, the newest first, the first GIT_COMMITS_LIMIT */
    size_t commit_count;
    int64_t commits_left_out;
    struct git_paths paths;
};

/* git_ref_is_new and git_ref_is_gone tell whether the reference came or went with the push. */
MUST_USE bool git_ref_is_new(const struct git_ref *ref);
MUST_USE bool git_ref_is_gone(const struct git_ref *ref);

/* git_ref_is_history tells whether it is a branch or a tag: the commits of others, such as notes,
 * are not what people watch. */
MUST_USE bool git_ref_is_history(const struct git_ref *ref);

/* git_ref_put_url writes `template` with {old}, {new}, {ref} (whole) and {name} (without
 * refs/heads/ or refs/tags/) filled in, percent-encoded where a URL needs it. */
void git_ref_put_url(struct buf *to, const struct git_ref *ref, struct span template);

/* git_push_event gives the event, without actor and scopes; its JSON has at most about `limit`
 * bytes, for which it names fewer commits and paths. A new reference. */
MUST_USE json_t *git_push_event(const struct git_push *push, size_t limit);

/* git_push_branches gives the names of the branches that moved, at most GIT_BRANCHES_LIMIT; none
 * when more did. A new reference. */
enum { GIT_BRANCHES_LIMIT = 20 };
MUST_USE json_t *git_push_branches(const struct git_push *push);

/* git_push_committer gives {name, address} of who committed the newest commit, NULL when there is
 * none. A new reference. */
MUST_USE json_t *git_push_committer(const struct git_push *push);

#endif
