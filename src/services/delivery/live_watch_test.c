/*
 * Records for those who follow: who gets what, and that nobody who does not take them costs more
 * than his share of memory.
 */
#include "services/delivery/live_watch.h"

#include <string.h>

#include "io/loop.h"
#include "io/mailbox.h"
#include "tests/support/cmocka.h"

struct reader {
    struct loop *loop;
    struct mailbox *box;
    size_t records;
    size_t goodbyes;
    char last[LIVE_NAME_ROOM];
};

static void on_records(void *owner, struct list *posted)
{
    struct reader *reader = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        struct live_record *record = CONTAINER_OF(item, struct live_record, link);

        list_remove(item);
        reader->records += !record->is_goodbye;
        span_copy(span_of(record->host), reader->last, sizeof reader->last);
        reader->goodbyes += live_watch_take(record);
    }
}

static void open_reader(struct reader *reader)
{
    *reader = (struct reader){ .loop = loop_new("test") };
    reader->box = mailbox_new(reader->loop, on_records, reader);
}

static void close_reader(struct reader *reader)
{
    mailbox_free(reader->box);
    loop_free(reader->loop);
}

static const struct live_scene scene = { .session = 17,
                                         .host = { "mx1.example.net", 15 },
                                         .site = { "mx.example.net", 14 },
                                         .domain = { "example.org", 11 } };

static void a_watch_hears_of_its_domain_its_site_and_its_host(void **state)
{
    static const struct {
        const char *name;
        size_t heard;
    } cases[] = { { "Example.ORG", 1 },
                  { "mx.example.net", 1 },
                  { "mx1.example.net", 1 },
                  { "mx2.example.net", 0 },
                  { "org", 0 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct reader reader;
        struct live_watches watches = { 0 };
        struct live_watch *watch;

        open_reader(&reader);
        watch = live_watch_new(span_of(cases[i].name), reader.box, &reader);
        live_watch_expect(watch, 1);
        live_watches_add(&watches, watch);
        live_watches_hear(&watches, &scene, SPAN("record"));
        live_watches_drop(&watches, watch);
        live_watches_hear(&watches, &scene, SPAN("after it was dropped"));
        mailbox_flush(reader.box);
        assert_int_equal(reader.records, cases[i].heard);
        assert_int_equal(reader.goodbyes, 1);
        live_watch_free(watch);
        close_reader(&reader);
    }
}

static void the_last_of_all_senders_says_the_last_goodbye(void **state)
{
    struct reader reader;
    struct live_watches one = { 0 };
    struct live_watches other = { 0 };
    struct live_watch *watch;

    (void)state;
    open_reader(&reader);
    watch = live_watch_new(SPAN("example.org"), reader.box, &reader);
    live_watch_expect(watch, 2);
    live_watches_add(&one, watch);
    live_watches_add(&other, watch);
    live_watches_drop(&one, watch);
    mailbox_flush(reader.box);
    assert_int_equal(reader.goodbyes, 0);
    live_watches_hear(&other, &scene, SPAN("record"));
    live_watches_drop(&other, watch);
    mailbox_flush(reader.box);
    assert_int_equal(reader.goodbyes, 1);
    assert_int_equal(reader.records, 1);
    live_watch_free(watch);
    close_reader(&reader);
}

static void what_is_not_taken_in_time_is_counted_and_lost(void **state)
{
    enum { BYTES = 10000, SENT = 1000 };
    static char bytes[BYTES];
    struct reader reader;
    struct live_watches watches = { 0 };
    struct live_watch *watch;
    int64_t lost;

    (void)state;
    open_reader(&reader);
    watch = live_watch_new(SPAN("example.org"), reader.box, &reader);
    live_watch_expect(watch, 1);
    live_watches_add(&watches, watch);
    for (int i = 0; i < SENT; i++)
        live_watches_hear(&watches, &scene, (struct span){ bytes, BYTES });
    mailbox_flush(reader.box);
    lost = live_watch_lost(watch);
    assert_in_range(reader.records, 1, LIVE_QUEUE_BYTES / BYTES + 1);
    assert_int_equal(reader.records + (size_t)lost, SENT);
    assert_int_equal(live_watch_lost(watch), 0);
    live_watches_hear(&watches, &scene, SPAN("there is room again"));
    live_watches_drop(&watches, watch);
    mailbox_flush(reader.box);
    assert_int_equal(live_watch_lost(watch), 0);
    assert_int_equal(reader.records + (size_t)lost, SENT + 1);
    live_watch_free(watch);
    close_reader(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watch_hears_of_its_domain_its_site_and_its_host),
        cmocka_unit_test(the_last_of_all_senders_says_the_last_goodbye),
        cmocka_unit_test(what_is_not_taken_in_time_is_counted_and_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
