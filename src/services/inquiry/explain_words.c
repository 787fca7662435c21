/*
 * The findings of explain in sentences: how the mail stands, what was said last, what it waits for,
 * and when it is given up.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "domain/outcome.h"
#include "domain/watching.h"
#include "services/inquiry/explain_words_internal.h"
#include "services/inquiry/sentences.h"
#include "services/request/answer.h"

static void put_name(struct words *w)
{
    const struct delivery_row *row = &w->e->row;

    buf_printf(&w->text, "Mail %lld to %s", (long long)row->id, row->address);
}

/* An order that settles doubt is an argument of `queue resolve`. */
static bool resolves(struct span what)
{
    return span_equal(what, SPAN("delivered")) || span_equal(what, SPAN("resend"));
}

static void put_tries(struct words *w)
{
    int64_t n = w->e->row.attempts;
    int64_t by_hand = w->e->row.by_hand;

    if (n == 0)
        buf_put_text(&w->text, ", not tried yet");
    else
        buf_printf(&w->text, ", tried %lld time%s", (long long)n, n == 1 ? "" : "s");
    if (by_hand > 0)
        buf_printf(&w->text, ", %lld of them by order, which the schedule does not count",
                   (long long)by_hand);
}

/* "At T it was ordered to hold it, by uid 1000: words" */
static void say_orders_given(struct words *w)
{
    const struct delivery_order_list *orders = &w->e->orders;

    for (size_t i = 0; i < orders->n; i++) {
        buf_printf(&w->text, "`queue %.*s%.*s` was ordered at ",
                   SPAN_ARGS(resolves(orders->at[i].what) ? SPAN("resolve ") : SPAN("")),
                   SPAN_ARGS(orders->at[i].what));
        sentence_put_moment(&w->text, orders->at[i].at);
        buf_put_byte(&w->text, ' ');
        explain_put_words(w, orders->at[i].text);
        buf_put_byte(&w->text, '.');
        explain_say(w);
    }
}

/* " with mx.example.net [192.0.2.1]" */
static void put_host(struct words *w)
{
    const struct attempt_row *last = &w->e->tries.at[0];
    bool is_literal = span_starts(last->host, SPAN("["));

    if (last->host.n > 0)
        buf_printf(&w->text, " with %.*s", SPAN_ARGS(last->host));
    if (last->ip.n > 0 && !is_literal)
        buf_printf(&w->text, " [%.*s]", SPAN_ARGS(last->ip));
}

/* "The last try, at T with mx.example.net [192.0.2.1], ended at RCPT: 450 4.7.1 later" */
static void say_last_try(struct words *w)
{
    const struct attempt_row *last = w->e->tries.n > 0 ? &w->e->tries.at[0] : NULL;

    if (last == NULL)
        return;
    buf_put_text(&w->text, "The last try, at ");
    sentence_put_moment(&w->text, last->at);
    put_host(w);
    buf_printf(&w->text, ", ended at %.*s; %s: ", SPAN_ARGS(last->stage),
               last->local ? "postroom says" : "the server said");
    if (last->code != 0)
        buf_printf(&w->text, "%lld ", (long long)last->code);
    if (last->status.n > 0)
        buf_printf(&w->text, "%.*s ", SPAN_ARGS(last->status));
    explain_put_words(w, last->text);
    explain_say(w);
}

static const char *sentence_of_end(const struct delivery_row *row)
{
    switch (row->state) {
    case DELIVERY_DELIVERED:
        return " was delivered at ";
    case DELIVERY_FAILED:
        return " failed for good at ";
    case DELIVERY_EXPIRED:
        return strcmp(row->reason, "deadline") == 0
                   ? " was not delivered by its deadline and ended at "
                   : " was given up as too old at ";
    case DELIVERY_SUPPRESSED:
        return " was suppressed at ";
    case DELIVERY_CANCELLED:
        return " was cancelled at ";
    case DELIVERY_QUEUED:
    case DELIVERY_DEFERRED:
    case DELIVERY_SENDING:
    case DELIVERY_IN_DOUBT:
    case DELIVERY_HELD:
        break;
    }
    return " ended at ";
}

