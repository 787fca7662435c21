/*
 * Options are letters, several in one word, and a value stands right behind its letter or in the
 * next word. Some letters have their value behind them or none.
 */
#include "app/sendmail_line.h"

#include <string.h>

#include "base/alloc.h"

/* Letters whose value may be the next word; ... whose value, if any, is the rest of the word; ...
 * that have none. */
#define WITH_VALUE "BCFLMNORVXfhpr"
#define WITH_REST "Abdeoqv"
#define ALONE "GIQUimnstx"

static bool is_in(char letter, const char *letters)
{
    return letter != '\0' && strchr(letters, letter) != NULL;
}

static bool take_mode(struct sendmail_line *line, const char *value, struct error *err)
{
    switch (value[0]) {
    case 'm':
    case 'a':
    case '\0':
        return true;
    case 's':
        line->mode = SENDMAIL_SESSION;
        return true;
    case 'p':
        line->mode = SENDMAIL_QUEUE;
        return true;
    case 'i':
        line->mode = SENDMAIL_NOTHING;
        return true;
    default:
        return error_set(err, ERROR_INVALID,
                         "-b%s is not known here (known: -bm, -bs, -bp, -bi; `postroom serve` is "
                         "the daemon)",
                         value);
    }
}

static bool take_value(struct sendmail_line *line, char letter, const char *value,
                       struct error *err)
{
    switch (letter) {
    case 'f':
    case 'r':
        line->sender = value;
        return true;
    case 'F':
        line->sender_name = value;
        return true;
    case 'C':
        line->config_file = value;
        return true;
    case 'V':
        line->envid = value;
        return true;
    case 'N':
        line->notify = value;
        return true;
    case 'R':
        line->returns = value;
        return true;
    case 'b':
        return take_mode(line, value, err);
    case 'o':
        line->dots_are_data = line->dots_are_data || value[0] == 'i';
        return true;
    case 'q':
        line->mode = line->mode == SENDMAIL_DELIVER ? SENDMAIL_NOTHING : line->mode;
        return true;
    default:
        return true;
    }
}

static void take_letter(struct sendmail_line *line, char letter)
{
    switch (letter) {
    case 'i':
        line->dots_are_data = true;
        break;
    case 't':
        line->to_from_header = true;
        break;
    case 'I':
        line->mode = SENDMAIL_NOTHING;
        break;
    default:
        break;
    }
}

/* One word of letters; `next` is the word behind it, or NULL. *ret_used: that was a value. */
static bool take_letters(struct sendmail_line *line, const char *word, const char *next,
                         bool *ret_used, struct error *err)
{
    for (const char *at = word + 1; *at != '\0'; at++) {
        if (is_in(*at, WITH_REST))
            return take_value(line, *at, at + 1, err);
        if (is_in(*at, WITH_VALUE)) {
            *ret_used = at[1] == '\0';
            if (*ret_used && next == NULL)
                return error_set(err, ERROR_INVALID, "-%c needs a value", *at);
            return take_value(line, *at, *ret_used ? next : at + 1, err);
        }
        if (!is_in(*at, ALONE))
            return error_set(err, ERROR_INVALID, "-%c is not known", *at);
        take_letter(line, *at);
    }
    return true;
}

bool sendmail_line_read(int argc, char *const *argv, struct sendmail_line *ret_line,
                        struct error *err)
{
    struct sendmail_line line = { .to = alloc_array((size_t)argc + 1, sizeof(char *)) };
    bool options_over = false;

    for (int i = 0; i < argc; i++) {
        bool used = false;

        if (options_over || argv[i][0] != '-' || argv[i][1] == '\0') {
            options_over = true;
            line.to[line.to_count++] = argv[i];
            continue;
        }
        if (strcmp(argv[i], "--") == 0) {
            options_over = true;
            continue;
        }
        if (!take_letters(&line, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used, err)) {
            sendmail_line_fini(&line);
            return false;
        }
        i += used;
    }
    *ret_line = line;
    return true;
}

void sendmail_line_fini(struct sendmail_line *line)
{
    alloc_free(line->to);
    line->to = NULL;
}
