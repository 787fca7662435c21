/*
 * Phrases: display names of mailboxes and of lists.
 */
#include "protocol/mail/phrase.h"

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "protocol/mail/atom.h"
#include "protocol/mail/encoded_word.h"

/* Whether the name may stand as it is, as words that are atoms. */
static bool is_phrase_of_atoms(struct span name)
{
    while (name.n > 0) {
        struct span word = span_take_until(&name, ' ');

        for (size_t i = 0; i < word.n; i++)
            if (!atom_has(word.at[i]))
                return false;
        if (word.n == 0)
            return false;
    }
    return true;
}

static void quote(struct buf *quoted, struct span name)
{
    buf_put_byte(quoted, '"');
    for (size_t i = 0; i < name.n; i++) {
        if (name.at[i] == '"' || name.at[i] == '\\')
            buf_put_byte(quoted, '\\');
        buf_put_byte(quoted, name.at[i]);
    }
    buf_put_byte(quoted, '"');
}

/* A plain name is never folded inside, as GMime 3.2 keeps the line end: one that is too long for a
 * line is encoded. */
void phrase_put(struct fold *f, struct span name)
{
    CLEANUP(buf_fini) struct buf plain;

    buf_init(&plain, f->words == 0 ? fold_room(f) : FOLD_WORD_MOST);
    if (name.n == 0)
        return;
    if (is_phrase_of_atoms(name))
        buf_put(&plain, name);
    else
        quote(&plain, name);
    if (plain.overflown || !text_is_ascii(name) || span_find(name, SPAN("=?")) < name.n)
        encoded_word_put(f, name);
    else
        fold_word(f, buf_view(&plain));
}
