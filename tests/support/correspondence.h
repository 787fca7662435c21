/*
 * A store with people, topics and events, and a composer that writes letters from it, for tests.
 * Ana (1), Bo (2) and Zoë (3) work in project X (topic 1), whose issue 12 is topic 2; deliveries
 * go to whom the test says.
 */
#ifndef POSTROOM_TESTS_SUPPORT_CORRESPONDENCE_H
#define POSTROOM_TESTS_SUPPORT_CORRESPONDENCE_H

#include "base/alloc.h"
#include "domain/sight.h"
#include "domain/watching.h"
#include "services/compose/composer.h"
#include "services/compose/template_files.h"
#include "services/compose/template_set.h"
#include "store/db.h"
#include "store/epoch.h"
#include "store/schema.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

#define LETTERS_START INT64_C(1795543320000) /* 2026-11-24 18:02 UTC */

enum { ANA = 1, BO = 2, ZOE = 3 };
enum { PROJECT = 1, ISSUE = 2 };

struct correspondence {
    struct scratch scratch;
    struct db *db; /* a writer; composing reads through it too */
    struct settings settings;
    struct template_files templates;
    struct composer *composer;
    struct composer_worker *worker;
    int64_t now_ms;
    int64_t seq;               /* of the last event */
    int64_t delivery;          /* the last one */
    struct sight_sheet *sheet; /* what the application has said; NULL: nothing */
    struct error err;
};

UNUSED static void must(struct correspondence *c, bool ok)
{
    if (!ok)
        fail_msg("%s", c->err.text);
}

#define RUN(c, sql, ...) must((c), db_run((c)->db, &(c)->err, sql, __VA_ARGS__))

UNUSED static void add_person(struct correspondence *c, int64_t id, const char *name,
                              const char *address, const char *languages)
{
    struct span domain = span_rest(span_of(address), span_last_index(span_of(address), '@') + 1);

    RUN(c,
        SQL("INSERT INTO person (id, key, name, languages, timezone, made_at) "
            "VALUES ($1, 'p' || $1, $2, $3, 'Europe/Vienna', 0)"),
        db_int(id), db_string(name), db_string(languages));
    RUN(c,
        SQL("INSERT INTO person_address (person, position, address, normal, domain) "
            "VALUES ($1, 0, $2, lower($2), $3)"),
        db_int(id), db_string(address), db_text(domain));
}

UNUSED static void add_topic(struct correspondence *c, int64_t id, const char *key,
                             const char *title, const char *url)
{
    struct span kind = span_first(span_of(key), span_index(span_of(key), '/'));

    RUN(c,
        SQL("INSERT INTO topic (id, key, kind, title, url, made_at) "
            "VALUES ($1, $2, $3, $4, $5, 0)"),
        db_int(id), db_string(key), db_text(kind), db_string(title), db_string(url));
}

UNUSED static void add_watch(struct correspondence *c, int64_t who, int64_t topic,
                             enum watch_mode mode)
{
    RUN(c,
        SQL("INSERT INTO watch (topic, who, mode, since) VALUES ($1, $2, $3, 0) "
            "ON CONFLICT (topic, who) DO UPDATE SET mode = excluded.mode"),
        db_int(topic), db_int(who), db_int(mode));
}

/* What happened; the kind's bit is its length, which is enough for tests. */
struct happening {
    int64_t actor;
    const char *kind;
    const char *title;
    const char *text;
    const char *url;
    const char *field; /* what changed, or NULL */
    const char *old;
    const char *new;
    const char *label;
};

UNUSED static void add_change(struct correspondence *c, int64_t position, const char *field,
                              const char *old, const char *new)
{
    RUN(c,
        SQL("INSERT INTO event_change (seq, position, field, old, new) "
            "VALUES ($1, $2, $3, $4, $5)"),
        db_int(c->seq), db_int(position), db_string(field), db_string(old), db_string(new));
}

/* Each event happens a minute after the one before. */
UNUSED static void happen(struct correspondence *c, const struct happening *h)
{
    int64_t seq = ++c->seq;

    RUN(c,
        SQL("INSERT INTO event (id, seq, digest, topic, thread, actor, kind, kind_bit, at, "
            "taken_at, title, text, url, label, fan_state) "
            "VALUES ($1 + 1000, $1, x'00', 2, 2, $2, $3, length($3), $4, $4, $5, $6, $7, $8, 2)"),
        db_int(seq), db_int_or_null(h->actor != 0, h->actor), db_string(h->kind),
        db_int(LETTERS_START + 60000 * (seq - 100)), db_string(h->title), db_string(h->text),
        db_string(h->url), db_string(h->label));
    RUN(c, SQL("INSERT INTO event_scope (topic, seq, distance) VALUES (2, $1, 0), (1, $1, 1)"),
        db_int(seq));
    if (h->field != NULL)
        add_change(c, 0, h->field, h->old, h->new);
}

#define HAPPEN(c, ...) happen((c), &(struct happening){ __VA_ARGS__ })

UNUSED static void address_directly(struct correspondence *c, int64_t person, const char *reason)
{
    RUN(c, SQL("INSERT INTO event_direct (seq, person, reason, rank) VALUES ($1, $2, $3, $4)"),
        db_int(c->seq), db_int(person), db_string(reason),
        db_int(direct_reason_rank(span_of(reason))));
}

