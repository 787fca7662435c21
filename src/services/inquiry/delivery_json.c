/*
 * Field by field; the same names in every answer.
 */
#include "services/inquiry/delivery_json.h"

#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/text.h"
#include "protocol/smtp/dialogue.h"
#include "services/request/answer.h"
#include "store/attempt.h"
#include "store/delivery.h"
#include "store/delivery_order.h"
#include "store/intent.h"
#include "store/lane.h"

void delivery_json_put(json_t *object, const struct delivery_row *row)
{
    answer_number(object, "delivery", row->id);
    answer_string(object, "stream", stream_name(row->stream));
    answer_string(object, "to", row->address);
    answer_string(object, "state", delivery_state_name(row->state));
    answer_number(object, "attempts", row->attempts);
    if (row->by_hand > 0)
        answer_number(object, "by_hand", row->by_hand);
    if (row->reason[0] != '\0')
        answer_string(object, "reason", row->reason);
    if (row->text[0] != '\0')
        answer_string(object, "text", row->text);
    answer_moment(object, "made", row->made_at);
    answer_moment(object, "first_due", row->first_due);
    if (!delivery_state_final(row->state) && row->due_at != LANE_NEVER)
        answer_moment(object, "due", row->due_at);
    answer_moment(object, "deadline", row->deadline);
    answer_moment(object, "ended", row->ended_at);
    answer_string(object, "message_id", row->message_id);
}

static void put_hex(json_t *object, const char *name, struct span bytes)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 1000);
    hex_put(&text, bytes);
    answer_string(object, name, buf_text(&text));
}

json_t *delivery_json_intent(const struct intent_row *intent)
{
    json_t *object = json_object();

    answer_number(object, "intent", intent->id);
    answer_moment(object, "at", intent->at);
    answer_text(object, "mail_from", intent->mail_from);
    answer_text(object, "from", intent->sender);
    answer_text(object, "subject", intent->subject);
    answer_moment(object, "date", intent->date);
    answer_number(object, "size", intent->size);
    put_hex(object, "sha256", intent->digest);
    if (intent->template_revision != 0)
        answer_number(object, "template_revision", intent->template_revision);
    answer_text(object, "template", intent->template_name);
    answer_text(object, "language", intent->template_language);
    return object;
}

/* The lines of a dialogue; terminals and logs get no control characters. */
static json_t *dialogue_json(struct span packed)
{
    CLEANUP(buf_fini) struct buf text;
    struct smtp_dialogue_reader reader;
    struct smtp_dialogue_line line;
    json_t *list = json_array();
    bool more = true;

    buf_init(&text, 10000);
    smtp_dialogue_reader_init(&reader, packed);
    while (more) {
        json_t *object;

        more = smtp_dialogue_next(&reader, &line);
        if (!more && !smtp_dialogue_rest(&reader, &line))
            break;
        object = json_object();
        buf_clear(&text);
        text_put_visible(&text, line.text);
        answer_number(object, "ms", line.at_ms);
        answer_string(object, "by", smtp_speaker_name(line.who));
        answer_string(object, "line", buf_text(&text));
        (void)json_array_append_new(list, object);
    }
    smtp_dialogue_reader_fini(&reader);
    return list;
}

json_t *delivery_json_orders(const struct delivery_order_list *orders)
{
    json_t *array = json_array();

    for (size_t i = 0; i < orders->n; i++) {
        json_t *object = json_object();

        answer_moment(object, "at", orders->at[i].at);
        answer_text(object, "order", orders->at[i].what);
        answer_text(object, "text", orders->at[i].text);
        (void)json_array_append_new(array, object);
    }
    return array;
}

json_t *delivery_json_try(const struct attempt_row *attempt)
{
    json_t *object = json_object();

    answer_number(object, "attempt", attempt->id);
    answer_moment(object, "at", attempt->at);
    answer_text(object, "host", attempt->host);
    answer_text(object, "ip", attempt->ip);
    answer_text(object, "source", attempt->source);
    answer_text(object, "tls", attempt->tls);
    answer_text(object, "stage", attempt->stage);
    answer_string(object, "said_by", attempt->local ? "postroom" : "server");
    if (attempt->code != 0)
        answer_number(object, "code", attempt->code);
    answer_text(object, "status", attempt->status);
    answer_text(object, "text", attempt->text);
    answer_number(object, "ms", attempt->ms);
    answer_string(object, "outcome",
                  attempt->led_on ? "next_host" : delivery_state_name(attempt->led_to));
    if (attempt->intent != 0)
        answer_number(object, "intent", attempt->intent);
    if (attempt->dialogue.n > 0)
        answer_take(object, "dialogue", dialogue_json(attempt->dialogue));
    return object;
}
