/*
 * `approvals` and `answer`: what people are asked.
 */
#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/show.h"

static const struct option list_options[] = {
    { "PERSON", OPTION_OPERAND, NULL, "person", NULL },
    { "after", OPTION_NUMBER, "ID", "after", "go on after this event" },
    { "limit", OPTION_NUMBER, "N", "limit", "how many at most" },
    { NULL },
};

static const struct option answer_options[] = {
    { "PERSON", OPTION_OPERAND, NULL, "person", NULL },
    { "EVENT", OPTION_OPERAND, NULL, "id", NULL },
    { "ANSWER", OPTION_OPERAND, NULL, "answer", NULL },
    { "text", OPTION_TEXT, "TEXT", "text", "what there is to say besides" },
    { NULL },
};

static void print_list(FILE *out, const json_t *answer)
{
    show_table(out, json_object_get(answer, "approvals"),
               "event:EVENT topic:TOPIC title:TITLE answers:ANSWERS until:UNTIL",
               "nothing is asked");
    show_next(out, answer);
}

static void print_answer(FILE *out, const json_t *answer)
{
    show_fields(out, answer, "event answer answered");
}

const struct command approvals_commands[] = {
    { .name = "approvals",
      .summary = "list what a person is asked and nobody has answered",
      .details = "An event asks those whom it addresses: `event ... --to PERSON --ask ANSWER`\n"
                 "for each answer there is.",
      .options = list_options,
      .request = "approval.list",
      .print = print_list },
    { .name = "answer",
      .summary = "answer what an event asks",
      .details = "The first answer counts, and closes the question for all who were asked. It\n"
                 "is an event of kind answered on the same topic.",
      .options = answer_options,
      .request = "approval.answer",
      .shape = events_shape_id,
      .print = print_answer },
    { 0 },
};
