/*
 * The git repository a hook runs in, asked through git itself.
 */
#ifndef POSTROOM_APP_GIT_REPOSITORY_H
#define POSTROOM_APP_GIT_REPOSITORY_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "services/intake/git_push.h"

/* What the repository's configuration says; absent: at == NULL. In the arena. */
struct git_wishes {
    struct span topic; /* postroom.topic, else "repo/" and the repository's name */
    struct span url;   /* postroom.url */
};

/* git_repository_wishes reads them; fails when there is no repository here, or no git. */
MUST_USE bool git_repository_wishes(struct arena *arena, struct git_wishes *ret_wishes,
                                    struct error *err);

/* git_repository_describe fills in, for references that have moved already, what git knows of the
 * move: counts, commits, paths. What git does not answer stays unknown. In the arena. */
MUST_USE bool git_repository_describe(struct git_push *push, struct arena *arena,
                                      struct error *err);

#endif
