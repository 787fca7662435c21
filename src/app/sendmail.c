/*
 * Reading the message, asking for it to be taken in, and telling what came of it by exit code: a
 * program that calls sendmail reads nothing else.
 */
#include "app/sendmail.h"

#include <errno.h>
#include <jansson.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/asking.h"
#include "app/command.h"
#include "app/config/config.h"
#include "app/sendmail_line.h"
#include "app/sendmail_session.h"
#include "app/standard_input.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/text.h"
#include "protocol/mail/repair.h"

#define CONFIG_FILE "/etc/postroom.yaml"

enum { READ_ROOM = 128 * 1024 /* above the limit, which the request knows */ };

bool sendmail_is_name(const char *program)
{
    struct span name = span_of(program);

    return span_equal(
        span_rest(name, span_last_index(name, '/') < name.n ? span_last_index(name, '/') + 1 : 0),
        SPAN("sendmail"));
}

static int fail(const struct error *err, int code)
{
    (void)fprintf(stderr, "sendmail: %s\n", err->text);
    return code;
}

/* What a caller should make of it: 75 is "try again", which all is that is not about the message.
 */
static int code_of(const struct error *err)
{
    if (err->system_errno == EACCES || err->system_errno == EPERM)
        return EX_NOPERM;
    switch (err->kind) {
    case ERROR_INVALID:
        return EX_DATAERR;
    case ERROR_LIMIT:
    case ERROR_CONFLICT:
        return EX_UNAVAILABLE;
    case ERROR_NOT_FOUND:
    case ERROR_TEMPORARY:
    case ERROR_IO:
        return EX_TEMPFAIL;
    case ERROR_INTERNAL:
        break;
    }
    return EX_SOFTWARE;
}

/* ---- the message ---- */

/* Without -i a line of a lone dot ends it. */
static struct span until_dot(struct span message)
{
    static const struct span dots[] = { { "\n.\n", 3 }, { "\n.\r\n", 4 } };
    size_t end = message.n;

    if (span_starts(message, SPAN(".\n")) || span_starts(message, SPAN(".\r\n")))
        return SPAN("");
    for (size_t i = 0; i < ARRAY_LENGTH(dots); i++) {
        size_t at = span_find(message, dots[i]);

        if (at < message.n && at + 1 < end)
            end = at + 1;
    }
    return span_first(message, end);
}

static void set_text(json_t *args, const char *field, struct span text)
{
    CLEANUP(buf_fini) struct buf visible;

    buf_init(&visible, 4 * text.n + 1);
    if (!text_is_utf8(text)) {
        text_put_visible(&visible, text);
        text = buf_view(&visible);
    }
    (void)json_object_set_new(args, field, json_stringn(text.n > 0 ? text.at : "", text.n));
}

static void set_message(json_t *args, struct span message)
{
    CLEANUP(buf_fini) struct buf encoded;

    buf_init(&encoded, 2 * (size_t)MESSAGE_MOST);
    base64_put(&encoded, message);
    set_text(args, "message_base64", buf_view(&encoded));
}

/* Who calls: the name of the login, which gets our domain. */
static const char *caller(void)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    const struct passwd *user = getpwuid(getuid());

    return user != NULL && user->pw_name[0] != '\0' ? user->pw_name : "nobody";
}

/* "<>" is how some write the null path; angle brackets around an address mean nothing. */
static struct span sender_of(const struct sendmail_line *line)
{
    struct span sender = span_of(line->sender != NULL ? line->sender : caller());

    if (span_starts(sender, SPAN("<")) && span_ends(sender, SPAN(">")))
        sender = span_rest(span_first(sender, sender.n - 1), 1);
    return sender;
}

/* NAME is what mail programs of old set. */
static const char *sender_name_of(const struct sendmail_line *line)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    const char *name = line->sender_name != NULL ? line->sender_name : getenv("NAME");

    return name != NULL ? name : "";
}

