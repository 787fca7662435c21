/*
 * A client of its own for one call; it goes when the call has ended.
 */
#include "services/hooks/hook_trial.h"

#include "base/alloc.h"
#include "domain/settings.h"
#include "io/loop.h"
#include "net/http_client.h"
#include "services/hooks/hook_outcome.h"
#include "services/hooks/hook_sender.h"

enum { ANSWER_LIMIT = 64 * 1024, FIELDS_MOST = 8 };

struct hook_trial {
    struct loop *loop;
    struct http_client *client;
    struct http_call call;
    const char *fields[FIELDS_MOST + 1];
    json_t *ping;
    json_t *result;
    bool taken;
    hook_trial_done *done;
    void *owner;
};

static void finish(void *owner)
{
    struct hook_trial *trial = owner;

    http_client_free(trial->client);
    json_decref(trial->ping);
    trial->done(trial->owner, trial->result, trial->taken);
    alloc_free(trial);
}

static void on_done(void *owner, const struct http_answer *answer)
{
    struct hook_trial *trial = owner;
    struct hook_outcome outcome = hook_outcome_of(answer);

    trial->taken = outcome.taken;
    trial->result = json_object();
    if (answer->status != 0)
        (void)json_object_set_new(trial->result, "status", json_integer(answer->status));
    if (!outcome.taken)
        (void)json_object_set_new(trial->result, "problem", json_string(outcome.problem));
    loop_defer(trial->loop, finish, trial);
}

static void read_fields(struct hook_trial *trial)
{
    size_t i;
    json_t *field;

    json_array_foreach (json_object_get(trial->ping, "fields"), i, field) {
        if (i < FIELDS_MOST)
            trial->fields[i] = json_string_value(field);
    }
}

void hook_trial_start(struct loop *loop, const struct settings *settings, json_t *ping,
                      hook_trial_done *done, void *owner)
{
    struct hook_trial *trial = NEW(struct hook_trial);
    const struct http_client_options options = {
        .loop = loop,
        .internal_allowed = hook_client_internal(settings),
        .extra_ca_file = settings->extra_ca_file,
        .connections = 1,
        .host_connections = 1,
    };

    trial->loop = loop;
    trial->done = done;
    trial->owner = owner;
    trial->ping = json_incref(ping);
    read_fields(trial);
    trial->client = http_client_new(&options);
    trial->call =
        (struct http_call){ .method = "POST",
                            .url = json_string_value(json_object_get(ping, "url")),
                            .fields = trial->fields,
                            .body = span_of(json_string_value(json_object_get(ping, "body"))),
                            .timeout_ms = settings->webhooks.timeout,
                            .answer_limit = ANSWER_LIMIT,
                            .done = on_done,
                            .owner = trial };
    http_client_call(trial->client, &trial->call);
}
