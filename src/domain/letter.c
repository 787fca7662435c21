/*
 * The end of a letter.
 */
#include "domain/letter.h"

void letter_fini(struct letter *letter)
{
    buf_fini(&letter->bytes);
}
