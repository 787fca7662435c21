/*
 * A token's detail is the topic and, in its lowest bits, the act; or the event that asks and the
 * number of the answer.
 */
#include "domain/mail_button.h"

enum { ACT_BITS = 3, ACT_MASK = (1 << ACT_BITS) - 1 };
enum { NUMBER_BITS = 6, NUMBER_MASK = (1 << NUMBER_BITS) - 1 };

void mail_button_put(struct buf *to, struct token_keys *keys, struct mail_button button)
{
    const struct token token = { TOKEN_UNSUBSCRIBE, (uint64_t)button.person,
                                 (uint64_t)button.topic << ACT_BITS | (uint64_t)button.act };

    token_put(to, keys, &token);
}

void settings_token_put(struct buf *to, struct token_keys *keys, int64_t person)
{
    const struct token token = { TOKEN_PREFERENCES, (uint64_t)person, 0 };

    token_put(to, keys, &token);
}

static bool is_act(uint64_t act, int64_t topic)
{
    return act >= BUTTON_MUTE && act <= BUTTON_UNSUBSCRIBE &&
           (topic > 0 || act == BUTTON_UNSUBSCRIBE);
}

bool mail_button_read(struct span text, struct token_keys *keys, struct mail_button *ret_button)
{
    struct token token;
    int64_t topic;

    if (!token_read(text, keys, &token) || token.kind != TOKEN_UNSUBSCRIBE)
        return false;
    topic = (int64_t)(token.detail >> ACT_BITS);
    if (token.id == 0 || token.id > INT64_MAX || !is_act(token.detail & ACT_MASK, topic))
        return false;
    *ret_button = (struct mail_button){ (int64_t)token.id,
                                        (enum button_act)(token.detail & ACT_MASK), topic };
    return true;
}

bool settings_token_read(struct span text, struct token_keys *keys, int64_t *ret_person)
{
    struct token token;

    if (!token_read(text, keys, &token) || token.kind != TOKEN_PREFERENCES || token.id == 0 ||
        token.id > INT64_MAX || token.detail != 0)
        return false;
    *ret_person = (int64_t)token.id;
    return true;
}

void answer_link_put(struct buf *to, struct token_keys *keys, struct answer_link link)
{
    const struct token token = { TOKEN_ANSWER, (uint64_t)link.person,
                                 (uint64_t)link.event << NUMBER_BITS | (uint64_t)link.number };

    token_put(to, keys, &token);
}

bool answer_link_read(struct span text, struct token_keys *keys, struct answer_link *ret_link)
{
    struct token token;

    if (!token_read(text, keys, &token) || token.kind != TOKEN_ANSWER || token.id == 0 ||
        token.id > INT64_MAX || token.detail >> NUMBER_BITS == 0)
        return false;
    *ret_link = (struct answer_link){ (int64_t)token.id, (int64_t)(token.detail >> NUMBER_BITS),
                                      (int)(token.detail & NUMBER_MASK) };
    return true;
}
