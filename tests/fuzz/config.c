/*
 * Configuration files of any bytes: read, or refused with the line; each key once; and what is
 * taken can be shown.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/config/config.h"
#include "app/config/key.h"
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

static void show(const struct config *config)
{
    size_t count;
    const struct key *keys = key_table(&count);

    for (size_t i = 0; i < count; i++) {
        CLEANUP(buf_fini) struct buf text;

        buf_init(&text, 1 << 20);
        config_put_value(&text, config, &keys[i]);
        assert(!text.overflown && text_is_utf8(buf_view(&text)));
        assert(!text_has_control(buf_view(&text)));
    }
}

/* The same bytes as a file by name, through the table of keys. */
static void load(const uint8_t *data, size_t size)
{
    int descriptor = memfd_create("postroom.yaml", MFD_CLOEXEC);
    struct config *config = NULL;
    struct error err = { .text = "" };
    char path[40];
    ssize_t n;

    assert(descriptor >= 0);
    n = write(descriptor, data, size);
    assert(n == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    if (config_load(path, &config, &err))
        show(config);
    else
        assert(span_starts(span_of(err.text), span_of(path)));
    config_free(config);
    assert(close(descriptor) == 0);
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
    load(data, size);
    return 0;
}
