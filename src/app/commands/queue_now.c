/*
 * `queue now --wait`: the order for what can be tried, and then questions about each mail until its
 * server has answered, or it is clear that it is not tried.
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

static const char *text(const json_t *answer, const char *field)
{
    const char *value = json_string_value(json_object_get(answer, field));

    return value != NULL ? value : "";
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* No order makes a try of it: it has ended, or is one for `queue release` or `queue resolve`. */
static bool is_beyond_order(const json_t *answer)
{
    static const char *const states[] = { "held", "in_doubt", NULL };

    return json_object_get(answer, "ended") != NULL || is_one_of(text(answer, "state"), states);
}

/* What keeps it does not pass by waiting a little. */
static bool is_kept(const json_t *answer)
{
    static const char *const reasons[] = { "site", "domain", "operator", "daemon", "end", NULL };

    return is_one_of(text(answer, "waits_for"), reasons);
}

static bool is_tried(const json_t *answer, json_int_t before)
{
    return number(answer, "attempts") > before;
}

/* How each mail stands before the order, and which ones it is for. */
static bool look_before(struct wait *w, const json_t *deliveries, json_t *ordered,
                        struct error *err)
{
    size_t i;
    json_t *id;

    json_array_foreach (deliveries, i, id) {
        json_t *answer;

        if (!ask_about(w->call, id, &answer, err))
            return false;
        (void)json_array_append_new(w->before, json_integer(number(answer, "attempts")));
        if (!is_beyond_order(answer) && strcmp(text(answer, "state"), "sending") != 0)
            (void)json_array_append(ordered, id);
        json_decref(answer);
    }
    return true;
}

/* Looks at the mail until it is answered, will not be, or the time is over. */
static bool wait_for(struct wait *w, const json_t *id, json_int_t before, struct error *err)
{
    json_t *answer;

    for (;;) {
        if (!ask_about(w->call, id, &answer, err))
            return false;
        if (is_tried(answer, before) || is_beyond_order(answer) || is_kept(answer) ||
            clock_monotonic_us() / 1000 >= w->until)
            break;
        json_decref(answer);
        (void)poll(NULL, 0, LOOK_EVERY_MS);
    }
    (void)json_object_set_new(answer, "answered", json_boolean(is_tried(answer, before)));
    if (!is_tried(answer, before))
        (void)json_object_del(answer, "last_try"); /* it was made before the order */
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
    const char *state = text(answer, "state");

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
        if (json_is_true(json_object_get(answer, "answered")))
            show_fields(out, json_object_get(answer, "last_try"),
                        "at host ip stage said_by code status text");
        else
            show_sentences(out, answer); /* why it was not tried */
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

/* The order, for those it is for, if there are any. */
static bool order_some(const struct invocation *call, json_t *ordered, struct error *err)
{
    json_t *answer = NULL;
    bool ok;

    if (json_array_size(ordered) == 0)
        return true;
    (void)json_object_set(call->args, "deliveries", ordered);
    ok = order_now(call, &answer, err);
    json_decref(answer);
    return ok;
}

static int order_and_wait(const struct invocation *call, int64_t patience_ms)
{
    struct wait w = { .call = call, .before = json_array(), .answers = json_array() };
    json_t *deliveries = json_incref(json_object_get(call->args, "deliveries"));
    json_t *ordered = json_array();
    struct error err;
    int code;

    w.until = clock_monotonic_us() / 1000 + patience_ms;
    if (look_before(&w, deliveries, ordered, &err) && order_some(call, ordered, &err) &&
        wait_for_all(&w, deliveries, &err))
        code = show_answers(&w);
    else
        code = command_fail(call, &err);
    json_decref(ordered);
    json_decref(deliveries);
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