/* A mail to `person` about the issue's events from `from` to the last one. */
UNUSED static void add_delivery(struct correspondence *c, int64_t person, int64_t from)
{
    int64_t id = ++c->delivery;

    RUN(c,
        SQL("INSERT INTO delivery (id, stream, cause, cause_id, person, address, normal, domain, "
            "message_id, first_due, made_at) SELECT $1, 1, 1, 2, $2, a.address, a.normal, "
            "a.domain, 'd' || $1 || '.x7k2@example.org', 0, 0 FROM person_address a "
            "WHERE a.person = $2"),
        db_int(id), db_int(person));
    RUN(c, SQL("INSERT INTO delivery_state (delivery, state, due_at) VALUES ($1, 0, 0)"),
        db_int(id));
    RUN(c,
        SQL("INSERT INTO delivery_part (delivery, thread, from_seq, to_seq, why) "
            "VALUES ($1, 2, $2, $3, 0)"),
        db_int(id), db_int(from), db_int(c->seq));
    RUN(c,
        SQL("INSERT INTO heard (person, thread, made_seq, delivery) VALUES ($1, 2, $2, $3) "
            "ON CONFLICT (person, thread) DO UPDATE SET delivery = excluded.delivery"),
        db_int(person), db_int(c->seq), db_int(id));
}

/* The letter of the last delivery; to be ended with letter_fini. */
UNUSED static struct letter compose(struct correspondence *c)
{
    struct letter letter;

    must(c, compose_letter(c->worker, c->db,
                           &(struct letter_order){ c->delivery, c->now_ms, c->sheet }, &letter,
                           &c->err));
    return letter;
}

/* The letter goes out and nothing is heard of it: an intent, and a doubt. */
UNUSED static void send_in_doubt(struct correspondence *c, const struct letter *l)
{
    RUN(c,
        SQL("INSERT INTO intent (delivery, node, at, mail_from, sender, subject, date, seed, size, "
            "digest, template, sight) VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"),
        db_int(l->delivery), db_int(c->now_ms), db_string(l->mail_from), db_string(l->sender),
        db_string(l->subject), db_int(l->date_ms),
        db_blob((struct span){ (const char *)l->seed, sizeof(l->seed) }),
        db_int((int64_t)l->bytes.n),
        db_blob((struct span){ (const char *)l->digest, sizeof(l->digest) }),
        db_int(l->template_revision), db_text(buf_view(&l->sight)));
    RUN(c, SQL("UPDATE delivery_state SET state = 3, doubts = 1 WHERE delivery = $1"),
        db_int(l->delivery));
}

UNUSED static void start_composer(struct correspondence *c)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    static const struct token_key key = { 1, { secret, 32 } };
    const struct composer_options options = { &c->settings, &c->templates, { &key, 1 } };

    composer_worker_free(c->worker);
    composer_free(c->composer);
    c->composer = composer_new(&options);
    c->worker = composer_worker_new(c->composer);
}

UNUSED static void take_in_templates(struct correspondence *c, const char *folder)
{
    struct template_set *set = NULL;

    template_files_fini(&c->templates);
    c->templates = (struct template_files){ 0 };
    must(c, template_files_read(&c->templates, folder, &c->err));
    must(c, db_begin(c->db, &c->err));
    must(c, template_set_load(&c->templates, c->db, &set, &c->err));
    must(c, template_set_take_in(set, c->db, c->now_ms, &c->err));
    must(c, db_commit(c->db, &c->err));
    template_set_free(set);
}

UNUSED static struct correspondence *correspondence_new(void)
{
    struct correspondence *c = NEW(struct correspondence);

    c->scratch = scratch_new();
    c->now_ms = LETTERS_START;
    c->seq = 100;
    c->settings = (struct settings){
        .domain = "example.org",
        .sender_name = "Acme Tracker",
        .sender_address = "tracker@example.org",
        .return_path_domain = "bounce.example.org",
        .reply_domain = "reply.example.org",
    };
    must(c, db_open(scratch_path(&c->scratch, "store.db"), DB_CREATE, &c->db, &c->err) &&
                schema_migrate(c->db, &c->err));
    must(c, db_run_plain(c->db, SQL_SQLITE("PRAGMA synchronous = OFF"), &c->err));
    take_in_templates(c, NULL);
    start_composer(c);
    add_person(c, ANA, "Ana Ortiz", "ana@example.com", "[\"en\"]");
    add_person(c, BO, "Bo Li", "bo@example.com", "[\"en\"]");
    add_person(c, ZOE, "Zo\xc3\xab Kranz", "zoe@example.net", "[\"de-AT\", \"en\"]");
    add_topic(c, PROJECT, "project/x", "Project X", "https://tracker.example.org/x");
    add_topic(c, ISSUE, "issue/12", "Crash when saving a large file",
              "https://tracker.example.org/x/12");
    RUN(c, SQL("INSERT INTO topic_parent (child, parent) VALUES ($1, $2)"), db_int(ISSUE),
        db_int(PROJECT));
    return c;
}

UNUSED static void correspondence_free(struct correspondence *c)
{
    composer_worker_free(c->worker);
    composer_free(c->composer);
    template_files_fini(&c->templates);
    sight_sheet_free(c->sheet);
    db_close(c->db);
    scratch_fini(&c->scratch);
    alloc_free(c);
}

/* cmocka's setup and teardown around one test. */
UNUSED static int correspondence_setup(void **state)
{
    *state = correspondence_new();
    return 0;
}

UNUSED static int correspondence_teardown(void **state)
{
    correspondence_free(*state);
    return 0;
}

#endif
