/*
 * `sink`: a mail exchanger for development and tests, in the foreground.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "crypto/certificate.h"
#include "io/loop.h"
#include "net/smtp_sink.h"

enum { PEM_LIMIT = 65536, LINE_LIMIT = 4096, DAY_MS = 24 * 60 * 60 * 1000 };

struct sink_command {
    const struct invocation *call;
    struct arena arena;
    struct smtp_sink_options options;
    struct smtp_sink_rule *rules;
    int journal;
};

static const char *text_of(const struct sink_command *c, const char *field)
{
    return json_string_value(json_object_get(c->call->args, field));
}

/* A number of the line within [0, most]; `unset` when it is not there. */
static bool number_of(const struct sink_command *c, const char *field, int64_t most, int64_t unset,
                      int64_t *ret_number, struct error *err)
{
    const json_t *value = json_object_get(c->call->args, field);

    *ret_number = value != NULL ? json_integer_value(value) : unset;
    if (*ret_number < 0 || *ret_number > most)
        return error_set(err, ERROR_INVALID, "%s must be in 0..%" PRId64, field, most);
    return true;
}

static bool duration_of(const struct sink_command *c, const char *field, int64_t *ret_ms,
                        struct error *err)
{
    const char *text = text_of(c, field);

    if (text != NULL && !text_to_duration(span_of(text), ret_ms))
        return error_set(err, ERROR_INVALID, "%s is no duration: %s", field, text);
    return true;
}

static bool read_numbers(struct sink_command *c, struct error *err)
{
    struct smtp_sink_options *o = &c->options;
    int64_t content, recipients, connections, messages, attempts, rate, lose;

    if (!number_of(c, "max-size", 1 << 30, (int64_t)o->content_max, &content, err) ||
        !number_of(c, "max-recipients", 100000, o->recipients_max, &recipients, err) ||
        !number_of(c, "max-connections", 100000, 0, &connections, err) ||
        !number_of(c, "max-messages", UINT32_MAX, 0, &messages, err) ||
        !number_of(c, "greylist", UINT32_MAX, 0, &attempts, err) ||
        !number_of(c, "rate", 1000000, 0, &rate, err) ||
        !number_of(c, "lose-every", UINT32_MAX, 0, &lose, err) ||
        !duration_of(c, "greylist-for", &o->greylist_ms, err) ||
        !duration_of(c, "delay", &o->delay_ms, err))
        return false;
    o->content_max = (uint64_t)content;
    o->offers.size_limit = o->content_max;
    o->recipients_max = (uint32_t)recipients;
    o->connections_max = (uint32_t)connections;
    o->messages_max = (uint32_t)messages;
    o->greylist_attempts = (uint32_t)attempts;
    o->rate = (uint32_t)rate;
    o->lose_every = (uint32_t)lose;
    return true;
}

static bool read_over_rate(struct sink_command *c, struct error *err)
{
    static const char *const names[] = {
        [SMTP_SINK_WAIT] = "wait", [SMTP_SINK_DEFER] = "defer", [SMTP_SINK_CLOSE] = "close"
    };
    struct span word = span_of(text_of(c, "over-rate"));

    for (size_t i = 0; i < ARRAY_LENGTH(names) && word.n > 0; i++) {
        if (!span_equal(word, span_of(names[i])))
            continue;
        c->options.over_rate = (enum smtp_sink_over_rate)i;
        return true;
    }
    return word.n == 0 || error_set(err, ERROR_INVALID, "over-rate is wait, defer or close");
}

