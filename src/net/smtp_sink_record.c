/*
 * What the sink keeps: messages as .eml files with the trace fields that an exchanger adds, and a
 * journal, a JSON object a line, of what was taken, refused and done wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "io/loop.h"
#include "net/smtp_sink_internal.h"
#include "protocol/mail/date.h"

enum { TRACE_MAX = 1 << 20, PATH_ROOM = 4096 };

static bool write_all(int fd, struct span bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.at, bytes.n);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = span_rest(bytes, (size_t)n);
    }
    return true;
}

static void put_trace(struct buf *to, const struct smtp_sink_message *m, const char *name)
{
    buf_printf(to, "Return-Path: <%.*s>\r\n", SPAN_ARGS(m->envelope->from));
    for (size_t i = 0; i < m->envelope->to_count; i++)
        buf_printf(to, "Delivered-To: %.*s\r\n", SPAN_ARGS(m->envelope->to[i]));
    buf_printf(to, "Received: from %.*s (", SPAN_ARGS(m->hello));
    endpoint_put(to, &m->peer);
    buf_printf(to, ")\r\n\tby %s with ESMTP%s id %" PRIu64 ".%" PRIu64 ";\r\n\t", name,
               m->tls != NULL ? "S" : "", m->connection, m->number);
    date_put(to, m->at_ms, 0);
    buf_put(to, SPAN("\r\n"));
}

static bool write_part(const char *part, struct span trace, struct span content)
{
    CLEANUP(cleanup_descriptor)
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    return fd >= 0 && write_all(fd, trace) && write_all(fd, content);
}

/* Gives the part the next name that does not exist yet. */
static bool name_part(struct smtp_sink *sink, const char *part, char path[PATH_ROOM])
{
    int failed;

    do {
        sink->next_file++;
        (void)snprintf(path, PATH_ROOM, "%s/%06" PRIu64 ".eml", sink->folder, sink->next_file);
        failed = link(part, path);
    } while (failed != 0 && errno == EEXIST);
    return failed == 0;
}

/* Whoever watches the folder finds whole messages alone: the name comes when all is written. */
static bool write_file(struct smtp_sink *sink, const struct smtp_sink_message *m,
                       char path[PATH_ROOM])
{
    CLEANUP(buf_fini) struct buf trace;
    char part[PATH_ROOM];
    bool written;

    (void)snprintf(part, sizeof(part), "%s/.%ld.part", sink->folder, (long)getpid());
    buf_init(&trace, TRACE_MAX);
    put_trace(&trace, m, sink->name);
    written = write_part(part, buf_view(&trace), m->content) && name_part(sink, part, path);
    if (!written)
        log_error("sink-write-failed", log_text("folder", sink->folder),
                  log_number("errno", errno));
    (void)unlink(part);
    return written;
}

static void put_field(struct buf *to, const char *name, struct span value)
{
    buf_printf(to, ",\"%s\":", name);
    text_put_json(to, value);
}

static void put_time(struct buf *to, int64_t at_ms)
{
    buf_put(to, SPAN("\"at\":\""));
    text_put_time(to, at_ms);
    buf_put(to, SPAN("\""));
}

static void start_line(struct sink_session *s, const char *event)
{
    struct buf *line = &s->sink->line;

    buf_clear(line);
    buf_printf(line, "{\"event\":\"%s\",", event);
    put_time(line, loop_now_ms(s->sink->loop));
    buf_printf(line, ",\"connection\":%" PRIu64 ",\"peer\":\"", s->number);
    endpoint_put(line, &s->peer);
    buf_put(line, SPAN("\""));
}

static void put_violations(struct buf *line, const struct smtp_violations *v)
{
    const char *separator = "";

    buf_put(line, SPAN(",\"violations\":["));
    for (int i = 0; i < SMTP_VIOLATIONS; i++) {
        if (v->count[i] == 0)
            continue;
        buf_printf(line, "%s\"%s\"", separator, smtp_violation_name((enum smtp_violation)i));
        separator = ",";
    }
    buf_put(line, SPAN("]"));
}

