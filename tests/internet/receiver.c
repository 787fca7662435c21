/*
 * Manners and words.
 */
#include "tests/internet/receiver.h"

#include <stdlib.h>
#include <string.h>

#define LATE_MS 120000

/* clang-format off */
const struct receiver_kind receiver_kinds[RECEIVER_KINDS] = {
    [RECEIVER_GOOGLE] = { "google", ".l.google.com", 5, 50, {
        "421 4.7.0 Try again later, closing connection",
        "421 4.7.0 Too many messages in this session",
        "421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from "
            "your IP address. To protect our users from spam, mail sent from your IP address has "
            "been temporarily rate limited",
        "450 4.2.1 The user you are trying to contact is greylisted, please try again later",
        "550 5.7.1 Our system has detected that this message is likely unsolicited mail",
        "550 5.1.1 The email account that you tried to reach does not exist",
        "452 4.2.2 The recipient's inbox is out of storage space",
        "552 5.2.2 The recipient's inbox is out of storage space and inactive" } },
    [RECEIVER_OUTLOOK] = { "outlook", ".olc.protection.outlook.com", 5, 50, {
        "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing "
            "transmission channel",
        "421 4.7.0 Too many messages in this session",
        "451 4.7.650 The mail server has been temporarily rate limited due to IP reputation",
        "451 4.7.500 Greylisted, please try again later",
        "550 5.7.1 Unfortunately, messages from your address weren't sent. Please contact your "
            "Internet service provider since part of their network is on our block list (S3140)",
        "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)",
        "452 4.2.2 Mailbox full",
        "552 5.2.2 Mailbox full" } },
    [RECEIVER_YAHOO] = { "yahoo", ".am0.yahoodns.net", 10, 20, {
        "421 4.7.0 Too many concurrent connections",
        "421 Max message per connection reached, closing transmission channel",
        "421 4.7.0 [TS03] All messages from your address will be throttled, retrying is fine",
        "451 4.7.1 Greylisted, try again later",
        "553 5.7.1 [BL21] Connections not accepted from servers on the blocklist",
        "554 5.1.1 delivery error: dd This user doesn't have a yahoo.com account",
        "452 4.2.2 Mailbox over quota",
        "552 5.2.2 Mailbox over quota" } },
    [RECEIVER_MICROSOFT_365] = { "microsoft-365", ".mail.protection.outlook.com",
                                 5, 50, {
        "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing "
            "transmission channel",
        "421 4.7.0 Too many messages in this session",
        "451 4.7.500 Server busy. Please try again later",
        "450 4.7.1 Greylisted, please try again later",
        "550 5.7.606 Access denied, banned sending IP",
        "550 5.1.10 Recipient not found by SMTP address lookup",
        "452 4.2.2 Mailbox full",
        "554 5.2.2 Mailbox full" } },
    [RECEIVER_SMALL] = { "small", ".host.example", 0, 0, {
        "421 4.7.0 Too many connections from your address",
        "421 4.7.0 Too many messages in this session, come back later",
        "450 4.7.1 Rate limit exceeded, slow down",
        "450 4.2.0 Greylisted, see https://postgrey.example/help",
        "554 5.7.1 Service unavailable; client host blocked using zen.spamhaus.org",
        "550 5.1.1 User unknown in virtual mailbox table",
        "452 4.2.2 Mailbox full",
        "552 5.2.2 Mailbox full" } },
};
/* clang-format on */

bool period_has(const struct period *period, int64_t now_ms)
{
    return now_ms >= period->from && now_ms < period->to;
}

bool receiver_is_published(const struct receiver *r)
{
    return r->kind->connections > 0;
}

/* "421 4.7.0 Words", the enhanced code may be missing. */
static struct receiver_answer read_words(const char *words)
{
    struct receiver_answer answer = { .code = (int)strtol(words, (char **)&words, 10) };

    words++;
    if (words[1] == '.') {
        answer.status.class = (uint8_t)strtoul(words, (char **)&words, 10);
        answer.status.subject = (uint16_t)strtoul(words + 1, (char **)&words, 10);
        answer.status.detail = (uint16_t)strtoul(words + 1, (char **)&words, 10);
        words++;
    }
    answer.text = words;
    return answer;
}

