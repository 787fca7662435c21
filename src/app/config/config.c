/*
 * Loading: defaults first, then the file over them, then what follows from other values.
 */
#include "app/config/config.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config/key.h"
#include "app/config/value.h"
#include "app/config/yaml_reader.h"
#include "base/alloc.h"
#include "base/cleanup.h"
#include "protocol/mail/domain_name.h"

#define DEFAULT_FILE "postroom.yaml"

static struct config *config_new(void)
{
    struct config *config = NEW(struct config);
    size_t count = 0;
    const struct key *keys = key_table(&count);

    assert(keys != NULL);
    arena_init(&config->arena);
    config->origins = ARENA_ARRAY(&config->arena, struct config_origin, count);
    return config;
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    arena_fini(&config->arena);
    alloc_free(config);
}

/* A default list is written with spaces between its entries. */
static bool set_default(struct config *config, const struct key *key, struct error *err)
{
    struct span texts[16];
    size_t count = 0;
    struct span rest = span_of(key->fallback);
    struct value_source from = { .texts = &rest, .count = 1, .folder = "" };

    if (key->fallback == NULL)
        return true;
    if (key->type != KEY_DURATION_LIST && key->type != KEY_PATH_LIST && key->type != KEY_IP_LIST &&
        key->type != KEY_TEXT_LIST)
        return value_read(&config->settings, key, &from, &config->arena, err);
    while (rest.n > 0 && count < ARRAY_LENGTH(texts))
        texts[count++] = span_take_until(&rest, ' ');
    from = (struct value_source){ texts, count, true, "" };
    return value_read(&config->settings, key, &from, &config->arena, err);
}

static bool set_defaults(struct config *config, struct error *err)
{
    size_t count;
    const struct key *keys = key_table(&count);

    for (size_t i = 0; i < count; i++)
        if (!set_default(config, &keys[i], err))
            return error_wrap(err, "default");
    return true;
}

struct filling {
    struct config *config;
    const char *folder;
};

/* "smtp: 25" where "smtp: {port: 25}" is meant, or a name nobody knows. */
static bool refuse_key(const char *name, struct error *err)
{
    size_t count;
    const struct key *keys = key_table(&count);

    for (size_t i = 0; i < count; i++)
        if (span_starts(span_of(keys[i].name), span_of(name)) && keys[i].name[strlen(name)] == '.')
            return error_set(err, ERROR_INVALID, "%s has keys of its own, such as %s", name,
                             keys[i].name);
    return error_set(err, ERROR_INVALID,
                     "unknown key %s (`postroom config explain` lists the known ones)", name);
}

static bool take_entry(void *owner, const struct yaml_entry *entry, struct error *err)
{
    struct filling *filling = owner;
    const struct key *key = key_find(span_of(entry->name));
    struct value_source from = { entry->values, entry->count, entry->is_list, filling->folder };
    size_t count;

    if (key == NULL)
        return refuse_key(entry->name, err);
    filling->config->origins[key - key_table(&count)].line = entry->line;
    return value_read(&filling->config->settings, key, &from, &filling->config->arena, err);
}

/* The folder part of a path, without the last slash; "" for none. */
static const char *folder_of(const char *file, struct arena *arena)
{
    struct span path = span_of(file);
    size_t slash = span_last_index(path, '/');

    if (slash == path.n)
        return "";
    return slash == 0 ? "/" : arena_text(arena, span_first(path, slash));
}

static bool read_file(struct config *config, const char *path, struct error *err)
{
    CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
    struct filling filling = { config, folder_of(path, &config->arena) };
    struct stat is;

    if (file == NULL)
        return error_set_errno(err, errno, "opening %s", path);
    if (fstat(fileno(file), &is) == 0 && S_ISDIR(is.st_mode))
        return error_set(err, ERROR_INVALID, "%s is a folder: name the file in it", path);
    config->file = arena_text(&config->arena, span_of(path));
    if (!yaml_read(file, take_entry, &filling, err))
        return error_wrap(err, "%s", path);
    return true;
}

static void default_text(const char **place, const char *text)
{
    if (*place == NULL)
        *place = text;
}

/* The machine's name, which EHLO wants with a domain (RFC 5321, 2.3.5): a bare one gets ours. */
static const char *machine_name(const char *domain, struct arena *arena)
{
    char machine[256] = "";
    char name[DOMAIN_NAME_MOST + 1];
    struct error why;
    bool known = gethostname(machine, sizeof(machine) - 1) == 0;

    if (!known || !domain_name_parse(span_of(machine), name, &why))
        return domain;
    if (strchr(name, '.') != NULL || strchr(domain, '.') == NULL)
        return arena_text(arena, span_of(name));
    return arena_printf(arena, "%s.%s", name, domain);
}

void config_derive(struct config *config)
{
    struct settings *s = &config->settings;
    struct arena *arena = &config->arena;

    default_text(&s->hostname, machine_name(s->domain, arena));
    default_text(&s->sender_address, arena_printf(arena, "notify@%s", s->domain));
    default_text(&s->return_path_domain, arena_printf(arena, "bounce.%s", s->domain));
    default_text(&s->reply_domain, arena_printf(arena, "reply.%s", s->domain));
    default_text(&s->control_socket, arena_printf(arena, "%s.sock", s->database));
}

/* Without a file the paths are relative to the current folder, with one to the file's: defaults
 * included. */
static bool place_default_paths(struct config *config, const char *folder, struct error *err)
{
    size_t count;
    const struct key *keys = key_table(&count);

    for (size_t i = 0; i < count; i++) {
        struct span text = span_of(keys[i].fallback);
        struct value_source from = { .texts = &text, .count = 1, .folder = folder };

        if (keys[i].type == KEY_PATH && keys[i].fallback != NULL && config->origins[i].line == 0 &&
            !value_read(&config->settings, &keys[i], &from, &config->arena, err))
            return false;
    }
    return true;
}

/* What a webhook that is down for so long has missed must still be there. */
static bool refuse_short_keep(const struct config *config, struct error *err)
{
    return config->settings.changes.keep >= config->settings.webhooks.give_up ||
           error_set(
               err, ERROR_INVALID,
               "%s: changes.keep must not be shorter than webhooks.give_up: a webhook that is "
               "down would miss what is dropped meanwhile",
               config->file);
}

bool config_load(const char *file, struct config **ret_config, struct error *err)
{
    struct config *config = config_new();

    if (file == NULL && access(DEFAULT_FILE, F_OK) == 0)
        file = DEFAULT_FILE;
    if (!set_defaults(config, err) ||
        (file != NULL && (!read_file(config, file, err) ||
                          !place_default_paths(config, folder_of(file, &config->arena), err))) ||
        !refuse_short_keep(config, err)) {
        config_free(config);
        return false;
    }
    config_derive(config);
    *ret_config = config;
    return true;
}

void config_put_value(struct buf *to, const struct config *config, const struct key *key)
{
    value_put(to, &config->settings, key);
}
