#include "app/config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/config/key.h"
#include "tests/support/cmocka.h"

static bool load(const char *text, struct config **ret_config, struct error *err)
{
    char path[] = "/tmp/postroom-config-XXXXXX";
    int descriptor = mkstemp(path);
    bool ok;

    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    assert_int_equal(close(descriptor), 0);
    ok = config_load(path, ret_config, err);
    assert_int_equal(unlink(path), 0);
    return ok;
}

static void a_file_overrides_the_defaults(void **state)
{
    struct config *config = NULL;
    struct error err;

    (void)state;
    assert_true(load("domain: example.org\n"
                     "smtp:\n  port: 2525\n  timeouts: {dot: 20m}\n"
                     "streams:\n  notices:\n    retry: [1s, 2s]\n    in_doubt: hold\n"
                     "inboxes:\n  - a.db\n  - /srv/b.db\n"
                     "deliver: only Example.ORG, Ann@Example.net\n",
                     &config, &err));
    assert_string_equal(config->settings.domain, "example.org");
    assert_string_equal(config->settings.sender_address, "notify@example.org");
    assert_non_null(strchr(config->settings.hostname, '.')); /* for EHLO, whatever the machine is */
    assert_int_equal(config->settings.smtp_port, 2525);
    assert_int_equal(config->settings.timeouts.dot, 1200000);
    assert_int_equal(config->settings.timeouts.data, 120000);
    assert_int_equal(config->settings.streams[1].retry.count, 2);
    assert_int_equal(config->settings.streams[1].in_doubt, DOUBT_HOLD);
    assert_int_equal(config->settings.inboxes.count, 2);
    assert_string_equal(config->settings.inboxes.at[0], "/tmp/a.db");
    assert_string_equal(config->settings.inboxes.at[1], "/srv/b.db");
    assert_string_equal(config->settings.database, "/tmp/postroom.db");
    assert_string_equal(config->settings.control_socket, "/tmp/postroom.db.sock");
    assert_int_equal(config->settings.deliver, DELIVER_ONLY);
    assert_int_equal(config->settings.deliver_only.count, 2);
    assert_string_equal(config->settings.deliver_only.at[0], "example.org");
    assert_string_equal(config->settings.deliver_only.at[1], "ann@example.net");
    config_free(config);
}

static void mail_may_be_redirected(void **state)
{
    struct config *config = NULL;
    struct error err;

    (void)state;
    assert_true(load("deliver: redirect Me@Staging.example.org\n", &config, &err));
    assert_int_equal(config->settings.deliver, DELIVER_REDIRECT);
    assert_string_equal(config->settings.deliver_redirect, "Me@staging.example.org");
    assert_string_equal(config->settings.deliver_redirect_domain, "staging.example.org");
    config_free(config);
}

static void every_refusal_names_line_key_and_reason(void **state)
{
    static const struct {
        const char *file;
        const char *message; /* after the file's name */
    } cases[] = {
        { "domain: example.org\nwatching:\n  window: 10y\n",
          ": line 3: watching.window must be 0s-7d, got \"10y\"" },
        { "smtp: {port: 99999}\n", ": line 1: smtp.port must be 1-65535, got \"99999\"" },
        { "changes: {keep: 4d}\n",
          ": changes.keep must not be shorter than webhooks.give_up: a webhook that is down would "
          "miss what is dropped meanwhile" },
        { "colour: red\n",
          ": line 1: unknown key colour (`postroom config explain` lists the known ones)" },
        { "domain: example.org\ndomain: example.net\n", ": line 2: domain is given twice" },
        { "smtp:\n  sources: [127.0.0.300]\n",
          ": line 2: smtp.sources must be a list of IP addresses, got \"127.0.0.300\"" },
        { "deliver: none\n",
          ": line 1: deliver must be all, only LIST or redirect ADDRESS, got \"none\"" },
        { "deliver: only\n",
          ": line 1: deliver must be all, only LIST or redirect ADDRESS, got \"only\"" },
        { "deliver: only a@b@c,example.org\n",
          ": line 1: deliver must be all, only LIST or redirect ADDRESS, got "
          "\"only a@b@c,example.org\"" },
        { "deliver: redirect example.org\n",
          ": line 1: deliver must be all, only LIST or redirect ADDRESS, got "
          "\"redirect example.org\"" },
        { "smtp:\n  port: [25, 26]\n", ": line 2: smtp.port takes one value, not a list" },
        { "domain: [example.org]\n", ": line 1: domain takes one value, not a list" },
        { "smtp: 25\n", ": line 1: smtp has keys of its own, such as smtp.port" },
        { "smtp: {allow_loopback: maybe}\n",
          ": line 1: smtp.allow_loopback must be true or false, got \"maybe\"" },
        { "resolver: {address: ns.example.org}\n",
          ": line 1: resolver.address must be a server as ADDRESS or ADDRESS@PORT, got "
          "\"ns.example.org\"" },
        { "resolver: {address: 127.0.0.1@0}\n",
          ": line 1: resolver.address must be a server as ADDRESS or ADDRESS@PORT, got "
          "\"127.0.0.1@0\"" },
        { "public_url: ftp://example.org\n",
          ": line 1: public_url must be a URL with http:// or https://, got "
          "\"ftp://example.org\"" },
        { "hostname: \"[192.0.2.1]\"\n",
          ": line 1: hostname must be a domain name, got \"[192.0.2.1]\"" },
        { "streams: {notices: {in_doubt: maybe}}\n",
          ": line 1: streams.notices.in_doubt must be resend or hold, got \"maybe\"" },
        { "sender: {address: nobody}\n",
          ": line 1: sender.address must be a mail address, got \"nobody\"" },
        { "domain:\n", ": line 1: domain has no value" },
        { "- a\n", ": line 1: the file must be `key: value` lines" },
        { "domain: &x example.org\n", ": line 1: anchors are not used here" },
        { "smtp: &x {port: 25}\n", ": line 1: anchors are not used here" },
        { "smtp:\n  sources: &x [127.0.0.1]\n", ": line 2: anchors are not used here" },
        { "domain: !!binary ZXhhbXBsZQ==\n", ": line 1: tags are not used here" },
        { "smtp: !other {port: 25}\n", ": line 1: tags are not used here" },
        { "\"domain\\0x\": example.org\n", ": line 1: a key must be plain text" },
        { "\"\": example.org\n", ": line 1: a key must be plain text" },
        { "domain: example.org\n---\nsmtp: {port: 25}\n",
          ": line 2: the file must be one document" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct config *config = NULL;
        struct error err;

        assert_false(load(cases[i].file, &config, &err));
        assert_null(config);
        assert_non_null(strchr(err.text, ':'));
        assert_string_equal(strchr(err.text, ':'), cases[i].message);
    }
}

static void every_key_can_be_written_and_has_help(void **state)
{
    struct config *config = NULL;
    struct error err;
    size_t count;
    const struct key *keys = key_table(&count);

    (void)state;
    assert_true(load("# nothing but a comment\n", &config, &err));
    for (size_t i = 0; i < count; i++) {
        CLEANUP(buf_fini) struct buf text;

        buf_init(&text, 1000);
        config_put_value(&text, config, &keys[i]);
        assert_true(strlen(keys[i].help) >= 10);
        if (keys[i].fallback != NULL && keys[i].type == KEY_DURATION)
            assert_true(text.n > 0);
    }
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_overrides_the_defaults),
        cmocka_unit_test(mail_may_be_redirected),
        cmocka_unit_test(every_refusal_names_line_key_and_reason),
        cmocka_unit_test(every_key_can_be_written_and_has_help),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
