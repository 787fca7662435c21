/*
 * Lines of the control socket: any line is an ask, an answer or neither; what is written is read
 * again, and one line.
 */
#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "app/control_protocol.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "tests/fuzz/target.h"

static void check_line(const struct buf *line)
{
    assert(!line->overflown && line->n > 0);
    assert(span_index(buf_view(line), '\n') == line->n - 1);
    assert(text_is_utf8(buf_view(line)));
}

static void check_ask(struct span input)
{
    CLEANUP(buf_fini) struct buf line;
    struct error err = { .text = "" };
    const char *name;
    json_t *ask;
    json_t *args;

    buf_init(&line, 1 << 22);
    if (!control_read_ask(input, &ask, &name, &args, &err)) {
        assert(err.text[0] != '\0');
        return;
    }
    control_put_ask(&line, name, args);
    json_decref(ask);
    check_line(&line);
    assert(control_read_ask(buf_view(&line), &ask, &name, &args, &err));
    json_decref(ask);
}

static void check_answer(struct span input)
{
    struct error err = { .text = "" };
    json_t *answer;

    if (control_read_answer(input, &answer, &err))
        json_decref(answer);
    else
        assert(err.kind != 0);
}

/* Any sentence of ours arrives, whatever bytes it quotes. */
static void check_error(struct span input)
{
    CLEANUP(buf_fini) struct buf line;
    struct error sent;
    struct error heard = { .text = "" };
    json_t *answer;

    buf_init(&line, 1 << 22);
    (void)error_set(&sent, ERROR_CONFLICT, "%.*s", SPAN_ARGS(input));
    control_put_error(&line, &sent);
    check_line(&line);
    assert(!control_read_answer(buf_view(&line), &answer, &heard));
    assert(heard.kind == ERROR_CONFLICT);
    assert(!text_is_utf8(span_of(sent.text)) || strcmp(heard.text, sent.text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = { (const char *)data, size };

    check_ask(input);
    check_answer(input);
    check_error(input);
    return 0;
}
