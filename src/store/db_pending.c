/*
 * Counters, sums, news and ids of a transaction. What is counted is summed in memory so that a
 * hundred mails of one domain cost one row's update; a savepoint's rollback takes its additions
 * back. Memory is the transaction's own and goes with it, so it is bounded by what one transaction
 * does.
 */
#include "store/db_pending.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "store/db.h"

struct pending_counter {
    struct table_node node;
    struct pending_counter *next;
    const char *scope;
    const char *key;
    const char *state;
    int64_t n;
};

struct db_sum {
    struct table_node node;
    struct db_sum *next;
    const struct db_sums *of;
    int64_t number;
    struct span text;
    int64_t at[DB_SUM_PLACES];
};

struct pending_news {
    struct table_node node;
    struct pending_news *next;
    const char *news;
    struct span key;
};

struct pending_step {
    struct pending_step *next;
    int64_t *n;
    int64_t by;
};

struct pending_sequence {
    struct pending_sequence *next;
    const char *name;
    int64_t at;    /* the next id to hand out */
    int64_t end;   /* the first one behind the block */
    int64_t size;  /* of the next block */
    bool reserved; /* the store knows of the block */
};

/* The first block is one id and each is twice the one before, so that a command that makes one
 * thing leaves no gap and a busy daemon seldom asks. */
enum { BLOCK_MAX = 1024 };

void db_pending_init(struct db_pending *p)
{
    *p = (struct db_pending){ 0 };
    arena_init(&p->arena);
    table_init(&p->counter_table);
    table_init(&p->sum_table);
    table_init(&p->news_table);
}

void db_pending_fini(struct db_pending *p)
{
    for (struct pending_sequence *s = p->sequences, *next; s != NULL; s = next) {
        next = s->next;
        alloc_free(s);
    }
    table_fini(&p->counter_table);
    table_fini(&p->sum_table);
    table_fini(&p->news_table);
    arena_fini(&p->arena);
}

static uint64_t hash_of_counter(const struct pending_counter *c)
{
    uint64_t hash = table_hash(span_of(c->scope));

    hash = table_hash_more(hash, SPAN("\0"));
    hash = table_hash_more(hash, span_of(c->key));
    hash = table_hash_more(hash, SPAN("\0"));
    return table_hash_more(hash, span_of(c->state));
}

static bool is_counter(const struct table_node *node, const void *key)
{
    const struct pending_counter *a = CONTAINER_OF(node, struct pending_counter, node);
    const struct pending_counter *b = key;

    return strcmp(a->key, b->key) == 0 && strcmp(a->state, b->state) == 0 &&
           strcmp(a->scope, b->scope) == 0;
}

static struct pending_counter *counter_for(struct db_pending *p,
                                           const struct pending_counter *named)
{
    uint64_t hash = hash_of_counter(named);
    struct table_node *node = table_find(&p->counter_table, hash, is_counter, named);
    struct pending_counter *c;

    if (node != NULL)
        return CONTAINER_OF(node, struct pending_counter, node);
    c = ARENA_NEW(&p->arena, struct pending_counter);
    c->scope = arena_text(&p->arena, span_of(named->scope));
    c->key = arena_text(&p->arena, span_of(named->key));
    c->state = arena_text(&p->arena, span_of(named->state));
    c->next = p->counters;
    p->counters = c;
    table_put(&p->counter_table, &c->node, hash);
    return c;
}

/* Adds to a number so that a savepoint's rollback can take it back. */
static void add(struct db_pending *p, int64_t *n, int64_t by)
{
    *n += by;
    if (p->savepoints > 0) {
        struct pending_step *step = ARENA_NEW(&p->arena, struct pending_step);

        *step = (struct pending_step){ p->steps, n, by };
        p->steps = step;
    }
}

void db_pending_count(struct db_pending *p, const char *scope, const char *key, const char *state,
                      int64_t by)
{
    const struct pending_counter named = { .scope = scope, .key = key, .state = state };

    add(p, &counter_for(p, &named)->n, by);
}

static bool is_sum(const struct table_node *node, const void *key)
{
    const struct db_sum *a = CONTAINER_OF(node, struct db_sum, node);
    const struct db_sum *b = key;

    return a->of == b->of && a->number == b->number && span_equal(a->text, b->text);
}

struct db_sum *db_pending_sum(struct db_pending *p, const struct db_sums *sums, int64_t number,
                              struct span text)
{
    const struct db_sum named = { .of = sums, .number = number, .text = text };
    uint64_t hash = table_hash(text) + (uint64_t)number;
    struct table_node *node = table_find(&p->sum_table, hash, is_sum, &named);
    struct db_sum *sum;

    if (node != NULL)
        return CONTAINER_OF(node, struct db_sum, node);
    sum = ARENA_NEW(&p->arena, struct db_sum);
    *sum = named;
    sum->text = arena_copy(&p->arena, text);
    sum->next = p->sums;
    p->sums = sum;
    table_put(&p->sum_table, &sum->node, hash);
    return sum;
}

void db_pending_sum_add(struct db_pending *p, struct db_sum *sum, size_t place, int64_t by)
{
    assert(place < DB_SUM_PLACES);
    add(p, &sum->at[place], by);
}

static bool is_news(const struct table_node *node, const void *key)
{
    const struct pending_news *a = CONTAINER_OF(node, struct pending_news, node);
    const struct pending_news *b = key;

    return strcmp(a->news, b->news) == 0 && span_equal(a->key, b->key);
}

