/*
 * Editions that come while letters are composed on several threads.
 */
#include "app/letters.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "app/config/config.h"
#include "app/secret_file.h"
#include "tests/support/correspondence.h"

enum { THREADS = 3, EDITIONS = 40, LETTERS_EACH = 60 };

struct bureau {
    struct correspondence *correspondence;
    struct letters *letters;
    struct scratch scratch;
};

/* The settings of an installation whose plain text is one line. */
static struct config *config_saying(struct bureau *b, const char *line)
{
    struct config *config = NULL;
    struct error err;
    FILE *file = fopen(scratch_path(&b->scratch, "notice.text.txt"), "we");

    assert_non_null(file);
    assert_true(fprintf(file, "%s\n", line) > 0);
    assert_int_equal(fclose(file), 0);
    if (!config_load(NULL, &config, &err))
        fail_msg("%s", err.text);
    config->settings.domain = "example.org";
    config->settings.sender_address = "tracker@example.org";
    config->settings.template_folder = b->scratch.folder;
    return config;
}

static void publish(struct bureau *b, const char *line)
{
    struct correspondence *c = b->correspondence;
    struct edition *edition = edition_read(b->letters, config_saying(b, line), &c->err);

    must(c, edition != NULL);
    must(c, db_begin(c->db, &c->err));
    must(c, edition_take_in(edition, c->db, c->now_ms, &c->err));
    must(c, db_commit(c->db, &c->err));
    letters_publish(b->letters, edition);
}

static struct bureau *bureau_new(void)
{
    struct bureau *b = NEW(struct bureau);
    struct secret_keys keys = { .count = 1, .at = { { .number = 1 } } };
    struct correspondence *c = correspondence_new();

    b->correspondence = c;
    b->scratch = scratch_new();
    add_watch(c, BO, ISSUE, WATCH_NOW);
    HAPPEN(c, ANA, "commented", .text = "Hello.");
    add_delivery(c, BO, 101);
    b->letters = letters_new(&c->settings, &keys, c->db, c->now_ms, &c->err);
    must(c, b->letters != NULL);
    return b;
}

static void bureau_free(struct bureau *b)
{
    letters_free(b->letters);
    scratch_fini(&b->scratch);
    correspondence_free(b->correspondence);
    alloc_free(b);
}

static bool says(const struct letter *letter, const char *words)
{
    return letter->verdict == LETTER_READY &&
           span_find(buf_view(&letter->bytes), span_of(words)) < letter->bytes.n;
}

static void a_letter_is_made_by_the_last_edition(void **state)
{
    struct bureau *b = bureau_new();
    struct correspondence *c = b->correspondence;
    struct letter_source source = letters_source(b->letters);
    void *worker = source.worker_new(source.context);
    struct letter letter;

    (void)state;
    must(c, source.make(worker, c->db, &(struct letter_order){ 1, c->now_ms, NULL }, &letter,
                        &c->err));
    assert_true(says(&letter, "You get this because"));
    letter_fini(&letter);
    publish(b, "First words");
    publish(b, "Second words");
    must(c, source.make(worker, c->db, &(struct letter_order){ 1, c->now_ms, NULL }, &letter,
                        &c->err));
    assert_true(says(&letter, "Second words"));
    letter_fini(&letter);
    source.worker_free(worker);
    bureau_free(b);
}

static void *compose_many(void *owner)
{
    struct bureau *b = owner;
    struct letter_source source = letters_source(b->letters);
    void *worker = source.worker_new(source.context);
    struct db *db = NULL;
    struct error err;
    intptr_t good = 0;

    if (db_open(b->correspondence->scratch.path, DB_READ, &db, &err)) {
        for (int i = 0; i < LETTERS_EACH; i++) {
            struct letter letter;

            if (!source.make(worker, db, &(struct letter_order){ 1, LETTERS_START, NULL }, &letter,
                             &err))
                continue;
            good += letter.verdict == LETTER_READY;
            letter_fini(&letter);
        }
    }
    db_close(db);
    source.worker_free(worker);
    return (void *)good;
}

static void editions_come_and_go_beside_the_threads(void **state)
{
    struct bureau *b = bureau_new();
    pthread_t threads[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, compose_many, b), 0);
    for (int i = 0; i < EDITIONS; i++) {
        char line[40];

        (void)snprintf(line, sizeof(line), "Words of edition %d", i % 4);
        publish(b, line);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *good;

        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_int_equal((intptr_t)good, LETTERS_EACH);
    }
    bureau_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_is_made_by_the_last_edition),
        cmocka_unit_test(editions_come_and_go_beside_the_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
