/*
 * Phrases: display names of mailboxes and of lists.
 */
#include "protocol/mail/phrase.h"

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/mail/atom.h"
#include "protocol/mail/encoded_word.h"

/* Quoted strings are not folded, so long ones become encoded-words. */
enum { ATOM_MOST = 60, QUOTED_MOST = 34 };

/* Whether the name may stand as it is, as words that are atoms. */
static bool is_phrase_of_atoms(struct span name)
{
    while (name.n > 0) {
        struct span word = span_take_until(&name, ' ');

        if (word.n == 0 || word.n > ATOM_MOST)
            return false;
        for (size_t i = 0; i < word.n; i++)
            if (!atom_has(word.at[i]))
                return false;
    }
    return true;
}

static void put_atoms(struct fold *f, struct span name)
{
    while (name.n > 0)
        fold_word(f, span_take_until(&name, ' '));
}

static void put_quoted(struct fold *f, struct span name)
{
    CLEANUP(buf_fini) struct buf quoted;

    buf_init(&quoted, 2 * QUOTED_MOST + 2);
    buf_put_byte(&quoted, '"');
    for (size_t i = 0; i < name.n; i++) {
        if (name.at[i] == '"' || name.at[i] == '\\')
            buf_put_byte(&quoted, '\\');
        buf_put_byte(&quoted, name.at[i]);
    }
    buf_put_byte(&quoted, '"');
    fold_word(f, buf_view(&quoted));
}

void phrase_put(struct fold *f, struct span name)
{
    if (!text_is_ascii(name) || span_find(name, SPAN("=?")) < name.n)
        encoded_word_put(f, name);
    else if (is_phrase_of_atoms(name))
        put_atoms(f, name);
    else if (name.n <= QUOTED_MOST)
        put_quoted(f, name);
    else
        encoded_word_put(f, name);
}
