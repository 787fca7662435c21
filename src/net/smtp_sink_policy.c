/*
 * What the sink answers: limits, rules, greylist, rate, and replies that get lost.
 */
#include "base/alloc.h"
#include "io/loop.h"
#include "net/smtp_sink_internal.h"

enum { GREYLIST_MAX = 1 << 20 }; /* triples; beyond them the list starts anew */

struct triple {
    struct table_node node;
    char *key;
    size_t key_n;
    uint32_t attempts;
    int64_t first_ms;
};

static const struct sink_answer yes = { .accept = true };

static struct sink_answer no(int code, struct smtp_status status, const char *text)
{
    return (struct sink_answer){ .code = code, .status = status, .text = text };
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Only * means something. After a mismatch the last star takes one byte more. */
static bool matches(struct span pattern, struct span text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, star_t = 0;

    while (t < text.n) {
        if (p < pattern.n && pattern.at[p] == '*') {
            star = p++;
            star_t = t;
        } else if (p < pattern.n && lower(pattern.at[p]) == lower(text.at[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++star_t;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.at[p] == '*')
        p++;
    return p == pattern.n;
}

/* The address a question is about: the sender's at MAIL, else the last recipient's. */
static struct span address_of(const struct sink_session *s, enum smtp_question question)
{
    const struct smtp_envelope *e = smtp_server_envelope(s->server);

    if (question == SMTP_ASK_MAIL)
        return e->from;
    return e->to_count > 0 ? e->to[e->to_count - 1] : SPAN("");
}

/* The first rule that fits; one that grants leaves the rest of the policy to decide. */
static bool by_rule(const struct sink_session *s, enum smtp_question question,
                    struct sink_answer *ret_answer)
{
    const struct smtp_sink *sink = s->sink;

    for (size_t i = 0; i < sink->options.rule_count; i++) {
        const struct smtp_sink_rule *rule = &sink->rules[i];

        if (rule->at != question || !matches(rule->pattern, address_of(s, question)))
            continue;
        *ret_answer = no(rule->code, rule->status, rule->text);
        return rule->code / 100 > 3;
    }
    return false;
}

static bool same_triple(const struct table_node *node, const void *key)
{
    const struct triple *t = CONTAINER_OF(node, const struct triple, node);

    return span_equal((struct span){ t->key, t->key_n }, *(const struct span *)key);
}

static struct triple *find_triple(struct smtp_sink *sink, struct span key)
{
    uint64_t hash = table_hash(key);
    struct table_node *node = table_find(&sink->greylist, hash, same_triple, &key);
    struct triple *t;

    if (node != NULL)
        return CONTAINER_OF(node, struct triple, node);
    if (sink->greylist.n >= GREYLIST_MAX)
        sink_policy_fini(sink);
    t = NEW(struct triple);
    t->key = span_text(key);
    t->key_n = key.n;
    t->first_ms = loop_monotonic_ms(sink->loop);
    table_put(&sink->greylist, &t->node, hash);
    return t;
}

static bool is_greylisted(struct sink_session *s)
{
    struct smtp_sink *sink = s->sink;
    const struct smtp_envelope *e = smtp_server_envelope(s->server);
    struct triple *triple;
    struct buf key;

    if (sink->options.greylist_attempts == 0 && sink->options.greylist_ms == 0)
        return false;
    buf_init(&key, 2000);
    buf_put(&key, (struct span){ (const char *)s->peer.ip.bytes, sizeof(s->peer.ip.bytes) });
    buf_put(&key, e->from);
    buf_put_byte(&key, '\n');
    buf_put(&key, e->to[e->to_count - 1]);
    triple = find_triple(sink, buf_view(&key));
    buf_fini(&key);
    return triple->attempts++ < sink->options.greylist_attempts ||
           loop_monotonic_ms(sink->loop) - triple->first_ms < sink->options.greylist_ms;
}

/* Takes one message's worth of the rate; gives how long it is too early, in ms. */
static int64_t take_of_rate(struct smtp_sink *sink, bool even_if_early)
{
    int64_t now_us = loop_monotonic_ms(sink->loop) * 1000;
    int64_t early_us = sink->rate_free_us - now_us;

    if (early_us > 0 && !even_if_early)
        return early_us / 1000 + 1;
    sink->rate_free_us =
        (early_us > 0 ? sink->rate_free_us : now_us) + 1000000 / sink->options.rate;
    return early_us > 0 ? early_us / 1000 + 1 : 0;
}

static struct sink_answer about_greeting(const struct sink_session *s)
{
    uint32_t most = s->sink->options.connections_max;

    if (most > 0 && s->sink->counts.open > most)
        return no(421, (struct smtp_status){ 4, 3, 2 }, "Too many connections");
    return yes;
}

static struct sink_answer about_mail(const struct sink_session *s)
{
    const struct smtp_sink_options *o = &s->sink->options;

    if (o->messages_max > 0 && s->messages >= o->messages_max)
        return no(421, (struct smtp_status){ 4, 7, 0 }, "Enough messages on this connection");
    if (o->rate == 0 || o->over_rate == SMTP_SINK_WAIT || take_of_rate(s->sink, false) == 0)
        return yes;
    return no(o->over_rate == SMTP_SINK_CLOSE ? 421 : 451, (struct smtp_status){ 4, 7, 1 },
              "Too many messages, try again later");
}

static struct sink_answer about_content(const struct sink_session *s)
{
    const struct smtp_sink_options *o = &s->sink->options;
    struct sink_answer answer = yes;

    if (o->rate > 0 && o->over_rate == SMTP_SINK_WAIT)
        answer.wait_ms = take_of_rate(s->sink, true);
    answer.lose = o->lose_every > 0 && (s->sink->counts.messages + 1) % o->lose_every == 0;
    return answer;
}

struct sink_answer sink_policy_answer(struct sink_session *s)
{
    enum smtp_question question = smtp_server_question(s->server);
    struct sink_answer answer;

    if (by_rule(s, question, &answer))
        return answer;
    if (question == SMTP_ASK_GREETING)
        return about_greeting(s);
    if (question == SMTP_ASK_MAIL)
        return about_mail(s);
    if (question == SMTP_ASK_RCPT && is_greylisted(s))
        return no(451, (struct smtp_status){ 4, 7, 1 }, "Greylisted, try again later");
    return question == SMTP_ASK_CONTENT ? about_content(s) : yes;
}

void sink_policy_fini(struct smtp_sink *sink)
{
    for (size_t i = 0; i < sink->greylist.room; i++) {
        struct table_node *node = sink->greylist.buckets[i];

        while (node != NULL) {
            struct triple *t = CONTAINER_OF(node, struct triple, node);

            node = node->next;
            alloc_free(t->key);
            alloc_free(t);
        }
    }
    table_fini(&sink->greylist);
    table_init(&sink->greylist);
}
