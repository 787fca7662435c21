/*
 * Words are looked for in data/wordings.txt, in lower case, with addresses taken out:
 * <spam@example.org> says nothing about spam. Enhanced codes are those of RFC 3463 and its
 * registry; the basic code decides the class, so an enhanced code of another class counts as none.
 *
 *   1. words that may be about us, whatever the enhanced code says
 *   2. an enhanced code that says just one thing
 *   3. words about the address, unless the enhanced code speaks of security
 *   4. what the subject of the enhanced code says; trouble and refusals in general
 *   5. the basic code
 */
#include "services/delivery/reply_words.h"

#include <stdio.h>

#include "services/delivery/wordings_internal.h"

/* clang-format off */
static const struct code_meaning {
    uint16_t subject, detail;
    enum refusal_kind kind;
} code_meanings[] = {
    { 1, 1,  REFUSAL_UNKNOWN_USER },
    { 1, 2,  REFUSAL_UNKNOWN_USER },   /* no such domain */
    { 1, 4,  REFUSAL_BAD_ADDRESS },    /* ambiguous */
    { 1, 6,  REFUSAL_UNKNOWN_USER },   /* moved */
    { 1, 7,  REFUSAL_POLICY },         /* the sender's address */
    { 1, 8,  REFUSAL_POLICY },
    { 1, 9,  REFUSAL_POLICY },
    { 1, 10, REFUSAL_UNKNOWN_USER },   /* null MX */
    { 2, 1,  REFUSAL_MAILBOX_DISABLED },
    { 2, 2,  REFUSAL_MAILBOX_FULL },
    { 2, 3,  REFUSAL_TOO_LARGE },
    { 3, 1,  REFUSAL_SYSTEM },
    { 3, 4,  REFUSAL_TOO_LARGE },
    { 4, 4,  REFUSAL_UNKNOWN_USER },   /* unable to route */
    { 4, 6,  REFUSAL_SYSTEM },         /* a loop */
    { 5, 3,  REFUSAL_RATE },           /* too many recipients */
    { 7, 8,  REFUSAL_AUTHENTICATION },
    { 7, 9,  REFUSAL_AUTHENTICATION },
    { 7, 13, REFUSAL_MAILBOX_DISABLED },
    { 7, 17, REFUSAL_UNKNOWN_USER },   /* RFC 7293: the owner has changed */
    { 7, 18, REFUSAL_UNKNOWN_USER },
    { 7, 20, REFUSAL_AUTHENTICATION },
    { 7, 21, REFUSAL_AUTHENTICATION },
    { 7, 22, REFUSAL_AUTHENTICATION },
    { 7, 23, REFUSAL_AUTHENTICATION },
    { 7, 24, REFUSAL_AUTHENTICATION },
    { 7, 25, REFUSAL_AUTHENTICATION },
    { 7, 26, REFUSAL_AUTHENTICATION },
    { 7, 27, REFUSAL_AUTHENTICATION }, /* the sender's domain has a null MX */
    { 7, 28, REFUSAL_RATE },           /* mail flood */
    { 7, 29, REFUSAL_AUTHENTICATION },
};

static const enum refusal_kind subject_meanings[] = {
    [3] = REFUSAL_SYSTEM, [4] = REFUSAL_SYSTEM, [6] = REFUSAL_CONTENT, [7] = REFUSAL_POLICY,
};

static const struct {
    int code;
    enum refusal_kind kind;
} basic_meanings[] = {
    { 421, REFUSAL_SYSTEM },
    { 451, REFUSAL_SYSTEM },
    { 452, REFUSAL_SYSTEM },
    { 500, REFUSAL_SYSTEM },
    { 502, REFUSAL_SYSTEM },
    { 503, REFUSAL_SYSTEM },
    { 504, REFUSAL_SYSTEM },
    { 551, REFUSAL_UNKNOWN_USER },
    { 552, REFUSAL_MAILBOX_FULL },
    { 553, REFUSAL_BAD_ADDRESS },
    { 556, REFUSAL_UNKNOWN_USER },     /* RFC 7504 */
};
/* clang-format on */