static json_t *args_of(const struct sendmail_line *line, struct span message)
{
    json_t *args = json_object();
    json_t *to = json_array();

    for (size_t i = 0; i < line->to_count; i++) {
        json_t *holder = json_object();

        set_text(holder, "to", span_of(line->to[i]));
        (void)json_array_append(to, json_object_get(holder, "to"));
        json_decref(holder);
    }
    (void)json_object_set_new(args, "to", to);
    set_message(args, line->dots_are_data ? message : until_dot(message));
    set_text(args, "from", sender_of(line));
    set_text(args, "from_name", span_of(sender_name_of(line)));
    set_text(args, "via", SPAN("sendmail"));
    (void)json_object_set_new(args, "to_from_header", json_boolean(line->to_from_header));
    if (line->envid != NULL)
        set_text(args, "envid", span_of(line->envid));
    if (line->notify != NULL)
        set_text(args, "notify", span_of(line->notify));
    if (line->returns != NULL)
        set_text(args, "return", span_of(line->returns));
    return args;
}

/* Stored, but not for all: those who call see it on their terminal. */
static void tell_refused(const json_t *answer)
{
    size_t i;
    json_t *one;

    json_array_foreach (json_object_get(answer, "refused"), i, one)
        (void)fprintf(stderr, "sendmail: %s gets no mail: %s\n",
                      json_string_value(json_object_get(one, "to")),
                      json_string_value(json_object_get(one, "reason")));
}

static int deliver(const struct config *config, const struct sendmail_line *line)
{
    CLEANUP(buf_fini) struct buf message;
    struct error err;
    json_t *args;
    json_t *answer = NULL;
    bool ok;

    buf_init(&message, config->settings.message_size_limit + READ_ROOM);
    if (line->to_count == 0 && !line->to_from_header) {
        (void)error_set(&err, ERROR_INVALID,
                        "no recipient is named: give addresses, or -t to take "
                        "them from the header");
        return fail(&err, EX_USAGE);
    }
    if (!standard_input_read(&message, &err))
        return fail(&err, err.kind == ERROR_LIMIT ? EX_UNAVAILABLE : EX_IOERR);
    args = args_of(line, buf_view(&message));
    ok = asking_ask(config, "submission.add", args, 0, &answer, &err);
    json_decref(args);
    if (!ok)
        return fail(&err, code_of(&err));
    tell_refused(answer);
    json_decref(answer);
    return EX_OK;
}

/* ---- the rest ---- */

static const struct command *find_command(const char *name)
{
    for (const struct command *const *list = command_table(); *list != NULL; list++)
        for (const struct command *c = *list; c->name != NULL; c++)
            if (strcmp(c->name, name) == 0)
                return c;
    return NULL;
}

static int show_queue(const struct config *config)
{
    struct invocation call = {
        .command = find_command("queue"), .config = config, .args = json_object(), .out = stdout
    };
    int code = command_ask(&call);

    json_decref(call.args);
    return code;
}

static int run(const struct config *config, const struct sendmail_line *line)
{
    switch (line->mode) {
    case SENDMAIL_DELIVER:
        return deliver(config, line);
    case SENDMAIL_SESSION:
        return sendmail_session_run(config);
    case SENDMAIL_QUEUE:
        return show_queue(config);
    case SENDMAIL_NOTHING:
        break;
    }
    return EX_OK;
}

/* By its name it is called from any folder, so the file does not lie in theirs. */
static const char *choose_file(const char *config_file, bool by_name,
                               const struct sendmail_line *line)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    const char *named = getenv("POSTROOM_CONFIG");

    if (config_file != NULL)
        return config_file;
    if (line->config_file != NULL)
        return line->config_file;
    if (!by_name)
        return NULL;
    return named != NULL ? named : CONFIG_FILE;
}

int sendmail_main(const char *config_file, bool by_name, int argc, char *const *argv)
{
    struct sendmail_line line;
    struct config *config;
    struct error err;
    int code;

    if (!sendmail_line_read(argc, argv, &line, &err))
        return fail(&err, EX_USAGE);
    if (line.mode == SENDMAIL_NOTHING)
        code = EX_OK;
    else if (!config_load(choose_file(config_file, by_name, &line), &config, &err))
        code = fail(&err, err.system_errno == EACCES ? EX_NOPERM : EX_CONFIG);
    else {
        code = run(config, &line);
        config_free(config);
    }
    sendmail_line_fini(&line);
    return code;
}