static void say_end(struct words *w)
{
    const struct delivery_row *row = &w->e->row;

    put_name(w);
    buf_put_text(&w->text, sentence_of_end(row));
    sentence_put_moment(&w->text, row->ended_at);
    if (row->state == DELIVERY_DELIVERED && w->e->tries.n > 0)
        put_host(w);
    put_tries(w);
    if (row->reason[0] != '\0')
        buf_printf(&w->text, " (%s)", row->reason);
    if (row->text[0] != '\0') {
        buf_put_text(&w->text, ": ");
        explain_put_words(w, span_of(row->text));
    }
    explain_say(w);
}

static void say_owed(struct words *w)
{
    const struct explain *e = w->e;

    if (e->row.state == DELIVERY_DELIVERED || strcmp(e->row.reason, "undone") == 0 ||
        !e->has_heard || e->heard.missed_from == 0)
        return;
    buf_printf(&w->text,
               "What %.*s was to hear stays owed: their next mail of %.*s begins with it.",
               SPAN_ARGS(e->name), SPAN_ARGS(e->topic));
    explain_say(w);
}

static void say_held(struct words *w)
{
    const struct delivery_row *row = &w->e->row;

    put_name(w);
    buf_put_text(&w->text, " is held");
    put_tries(w);
    if (row->reason[0] != '\0')
        buf_printf(&w->text, " (%s)", row->reason);
    if (row->text[0] != '\0') {
        buf_put_text(&w->text, ": ");
        explain_put_words(w, span_of(row->text));
    }
    explain_say(w);
}

static void say_orders(struct words *w)
{
    if (w->e->row.doubts > 0)
        buf_put_text(&w->text, "The operator decides: `postroom queue resolve` takes it for "
                               "delivered or sends it again at once, `queue release` sends it "
                               "again, not before it is due, `queue cancel` ends it.");
    else
        buf_put_text(&w->text, "The operator decides: `postroom queue release` lets it go, "
                               "`queue cancel` ends it.");
    explain_say(w);
}

static void say_sending(struct words *w)
{
    const struct explain *e = w->e;

    put_name(w);
    buf_put_text(&w->text, " is being sent");
    if (e->intents.n > 0) {
        buf_put_text(&w->text, " since ");
        sentence_put_distance(&w->text, e->intents.at[0].at, e->now_ms);
    }
    buf_put_text(&w->text, ": what the server answers decides.");
    explain_say(w);
    if (e->has_daemon)
        return;
    buf_put_text(&w->text, "No daemon runs on this store: at its next start nobody will know what "
                           "the server answered, and the mail will be in doubt.");
    explain_say(w);
}

/* By itself it would be held: somebody has ordered otherwise. */
static bool is_last_resend(const struct explain *e)
{
    const struct delivery_order_list *orders = &e->orders;
    struct span last = orders->n > 0 ? orders->at[orders->n - 1].what : SPAN("");
    bool is_ordered = span_equal(last, SPAN("release")) || span_equal(last, SPAN("resend"));

    return e->row.doubts > OUTCOME_RESENDS_MOST || (is_ordered && e->row.doubts > 1);
}

/* How mail of this stream that is in doubt is treated. */
static void say_doubt_policy(struct words *w)
{
    const struct explain *e = w->e;
    int64_t resends = e->row.doubts - 1;

    buf_put_text(&w->text, "It may have arrived. ");
    if (e->settings->streams[e->row.stream].in_doubt == DOUBT_HOLD)
        buf_printf(&w->text,
                   "Mail of the stream %s is not sent again by itself when in doubt: an order lets "
                   "it go once more.",
                   stream_name(e->row.stream));
    else if (is_last_resend(e))
        buf_printf(&w->text,
                   "It has been sent again %lld time%s, and by itself is not any more: an order "
                   "lets it go once more.",
                   (long long)resends, resends == 1 ? "" : "s");
    else
        buf_printf(&w->text,
                   "It is sent again at most %d times, %lld so far; then it is held for the "
                   "operator (at once if the server falls silent again).",
                   OUTCOME_RESENDS_MOST, (long long)resends);
    explain_say(w);
}

static void say_state(struct words *w)
{
    const struct delivery_row *row = &w->e->row;

    put_name(w);
    buf_printf(&w->text, " is %s",
               row->state == DELIVERY_IN_DOUBT ? "in doubt" : delivery_state_name(row->state));
    put_tries(w);
    buf_put_byte(&w->text, '.');
    explain_say(w);
    say_last_try(w);
    say_orders_given(w);
    if (row->state == DELIVERY_IN_DOUBT)
        say_doubt_policy(w);
}

