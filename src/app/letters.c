/*
 * The composer with all it borrows. It meets the engine here and nowhere else.
 */
#include "app/letters.h"

#include "app/secret_file.h"
#include "base/alloc.h"
#include "base/log.h"
#include "services/compose/composer.h"
#include "services/compose/template_set.h"
#include "store/db.h"

struct letters {
    struct secret_keys secret;
    struct composer_key keys[SECRET_KEYS_MOST];
    struct template_set *templates;
    struct composer *composer;
};

static bool take_in(struct template_set *templates, struct db *db, int64_t now_ms,
                    struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (template_set_take_in(templates, db, now_ms, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

/* The file's first key makes new tokens, and so does the composer's last. */
static void take_keys(struct letters *c, const struct secret_keys *keys)
{
    c->secret = *keys;
    for (size_t i = 0; i < keys->count; i++) {
        const struct secret_key *key = &c->secret.at[keys->count - 1 - i];

        c->keys[i].number = key->number;
        c->keys[i].bytes = (struct span){ (const char *)key->bytes, SECRET_SIZE };
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

struct letters *letters_new(const struct settings *settings, const struct secret_keys *keys,
                            struct db *db, int64_t now_ms, struct error *err)
{
    struct letters *c = NEW(struct letters);
    struct composer_options options = { .settings = settings,
                                        .keys = c->keys,
                                        .key_count = keys->count };

    take_keys(c, keys);
    if (!template_set_load(settings->template_folder, &c->templates, err) ||
        !take_in(c->templates, db, now_ms, err)) {
        letters_free(c);
        return NULL;
    }
    options.templates = c->templates;
    c->composer = composer_new(&options);
    tell(settings, composer_problem(c->composer));
    return c;
}

static void *worker_new(void *context)
{
    const struct letters *c = context;

    return composer_worker_new(c->composer);
}

static void worker_free(void *worker)
{
    composer_worker_free(worker);
}

static bool make(void *worker, struct db *db, int64_t delivery, int64_t now_ms,
                 struct letter *ret_letter, struct error *err)
{
    return compose_letter(worker, db, delivery, now_ms, ret_letter, err);
}

struct letter_source letters_source(struct letters *letters)
{
    return (struct letter_source){ worker_new, worker_free, make, letters };
}

void letters_free(struct letters *letters)
{
    if (letters == NULL)
        return;
    composer_free(letters->composer);
    template_set_free(letters->templates);
    secret_keys_wipe(&letters->secret);
    alloc_free(letters);
}
