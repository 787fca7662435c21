/*
 * From a sheet to the items of the function, and back.
 */
#include "services/sight/sight_module.h"

#include <dlfcn.h>
#include <string.h>

#include "base/alloc.h"
#include "lib/postroom_see.h"
#include "services/request/sight_json.h"

enum { SECOND_MS = 1000 };

typedef int see_function(struct postroom_see_item *items, unsigned long count, char *why);

struct sight_module {
    void *object;
    see_function *see;
};

struct sight_module *sight_module_open(const char *path, struct error *err)
{
    struct sight_module *module = NEW(struct sight_module);
    void *symbol = NULL;

    module->object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (module->object != NULL)
        symbol = dlsym(module->object, "postroom_see");
    if (symbol == NULL) {
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): at the start, when one thread opens modules */
        (void)error_set(err, ERROR_INVALID, "%s", dlerror());
        sight_module_close(module);
        return NULL;
    }
    memcpy(&module->see, &symbol, sizeof symbol); /* POSIX: an object pointer holds a function's */
    return module;
}

void sight_module_close(struct sight_module *module)
{
    if (module == NULL)
        return;
    if (module->object != NULL)
        (void)dlclose(module->object);
    alloc_free(module);
}

static struct postroom_see_item *make_items(struct sight_sheet *sheet)
{
    struct arena *arena = &sheet->arena;
    struct postroom_see_item *items = ARENA_ARRAY(arena, struct postroom_see_item, sheet->count);

    for (size_t i = 0; i < sheet->count; i++) {
        const struct sight_item *item = &sheet->items[i];

        items[i] = (struct postroom_see_item){ .person = arena_text(arena, sheet->person),
                                               .address = arena_text(arena, sheet->address),
                                               .topic = arena_text(arena, item->topic),
                                               .thread = arena_text(arena, item->thread),
                                               .kind = arena_text(arena, item->kind),
                                               .label = arena_text(arena, item->label),
                                               .key = arena_text(arena, item->key),
                                               .event = item->event };
    }
    return items;
}

static struct sight_answer read_answer(const struct postroom_see_item *item, struct arena *arena,
                                       int64_t now_ms)
{
    static const struct sight_answer none = { .word = SIGHT_UNANSWERED };
    struct sight_answer answer = { .word = (enum sight_word)item->see };

    if (item->see < SIGHT_YES || item->see > SIGHT_LATER ||
        (item->fields != NULL && !sight_fields_read(span_of(item->fields), arena, &answer)))
        return none;
    if (answer.word != SIGHT_LATER)
        return answer;
    answer.until = now_ms + (int64_t)item->seconds * SECOND_MS;
    return item->seconds >= 1 && item->seconds <= SIGHT_LATER_MOST_S ? answer : none;
}

bool sight_module_see(void *module, struct sight_sheet *sheet, int64_t now_ms, struct error *err)
{
    const struct sight_module *m = module;
    struct postroom_see_item *items = make_items(sheet);
    char why[POSTROOM_SEE_WHY + 1] = "";

    if (m->see(items, sheet->count, why) != 0) {
        why[POSTROOM_SEE_WHY] = '\0';
        return error_set(err, ERROR_TEMPORARY, "%s",
                         why[0] != '\0' ? why : "the module gives no reason");
    }
    for (size_t i = 0; i < sheet->count; i++)
        sheet->items[i].answer = read_answer(&items[i], &sheet->arena, now_ms);
    sheet->answered_at = now_ms;
    return true;
}
