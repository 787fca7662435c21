/*
 * `git-hook`: a repository's post-receive hook. The push is in when it runs, so all it can do is
 * tell of it, or say clearly that it could not.
 */
#include <stdlib.h>
#include <sysexits.h>

#include "app/asking.h"
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/config/config.h"
#include "app/git_repository.h"
#include "app/standard_input.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/span.h"
#include "services/intake/git_output.h"
#include "services/intake/git_push.h"
#include "services/request/plain_text.h"

enum { INPUT_LIMIT = 64 << 20, PATIENCE_S = 20 }; /* git, and the pusher, wait for us */

static const struct option git_hook_options[] = {
    { "topic", OPTION_TEXT, "KEY", "topic",
      "the repository's topic; default: postroom.topic of its configuration, else repo/NAME" },
    { "by", OPTION_TEXT, "PERSON", "by",
      "who pushed; default: POSTROOM_BY, GL_USER or REMOTE_USER, else the newest commit's "
      "committer" },
    { "url", OPTION_TEXT, "TEMPLATE", "url",
      "where it is to be seen, with {old}, {new}, {ref} and {name} filled in; default: "
      "postroom.url of the repository's configuration" },
    { NULL },
};

static bool read_refs(struct span input, struct arena *arena, struct git_push *push,
                      struct error *err)
{
    push->refs = ARENA_ARRAY(arena, struct git_ref, GIT_REFS_LIMIT);
    for (int line = 1; input.n > 0; line++) {
        struct git_ref ref;

        if (!git_output_read_ref(span_take_until(&input, '\n'), &ref, err))
            return error_wrap(err, "line %d of standard input", line);
        if (push->ref_count < GIT_REFS_LIMIT)
            push->refs[push->ref_count++] = ref;
        else
            push->refs_left_out++;
    }
    return true;
}

static struct span option_or(const struct invocation *call, const char *field, struct span fallback)
{
    const char *given = json_string_value(json_object_get(call->args, field));

    return given != NULL ? span_of(given) : fallback;
}

/* Who the server that runs the hook says has pushed; empty when it says nothing. */
static struct span pusher(void)
{
    static const char *const names[] = { "POSTROOM_BY", "GL_USER", "REMOTE_USER" };

    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): a hook has one thread */
        struct span value = span_of(getenv(names[i]));

        if (value.n > 0)
            return value;
    }
    return SPAN("");
}

/* The address of the first reference that is there. */
static void set_url(struct git_push *push, struct span template, struct arena *arena)
{
    CLEANUP(buf_fini) struct buf url;
    size_t i = 0;

    buf_init(&url, URL_LIMIT);
    while (i < push->ref_count && git_ref_is_gone(&push->refs[i]))
        i++;
    if (i == push->ref_count || template.n == 0)
        return;
    git_ref_put_url(&url, &push->refs[i], template);
    if (!url.overflown)
        push->url = arena_copy(arena, buf_view(&url));
}

static json_t *request_of(const struct invocation *call, const struct git_push *push)
{
    size_t limit = call->config->settings.event_size_limit / 2; /* scopes and people are added */
    struct span by = option_or(call, "by", pusher());
    struct span whole = git_paths_whole(&push->paths);
    json_t *args = json_pack("{s:o, s:o, s:o}", "event", git_push_event(push, limit), "folders",
                             git_paths_folders(&push->paths), "branches", git_push_branches(push));
    json_t *committer = git_push_committer(push);

    (void)json_object_set_new(args, "whole", json_stringn(whole.n > 0 ? whole.at : "", whole.n));
    if (by.n > 0)
        (void)json_object_set_new(args, "by", json_stringn(by.at, by.n));
    if (committer != NULL)
        (void)json_object_set_new(args, "committer", committer);
    return args;
}

static bool ask(const struct invocation *call, const struct git_push *push, json_t **ret_answer,
                struct error *err)
{
    json_t *args = request_of(call, push);
    bool ok = asking_ask(call->config, "git.push", args, PATIENCE_S, ret_answer, err);

    json_decref(args);
    return ok;
}

static bool tell(const struct invocation *call, struct span input, json_t **ret_answer,
                 struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct git_push push = { .ref_count = 0 };
    struct git_wishes wishes;
    bool ok;

    arena_init(&arena);
    if (!git_repository_wishes(&arena, &wishes, err) || !read_refs(input, &arena, &push, err))
        return false;
    push.topic = option_or(call, "topic", wishes.topic);
    git_paths_init(&push.paths, &arena);
    set_url(&push, option_or(call, "url", wishes.url), &arena);
    ok = git_repository_describe(&push, &arena, err) && ask(call, &push, ret_answer, err);
    git_paths_fini(&push.paths);
    return ok;
}

/* The pusher sees what git shows of our standard error. */
static void warn(const json_t *answer)
{
    int64_t n = json_integer_value(json_object_get(answer, "folders_left_out"));

    if (n > 0)
        (void)fprintf(stderr,
                      "postroom git-hook: the push touches too many topics: who watches none but "
                      "the last %lld is not told\n",
                      (long long)n);
}

static int run_git_hook(const struct invocation *call)
{
    CLEANUP(buf_fini) struct buf input;
    json_t *answer = NULL;
    struct error err;

    buf_init(&input, INPUT_LIMIT);
    if (!standard_input_read(&input, &err))
        return command_fail(call, &err);
    if (input.n == 0)
        return EX_OK; /* nothing was pushed */
    if (!tell(call, buf_view(&input), &answer, &err)) {
        (void)error_wrap(&err, "the push is in, but nobody will be told of it");
        return command_fail(call, &err);
    }
    warn(answer);
    if (call->json) {
        (void)json_dumpf(answer, call->out, JSON_INDENT(2));
        (void)fputc('\n', call->out);
    }
    json_decref(answer);
    return EX_OK;
}

const struct command git_hook_commands[] = {
    { .name = "git-hook",
      .summary = "record a push to a git repository: its post-receive hook",
      .details =
          "One event a push, of the kind `pushed`, on the repository's topic, with the commits\n"
          "that no other reference led to. A folder is a topic when somebody made one of its\n"
          "name below the repository's: who watches TOPIC/doc hears of pushes that touch doc/.\n"
          "Who mutes it is spared pushes to that folder alone. Likewise TOPIC@BRANCH is the\n"
          "topic of a branch: who watches it hears of pushes that move it, and pushes that move\n"
          "no other branch are a thread of their own.\n"
          "\n"
          "In the repository, as hooks/post-receive:\n"
          "\n"
          "    #!/bin/sh\n"
          "    exec postroom --config /etc/postroom.yaml git-hook\n"
          "\n"
          "A push is never refused: when it cannot be recorded, the pusher is told so.",
      .options = git_hook_options,
      .run = run_git_hook },
    { 0 },
};
