/*
 * `queue now --wait`: the order, and then questions about each mail until its server has answered.
 */
#include <poll.h>
#include <string.h>
#include <sysexits.h>

#include "app/asking.h"
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/clock.h"
#include "base/span.h"
#include "base/text.h"

enum { LOOK_EVERY_MS = 100, WAIT_DEFAULT_MS = 60000 };

struct wait {
    const struct invocation *call;
    int64_t until;   /* monotonic */
    json_t *before;  /* tries of each mail before the order, in order */
    json_t *answers; /* what explain says of each */
};

/* What explain says of one, as a new reference. */
static bool ask_about(const struct invocation *call, const json_t *delivery, json_t **ret_answer,
                      struct error *err)
{
    json_t *args = json_object();
    bool ok;

    (void)json_object_set(args, "delivery", (json_t *)delivery);
    ok = asking_ask(call->config, "explain", args, 0, ret_answer, err);
    json_decref(args);
    return ok;
}

static json_int_t number(const json_t *answer, const char *field)
{
    return json_integer_value(json_object_get(answer, field));
}

static const char *state_of(const json_t *answer)
{
    return json_string_value(json_object_get(answer, "state"));
}

/* Something is said of the last try, or the mail waits no more. */
static bool is_answered(const json_t *answer, json_int_t before)
{
    return number(answer, "attempts") > before || json_object_get(answer, "ended") != NULL ||
           strcmp(state_of(answer), "held") == 0;
}

static bool look_before(struct wait *w, const json_t *deliveries, struct error *err)
{
    size_t i;
    json_t *id;

    json_array_foreach (deliveries, i, id) {
        json_t *answer;

        if (!ask_about(w->call, id, &answer, err))
            return false;
        (void)json_array_append_new(w->before, json_integer(number(answer, "attempts")));
        json_decref(answer);
    }
    return true;
}

static bool has_daemon(const json_t *answer)
{
    return json_is_true(json_object_get(json_object_get(answer, "daemon"), "running"));
}

/* Looks at the mail until it is answered or the time is over. */
static bool wait_for(struct wait *w, const json_t *id, json_int_t before, struct error *err)
{
    json_t *answer;

    for (;;) {
        if (!ask_about(w->call, id, &answer, err))
            return false;
        if (is_answered(answer, before) || clock_monotonic_us() / 1000 >= w->until)
            break;
        if (!has_daemon(answer)) {
            json_decref(answer);
            return error_set(err, ERROR_TEMPORARY,
                             "no daemon runs on this store: nothing is sent until `postroom "
                             "serve` does");
        }
        json_decref(answer);
        (void)poll(NULL, 0, LOOK_EVERY_MS);
    }
    (void)json_object_set_new(answer, "answered", json_boolean(is_answered(answer, before)));
    (void)json_array_append_new(w->answers, answer);
    return true;
}

static bool wait_for_all(struct wait *w, const json_t *deliveries, struct error *err)
{
    size_t i;
    json_t *id;

    json_array_foreach (deliveries, i, id) {
        if (!wait_for(w, id, json_integer_value(json_array_get(w->before, i)), err))
            return false;
    }
    return true;
}

/* ---- what came of it ---- */

static int code_of(const json_t *answer)
{
    const char *state = state_of(answer);

    if (strcmp(state, "delivered") == 0)
        return EX_OK;
    if (strcmp(state, "in_doubt") == 0)
        return EX_PROTOCOL;
    return json_object_get(answer, "ended") != NULL ? EX_UNAVAILABLE : EX_TEMPFAIL;
}

static int rank_of(int code)
{
    switch (code) {
    case EX_OK:
        return 0;
    case EX_TEMPFAIL:
        return 1;
    case EX_PROTOCOL:
        return 2;
    default:
        return 3;
    }
}

static int worst(const json_t *answers)
{
    int code = EX_OK;
    size_t i;
    json_t *answer;

    json_array_foreach (answers, i, answer) {
        if (rank_of(code_of(answer)) > rank_of(code))
            code = code_of(answer);
    }
    return code;
}

static void print_answers(FILE *out, const json_t *answers)
{
    size_t i;
    json_t *answer;

    json_array_foreach (answers, i, answer) {
        if (i > 0)
            (void)fputc('\n', out);
        show_fields(out, answer, "delivery to state reason due answered");
        show_fields(out, json_object_get(answer, "last_try"),
                    "at host ip stage said_by code status text");
    }
}

static int show_answers(const struct wait *w)
{
    if (w->call->json) {
        json_t *all = json_object();

        (void)json_object_set(all, "deliveries", w->answers);
        (void)json_dumpf(all, w->call->out, JSON_INDENT(2));
        (void)fputc('\n', w->call->out);
        json_decref(all);
    } else {
        print_answers(w->call->out, w->answers);
    }
    return worst(w->answers);
}

/* ---- the command ---- */

static bool order_now(const struct invocation *call, json_t **ret_answer, struct error *err)
{
    return asking_ask(call->config, "queue.now", call->args, 0, ret_answer, err);
}

static int order_and_wait(const struct invocation *call, int64_t patience_ms)
{
    struct wait w = { .call = call, .before = json_array(), .answers = json_array() };
    const json_t *deliveries = json_object_get(call->args, "deliveries");
    json_t *ordered = NULL;
    struct error err;
    int code;

    w.until = clock_monotonic_us() / 1000 + patience_ms;
    if (look_before(&w, deliveries, &err) && order_now(call, &ordered, &err) &&
        wait_for_all(&w, deliveries, &err))
        code = show_answers(&w);
    else
        code = command_fail(call, &err);
    json_decref(ordered);
    json_decref(w.before);
    json_decref(w.answers);
    return code;
}

static int order_alone(const struct invocation *call)
{
    struct error err;
    json_t *answer;

    if (!order_now(call, &answer, &err))
        return command_fail(call, &err);
    if (call->json) {
        (void)json_dumpf(answer, call->out, JSON_INDENT(2));
        (void)fputc('\n', call->out);
    } else {
        queue_orders_print(call->out, answer);
    }
    json_decref(answer);
    return EX_OK;
}

/* Takes --wait and --timeout out of the arguments; *ret_ms is 0 without --wait. */
static bool read_patience(json_t *args, int64_t *ret_ms, struct error *err)
{
    const char *timeout = json_string_value(json_object_get(args, "timeout"));
    bool waits = json_is_true(json_object_get(args, "wait"));
    int64_t ms = WAIT_DEFAULT_MS;

    if (timeout != NULL && !waits)
        return error_set(err, ERROR_INVALID, "--timeout goes with --wait");
    if (timeout != NULL && (!text_to_duration(span_of(timeout), &ms) || ms == 0))
        return error_set(err, ERROR_INVALID, "--timeout must be a duration such as 30s");
    (void)json_object_del(args, "timeout");
    (void)json_object_del(args, "wait");
    *ret_ms = waits ? ms : 0;
    return true;
}

int queue_now_run(const struct invocation *call)
{
    struct error err;
    int64_t patience_ms;

    if (!read_patience(call->args, &patience_ms, &err) || !queue_orders_shape(call->args, &err))
        return command_fail(call, &err);
    return patience_ms > 0 ? order_and_wait(call, patience_ms) : order_alone(call);
}
