/*
 * What a running daemon takes over, and what waits for the next start.
 */
#include "app/config/reload.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

static struct config *load(const char *text)
{
    struct scratch folder = scratch_new();
    const char *path = scratch_path(&folder, "postroom.yaml");
    FILE *file = fopen(path, "we");
    struct config *config = NULL;
    struct error err;

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    if (!config_load(path, &config, &err))
        fail_msg("%s", err.text);
    scratch_fini(&folder);
    return config;
}

struct reloading {
    struct config *running;
    struct config *fresh;
    struct buf changed;
    struct buf waiting;
};

/* All paths are given whole, for the files lie in different folders. */
#define PATHS                                                                                      \
    "database: /srv/postroom.db\nsecret_file: /srv/secret\ncontrol_socket: /srv/socket\n"          \
    "hostname: mail.example.org\n"

static void reload(struct reloading *r, const char *before, const char *after)
{
    r->running = load(before);
    r->fresh = load(after);
    buf_init(&r->changed, 1000);
    buf_init(&r->waiting, 1000);
    config_keep_running(r->fresh, &r->running->settings, &r->changed, &r->waiting);
}

static void end(struct reloading *r)
{
    buf_fini(&r->changed);
    buf_fini(&r->waiting);
    config_free(r->fresh);
    config_free(r->running);
}

static void live_keys_change_and_others_wait(void **state)
{
    struct reloading r;
    const struct settings *now;

    (void)state;
    reload(&r, PATHS "domain: example.org\n",
           PATHS "domain: example.org\nsender: {name: The Tracker}\nsmtp: {port: 2525}\n"
                 "watching: {window: 5m}\ndeliver: redirect me@example.org\n"
                 "streams: {notices: {retry: [1s, 2s]}}\n");
    now = &r.fresh->settings;
    assert_string_equal(buf_text(&r.changed), "sender.name watching.window");
    assert_string_equal(buf_text(&r.waiting), "deliver streams.notices.retry smtp.port");
    assert_string_equal(now->sender_name, "The Tracker");
    assert_int_equal(now->window, 300000);
    assert_int_equal(now->smtp_port, 25);
    assert_int_equal(now->deliver, DELIVER_ALL);
    assert_null(now->deliver_redirect);
    assert_ptr_equal(now->streams[1].retry.at, r.running->settings.streams[1].retry.at);
    end(&r);
}

static void what_follows_from_a_waiting_key_waits_too(void **state)
{
    struct reloading r;

    (void)state;
    reload(&r, PATHS "domain: example.org\n", PATHS "domain: example.net\n");
    assert_string_equal(buf_text(&r.changed), "");
    assert_string_equal(buf_text(&r.waiting), "domain");
    assert_string_equal(r.fresh->settings.sender_address, "notify@example.org");
    end(&r);
}

static void the_same_file_changes_nothing(void **state)
{
    static const char text[] = PATHS "domain: example.org\ndeliver: only a@b.example\n"
                                     "smtp: {sources: [127.0.0.1]}\ntemplates: /srv/templates\n";
    struct reloading r;

    (void)state;
    reload(&r, text, text);
    assert_string_equal(buf_text(&r.changed), "");
    assert_string_equal(buf_text(&r.waiting), "");
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_keys_change_and_others_wait),
        cmocka_unit_test(what_follows_from_a_waiting_key_waits_too),
        cmocka_unit_test(the_same_file_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