static void end_line(struct sink_session *s)
{
    buf_put(&s->sink->line, SPAN("}\n"));
    if (!write_all(s->sink->options.journal, buf_view(&s->sink->line)))
        log_error("sink-journal-failed", log_number("errno", errno));
}

static void journal_message(struct sink_session *s, const struct smtp_sink_message *m)
{
    struct buf *line = &s->sink->line;

    start_line(s, "taken");
    buf_printf(line, ",\"message\":%" PRIu64, m->number);
    put_field(line, "hello", m->hello);
    put_field(line, "from", m->envelope->from);
    buf_put(line, SPAN(",\"to\":["));
    for (size_t i = 0; i < m->envelope->to_count; i++) {
        if (i > 0)
            buf_put_byte(line, ',');
        text_put_json(line, m->envelope->to[i]);
    }
    buf_printf(line, "],\"size\":%zu", m->content.n);
    if (m->tls != NULL)
        put_field(line, "tls", span_of(m->tls->version));
    if (m->file != NULL)
        put_field(line, "file", span_of(m->file));
    put_violations(line, m->violations);
    end_line(s);
}

bool sink_record_message(struct sink_session *s)
{
    struct smtp_sink *sink = s->sink;
    char path[PATH_ROOM];
    struct smtp_sink_message m = {
        .number = sink->counts.messages + 1,
        .connection = s->number,
        .peer = s->peer,
        .hello = smtp_server_hello(s->server),
        .tls = s->secure ? &s->facts : NULL,
        .envelope = smtp_server_envelope(s->server),
        .content = smtp_server_content(s->server),
        .violations = smtp_server_violations(s->server),
    };

    if (sink->folder != NULL || sink->options.taken != NULL)
        m.at_ms = loop_now_ms(sink->loop);
    if (sink->folder != NULL && !write_file(sink, &m, path))
        return false;
    m.file = sink->folder != NULL ? path : NULL;
    sink->counts.messages++;
    sink->counts.recipients += m.envelope->to_count;
    sink->counts.octets += m.content.n;
    if (sink->options.journal >= 0)
        journal_message(s, &m);
    if (sink->options.taken != NULL)
        sink->options.taken(sink->options.owner, &m);
    return true;
}

static const char *question_name(enum smtp_question question)
{
    static const char *const names[] = {
        [SMTP_ASK_NOTHING] = "nothing", [SMTP_ASK_GREETING] = "greeting",
        [SMTP_ASK_MAIL] = "mail",       [SMTP_ASK_RCPT] = "rcpt",
        [SMTP_ASK_DATA] = "data",       [SMTP_ASK_CONTENT] = "content",
    };

    return names[question];
}

void sink_record_refusal(struct sink_session *s, const struct sink_answer *answer)
{
    const struct smtp_envelope *e = smtp_server_envelope(s->server);
    enum smtp_question question = smtp_server_question(s->server);
    struct buf *line = &s->sink->line;

    if (s->sink->options.journal < 0)
        return;
    start_line(s, "refused");
    put_field(line, "question", span_of(question_name(question)));
    if (question != SMTP_ASK_GREETING)
        put_field(line, "from", e->from);
    if (question == SMTP_ASK_RCPT)
        put_field(line, "to", e->to[e->to_count - 1]);
    buf_printf(line, ",\"code\":%d", answer->code);
    end_line(s);
}

void sink_record_end(struct sink_session *s)
{
    const struct smtp_violations *v = smtp_server_violations(s->server);

    if (smtp_violations_any(v))
        s->sink->counts.violations++;
    if (s->sink->options.journal < 0)
        return;
    start_line(s, "ended");
    buf_printf(&s->sink->line, ",\"messages\":%u", s->messages);
    put_violations(&s->sink->line, v);
    end_line(s);
}