static void say_due(struct words *w, const char *before, const char *after)
{
    buf_put_text(&w->text, before);
    sentence_put_distance(&w->text, w->e->row.due_at, w->e->now_ms);
    buf_put_text(&w->text, after);
    explain_say(w);
}

/* The lane counts what waits; the place in it is known to the dispatcher alone. */
static void say_turn(struct words *w)
{
    const struct explain *e = w->e;

    buf_put_text(&w->text, "It has been due since ");
    sentence_put_distance(&w->text, e->row.due_at, e->now_ms);
    if (e->row.planned_at > e->now_ms) {
        buf_put_text(&w->text, ", by order (by the schedule at ");
        sentence_put_moment(&w->text, e->row.planned_at);
        buf_put_byte(&w->text, ')');
    }
    buf_put_text(&w->text, " and waits for its turn");
    if (e->has_lane)
        buf_printf(&w->text, ": %lld mail%s of the stream %s to %s in all %s, this one included",
                   (long long)e->lane.waiting, e->lane.waiting == 1 ? "" : "s",
                   stream_name(e->row.stream), e->row.domain,
                   e->lane.waiting == 1 ? "waits" : "wait");
    buf_put_byte(&w->text, '.');
    explain_say(w);
    if (!e->has_daemon)
        return;
    buf_printf(&w->text,
               "A dialogue about it may be under way: the store knows when the server asks for the "
               "content, `postroom trace --live %s` shows it as it goes.",
               e->row.domain);
    explain_say(w);
}

static void say_ending(struct words *w)
{
    const struct explain *e = w->e;

    if (e->is_barred)
        buf_printf(&w->text,
                   "%s is suppressed by now (%s): when its turn comes it ends without "
                   "being sent.",
                   e->row.address, e->bar);
    else if (e->is_left_out)
        buf_printf(&w->text,
                   "The settings deliver to some addresses alone (deliver: only), and %s is none "
                   "of them: when its turn comes it ends without being sent.",
                   e->row.address);
    else
        buf_put_text(&w->text, "Its time is over: when its turn comes it ends without being sent.");
    explain_say(w);
}

static void say_no_daemon(struct words *w)
{
    if (w->e->has_daemon)
        return;
    buf_put_text(&w->text, "No daemon runs on this store: nothing is sent until `postroom serve` "
                           "does.");
    explain_say(w);
}

static void say_waits_for(struct words *w)
{
    switch (w->e->waits_for) {
    case WAITS_DUE:
        say_due(w, "It is not due before ", ".");
        break;
    case WAITS_RETRY:
        say_due(w, "It is tried again at ", ".");
        break;
    case WAITS_GREYLISTING:
        say_due(w, "The server asks for patience (greylisting): it is tried again at ",
                ", from the same source.");
        break;
    case WAITS_APPLICATION:
        explain_put_words(w, span_of(w->e->row.text));
        explain_say(w);
        say_due(w, "The application is asked again at ", ".");
        break;
    case WAITS_DOUBT:
        say_due(w, "It is sent again at ", ".");
        break;
    case WAITS_DOMAIN:
        explain_say_left_alone(w);
        break;
    case WAITS_SITE:
        explain_say_stopped(w);
        break;
    case WAITS_TURN:
    case WAITS_DAEMON:
        say_turn(w);
        explain_say_limits(w);
        break;
    case WAITS_END:
        say_ending(w);
        break;
    case WAITS_ANSWER:
    case WAITS_OPERATOR:
    case WAITS_WINDOW:
    case WAITS_FAN_OUT:
    case WAITS_NOT:
        break;
    }
}

static void say_gives_up(struct words *w)
{
    const struct explain *e = w->e;

    buf_put_text(&w->text,
                 e->now_ms > e->gives_up ? "It was to be given up at " : "It is given up at ");
    sentence_put_distance(&w->text, e->gives_up, e->now_ms);
    if (e->row.deadline != 0 && e->gives_up == e->row.deadline) {
        buf_put_text(&w->text, ", its deadline.");
    } else {
        buf_put_text(&w->text, ", ");
        text_put_duration(&w->text, e->settings->streams[e->row.stream].expire_after);
        buf_put_text(&w->text, " after it was first due.");
    }
    explain_say(w);
}