/* ---- the words of the reply ---- */

/* The enhanced code and the words: lower case, lines joined, blanks folded, and what looks like an
 * address taken out. */
struct plain_words {
    char text[SMTP_REPLY_TEXT_MAX + 24]; /* between blanks, so that " word " finds all */
    size_t n;
};

static bool ends_word(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\0' || c == '<' || c == '>' ||
           c == '(' || c == ')' || c == '"' || c == ',' || c == ';';
}

static void put_blank(struct plain_words *words)
{
    if (words->n == 0 || words->text[words->n - 1] != ' ')
        words->text[words->n++] = ' ';
}

static void put_word(struct plain_words *words, struct span word)
{
    if (span_index(word, '@') < word.n)
        return;
    for (size_t i = 0; i < word.n; i++)
        words->text[words->n++] = span_lower(word.at[i]);
}

/* What ends a word stays, but for what stands around addresses: "(blocked)" has it as well. */
static void put_end(struct plain_words *words, char c)
{
    if (c == '(' || c == ')' || c == ',' || c == ';')
        words->text[words->n++] = c;
    else
        put_blank(words);
}

static void take_words(const struct smtp_reply *reply, struct smtp_status status,
                       struct plain_words *words)
{
    struct span rest = smtp_reply_text(reply);

    words->n = 0;
    put_blank(words);
    if (status.class != 0)
        words->n += (size_t)snprintf(words->text + 1, 22, "%u.%u.%u ", status.class % 10U,
                                     status.subject % 1000U, status.detail % 1000U);
    while (rest.n > 0) {
        size_t length = 0;

        while (length < rest.n && !ends_word(rest.at[length]))
            length++;
        put_word(words, span_first(rest, length));
        if (length < rest.n)
            put_end(words, rest.at[length]);
        rest = span_rest(rest, length < rest.n ? length + 1 : length);
    }
    put_blank(words);
}

/* ---- the table ---- */

enum place { BEFORE_STATUS, AFTER_STATUS };

struct wordings {
    struct span rest; /* of the table */
    enum refusal_kind kind;
    char class; /* '4', '5', or 'a' for any */
    enum place place;
};

static struct wordings wordings_start(void)
{
    return (struct wordings){ .rest = { shipped_wordings[0].bytes, shipped_wordings[0].n } };
}

/* "% KIND CLASS PLACE" */
static void read_heading(struct wordings *w, struct span line)
{
    struct span kind;

    line = span_trim(span_rest(line, 1));
    kind = span_take_until(&line, ' ');
    if (!refusal_kind_find(kind, &w->kind))
        w->kind = REFUSAL_NONE; /* a test reads the table */
    w->class = line.n > 0 ? line.at[0] : 'a';
    (void)!span_take_until(&line, ' ').n;
    w->place = span_equal(line, SPAN("before")) ? BEFORE_STATUS : AFTER_STATUS;
}

static bool next_wording(struct wordings *w, struct span *ret_words)
{
    while (w->rest.n > 0) {
        struct span line = span_take_until(&w->rest, '\n');

        if (line.n == 0 || line.at[0] == '#')
            continue;
        if (line.at[0] != '%') {
            *ret_words = line;
            return true;
        }
        read_heading(w, line);
    }
    return false;
}

/* Where `part` ends in `text`, 0 when it is not there; '_' at either end stands for a blank. */
static size_t end_of_part(struct span text, struct span part)
{
    size_t skip = part.n > 0 && part.at[0] == '_' ? 1 : 0;
    size_t tail = part.n > skip && part.at[part.n - 1] == '_' ? 1 : 0;
    struct span core = span_first(span_rest(part, skip), part.n - skip - tail);
    size_t from = 0;

    while (from < text.n) {
        size_t at = from + span_find(span_rest(text, from), core);
        size_t after = at + core.n;

        if (at >= text.n)
            return 0;
        if ((skip == 0 || (at > 0 && text.at[at - 1] == ' ')) &&
            (tail == 0 || (after < text.n && text.at[after] == ' ')))
            return after;
        from = at + 1;
    }
    return 0;
}

