/*
 * Tables of wordings, collected from what mail servers really say. Words are looked for in lower
 * case, with addresses taken out: <spam@example.org> says nothing about spam. Enhanced codes are
 * those of RFC 3463 and its registry; the basic code decides the class, so an enhanced code of
 * another class counts as none.
 */
#include "services/delivery/reply_words.h"

#include <string.h>

/* clang-format off */

/* There is no such address. */
static const char *const unknown_user_words[] = {
    "user unknown",
    "unknown user",
    "unknown recipient",
    "recipient unknown",
    "unknown address",
    "address unknown",
    "addressee unknown",
    "unknown mailbox",
    "mailbox unknown",
    "unknown account",
    "unknown local",
    "no such user",
    "no such recipient",
    "no such mailbox",
    "no such address",
    "no such account",
    "no such person",
    "no such local user",
    "no mailbox here",
    "no mailbox by that name",
    "no user here",
    "not a known user",
    "not a valid mailbox",
    "not a valid user",
    "not a valid recipient",
    "user not found",
    "user is not found",
    "mailbox not found",
    "recipient not found",
    "recipientnotfound",
    "address not found",
    "account not found",
    "user does not exist",
    "user doesn't exist",
    "user does not exists",
    "mailbox does not exist",
    "mailbox doesn't exist",
    "recipient does not exist",
    "recipient doesn't exist",
    "address does not exist",
    "address doesn't exist",
    "account does not exist",
    "account doesn't exist",
    "account that you tried to reach does not exist",
    "does not exist here",
    "does not have an account",
    "doesn't have a yahoo",
    "doesn't have an account",
    "invalid mailbox",
    "invalid recipient",
    "invalid user",
    "invalid rcpt",
    "unrouteable address",
    "unroutable address",
    "empf\xc3\xa4nger unbekannt",
    "benutzer unbekannt",
    "postfach nicht gefunden",
    "postfach existiert nicht",
    "utilisateur inconnu",
    "destinataire inconnu",
    "usuario desconocido",
    "usuario no existe",
    "utente sconosciuto",
    "utente inesistente",
    "usu\xc3\xa1rio desconhecido",
    NULL
};

/* The reply is about something else, whatever stands beside it. */
static const char *const other_matter_words[] = {
    "spam", "blacklist", "black list", "blocklist", "block list", "blocked", "rbl", "dnsbl",
    "listed in", "listed at", "listed by", "spamhaus", "barracuda", "reputation", "abuse",
    "policy", "policies", " spf", "dkim", "dmarc", "authenti", "reverse dns", " ptr ", "helo",
    "your host", "your ip", "client host", "your server",
    "quota", "is full", "mailbox full", "over limit", "exceeded", "storage", "too large",
    "too big", "message size", "too many", "rate limit", "too fast", "throttl",
    "relaying", "relay access", "to relay", "relay denied", "relay not",
    "sender", "mail from", "return path", "return-path", "envelope from", "from address",
    "originator",
    "virus", "malware", "phish", "content", "attachment", "dangerous",
    "tempor", "try again", "try later", "greylist", "graylist", " tls", "encrypt", "starttls",
    "disabled", "inactive", "suspended", "expired",
    "not accepting", "permission", "not permitted", "not authorized", "unauthorized",
    "restricted", "not allowed", "challenge", "verify failed", "callout",
    NULL
};

static const char *const greylist_words[] = {
    "greylist", "graylist", "grey-list", "gray-list", "grey list", "gray list", "greylst",
    "postgrey", "sqlgrey", "first time sender", "first-time sender", "first contact",
    "try again in", "retry in", "come back in", "come back later", "please retry later",
    NULL
};

/* A 4.7.1 that has nothing to do with a first contact. */
static const char *const standing_refusal_words[] = {
    "blacklist", "black list", "blocklist", "block list", "blocked", "rbl", "dnsbl", "spamhaus",
    "listed", "reputation", "rate", "too many", "throttl", "cannot find your", "hostname", "helo",
    "reverse", " ptr ", "dmarc", "dkim", " spf", "quota", "is full", "authenti", "tls", "spam",
    "virus", "policy server", "unavailable",
    NULL
};

static const struct { uint16_t subject, detail; } unknown_user_codes[] = {
    { 1, 1 },  /* no such mailbox */
    { 1, 2 },  /* no such domain */
    { 1, 6 },  /* the mailbox has moved */
    { 1, 10 }, /* null MX */
    { 4, 4 },  /* unable to route */
};
/* clang-format on */

/* Lower case, lines joined, and what looks like an address replaced by a blank. */
struct plain_words {
    char text[SMTP_REPLY_TEXT_MAX + 3]; /* between blanks, so that " word " finds all */
};

static bool ends_word(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '<' || c == '>' || c == '(' || c == ')' ||
           c == '"' || c == ',' || c == ';';
}

static void take_words(const struct smtp_reply *reply, struct plain_words *words)
{
    struct span rest = smtp_reply_text(reply);
    size_t n = 1;

    words->text[0] = ' ';
    while (rest.n > 0) {
        size_t length = 0;
        struct span word;

        while (length < rest.n && !ends_word(rest.at[length]))
            length++;
        word = span_first(rest, length);
        if (span_index(word, '@') == word.n)
            for (size_t i = 0; i < word.n; i++)
                words->text[n++] = word.at[i] == '\0' ? ' ' : span_lower(word.at[i]);
        if (length < rest.n)
            words->text[n++] = ' ';
        rest = span_rest(rest, length < rest.n ? length + 1 : length);
    }
    words->text[n++] = ' ';
    words->text[n] = '\0';
}

static bool any_of(const struct plain_words *words, const char *const *table)
{
    for (size_t i = 0; table[i] != NULL; i++)
        if (strstr(words->text, table[i]) != NULL)
            return true;
    return false;
}

/* The enhanced code, when it agrees with the basic one. */
static struct smtp_status status_of(const struct smtp_reply *reply)
{
    if (reply->status.class == smtp_reply_class(reply))
        return reply->status;
    return (struct smtp_status){ 0, 0, 0 };
}

static bool is_unknown_user_code(struct smtp_status status)
{
    for (size_t i = 0; i < ARRAY_LENGTH(unknown_user_codes); i++)
        if (status.subject == unknown_user_codes[i].subject &&
            status.detail == unknown_user_codes[i].detail)
            return true;
    return false;
}

/* Codes that say so little that the words decide: none, "other", "syntax of the address", and
 * the protocol's own. */
static bool leaves_it_to_words(struct smtp_status status)
{
    if (status.class == 0 || status.subject == 0 || status.subject == 5)
        return true;
    return status.subject == 1 && (status.detail == 0 || status.detail == 3);
}

bool reply_says_unknown_user(const struct smtp_reply *reply)
{
    struct smtp_status status = status_of(reply);
    struct plain_words words;

    if (smtp_reply_class(reply) != 5)
        return false;
    take_words(reply, &words);
    if (any_of(&words, other_matter_words))
        return false;
    if (status.class != 0 && is_unknown_user_code(status))
        return true;
    return leaves_it_to_words(status) && any_of(&words, unknown_user_words);
}

bool reply_says_greylisted(const struct smtp_reply *reply)
{
    struct smtp_status status = status_of(reply);
    struct plain_words words;

    if (smtp_reply_class(reply) != 4)
        return false;
    take_words(reply, &words);
    if (any_of(&words, greylist_words))
        return true;
    return (reply->code == 450 || reply->code == 451) && status.class == 4 && status.subject == 7 &&
           status.detail == 1 && !any_of(&words, standing_refusal_words);
}
