/*
 * What all letters share, and what one thread keeps between letters.
 */
#include "services/compose/composer.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "crypto/secret.h"
#include "services/compose/composer_internal.h"

enum { KEY_FILE_MOST = 64 * 1024 };

static bool read_key_file(const char *path, struct buf *to, struct error *err)
{
    CLEANUP(cleanup_descriptor) int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char *room = buf_reserve(to, KEY_FILE_MOST);
    ssize_t n;

    if (descriptor < 0)
        return error_set_errno(err, errno, "opening %s", path);
    n = read(descriptor, room, KEY_FILE_MOST);
    if (n < 0)
        return error_set_errno(err, errno, "reading %s", path);
    buf_advance(to, (size_t)n);
    return true;
}

static bool load_key(struct composer *c, struct error *err)
{
    const struct settings *s = c->options.settings;
    CLEANUP(buf_fini) struct buf pem;
    bool fine;

    buf_init(&pem, KEY_FILE_MOST);
    fine = read_key_file(s->dkim_key_file, &pem, err) &&
           dkim_key_load(buf_view(&pem), span_of(s->domain), span_of(s->dkim_selector),
                         &c->dkim_key, err);
    if (pem.n > 0)
        secret_wipe(pem.at, pem.n);
    return fine || error_wrap(err, "the DKIM key of %s", s->domain);
}

struct composer *composer_new(const struct composer_options *options)
{
    struct composer *c = NEW(struct composer);

    c->options = *options;
    if (options->settings->dkim_key_file != NULL)
        (void)load_key(c, &c->problem);
    return c;
}

const char *composer_problem(const struct composer *composer)
{
    return composer->problem.text[0] != '\0' ? composer->problem.text : NULL;
}

void composer_free(struct composer *composer)
{
    if (composer == NULL)
        return;
    dkim_key_free(composer->dkim_key);
    alloc_free(composer);
}

struct composer_worker *composer_worker_new(const struct composer *composer)
{
    struct composer_worker *w = NEW(struct composer_worker);

    w->composer = composer;
    arena_init(&w->arena);
    w->digest = digest_new();
    w->signer = dkim_signer_new();
    w->keys = token_keys_of(composer->options.keys);
    w->threads = thread_cache_new();
    w->ranges = range_cache_new();
    w->bodies = letter_bodies_new(w->signer);
    w->zones = zone_cache_new();
    buf_init(&w->header, LETTER_HEADER_MOST);
    return w;
}

void composer_worker_free(struct composer_worker *worker)
{
    if (worker == NULL)
        return;
    arena_fini(&worker->arena);
    digest_free(worker->digest);
    letter_bodies_free(worker->bodies);
    dkim_signer_free(worker->signer);
    token_keys_free(worker->keys);
    thread_cache_free(worker->threads);
    range_cache_free(worker->ranges);
    zone_cache_free(worker->zones);
    template_set_free(worker->set);
    notice_template_free(worker->old);
    sight_sheet_free(worker->recorded);
    buf_fini(&worker->header);
    alloc_free(worker);
}
