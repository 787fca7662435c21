/*
 * Editions, and the desks at which the engine's threads compose by them.
 *
 * A desk says which edition it uses before it does, and looks again whether that one is still
 * current; the publisher changes the current one first and looks at the desks then. So an edition
 * that no desk names can have no user, without a lock on the way of each letter.
 */
#include "app/letters.h"

#include <stdatomic.h>

#include "app/config/config.h"
#include "app/secret_file.h"
#include "base/alloc.h"
#include "base/log.h"
#include "services/compose/composer.h"
#include "services/compose/template_files.h"
#include "services/compose/template_set.h"
#include "store/db.h"

struct edition {
    struct edition *earlier;
    struct config *config; /* NULL: the settings are somebody else's */
    struct template_files templates;
    struct composer *composer;
};

/* Where one thread composes. It stays in the list when the thread has gone. */
struct desk {
    struct desk *next;
    struct letters *letters;
    _Atomic(struct edition *) edition;
    struct composer_worker *worker;
};

struct letters {
    struct secret_keys secret;
    struct token_key keys[SECRET_KEYS_MOST];
    _Atomic(struct edition *) current;
    _Atomic(struct desk *) desks;
};

/* ---- editions ---- */

void edition_free(struct edition *edition)
{
    if (edition == NULL)
        return;
    composer_free(edition->composer);
    template_files_fini(&edition->templates);
    config_free(edition->config);
    alloc_free(edition);
}

struct token_key_list letters_token_keys(const struct letters *letters)
{
    return (struct token_key_list){ letters->keys, letters->secret.count };
}

static struct edition *read_files(const struct letters *letters, const struct settings *settings,
                                  struct config *config, struct error *err)
{
    struct edition *e = NEW(struct edition);
    const struct composer_options options = { .settings = settings,
                                              .templates = &e->templates,
                                              .keys = letters_token_keys(letters) };
    struct template_set *set = NULL;
    bool fine;

    e->config = config;
    fine = template_files_read(&e->templates, settings->template_folder, err) &&
           template_set_compile(&e->templates, &set, err);
    template_set_free(set);
    if (!fine) {
        edition_free(e);
        return NULL;
    }
    e->composer = composer_new(&options);
    return e;
}

static struct edition *read_good_files(const struct letters *letters,
                                       const struct settings *settings, struct config *config,
                                       struct error *err)
{
    struct edition *e = read_files(letters, settings, config, err);

    if (e == NULL || composer_problem(e->composer) == NULL)
        return e;
    (void)error_set(err, ERROR_INVALID, "%s", composer_problem(e->composer));
    edition_free(e);
    return NULL;
}

struct edition *edition_read(const struct letters *letters, struct config *config,
                             struct error *err)
{
    return read_good_files(letters, &config->settings, config, err);
}

bool edition_take_in(struct edition *edition, struct db *db, int64_t now_ms, struct error *err)
{
    struct template_set *set = NULL;
    bool fine = template_set_load(&edition->templates, db, &set, err) &&
                template_set_take_in(set, db, now_ms, err);

    template_set_free(set);
    return fine;
}

static bool is_used(struct letters *letters, const struct edition *edition)
{
    for (struct desk *d = atomic_load(&letters->desks); d != NULL; d = d->next)
        if (atomic_load(&d->edition) == edition)
            return true;
    return false;
}

void letters_publish(struct letters *letters, struct edition *edition)
{
    struct edition **place = &edition->earlier;

    edition->earlier = atomic_load(&letters->current);
    atomic_store(&letters->current, edition);
    while (*place != NULL) {
        struct edition *earlier = *place;

        if (is_used(letters, earlier)) {
            place = &earlier->earlier;
        } else {
            *place = earlier->earlier;
            edition_free(earlier);
        }
    }
}

/* ---- desks ---- */

static void *desk_new(void *context)
{
    struct letters *letters = context;
    struct desk *desk = NEW(struct desk);

    desk->letters = letters;
    desk->next = atomic_load(&letters->desks);
    while (!atomic_compare_exchange_weak(&letters->desks, &desk->next, desk))
        continue;
    return desk;
}

static void desk_leave(void *worker)
{
    struct desk *desk = worker;

    composer_worker_free(desk->worker);
    desk->worker = NULL;
    atomic_store(&desk->edition, NULL);
}

static void desk_take_edition(struct desk *desk)
{
    struct edition *edition;

    desk_leave(desk);
    do {
        edition = atomic_load(&desk->letters->current);
        atomic_store(&desk->edition, edition);
    } while (atomic_load(&desk->letters->current) != edition);
    desk->worker = composer_worker_new(edition->composer);
}

static bool make(void *worker, struct db *db, const struct letter_order *order,
                 struct letter *ret_letter, struct error *err)
{
    struct desk *desk = worker;

    if (atomic_load(&desk->edition) != atomic_load(&desk->letters->current))
        desk_take_edition(desk);
    return compose_letter(desk->worker, db, order, ret_letter, err);
}

struct letter_source letters_source(struct letters *letters)
{
    return (struct letter_source){ desk_new, desk_leave, make, letters };
}

/* ---- all of it ---- */

/* The file's first key makes new tokens, and so does the composer's last. */
static void take_keys(struct letters *letters, const struct secret_keys *keys)
{
    letters->secret = *keys;
    for (size_t i = 0; i < keys->count; i++) {
        const struct secret_key *key = &letters->secret.at[keys->count - 1 - i];

        letters->keys[i].number = key->number;
        letters->keys[i].bytes = (struct span){ (const char *)key->bytes, SECRET_SIZE };
    }
}

/* What the operator should know before mail waits or leaves. */
static void tell(const struct settings *settings, const char *problem)
{
    if (problem != NULL)
        log_error("mail-held", log_text("problem", problem));
    else if (settings->dkim_key_file == NULL)
        log_warning("mail-unsigned", log_text("domain", settings->domain));
}

static bool take_in(struct edition *edition, struct db *db, int64_t now_ms, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (edition_take_in(edition, db, now_ms, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool letters_check(const struct settings *settings, const struct secret_keys *keys,
                   struct error *err)
{
    struct letters letters = { .current = NULL };
    struct edition *edition;

    take_keys(&letters, keys);
    edition = read_good_files(&letters, settings, NULL, err);
    edition_free(edition);
    secret_keys_wipe(&letters.secret);
    return edition != NULL;
}

struct letters *letters_new(const struct settings *settings, const struct secret_keys *keys,
                            struct db *db, int64_t now_ms, struct error *err)
{
    struct letters *letters = NEW(struct letters);
    struct edition *first;

    take_keys(letters, keys);
    first = read_files(letters, settings, NULL, err);
    if (first == NULL || !take_in(first, db, now_ms, err)) {
        edition_free(first);
        letters_free(letters);
        return NULL;
    }
    letters_publish(letters, first);
    tell(settings, composer_problem(first->composer));
    return letters;
}

void letters_free(struct letters *letters)
{
    struct edition *edition;
    struct desk *desk;

    if (letters == NULL)
        return;
    while ((desk = atomic_load(&letters->desks)) != NULL) {
        atomic_store(&letters->desks, desk->next);
        alloc_free(desk);
    }
    while ((edition = atomic_load(&letters->current)) != NULL) {
        atomic_store(&letters->current, edition->earlier);
        edition_free(edition);
    }
    secret_keys_wipe(&letters->secret);
    alloc_free(letters);
}
