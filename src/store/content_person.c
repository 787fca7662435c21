/*
 * Reading a person for a digest: a few statements, whatever the number of threads.
 */
#include "store/content_person.h"

#include <string.h>

#include "base/cleanup.h"
#include "store/db.h"
#include "store/suppression.h"

/* The rows of a list are counted by reading: its array doubles in the arena. */
enum { LIST_START = 16 };

struct growing {
    struct arena *arena;
    void *at;
    size_t size; /* of one */
    size_t count;
    size_t room;
};

static void *grow(struct growing *list)
{
    if (list->count == list->room) {
        size_t room = list->room > 0 ? list->room * 2 : LIST_START;
        void *bigger = arena_take(list->arena, room * list->size);

        if (list->count > 0)
            memcpy(bigger, list->at, list->count * list->size);
        list->at = bigger;
        list->room = room;
    }
    return (char *)list->at + list->size * list->count++;
}

/* Takes each row of `walk`, NULL after a failure, into the list. */
static bool fill(struct growing *list, struct db_rows *walk,
                 void (*take)(struct db_rows *rows, void *one, struct arena *arena),
                 struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = walk;

    if (rows == NULL)
        return false;
    while (db_next(rows))
        take(rows, grow(list), list->arena);
    return db_rows_finish(&rows, err);
}

static void take_watch(struct db_rows *rows, void *one, struct arena *arena)
{
    int64_t who = db_column_int(rows, 5);

    (void)arena;
    *(struct content_watch *)one =
        (struct content_watch){ db_column_int(rows, 0),
                                { .mode = (enum watch_mode)db_column_int(rows, 1),
                                  .kinds = db_column_int(rows, 2),
                                  .until = db_column_int(rows, 3),
                                  .since = db_column_int(rows, 4),
                                  .list = who_is_list(who) ? who_list(who) : 0 } };
}

static bool read_watches(struct db *db, struct arena *arena, int64_t who,
                         struct content_person *person, struct error *err)
{
    struct growing list = { .arena = arena, .size = sizeof(struct content_watch) };

    if (!fill(&list,
              db_query(db, err,
                       SQL("SELECT topic, mode, kinds, until, since, who FROM watch "
                           "WHERE who = $1 UNION ALL SELECT w.topic, w.mode, w.kinds, w.until, "
                           "CASE WHEN m.since_seq > w.since THEN m.since_seq ELSE w.since END, "
                           "w.who FROM list_member m JOIN watch w ON w.who = -m.list "
                           "WHERE m.person = $1 AND m.left_at IS NULL ORDER BY 1"),
                       db_int(who)),
              take_watch, err))
        return false;
    person->watches = list.at;
    person->watch_count = list.count;
    return true;
}

static void take_direct(struct db_rows *rows, void *one, struct arena *arena)
{
    *(struct content_direct *)one =
        (struct content_direct){ db_column_int(rows, 0), db_column_int(rows, 1),
                                 db_column_copy(rows, 2, arena) };
}

static bool read_directs(struct db *db, struct arena *arena, const struct content_delivery *d,
                         struct content_person *person, struct error *err)
{
    struct growing list = { .arena = arena, .size = sizeof(struct content_direct) };

    if (!fill(&list,
              db_query(db, err,
                       SQL("SELECT seq, rank, reason FROM event_direct "
                           "WHERE person = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq"),
                       db_int(d->person), db_int(d->from_seq), db_int(d->to_seq)),
              take_direct, err))
        return false;
    person->directs = list.at;
    person->direct_count = list.count;
    return true;
}

static void take_label(struct db_rows *rows, void *one, struct arena *arena)
{
    *(struct span *)one = db_column_copy(rows, 0, arena);
}

static bool read_labels(struct db *db, struct arena *arena, int64_t who,
                        struct content_person *person, struct error *err)
{
    struct growing list = { .arena = arena, .size = sizeof(struct span) };

    if (!fill(&list,
              db_query(db, err, SQL("SELECT label FROM grant_of WHERE person = $1"), db_int(who)),
              take_label, err))
        return false;
    person->labels = list.at;
    person->label_count = list.count;
    return true;
}

static void take_bar(struct db_rows *rows, void *one, struct arena *arena)
{
    (void)arena;
    *(struct content_bar *)one = (struct content_bar){
        .everything = suppression_is_of_topics(db_column_text(rows, 0)),
        .topic = db_column_int(rows, 2),
        .unsubscribed = span_equal(db_column_text(rows, 1), SPAN("unsubscribed")),
    };
}