static bool read_listen(struct sink_command *c, struct error *err)
{
    const json_t *list = json_object_get(c->call->args, "listen");
    size_t n = json_array_size(list);
    struct endpoint *at = ARENA_ARRAY(&c->arena, struct endpoint, n + 1);

    if (n == 0 && !endpoint_parse(SPAN("127.0.0.1:2525"), &at[0], err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!endpoint_parse(span_of(json_string_value(json_array_get(list, i))), &at[i], err))
            return error_wrap(err, "listen");
    c->options.listen = at;
    c->options.listen_count = n > 0 ? n : 1;
    return true;
}

/* --- rules --- */

static void add_rule(struct sink_command *c, struct smtp_sink_rule rule)
{
    c->rules[c->options.rule_count++] = rule;
}

static const struct smtp_sink_rule unknown_user = {
    .at = SMTP_ASK_RCPT, .code = 550, .status = { 5, 1, 1 }, .text = "No such user here"
};

static bool read_answer(struct sink_command *c, struct span text, struct error *err)
{
    static const char *const names[] = { [SMTP_ASK_GREETING] = "greeting",
                                         [SMTP_ASK_MAIL] = "mail",
                                         [SMTP_ASK_RCPT] = "rcpt",
                                         [SMTP_ASK_DATA] = "data",
                                         [SMTP_ASK_CONTENT] = "content" };
    struct smtp_sink_rule rule = { .pattern = SPAN("*") };
    struct span rest = text;
    struct span what = span_take_until(&rest, '=');
    struct span name = span_take_until(&what, ':');
    struct span code = span_take_until(&rest, ' ');
    int64_t number = 0;

    for (size_t i = 1; i < ARRAY_LENGTH(names); i++)
        if (names[i] != NULL && span_equal_nocase(name, span_of(names[i])))
            rule.at = (enum smtp_question)i;
    if (rule.at == SMTP_ASK_NOTHING || !text_to_integer(code, 200, 599, &number) ||
        text_has_control(rest))
        return error_set(err, ERROR_INVALID,
                         "an answer looks like \"rcpt:bob@*=450 4.2.1 Mailbox full\", not \"%.*s\"",
                         SPAN_ARGS(text));
    if (what.n > 0)
        rule.pattern = what;
    rule.code = (int)number;
    if (!smtp_status_take(&rest, &rule.status))
        rule.status = (struct smtp_status){ 0 };
    rule.text = arena_text(&c->arena, rest);
    add_rule(c, rule);
    return true;
}

static struct span string_at(const json_t *list, size_t i)
{
    return span_of(json_string_value(json_array_get(list, i)));
}

static bool read_rules(struct sink_command *c, struct error *err)
{
    const json_t *answers = json_object_get(c->call->args, "answer");
    const json_t *unknown = json_object_get(c->call->args, "unknown");
    const json_t *known = json_object_get(c->call->args, "known");
    size_t most = json_array_size(answers) + json_array_size(unknown) + json_array_size(known) + 1;
    struct smtp_sink_rule rule = unknown_user;

    c->rules = ARENA_ARRAY(&c->arena, struct smtp_sink_rule, most);
    for (size_t i = 0; i < json_array_size(answers); i++)
        if (!read_answer(c, string_at(answers, i), err))
            return false;
    for (size_t i = 0; i < json_array_size(unknown); i++) {
        rule.pattern = string_at(unknown, i);
        add_rule(c, rule);
    }
    for (size_t i = 0; i < json_array_size(known); i++)
        add_rule(c, (struct smtp_sink_rule){
                        .at = SMTP_ASK_RCPT, .pattern = string_at(known, i), .code = 250 });
    rule.pattern = SPAN("*");
    if (json_array_size(known) > 0)
        add_rule(c, rule);
    c->options.rules = c->rules;
    return true;
}

/* --- offers and TLS --- */

static bool drop_offer(struct smtp_capabilities *offers, struct span keyword)
{
    static const struct {
        const char *keyword;
        size_t flag;
    } known[] = {
        { "PIPELINING", offsetof(struct smtp_capabilities, pipelining) },
        { "SIZE", offsetof(struct smtp_capabilities, size) },
        { "8BITMIME", offsetof(struct smtp_capabilities, eight_bit) },
        { "SMTPUTF8", offsetof(struct smtp_capabilities, smtputf8) },
        { "ENHANCEDSTATUSCODES", offsetof(struct smtp_capabilities, enhanced_status) },
        { "CHUNKING", offsetof(struct smtp_capabilities, chunking) },
        { "DSN", offsetof(struct smtp_capabilities, dsn) },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (!span_equal_nocase(keyword, span_of(known[i].keyword)))
            continue;
        *(bool *)((char *)offers + known[i].flag) = false;
        return true;
    }
    return false;
}

/* What is not offered unless it is asked for, because it tells limits: "LIMITS MAILMAX=20". */
static bool add_offer(struct smtp_capabilities *offers, struct span line)
{
    struct smtp_capabilities added;
    CLEANUP(buf_fini) struct buf lines;
    struct smtp_reply ehlo;

    buf_init(&lines, LINE_LIMIT);
    buf_put(&lines, SPAN("name\n"));
    buf_put(&lines, line);
    ehlo = smtp_reply_make(250, (struct smtp_status){ 0 }, buf_view(&lines));
    added = smtp_capabilities_read(&ehlo);
    if (added.deliver_by) {
        offers->deliver_by = true;
        offers->deliver_by_min = added.deliver_by_min;
        return true;
    }
    if (!added.limits)
        return false;
    offers->limits = true;
    offers->mail_limit = added.mail_limit;
    offers->recipient_limit = added.recipient_limit;
    offers->domain_limit = added.domain_limit;
    return true;
}

static bool read_offers(struct sink_command *c, struct error *err)
{
    const json_t *without = json_object_get(c->call->args, "without");
    const json_t *with = json_object_get(c->call->args, "with");

    c->options.offers.chunking = true;
    c->options.offers.dsn = true;
    for (size_t i = 0; i < json_array_size(without); i++)
        if (!drop_offer(&c->options.offers, string_at(without, i)))
            return error_set(err, ERROR_INVALID, "no such extension: %s",
                             json_string_value(json_array_get(without, i)));
    for (size_t i = 0; i < json_array_size(with); i++)
        if (!add_offer(&c->options.offers, string_at(with, i)))
            return error_set(err, ERROR_INVALID,
                             "with is \"LIMITS MAILMAX=N\" or \"DELIVERBY SECONDS\", not %s",
                             json_string_value(json_array_get(with, i)));
    return true;
}

static bool make_certificate(struct sink_command *c, struct error *err)
{
    CLEANUP(buf_fini) struct buf certificate;
    CLEANUP(buf_fini) struct buf key;
    struct span names[] = { span_of(c->options.name) };
    struct certificate_options options = { .names = names, .name_count = 1 };

    buf_init(&certificate, PEM_LIMIT);
    buf_init(&key, PEM_LIMIT);
    options.from_utc_ms = clock_utc_ms() - DAY_MS;
    options.until_utc_ms = options.from_utc_ms + (365 * (int64_t)DAY_MS);
    if (!certificate_make_self_signed(&options, &certificate, &key, err))
        return false;
    c->options.tls = tls_server_context_new(buf_view(&certificate), buf_view(&key), err);
    c->options.offers.starttls = c->options.tls != NULL;
    return c->options.tls != NULL;
}

/* --- running --- */

static bool open_journal(struct sink_command *c, struct error *err)
{
    const char *path = text_of(c, "journal");

    if (path == NULL)
        return true;
    c->journal = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    c->options.journal = c->journal;
    return c->journal >= 0 || error_set_errno(err, errno, "opening %s", path);
}

/* The value of Subject as it stands in the header, continued lines left out. */
static struct span subject_of(struct span content)
{
    while (content.n > 0 && !span_starts(content, SPAN("\r\n"))) {
        struct span line = span_take_until(&content, '\n');

        if (span_starts_nocase(line, SPAN("Subject:")))
            return span_trim(span_rest(line, 8));
    }
    return SPAN("");
}

static void print_message(void *owner, const struct smtp_sink_message *m)
{
    struct sink_command *c = owner;
    CLEANUP(buf_fini) struct buf line;

    buf_init(&line, LINE_LIMIT);
    text_put_time(&line, m->at_ms);
    buf_printf(&line, "  %" PRIu64 "  %.*s ->", m->number, SPAN_ARGS(m->envelope->from));
    for (size_t i = 0; i < m->envelope->to_count; i++)
        buf_printf(&line, " %.*s", SPAN_ARGS(m->envelope->to[i]));
    buf_printf(&line, "  %zu octets%s%s  ", m->content.n, m->tls != NULL ? "  " : "",
               m->tls != NULL ? m->tls->version : "");
    text_put_visible(&line, subject_of(m->content));
    (void)fprintf(c->call->out, "%s%s%s\n", buf_text(&line), m->file != NULL ? "  " : "",
                  m->file != NULL ? m->file : "");
    (void)fflush(c->call->out);
}

static bool check_folder(const struct sink_command *c, struct error *err)
{
    const char *folder = c->options.folder;

    return folder == NULL || access(folder, W_OK | X_OK) == 0 ||
           error_set_errno(err, errno, "--folder %s", folder);
}

static bool read_line(struct sink_command *c, struct error *err)
{
    c->options = smtp_sink_options_default();
    c->options.folder = text_of(c, "folder");
    c->options.owner = c;
    if (text_of(c, "name") != NULL)
        c->options.name = text_of(c, "name");
    if (!json_is_true(json_object_get(c->call->args, "count")))
        c->options.taken = print_message;
    return check_folder(c, err) && read_listen(c, err) && read_numbers(c, err) &&
           read_over_rate(c, err) && read_rules(c, err) && read_offers(c, err) &&
           open_journal(c, err) &&
           (!json_is_true(json_object_get(c->call->args, "tls")) || make_certificate(c, err));
}

static void say_where(const struct sink_command *c, const struct smtp_sink *sink)
{
    for (size_t i = 0; i < c->options.listen_count; i++) {
        struct endpoint at = smtp_sink_endpoint(sink, i);
        CLEANUP(buf_fini) struct buf text;

        buf_init(&text, 200);
        endpoint_put(&text, &at);
        (void)fprintf(c->call->out, "listening on %s\n", buf_text(&text));
    }
    (void)fflush(c->call->out);
}

static void say_counts(const struct sink_command *c, const struct smtp_sink_counts *n)
{
    (void)fprintf(c->call->out,
                  "connections=%" PRIu64 " messages=%" PRIu64 " recipients=%" PRIu64
                  " octets=%" PRIu64 " refused=%" PRIu64 " violations=%" PRIu64 "\n",
                  n->connections, n->messages, n->recipients, n->octets, n->refused, n->violations);
    (void)fflush(c->call->out);
}

static bool run_until_signal(struct sink_command *c, struct error *err)
{
    struct loop *loop;
    struct smtp_sink *sink;
    sigset_t signals;
    int signal;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    loop = loop_new("sink");
    sink = smtp_sink_open(loop, &c->options, err);
    if (sink != NULL) {
        say_where(c, sink);
        loop_start(loop);
        (void)sigwait(&signals, &signal);
        loop_stop(loop);
        loop_join(loop);
        say_counts(c, smtp_sink_counts(sink));
        smtp_sink_close(sink);
    }
    loop_free(loop);
    return sink != NULL;
}

static int run_sink(const struct invocation *call)
{
    struct sink_command c = { .call = call, .journal = -1 };
    struct error err;
    bool done;

    arena_init(&c.arena);
    done = read_line(&c, &err) && run_until_signal(&c, &err);
    tls_context_free(c.options.tls);
    if (c.journal >= 0)
        (void)close(c.journal);
    arena_fini(&c.arena);
    return done ? EX_OK : command_fail(call, &err);
}

/* clang-format off */
static const struct option sink_options[] = {
    { "listen", OPTION_TEXTS, "ADDRESS:PORT", "listen",
      "where to listen, port 0 picks one; default 127.0.0.1:2525" },
    { "name", OPTION_TEXT, "NAME", "name", "the host name it gives itself" },
    { "folder", OPTION_TEXT, "DIR", "folder", "write each message into DIR as an .eml file" },
    { "journal", OPTION_TEXT, "FILE", "journal",
      "append a JSON line for every message taken, refusal, and session ended" },
    { "count", OPTION_FLAG, NULL, "count", "print no messages, only the counters at the end" },
    { "tls", OPTION_FLAG, NULL, "tls", "offer STARTTLS with a certificate made for the occasion" },
    { "without", OPTION_TEXTS, "EXTENSION", "without",
      "do not offer PIPELINING, SIZE, 8BITMIME, SMTPUTF8, CHUNKING or DSN" },
    { "with", OPTION_TEXTS, "EXTENSION", "with",
      "offer also \"LIMITS MAILMAX=N RCPTMAX=N RCPTDOMAINMAX=N\" or \"DELIVERBY SECONDS\"" },
    { "greylist", OPTION_NUMBER, "N", "greylist",
      "defer the first N attempts for each peer, sender and recipient" },
    { "greylist-for", OPTION_TEXT, "DURATION", "greylist-for",
      "defer all attempts so long after the first" },
    { "known", OPTION_TEXTS, "PATTERN", "known",
      "know only these recipients, refuse all others; * stands for anything" },
    { "unknown", OPTION_TEXTS, "PATTERN", "unknown", "refuse these recipients by 550 5.1.1" },
    { "answer", OPTION_TEXTS, "WHAT", "answer",
      "answer greeting, mail, rcpt, data or content so: \"rcpt:bob@*=450 4.2.1 Mailbox full\"" },
    { "delay", OPTION_TEXT, "DURATION", "delay", "wait before each reply" },
    { "rate", OPTION_NUMBER, "N", "rate", "take at most N messages a second" },
    { "over-rate", OPTION_TEXT, "HOW", "over-rate",
      "what then: wait (default), defer (451) or close (421)" },
    { "max-connections", OPTION_NUMBER, "N", "max-connections", "421 above so many at a time" },
    { "max-messages", OPTION_NUMBER, "N", "max-messages", "421 after so many on a connection" },
    { "max-recipients", OPTION_NUMBER, "N", "max-recipients", "452 above so many of a message" },
    { "max-size", OPTION_NUMBER, "OCTETS", "max-size", "552 above so many of a message" },
    { "lose-every", OPTION_NUMBER, "N", "lose-every",
      "take each Nth message and drop the connection instead of saying so" },
    { 0 },
};
/* clang-format on */

const struct command sink_commands[] = {
    { .name = "sink",
      .summary = "be a mail exchanger that shows what it gets, for development",
      .details = "Takes everything unless told otherwise, prints a line a message, and at the end\n"
                 "(SIGTERM or SIGINT) its counters. What senders do wrong is noted in the journal\n"
                 "by name, such as data-before-354 or bare-lf-in-data.",
      .options = sink_options,
      .run = run_sink,
      .without_config = true },
    { 0 },
};
