/*
 * Configuration files of any bytes: read, or refused with the line; each key once.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app/config/yaml_reader.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "tests/fuzz/target.h"

enum { NAMES_MOST = 2000 };

struct seen {
    char names[NAMES_MOST][32];
    size_t count;
    int line;
};

/* Entries come in the order of the file. */
static bool take(void *owner, const struct yaml_entry *entry, struct error *err)
{
    struct seen *seen = owner;

    assert(entry->name[0] != '\0' && entry->line >= 1);
    assert(!text_has_control(span_of(entry->name)));
    if (strlen(entry->name) < sizeof seen->names[0] && seen->count < NAMES_MOST) {
        for (size_t i = 0; i < seen->count; i++)
            assert(strcmp(seen->names[i], entry->name) != 0);
        (void)snprintf(seen->names[seen->count++], sizeof seen->names[0], "%s", entry->name);
    }
    assert(entry->line >= seen->line);
    seen->line = entry->line;
    if (strcmp(entry->name, "refuse") == 0)
        return error_set(err, ERROR_INVALID, "refused");
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct seen seen;
    struct error err = { .text = "" };
    FILE *file;

    if (size == 0)
        return 0;
    seen.count = 0;
    seen.line = 0;
    file = fmemopen((void *)data, size, "rb");
    assert(file != NULL);
    if (!yaml_read(file, take, &seen, &err))
        assert(err.kind == ERROR_INVALID && span_starts(span_of(err.text), SPAN("line ")));
    assert(fclose(file) == 0);
    return 0;
}
