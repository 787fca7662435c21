/*
 * Read from data/reactions.txt, line by line: only refusals are looked up, and the table is short.
 */
#include "services/delivery/site_signal.h"

#include <string.h>

#include "base/text.h"
#include "services/delivery/reactions_internal.h"

static const char *const signal_names[] = {
    [SIGNAL_NONE] = "none",
    [SIGNAL_RATE] = "rate",
    [SIGNAL_CONNECTIONS] = "connections",
    [SIGNAL_MESSAGES] = "messages",
    [SIGNAL_OVERLOADED] = "overloaded",
    [SIGNAL_BLOCKED] = "blocked",
};

const char *site_signal_name(enum site_signal signal)
{
    return signal_names[signal];
}

/* ---- lines ---- */

static struct span next_word(struct span *rest)
{
    *rest = span_trim(*rest);
    return span_trim(span_take_until(rest, ' '));
}

bool reaction_next(struct span *table, struct reaction *ret_reaction)
{
    while (table->n > 0) {
        struct span line = span_trim(span_take_until(table, '\n'));
        struct span head;

        if (line.n == 0 || line.at[0] == '#')
            continue;
        head = span_take_until(&line, ':');
        ret_reaction->host = next_word(&head);
        ret_reaction->class = next_word(&head);
        ret_reaction->rest = span_trim(head);
        ret_reaction->words = span_trim(line);
        return true;
    }
    return false;
}

static bool read_signal(struct span name, enum site_signal *ret_signal)
{
    for (size_t i = 0; i < ARRAY_LENGTH(signal_names); i++) {
        if (span_equal(name, span_of(signal_names[i]))) {
            *ret_signal = (enum site_signal)i;
            return true;
        }
    }
    return false;
}

static bool read_key(struct span word, struct site_request *request)
{
    struct span value = word;
    struct span name = span_take_until(&value, '=');

    if (span_equal(name, SPAN("mails")))
        return text_to_integer(value, 1, 1000000, &request->mails);
    if (span_equal(name, SPAN("connections")))
        return text_to_integer(value, 1, 1000, &request->connections);
    if (span_equal(name, SPAN("for")))
        return text_to_duration(value, &request->for_ms);
    if (span_equal(name, SPAN("pause")))
        return text_to_duration(value, &request->pause_ms);
    request->about_domain = true;
    return span_equal(word, SPAN("about=domain"));
}

bool reaction_read(const struct reaction *reaction, struct site_request *ret_request,
                   struct error *err)
{
    struct site_request request = { .signal = SIGNAL_NONE };
    struct span rest = reaction->rest;
    struct span signal = next_word(&rest);

    if (!read_signal(signal, &request.signal))
        return error_set(err, ERROR_INVALID, "there is no signal \"%.*s\"", SPAN_ARGS(signal));
    while (span_trim(rest).n > 0) {
        struct span word = next_word(&rest);

        if (!read_key(word, &request))
            return error_set(err, ERROR_INVALID, "\"%.*s\" is not understood", SPAN_ARGS(word));
    }
    *ret_request = request;
    return true;
}

/* ---- the reading ---- */

/* The words a line is compared with: the enhanced code stands before them. */
struct said {
    char text[sizeof((struct outcome *)NULL)->text + 16];
};

static void take_said(const struct outcome *outcome, struct said *said)
{
    size_t n = strlen(outcome->status);

    memcpy(said->text, outcome->status, n);
    said->text[n++] = ' ';
    span_copy(span_of(outcome->text), said->text + n, sizeof said->text - n);
}

static bool is_any(struct span word)
{
    return span_equal(word, SPAN("any"));
}

static bool has_words(const struct reaction *r, const struct outcome *outcome,
                      const struct said *said)
{
    struct span words = r->words;
    struct span text = span_of(said->text);
    enum refusal_kind kind;

    if (words.n > 2 && words.at[0] == '<')
        return refusal_kind_find((struct span){ words.at + 1, words.n - 2 }, &kind) &&
               kind == outcome->kind;
    return span_find_nocase(text, words) < text.n;
}

static bool fits(const struct reaction *r, const struct outcome *outcome, struct span host,
                 const struct said *said)
{
    if (!is_any(r->class) && r->class.at[0] != '0' + outcome->code / 100)
        return false;
    return (is_any(r->host) || span_ends(host, r->host)) && has_words(r, outcome, said);
}

/* Where a 421 ends the mail at hand it may be about that mail alone. */
static bool ends_one_mail(const struct outcome *outcome)
{
    static const char *const stages[] = { "rcpt", "data", "content", "dot" };

    for (size_t i = 0; i < ARRAY_LENGTH(stages); i++)
        if (span_equal_nocase(span_of(outcome->stage), span_of(stages[i])))
            return true;
    return false;
}

struct site_request site_signal_read(const struct outcome *outcome, struct span host)
{
    struct site_request request = { .signal = SIGNAL_NONE };
    struct span table = { shipped_reactions[0].bytes, shipped_reactions[0].n };
    struct reaction reaction;
    struct said said;
    struct error err;

    if (outcome->local || outcome->kind == REFUSAL_GREYLISTED || outcome->code < 400)
        return request;
    take_said(outcome, &said);
    while (reaction_next(&table, &reaction))
        if (fits(&reaction, outcome, host, &said) && reaction_read(&reaction, &request, &err))
            return request;
    if (outcome->code == 421 && !ends_one_mail(outcome))
        request.signal = SIGNAL_OVERLOADED;
    return request;
}