void db_pending_tell(struct db_pending *p, const char *news, struct span key)
{
    const struct pending_news named = { .news = news, .key = key };
    uint64_t hash = table_hash_more(table_hash(span_of(news)), key);
    struct pending_news *told;

    if (p->hand == NULL || table_find(&p->news_table, hash, is_news, &named) != NULL)
        return;
    told = ARENA_NEW(&p->arena, struct pending_news);
    told->news = news;
    told->key = arena_copy(&p->arena, key);
    told->next = p->news;
    p->news = told;
    table_put(&p->news_table, &told->node, hash);
}

static struct pending_sequence *sequence_for(struct db_pending *p, const char *name)
{
    struct pending_sequence *s = p->sequences;

    while (s != NULL && s->name != name && strcmp(s->name, name) != 0)
        s = s->next;
    if (s == NULL) {
        s = NEW(struct pending_sequence);
        *s = (struct pending_sequence){ p->sequences, name, .at = 1, .end = 1, .size = 1 };
        p->sequences = s;
    }
    return s;
}

static bool write_next(struct db *db, const char *sequence, int64_t next, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO sequence (name, next) VALUES ($1, $2) "
                      "ON CONFLICT (name) DO UPDATE SET next = excluded.next"),
                  db_string(sequence), db_int(next));
}

/* Takes a new block when the old one is used up. What is left of an old one stays ours; but after
 * a rollback the store may have to be told of it again. */
static bool reserve(struct pending_sequence *s, struct db *db, struct error *err)
{
    bool found;
    int64_t known;
    int64_t at = s->at;
    int64_t end = s->end;

    if (!db_find_int(db, err, &found, &known, SQL("SELECT next FROM sequence WHERE name = $1"),
                     db_string(s->name)))
        return false;
    if (at == end) {
        at = found && known > at ? known : at;
        end = at + s->size;
    }
    if ((!found || known < end) && !write_next(db, s->name, end, err))
        return false;
    if (end != s->end && s->size < BLOCK_MAX)
        s->size *= 2;
    s->at = at;
    s->end = end;
    s->reserved = true;
    return true;
}

bool db_pending_next_id(struct db_pending *p, struct db *db, const char *sequence, int64_t *ret_id,
                        struct error *err)
{
    struct pending_sequence *s = sequence_for(p, sequence);

    if ((!s->reserved || s->at == s->end) && !reserve(s, db, err))
        return error_wrap(err, "taking an id of the sequence %s", sequence);
    *ret_id = s->at++;
    return true;
}

static bool write_counter(const struct pending_counter *c, struct db *db, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO counter (scope, key, state, node, n) "
                      "VALUES ($1, $2, $3, 0, $4) "
                      "ON CONFLICT (scope, key, state, node) DO UPDATE SET "
                      "n = counter.n + excluded.n"),
                  db_string(c->scope), db_string(c->key), db_string(c->state), db_int(c->n));
}

/* Sums first: they may count. */
bool db_pending_write(struct db_pending *p, struct db *db, struct error *err)
{
    for (const struct db_sum *s = p->sums; s != NULL; s = s->next)
        if (!s->of->write(db, s->number, s->text, s->at, err))
            return error_wrap(err, "summing up");
    for (const struct pending_counter *c = p->counters; c != NULL; c = c->next)
        if (c->n != 0 && !write_counter(c, db, err))
            return error_wrap(err, "counting");
    return true;
}

static void forget(struct db_pending *p)
{
    table_clear(&p->counter_table);
    table_clear(&p->sum_table);
    table_clear(&p->news_table);
    p->counters = NULL;
    p->sums = NULL;
    p->news = NULL;
    p->steps = NULL;
    p->savepoints = 0;
    arena_reset(&p->arena);
}

void db_pending_committed(struct db_pending *p)
{
    struct pending_news *oldest = NULL;

    while (p->news != NULL) { /* turned round: told in the order they came */
        struct pending_news *told = p->news;

        p->news = told->next;
        told->next = oldest;
        oldest = told;
    }
    for (; oldest != NULL; oldest = oldest->next)
        p->hand(p->hand_owner, oldest->news, oldest->key);
    forget(p);
}

static void doubt_blocks(struct db_pending *p)
{
    for (struct pending_sequence *s = p->sequences; s != NULL; s = s->next)
        s->reserved = false;
}

void db_pending_rolled_back(struct db_pending *p)
{
    doubt_blocks(p);
    forget(p);
}

void db_pending_savepoint(struct db_pending *p)
{
    assert(p->savepoints < DB_SAVEPOINTS_MAX);
    p->marks[p->savepoints] = p->steps;
    p->news_marks[p->savepoints] = p->news;
    p->savepoints++;
}

void db_pending_release(struct db_pending *p)
{
    assert(p->savepoints > 0);
    p->savepoints--;
}

void db_pending_undo(struct db_pending *p)
{
    assert(p->savepoints > 0);
    p->savepoints--;
    for (; p->steps != p->marks[p->savepoints]; p->steps = p->steps->next)
        *p->steps->n -= p->steps->by;
    for (; p->news != p->news_marks[p->savepoints]; p->news = p->news->next)
        table_remove(&p->news_table, &p->news->node);
    doubt_blocks(p);
}
