/*
 * `queue now`, `queue hold`, `queue release`, `queue cancel`, `queue resolve`: orders about mail
 * that waits.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/span.h"
#include "base/text.h"

static const struct option now_options[] = {
    { "DELIVERY", OPTION_OPERANDS, NULL, "deliveries", NULL },
    { "reason", OPTION_TEXT, "TEXT", "reason", "words that are kept with it" },
    { "wait", OPTION_FLAG, NULL, "wait", "return when the servers have answered" },
    { "timeout", OPTION_TEXT, "D", "timeout", "wait so long at most (default 1m)" },
    { NULL },
};

static const struct option resolve_options[] = {
    { "DELIVERY... delivered|resend", OPTION_OPERANDS, NULL, "deliveries", NULL },
    { "reason", OPTION_TEXT, "TEXT", "reason", "words that are kept with it" },
    { NULL },
};

static const struct option order_options[] = {
    { "DELIVERY", OPTION_OPERANDS, NULL, "deliveries", NULL },
    { "reason", OPTION_TEXT, "TEXT", "reason", "words that are kept with it" },
    { NULL },
};

bool queue_orders_shape(json_t *args, struct error *err)
{
    json_t *list = json_array();
    size_t i;
    json_t *item;

    json_array_foreach (json_object_get(args, "deliveries"), i, item) {
        struct span text = span_of(json_string_value(item));
        int64_t id;

        if (!text_to_integer(text, 1, INT64_MAX, &id)) {
            (void)error_set(err, ERROR_INVALID, "DELIVERY must be a number, got \"%.*s\"",
                            SPAN_ARGS(text));
            json_decref(list);
            return false;
        }
        (void)json_array_append_new(list, json_integer(id));
    }
    return json_object_set_new(args, "deliveries", list) == 0;
}

/* The last word says how. */
static bool shape_resolve(json_t *args, struct error *err)
{
    json_t *words = json_object_get(args, "deliveries");
    size_t last = json_array_size(words) - 1;
    struct span how = span_of(json_string_value(json_array_get(words, last)));

    if (last == 0 || !(span_equal(how, SPAN("delivered")) || span_equal(how, SPAN("resend"))))
        return error_set(err, ERROR_INVALID,
                         "name the deliveries, and last what is to be done: delivered or resend");
    (void)json_object_set(args, "as", json_array_get(words, last));
    (void)json_array_remove(words, last);
    return queue_orders_shape(args, err);
}

void queue_orders_print(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "deliveries"),
               "delivery:DELIVERY to:TO state:STATE due:DUE changed:CHANGED", "nothing");
}

const struct command queue_orders_commands[] = {
    { .name = "queue now",
      .summary = "try mail at once that waits for its time",
      .details = "It goes before all other mail of its site, and its domain is woken when it\n"
                 "sleeps. A try before its time is no step of the schedule: when it fails, the\n"
                 "mail is due when it would have been. What may have arrived already is not\n"
                 "hastened: it waits for its full interval.\n"
                 "\n"
                 "With --wait the answer comes when the server has spoken, or at once when the\n"
                 "mail cannot be tried: what was said before the order is not shown. The exit\n"
                 "code says how the mail stands then, of several the worst: 0 delivered (by\n"
                 "this order or before it), 75 not delivered yet (answered so, held, paused, or\n"
                 "no answer in time), 76 in doubt, 69 ended without delivery.",
      .options = now_options,
      .run = queue_now_run },
    { .name = "queue hold",
      .summary = "keep mail until it is released",
      .details = "`queue release` undoes it. A deadline holds for what is held, too.",
      .options = order_options,
      .request = "queue.hold",
      .shape = queue_orders_shape,
      .print = queue_orders_print },
    { .name = "queue release",
      .summary = "let mail go on that is held",
      .details = "Not before it would have been due. `queue hold` undoes it while it waits.",
      .options = order_options,
      .request = "queue.release",
      .shape = queue_orders_shape,
      .print = queue_orders_print },
    { .name = "queue cancel",
      .summary = "end mail that waits, for good",
      .details = "Nothing undoes it. What it was to tell stays owed: the next mail of the thread\n"
                 "tells it, unless it may have arrived and later news have been told since.",
      .options = order_options,
      .request = "queue.cancel",
      .shape = queue_orders_shape,
      .print = queue_orders_print },
    { .name = "queue resolve",
      .summary = "settle mail of which nobody knows whether it arrived",
      .details = "Take it for delivered, or have it sent once more, at once. `deliveries --state\n"
                 "in_doubt` and `--state held` list such mail, `trace` shows what is known of it.",
      .options = resolve_options,
      .request = "queue.resolve",
      .shape = shape_resolve,
      .print = queue_orders_print },
    { 0 },
};
