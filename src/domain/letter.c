/*
 * The end of a letter.
 */
#include "domain/letter.h"

#include "base/alloc.h"
#include "domain/sight.h"

void letter_fini(struct letter *letter)
{
    buf_fini(&letter->bytes);
    buf_fini(&letter->sight);
    sight_sheet_free(letter->asks);
    alloc_free(letter->omitted);
    alloc_free(letter->cuts);
    letter->asks = NULL;
    letter->omitted = NULL;
    letter->cuts = NULL;
}