/* What is newer than the mail, or not in any mail yet. */
static void say_notice(struct words *w)
{
    const struct explain *e = w->e;

    if (!e->has_notice)
        return;
    buf_printf(&w->text, "%s of %.*s ",
               e->row.id == 0 ? "No mail is made yet: events" : "Newer events",
               SPAN_ARGS(e->topic));
    if (e->notice.due_at == NOTICE_WAITS && e->notice.wait == NOTICE_WAIT_SUSPENDED) {
        buf_put_text(&w->text, "wait.");
    } else if (e->notice.due_at == NOTICE_WAITS) {
        buf_put_text(&w->text, "wait for this mail to end: then another one tells them.");
    } else if (e->notice.wait != NOTICE_WAIT_WINDOW) {
        buf_put_text(&w->text, "wait until ");
        sentence_put_distance(&w->text, e->notice.due_at, e->now_ms);
        buf_printf(&w->text, ", then %.*s is told of all of them.", SPAN_ARGS(e->name));
    } else {
        buf_put_text(&w->text, "are collected until ");
        sentence_put_distance(&w->text, e->notice.due_at, e->now_ms);
        buf_printf(&w->text, ", then %.*s is told of all of them.", SPAN_ARGS(e->name));
    }
    explain_say(w);
    if (notice_waits_for_a_mail(&e->notice) || notice_wait_sentence(e->notice.wait)[0] == '\0')
        return;
    buf_put_text(&w->text, notice_wait_sentence(e->notice.wait));
    explain_say(w);
}

static void say_fan_out(struct words *w)
{
    const struct explain *e = w->e;

    buf_printf(&w->text,
               "Events of %.*s are not fanned out yet: whether %.*s is told of them will "
               "be decided.",
               SPAN_ARGS(e->topic), SPAN_ARGS(e->name));
    explain_say(w);
}

static void say_redirect(struct words *w)
{
    const struct settings *settings = w->e->settings;

    if (settings->deliver != DELIVER_REDIRECT)
        return;
    buf_printf(&w->text, "The settings send all mail to %s instead (deliver: redirect).",
               settings->deliver_redirect);
    explain_say(w);
}

static void say_waiting(struct words *w)
{
    say_state(w);
    say_redirect(w);
    say_waits_for(w);
    say_no_daemon(w);
    say_gives_up(w);
}

/* What it is, unless it tells of one thread. */
static void say_cause(struct words *w)
{
    const struct delivery_row *row = &w->e->row;

    if (row->cause == CAUSE_SUBMISSION)
        buf_printf(&w->text,
                   "It was handed in ready-made: `postroom submission show %lld` has its others.",
                   (long long)row->cause_id);
    else if (row->cause == CAUSE_DIGEST && row->cause_id == WATCH_NOW)
        buf_put_text(&w->text, "It tells of several topics that were due at once "
                               "(watching.roundup).");
    else if (row->cause == CAUSE_DIGEST)
        buf_printf(&w->text, "It is a %s digest.", watch_mode_name((enum watch_mode)row->cause_id));
    else
        return;
    explain_say(w);
}

static void say_mail(struct words *w)
{
    if (delivery_state_final(w->e->row.state)) {
        say_end(w);
        say_orders_given(w);
        say_owed(w);
    } else if (w->e->row.state == DELIVERY_HELD) {
        say_held(w);
        say_last_try(w);
        say_orders_given(w);
        say_orders(w);
        say_gives_up(w);
    } else if (w->e->row.state == DELIVERY_SENDING) {
        say_sending(w);
    } else {
        say_waiting(w);
    }
}

void explain_put_sentences(json_t *answer, const struct explain *e)
{
    struct words words = { .e = e, .sentences = json_array() };

    buf_init(&words.text, SENTENCE_LIMIT);
    answer_take(answer, "sentences", words.sentences);
    if (e->row.id != 0) {
        say_mail(&words);
        say_cause(&words);
    } else if (e->waits_for == WAITS_FAN_OUT) {
        say_fan_out(&words);
    }
    say_notice(&words);
    if (e->row.id == 0)
        say_no_daemon(&words);
    buf_fini(&words.text);
}
