/*
 * `queue now`, `queue hold`, `queue release`, `queue cancel`: orders about mail that waits.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/span.h"
#include "base/text.h"

static const struct option order_options[] = {
    { "DELIVERY", OPTION_OPERANDS, NULL, "deliveries", NULL },
    { "reason", OPTION_TEXT, "TEXT", "reason", "words that are kept with it" },
    { NULL },
};

static bool shape_deliveries(json_t *args, struct error *err)
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

static void print_orders(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "deliveries"),
               "delivery:DELIVERY to:TO state:STATE due:DUE changed:CHANGED", "nothing");
}

const struct command queue_orders_commands[] = {
    { .name = "queue now",
      .summary = "try mail at once that waits for its time",
      .details = "Its domain is woken when it sleeps. What may have arrived already is not\n"
                 "hastened: it waits for its full interval.",
      .options = order_options,
      .request = "queue.now",
      .shape = shape_deliveries,
      .print = print_orders },
    { .name = "queue hold",
      .summary = "keep mail until it is released",
      .details = "`queue release` undoes it. A deadline holds for what is held, too.",
      .options = order_options,
      .request = "queue.hold",
      .shape = shape_deliveries,
      .print = print_orders },
    { .name = "queue release",
      .summary = "let mail go on that is held",
      .details = "Not before it would have been due. `queue hold` undoes it while it waits.",
      .options = order_options,
      .request = "queue.release",
      .shape = shape_deliveries,
      .print = print_orders },
    { .name = "queue cancel",
      .summary = "end mail that waits, for good",
      .details = "Nothing undoes it. What it was to tell stays owed: the next mail of the thread\n"
                 "tells it.",
      .options = order_options,
      .request = "queue.cancel",
      .shape = shape_deliveries,
      .print = print_orders },
    { 0 },
};