static bool fits(struct span text, struct span wording)
{
    while (wording.n > 0) {
        size_t end = end_of_part(text, span_take_until(&wording, '*'));

        if (end == 0)
            return false;
        text = span_rest(text, end);
    }
    return true;
}

/* ---- the reading ---- */

struct reading {
    const struct plain_words *words;
    int class;
    struct smtp_status status;
    struct reply_reading result;
};

static bool is_about_address(enum refusal_kind kind)
{
    return kind == REFUSAL_UNKNOWN_USER || kind == REFUSAL_MAILBOX_DISABLED ||
           kind == REFUSAL_BAD_ADDRESS;
}

static bool read_words(struct reading *r, enum place place, bool about_address)
{
    struct span text = { r->words->text, r->words->n };
    struct wordings w = wordings_start();
    struct span wording;

    while (next_wording(&w, &wording)) {
        if (w.place != place || (w.class != 'a' && w.class != '0' + r->class))
            continue;
        if (place == AFTER_STATUS && is_about_address(w.kind) != about_address)
            continue;
        if (!fits(text, wording))
            continue;
        r->result.kind = w.kind;
        span_copy(wording, r->result.why, sizeof r->result.why);
        return true;
    }
    return false;
}

static bool take_status(struct reading *r, enum refusal_kind kind)
{
    r->result.kind = kind;
    (void)snprintf(r->result.why, sizeof r->result.why, "status %u.%u.%u", r->status.class % 10U,
                   r->status.subject % 1000U, r->status.detail % 1000U);
    return true;
}

static bool read_status(struct reading *r)
{
    for (size_t i = 0; r->status.class != 0 && i < ARRAY_LENGTH(code_meanings); i++)
        if (r->status.subject == code_meanings[i].subject &&
            r->status.detail == code_meanings[i].detail)
            return take_status(r, code_meanings[i].kind);
    return false;
}

static bool read_subject(struct reading *r)
{
    uint16_t subject = r->status.subject;

    if (r->status.class == 0 || subject >= ARRAY_LENGTH(subject_meanings) ||
        subject_meanings[subject] == REFUSAL_NONE)
        return false;
    return take_status(r, subject_meanings[subject]);
}

/* 450 or 451 with 4.7.1 and no words of another kind: what greylisting daemons say. */
static bool read_greylisting(struct reading *r, int code)
{
    if ((code != 450 && code != 451) || r->status.subject != 7 || r->status.detail != 1)
        return false;
    return take_status(r, REFUSAL_GREYLISTED);
}

static bool read_code(struct reading *r, int code)
{
    for (size_t i = 0; i < ARRAY_LENGTH(basic_meanings); i++) {
        if (basic_meanings[i].code != code)
            continue;
        r->result.kind = basic_meanings[i].kind;
        (void)snprintf(r->result.why, sizeof r->result.why, "code %d", code);
        return true;
    }
    return false;
}

/* The enhanced code, when it agrees with the basic one. */
static struct smtp_status status_of(const struct smtp_reply *reply)
{
    if (reply->status.class == smtp_reply_class(reply))
        return reply->status;
    return (struct smtp_status){ 0, 0, 0 };
}

struct reply_reading reply_read(const struct smtp_reply *reply)
{
    struct plain_words words;
    struct reading r = { .words = &words,
                         .class = smtp_reply_class(reply),
                         .status = status_of(reply) };
    bool speaks_of_security = r.status.subject == 7;

    if (r.class != 4 && r.class != 5)
        return r.result;
    take_words(reply, r.status, &words);
    (void)(read_words(&r, BEFORE_STATUS, false) || read_status(&r) ||
           read_greylisting(&r, reply->code) ||
           (!speaks_of_security && read_words(&r, AFTER_STATUS, true)) || read_subject(&r) ||
           read_words(&r, AFTER_STATUS, false) || read_code(&r, reply->code));
    return r.result;
}