static bool read_bars(struct db *db, struct arena *arena, const struct content_delivery *d,
                      int64_t now_ms, struct content_person *person, struct error *err)
{
    struct growing list = { .arena = arena, .size = sizeof(struct content_bar) };

    if (!fill(&list, content_bars_query(db, d, now_ms, err), take_bar, err))
        return false;
    person->bars = list.at;
    person->bar_count = list.count;
    return true;
}

bool content_person_read(struct db *db, struct arena *arena,
                         const struct content_delivery *delivery, int64_t now_ms,
                         struct content_person *ret_person, struct error *err)
{
    struct content_person person = { .watches = NULL };

    if (!read_watches(db, arena, delivery->person, &person, err) ||
        !read_directs(db, arena, delivery, &person, err) ||
        !read_labels(db, arena, delivery->person, &person, err) ||
        !read_bars(db, arena, delivery, now_ms, &person, err))
        return error_wrap(err, "reading what decides about person %lld",
                          (long long)delivery->person);
    *ret_person = person;
    return true;
}

bool content_person_grants(const struct content_person *person, struct span label)
{
    for (size_t i = 0; i < person->label_count; i++)
        if (span_equal(person->labels[i], label))
            return true;
    return false;
}

/* The first watch of a topic, if any: those of lists stand beside the person's own. */
static size_t first_watch(const struct content_person *person, int64_t topic)
{
    size_t low = 0;
    size_t high = person->watch_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (person->watches[middle].topic < topic)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_of(const struct content_person *person, size_t watch, int64_t topic)
{
    return watch < person->watch_count && person->watches[watch].topic == topic;
}

static size_t count_watches(const struct content_person *person, const struct notice_thread *thread)
{
    size_t n = 0;

    for (size_t i = 0; i < thread->topic_count; i++)
        for (size_t w = first_watch(person, thread->topics[i].id);
             is_of(person, w, thread->topics[i].id); w++)
            n++;
    return n;
}

static void set_watches(const struct content_person *person, const struct notice_thread *thread,
                        struct arena *arena, struct notice_reader *reader)
{
    struct notice_watch *watches =
        ARENA_ARRAY(arena, struct notice_watch, count_watches(person, thread));

    for (size_t i = 0; i < thread->topic_count; i++)
        for (size_t w = first_watch(person, thread->topics[i].id);
             is_of(person, w, thread->topics[i].id); w++) {
            watches[reader->watch_count] = person->watches[w].watch;
            watches[reader->watch_count++].topic = i;
        }
    reader->watches = watches;
}

/* Both are in the order of seqs. */
static void set_directs(const struct content_person *person, const struct notice_thread *thread,
                        struct arena *arena, struct notice_reader *reader)
{
    struct notice_direct *directs = ARENA_ARRAY(arena, struct notice_direct, person->direct_count);
    size_t event = 0;

    for (size_t i = 0; i < person->direct_count; i++) {
        const struct content_direct *direct = &person->directs[i];

        while (event < thread->event_count && thread->events[event].seq < direct->seq)
            event++;
        if (event < thread->event_count && thread->events[event].seq == direct->seq)
            directs[reader->direct_count++] =
                (struct notice_direct){ event, direct->rank, direct->reason };
    }
    reader->directs = directs;
}

static void set_bars(const struct content_person *person, const struct notice_thread *thread,
                     struct arena *arena, struct notice_reader *reader)
{
    struct notice_bar *bars = ARENA_ARRAY(arena, struct notice_bar, person->bar_count);

    for (size_t i = 0; i < person->bar_count; i++) {
        const struct content_bar *bar = &person->bars[i];
        size_t topic = 0;

        while (topic < thread->topic_count && thread->topics[topic].id != bar->topic)
            topic++;
        if (bar->everything || topic < thread->topic_count)
            bars[reader->bar_count++] =
                (struct notice_bar){ bar->everything, topic, bar->unsubscribed };
    }
    reader->bars = bars;
}

void content_person_reader(const struct content_person *person,
                           const struct content_delivery *delivery,
                           const struct notice_thread *thread, struct arena *arena,
                           struct notice_reader *ret_reader)
{
    bool *granted = ARENA_ARRAY(arena, bool, thread->label_count);

    *ret_reader = (struct notice_reader){
        .person = delivery->person,
        .inactive = delivery->inactive,
        .self_notify = delivery->self_notify,
        .granted = granted,
    };
    for (size_t i = 0; i < thread->label_count; i++)
        granted[i] = content_person_grants(person, thread->labels[i]);
    set_watches(person, thread, arena, ret_reader);
    set_directs(person, thread, arena, ret_reader);
    set_bars(person, thread, arena, ret_reader);
}
