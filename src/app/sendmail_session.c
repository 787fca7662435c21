/*
 * Blocking reads and writes around the server machine. Each message is asked of the daemon, or
 * stored by this process, before it is answered with 250.
 */
#include "app/sendmail_session.h"

#include <errno.h>
#include <jansson.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/asking.h"
#include "app/config/config.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "protocol/mail/repair.h"
#include "protocol/smtp/refusal_text.h"
#include "protocol/smtp/server.h"
#include "services/intake/submission_take.h"

enum { READ_AT_ONCE = 65536, ERRORS_MOST = 50 };

static json_t *args_of(const struct smtp_envelope *envelope, struct span content)
{
    CLEANUP(buf_fini) struct buf encoded;
    json_t *to = json_array();

    buf_init(&encoded, 2 * (size_t)MESSAGE_MOST);
    base64_put(&encoded, content);
    for (size_t i = 0; i < envelope->to_count; i++)
        (void)json_array_append_new(to, json_stringn(envelope->to[i].at, envelope->to[i].n));
    return json_pack("{s:o, s:o, s:o, s:s}", "message_base64",
                     json_stringn(buf_view(&encoded).at, encoded.n), "from",
                     json_stringn(envelope->from.n > 0 ? envelope->from.at : "", envelope->from.n),
                     "to", to, "via", "sendmail");
}

static enum smtp_server_want refuse(struct smtp_server *server, const struct error *err)
{
    struct smtp_refusal refusal = smtp_refusal_of(err);
    char line[SMTP_REFUSAL_ROOM];

    smtp_refusal_text(span_of(err->text), line);
    return smtp_server_answer(server, refusal.code, refusal.status, line);
}

static enum smtp_server_want take(struct smtp_server *server, const struct config *config)
{
    json_t *args = args_of(smtp_server_envelope(server), smtp_server_content(server));
    json_t *answer = NULL;
    struct error err;
    bool ok = args != NULL ? asking_ask(config, "submission.add", args, 0, &answer, &err)
                           : error_set(&err, ERROR_INVALID, "an address is no UTF-8");

    json_decref(args);
    json_decref(answer);
    return ok ? smtp_server_accept(server) : refuse(server, &err);
}

static enum smtp_server_want check_recipient(struct smtp_server *server,
                                             const struct config *config)
{
    const struct smtp_envelope *envelope = smtp_server_envelope(server);
    struct mail_address address;
    struct error err;
    char line[SMTP_REFUSAL_ROOM];

    if (submission_read_address(envelope->to[envelope->to_count - 1], &config->settings, &address,
                                &err))
        return smtp_server_accept(server);
    smtp_refusal_text(span_of(err.text), line);
    return smtp_server_answer(server, 553, (struct smtp_status){ 5, 1, 3 }, line);
}

static enum smtp_server_want answer(struct smtp_server *server, const struct config *config)
{
    switch (smtp_server_question(server)) {
    case SMTP_ASK_RCPT:
        return check_recipient(server, config);
    case SMTP_ASK_CONTENT:
        return take(server, config);
    case SMTP_ASK_NOTHING:
    case SMTP_ASK_GREETING:
    case SMTP_ASK_AUTH:
    case SMTP_ASK_MAIL:
    case SMTP_ASK_DATA:
        break;
    }
    return smtp_server_accept(server);
}

static bool write_all(struct smtp_server *server)
{
    for (;;) {
        struct span out = smtp_server_output(server);
        ssize_t n;

        if (out.n == 0)
            return true;
        n = write(STDOUT_FILENO, out.at, out.n);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            smtp_server_sent(server, (size_t)n);
    }
}

/* Goes on until bytes of the client are wanted; false when the session is over. */
static bool step(struct smtp_server *server, const struct config *config, struct span *in)
{
    enum smtp_server_want want = smtp_server_feed(server, in);

    while (want == SMTP_SERVER_ANSWER) {
        want = answer(server, config);
        if (want == SMTP_SERVER_READ && in->n > 0)
            want = smtp_server_feed(server, in);
    }
    return write_all(server) && want == SMTP_SERVER_READ;
}

static void talk(struct smtp_server *server, const struct config *config)
{
    static char bytes[READ_AT_ONCE];
    struct span in = SPAN("");

    while (step(server, config, &in)) {
        ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        in = (struct span){ bytes, (size_t)n };
    }
}

int sendmail_session_run(const struct config *config)
{
    const struct settings *settings = &config->settings;
    const struct smtp_server_options options = {
        .name = settings->hostname,
        .offers = { .pipelining = true,
                    .eight_bit = true,
                    .smtputf8 = true,
                    .enhanced_status = true,
                    .size = true,
                    .size_limit = settings->message_size_limit },
        .content_max = settings->message_size_limit,
        .recipients_max = (uint32_t)settings->message_recipient_limit,
        .errors_max = ERRORS_MOST,
        .any_hello = true,
    };
    struct smtp_server *server = smtp_server_new(&options);

    talk(server, config);
    smtp_server_free(server);
    return EX_OK;
}
