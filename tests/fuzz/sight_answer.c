/*
 * What an application answers about who may see what: whatever it says, each item has one of the
 * words, what is later is not for ever, and fields keep their rules; what is no answer changes
 * nothing. The same bytes as the record of an intent.
 */
#include <assert.h>
#include <string.h>

#include "services/request/sight_json.h"
#include "tests/fuzz/target.h"

enum { SHEETS = 2, ITEMS = 3, NOW = 1000 };

static void check_answer(const struct sight_answer *answer)
{
    struct error err;

    assert(answer->word >= SIGHT_UNANSWERED && answer->word <= SIGHT_LATER);
    assert(answer->field_count <= SIGHT_FIELDS_MOST);
    for (size_t i = 0; i < answer->field_count; i++)
        assert(sight_field_check(&answer->fields[i], &err));
    if (answer->word == SIGHT_LATER)
        assert(answer->until > NOW && answer->until <= NOW + (int64_t)SIGHT_LATER_MOST_S * 1000);
}

static void check_record(const struct sight_sheet *sheet)
{
    struct sight_sheet *again;
    struct buf record;

    buf_init(&record, 1 << 24);
    sight_record_put(&record, sheet);
    assert(!record.overflown);
    again = record.n > 0 ? sight_record_read(buf_view(&record)) : NULL;
    assert((record.n > 0) == (again != NULL));
    for (size_t i = 0; again != NULL && i < again->count; i++) {
        const struct sight_item *item = sight_sheet_find(sheet, again->items[i].event);

        assert(item != NULL && item->answer.word == again->items[i].answer.word);
        assert(item->answer.field_count == again->items[i].answer.field_count);
    }
    sight_sheet_free(again);
    buf_fini(&record);
}

static void read_answer(struct span in)
{
    struct sight_sheet *sheets[SHEETS];
    const struct sight_batch batch = { sheets, SHEETS };
    struct error err;
    bool fine;

    for (size_t s = 0; s < SHEETS; s++) {
        sheets[s] = sight_sheet_new(ITEMS);
        sheets[s]->count = ITEMS;
        for (size_t i = 0; i < ITEMS; i++)
            sheets[s]->items[i].event = (int64_t)(s * ITEMS + i + 1);
    }
    fine = sight_answer_read(in, &batch, NOW, &err);
    for (size_t s = 0; s < SHEETS; s++) {
        assert(sheets[s]->answered_at == (fine ? NOW : 0));
        for (size_t i = 0; i < ITEMS; i++)
            check_answer(&sheets[s]->items[i].answer);
        check_record(sheets[s]);
        sight_sheet_free(sheets[s]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = { (const char *)data, size };
    struct sight_answer own = { .field_count = 0 };
    struct arena arena;

    arena_init(&arena);
    read_answer(in);
    sight_sheet_free(sight_record_read(in));
    sight_data_read(in, &arena, &own);
    check_answer(&own);
    arena_fini(&arena);
    return 0;
}