static struct receiver_answer refuse(struct receiver *r, struct recipient *to, enum refusal why,
                                     int64_t now_ms)
{
    if (r->refused[why]++ == 0)
        r->refused_first[why] = now_ms;
    else if (now_ms - r->refused_first[why] > LATE_MS)
        r->refused_late[why]++;
    if (to != NULL)
        to->said |= (uint8_t)(1U << why);
    return read_words(r->kind->words[why]);
}

static const struct receiver_answer yes = { .accepts = true };

static bool takes_of_rate(struct receiver *r, int64_t now_ms)
{
    double gained = (double)(now_ms - r->tokens_at) * r->rate / 60000.0;

    if (r->rate == 0)
        return true;
    r->tokens = r->tokens + gained > r->rate ? r->rate : r->tokens + gained;
    r->tokens_at = now_ms;
    if (r->tokens < 1.0)
        return false;
    r->tokens -= 1.0;
    return true;
}

static struct receiver_answer about_greeting(struct receiver *r, int64_t now_ms)
{
    if (r->connections_max > 0 && r->open > r->connections_max)
        return refuse(r, NULL, REFUSED_CONNECTIONS, now_ms);
    return yes;
}

static struct receiver_answer about_mail(struct receiver *r, uint32_t messages, int64_t now_ms)
{
    if (r->messages_max > 0 && messages > r->messages_max)
        return refuse(r, NULL, REFUSED_MESSAGES, now_ms);
    if (!takes_of_rate(r, now_ms))
        return refuse(r, NULL, REFUSED_RATE, now_ms);
    return yes;
}

static bool is_greylisted(const struct receiver *r, struct recipient *to, int64_t now_ms)
{
    int32_t now_s = (int32_t)(now_ms / 1000);

    if (r->greylist_ms == 0)
        return false;
    if (to->seen_s == 0)
        to->seen_s = now_s;
    return now_s - to->seen_s < r->greylist_ms / 1000;
}

static struct receiver_answer about_recipient(struct receiver *r, struct recipient *to,
                                              int64_t now_ms)
{
    if (period_has(&r->blocked, now_ms))
        return refuse(r, to, REFUSED_BLOCK, now_ms);
    if (is_greylisted(r, to, now_ms))
        return refuse(r, to, REFUSED_GREYLIST, now_ms);
    if (to->nature == MAILBOX_UNKNOWN)
        return refuse(r, to, REFUSED_UNKNOWN, now_ms);
    if (to->nature == MAILBOX_FULL)
        return refuse(r, to, REFUSED_FULL, now_ms);
    if (to->nature == MAILBOX_FULL_GOOD)
        return refuse(r, to, REFUSED_FULL_GOOD, now_ms);
    return yes;
}

static struct receiver_answer about_content(struct receiver *r, struct recipient *to,
                                            int64_t now_ms)
{
    struct receiver_answer answer = yes;

    to->taken++;
    r->taken++;
    r->last_taken = now_ms;
    if (r->end_every > 0 && r->taken % r->end_every == 0) {
        answer.end = r->end;
        to->unsaid++;
    }
    return answer;
}

struct receiver_answer receiver_answer(struct receiver *r, struct recipient *to,
                                       enum smtp_question question, uint32_t messages,
                                       int64_t now_ms)
{
    switch (question) {
    case SMTP_ASK_GREETING:
        return about_greeting(r, now_ms);
    case SMTP_ASK_MAIL:
        r->asked++;
        r->most_messages = messages > r->most_messages ? messages : r->most_messages;
        return about_mail(r, messages, now_ms);
    case SMTP_ASK_RCPT:
        return about_recipient(r, to, now_ms);
    case SMTP_ASK_CONTENT:
        return about_content(r, to, now_ms);
    case SMTP_ASK_AUTH:
    case SMTP_ASK_DATA:
    case SMTP_ASK_NOTHING:
        break;
    }
    return yes;
}
