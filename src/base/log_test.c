#include "base/log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/cmocka.h"

/* What the log wrote since the last call, in a buffer that is the same for all. */
static const char *written(int reading)
{
    static char text[20000];
    ssize_t n = read(reading, text, sizeof text - 1);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* A line without its time, which has 24 letters and a space behind it. */
static const char *after_time(const char *line)
{
    assert_true(strlen(line) > 25);
    assert_int_equal(line[23], 'Z');
    return line + 25;
}

static int open_log(void **state)
{
    static int ends[2];

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    log_set_descriptor(ends[1]);
    log_set_level(LOG_INFO);
    *state = ends;
    return 0;
}

static int close_log(void **state)
{
    const int *ends = *state;

    log_set_descriptor(STDERR_FILENO);
    log_set_level(LOG_INFO);
    return close(ends[0]) | close(ends[1]);
}

static void an_event_is_one_line(void **state)
{
    const int *ends = *state;

    log_info("delivered", log_text("to", "ann@example.org"), log_number("attempts", -3),
             log_text("host", NULL));
    assert_string_equal(after_time(written(ends[0])),
                        "info delivered to=ann@example.org attempts=-3 host=-\n");
}

static void no_byte_of_a_value_starts_a_line_or_forges_a_key(void **state)
{
    static const struct {
        const char *value;
        const char *shown;
    } cases[] = {
        { "", "\"\"" },
        { "two words", "\"two words\"" },
        { "a=b", "\"a=b\"" },
        { "say \"x\" \\", "\"say \\\"x\\\" \\\\\"" },
        { "x\r\n2026-01-01 error forged", "\"x\\x0d\\x0a2026-01-01 error forged\"" },
        { "\x1b[2J\x7f\t", "\"\\x1b[2J\\x7f\\x09\"" },
        { "Z\xc3\xbcrich", "\"Z\xc3\xbcrich\"" },
        { "\xc2\x9b[2J", "\"\\xc2\\x9b[2J\"" }, /* C1: a terminal takes it for ESC [ */
        { "a\u00a0b", "\"a\u00a0b\"" },         /* a space that does not break is no control */
        { "\xff\xc3", "\"\\xff\\xc3\"" },
    };
    const int *ends = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char expected[200];

        log_warning("odd", log_text("value", cases[i].value));
        (void)snprintf(expected, sizeof expected, "warning odd value=%s\n", cases[i].shown);
        assert_string_equal(after_time(written(ends[0])), expected);
    }
}

static void a_long_line_is_cut_but_ended(void **state)
{
    static char value[5000];
    const int *ends = *state;
    const char *line;

    memset(value, 'x', sizeof value - 1);
    log_error("long", log_text("a", value), log_text("b", value), log_text("c", value),
              log_text("d", value), log_text("e", value), log_text("f", value),
              log_text("g", value), log_text("h", value), log_text("i", value));
    line = written(ends[0]);
    assert_true(strlen(line) > 1000 && strlen(line) <= 8193);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void events_below_the_level_are_dropped(void **state)
{
    const int *ends = *state;

    log_debug("quiet", log_number("n", 1));
    assert_string_equal(written(ends[0]), "");
    log_set_level(LOG_ERROR);
    log_warning("quiet", log_number("n", 1));
    assert_string_equal(written(ends[0]), "");
    log_error("loud", log_number("n", 1));
    assert_string_equal(after_time(written(ends[0])), "error loud n=1\n");
    log_set_level(LOG_DEBUG);
    log_debug("chatty", log_number("n", INT64_MIN));
    assert_string_equal(after_time(written(ends[0])), "debug chatty n=-9223372036854775808\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_event_is_one_line, open_log, close_log),
        cmocka_unit_test_setup_teardown(no_byte_of_a_value_starts_a_line_or_forges_a_key, open_log,
                                        close_log),
        cmocka_unit_test_setup_teardown(a_long_line_is_cut_but_ended, open_log, close_log),
        cmocka_unit_test_setup_teardown(events_below_the_level_are_dropped, open_log, close_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
