/*
 * `sendmail ...`: its words are its own, app/sendmail.c reads them. And `submissions`: what was
 * handed in.
 */
#include "app/sendmail.h"

#include <stdint.h>

#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"
#include "base/alloc.h"
#include "base/text.h"

static int run_sendmail(const struct invocation *call)
{
    const json_t *words = json_object_get(call->args, "words");
    size_t n = json_array_size(words);
    char **argv = alloc_array(n + 1, sizeof(char *));
    int code;

    for (size_t i = 0; i < n; i++)
        argv[i] = (char *)(uintptr_t)json_string_value(json_array_get(words, i));
    code = sendmail_main(call->config_file, false, (int)n, argv);
    alloc_free(argv);
    return code;
}

static const struct option submission_list_options[] = {
    { "before", OPTION_NUMBER, "SUBMISSION", "before", "only those before this one" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static const struct option submission_show_options[] = {
    { "SUBMISSION", OPTION_OPERAND, NULL, "id", NULL },
    { "content", OPTION_FLAG, NULL, "content", "with the message as it is sent" },
    { NULL },
};

static bool shape_number(json_t *args, struct error *err)
{
    const char *word = json_string_value(json_object_get(args, "id"));
    int64_t id;

    if (!text_to_integer(span_of(word), 1, INT64_MAX, &id))
        return error_set(err, ERROR_INVALID,
                         "SUBMISSION: must be a number, as `submission list` "
                         "shows it");
    (void)json_object_set_new(args, "id", json_integer(id));
    return true;
}

static void print_submission(FILE *out, const json_t *answer)
{
    const json_t *content = json_object_get(answer, "content");

    show_fields(out, answer,
                "submission via by mail_from from subject message_id envid size deliveries waiting "
                "made ended");
    (void)fputc('\n', out);
    show_table(out, json_object_get(answer, "mails"), "delivery to:TO state text:SAID",
               "no delivery");
    if (content != NULL)
        (void)fprintf(out, "\n%s", json_string_value(content));
}

static void print_submissions(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "submissions"),
               "submission made:TAKEN via from:FROM deliveries:MAILS waiting subject:SUBJECT",
               "no message was handed in yet");
    show_next(out, answer);
}

const struct command sendmail_commands[] = {
    { .name = "sendmail",
      .summary = "take in a message from standard input, as /usr/sbin/sendmail does",
      .details =
          "Reads words as sendmail has them: recipients, -t, -i, -f SENDER, -F NAME, -bm, -bs,\n"
          "-bp, -V ID, -N, -R, -C FILE; -o, -O, -B, -q and others of no meaning here are passed\n"
          "over. The sender hears of what could not be delivered: -N never, or a list of success,\n"
          "failure and delay, says of what instead; -R full or hdrs what of it comes back; -V how\n"
          "the report names it. Linked as /usr/sbin/sendmail the program does the same by that "
          "name; its\n"
          "settings are then in -C FILE, $POSTROOM_CONFIG or /etc/postroom.yaml.\n"
          "\n"
          "Exit codes: 0 the message is stored; 64 a wrong option, or no recipient; 65 the\n"
          "message or an address cannot be repaired; 69 it is refused: too large, too many\n"
          "recipients, all of them suppressed, or it goes in circles; 74 it cannot be read; 75\n"
          "it cannot be stored now; 77 no permission to reach the daemon; 78 the settings are\n"
          "wrong.",
      .run = run_sendmail,
      .without_config = true,
      .is_raw = true },
    { .name = "submission list",
      .summary = "list messages that were handed in, the newest first",
      .options = submission_list_options,
      .request = "submission.list",
      .print = print_submissions },
    { .name = "submission show",
      .summary = "show a message that was handed in, and where its mails are",
      .options = submission_show_options,
      .request = "submission.show",
      .shape = shape_number,
      .print = print_submission },
    { 0 },
};
