/*
 * Header fields folded before words. The first word never goes to a second line: a line of the
 * name alone is taken for an empty field by some readers.
 */
#include "protocol/mail/fold.h"

#include <string.h>

void fold_start(struct fold *f, struct buf *to, const char *name)
{
    *f = (struct fold){ .to = to, .column = strlen(name) + 1 };
    buf_put_text(to, name);
    buf_put_byte(to, ':');
}

size_t fold_room(const struct fold *f)
{
    return f->column < FOLD_WORD_MOST ? FOLD_WORD_MOST - f->column : 0;
}

void fold_break(struct fold *f)
{
    if (f->words == 0)
        return;
    buf_put(f->to, SPAN("\r\n"));
    f->column = 0;
    f->words = 0;
}

void fold_word(struct fold *f, struct span word)
{
    if (word.n > fold_room(f))
        fold_break(f);
    buf_put_byte(f->to, ' ');
    buf_put(f->to, word);
    f->column += 1 + word.n;
    f->words++;
}

void fold_attach(struct fold *f, struct span bytes)
{
    buf_put(f->to, bytes);
    f->column += bytes.n;
}

void fold_join(struct fold *f, struct span bytes)
{
    if (f->column + bytes.n > FOLD_LINE_MOST - 1)
        fold_word(f, bytes);
    else
        fold_attach(f, bytes);
}

void fold_end(struct fold *f)
{
    buf_put(f->to, SPAN("\r\n"));
}
