/*
 * Writes the torture set as mails, NUMBER.eml, each with what a reader must find in it,
 * NUMBER.expect (lines of a name and a value in base64), and the DNS records of the signing keys,
 * keys.txt (lines of a name and a text). The checkers beside this file read them.
 *
 *     compose_torture FOLDER
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "protocol/dkim/key_record.h"
#include "protocol/dkim/sign.h"
#include "protocol/mail/address.h"
#include "protocol/mail/clean.h"
#include "protocol/mail/header.h"
#include "protocol/mail/list_headers.h"
#include "protocol/mail/message_id.h"
#include "protocol/mail/mime.h"
#include "tests/mail/torture_texts.h"

enum { MAILS = 414, CHANCE_FROM = 80, BIG_FROM = 400, MAIL_MOST = 64 * 1024 * 1024 };

/* One mail of the set. */
struct mail {
    struct buf subject;
    struct buf expected_subject;
    struct buf text;
    struct buf expected_text;
    const struct torture_text *from_name;
    const struct torture_text *to_name;
    const struct torture_text *file;
    bool html;
    bool attachment;
};

struct workshop {
    const char *folder;
    struct dkim_signer *signer;
    struct dkim_key *rsa;
    struct dkim_key *ed25519;
    struct random random;
};

static void must(bool worked, const struct error *err)
{
    if (worked)
        return;
    (void)fprintf(stderr, "%s\n", err->text);
    exit(1); /* NOLINT(concurrency-mt-unsafe): one thread */
}

static void write_file(const struct workshop *w, const char *name, struct span bytes)
{
    char path[1000];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", w->folder, name);
    file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes.at, 1, bytes.n, file) != bytes.n || fclose(file) != 0) {
        perror(path);
        exit(1); /* NOLINT(concurrency-mt-unsafe): one thread */
    }
}

static struct dkim_key *make_key(enum sign_algorithm algorithm, const char *selector)
{
    CLEANUP(buf_fini) struct buf pem;
    struct sign_key *key = sign_key_generate(algorithm);
    struct dkim_key *loaded = NULL;
    struct error err;

    buf_init(&pem, 10000);
    sign_key_put_pem(key, &pem);
    sign_key_free(key);
    must(dkim_key_load(buf_view(&pem), SPAN("example.org"), span_of(selector), &loaded, &err),
         &err);
    return loaded;
}

static void write_keys(const struct workshop *w)
{
    const struct dkim_key *const keys[] = { w->rsa, w->ed25519 };
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 10000);
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        dkim_key_record_put_name(&text, keys[i]);
        buf_put_byte(&text, ' ');
        dkim_key_record_put_value(&text, keys[i]);
        buf_put_byte(&text, '\n');
    }
    write_file(w, "keys.txt", buf_view(&text));
}

static void copy_text(struct buf *given, struct buf *expected, const struct torture_text *text)
{
    buf_put(given, text->given);
    buf_put(expected, torture_expected(text));
}

/* Bodies around the sizes where something changes, and up to ten megabytes. */
static size_t big_lines(int number)
{
    static const size_t lines[] = { 10, 20, 40, 100, 400, 1000, 28000 };

    return lines[(size_t)(number - BIG_FROM) % ARRAY_LENGTH(lines)];
}

static void fill_mail(struct workshop *w, int number, struct mail *m)
{
    size_t n = (size_t)number;

    m->from_name = &torture_names[n % torture_name_count];
    m->to_name = &torture_names[(n * 7 + 3) % torture_name_count];
    m->file = &torture_files[n % torture_file_count];
    m->html = n % 3 != 0 && number < BIG_FROM;
    m->attachment = n % 4 == 0 && number < BIG_FROM;
    if (number < CHANCE_FROM) {
        copy_text(&m->subject, &m->expected_subject, &torture_subjects[n % torture_subject_count]);
        copy_text(&m->text, &m->expected_text, &torture_bodies[n % torture_body_count]);
        return;
    }
    torture_put_line(&m->subject, &w->random, 1 + random_below(&w->random, 20));
    buf_put(&m->expected_subject, buf_view(&m->subject));
    torture_put_body(&m->text, &w->random,
                     number < BIG_FROM ? random_below(&w->random, 30) : big_lines(number));
    buf_put(&m->expected_text, buf_view(&m->text));
}

static void put_headers(struct buf *to, int number, const struct mail *m)
{
    struct address from;
    struct address reply;
    struct error err;
    char left[40];
    CLEANUP(buf_fini) struct buf id;
    struct mailbox mailboxes[2];

    must(address_parse(SPAN("\"the tracker\"@example.org"), &from, &err), &err);
    must(address_parse(SPAN("r.token@reply.example.org"), &reply, &err), &err);
    buf_init(&id, MESSAGE_ID_MOST);
    (void)snprintf(left, sizeof left, "torture.%d", number);
    message_id_put(&id, span_of(left), SPAN("example.org"));
    mailboxes[0] = (struct mailbox){ m->from_name->given, &from };
    header_put_mailboxes(to, "From", mailboxes, 1);
    mailboxes[0] = (struct mailbox){ m->to_name->given, &reply };
    mailboxes[1] = (struct mailbox){ m->from_name->given, &from };
    header_put_mailboxes(to, "To", mailboxes, number % 5 == 0 ? 2 : 1);
    header_put_text(to, "Subject", buf_view(&m->subject));
    header_put_date(to, "Date", 1790000000000 + number * 100000LL, number % 1000 - 500);
    {
        const struct span ids[] = { buf_view(&id) };

        header_put_message_ids(to, "Message-ID", ids, 1);
    }
    list_headers_put_id(to, m->from_name->given, buf_view(&m->subject), SPAN("example.org"));
    list_headers_put_unsubscribe(to, SPAN("https://example.org/u/token"),
                                 SPAN("mailto:u.token@reply.example.org"));
    list_headers_put_automatic(to);
}

static void put_body(struct buf *to, int number, const struct mail *m)
{
    CLEANUP(mime_body_fini) struct mime_body text;
    CLEANUP(mime_body_fini) struct mime_body file;
    struct mime_part leaves[2] = {
        { .kind = MIME_TEXT, .type = "text/plain", .body = &text },
        { .kind = MIME_TEXT, .type = "text/html", .body = &text },
    };
    struct mime_part parts[2] = {
        { .kind = MIME_ALTERNATIVE, .parts = leaves, .part_count = 2 },
        { .kind = MIME_ATTACHMENT,
          .type = "application/octet-stream",
          .body = &file,
          .file_name = m->file->given },
    };
    const struct mime_part mixed = { .kind = MIME_MIXED, .parts = parts, .part_count = 2 };
    char seed[20];

    (void)snprintf(seed, sizeof seed, "%d", number);
    mime_body_init(&text);
    mime_body_init(&file);
    mime_body_set_text(&text, buf_view(&m->text));
    mime_body_set_file(&file, buf_view(&m->text));
    if (!m->html)
        parts[0] = leaves[0];
    mime_put(to, m->attachment ? &mixed : &parts[0], span_of(seed));
}

static void expect(struct buf *to, const char *name, struct span value)
{
    buf_printf(to, "%s ", name);
    base64_put(to, value);
    buf_put_byte(to, '\n');
}

static void write_expected(const struct workshop *w, int number, const struct mail *m)
{
    CLEANUP(buf_fini) struct buf text;
    char name[40];

    buf_init(&text, MAIL_MOST);
    expect(&text, "subject", buf_view(&m->expected_subject));
    expect(&text, "from", torture_expected(m->from_name));
    expect(&text, "to", torture_expected(m->to_name));
    expect(&text, "text", buf_view(&m->expected_text));
    if (m->html)
        expect(&text, "html", buf_view(&m->expected_text));
    if (m->attachment) {
        expect(&text, "file-name", torture_expected(m->file));
        expect(&text, "file", buf_view(&m->text));
    }
    (void)snprintf(name, sizeof name, "%03d.expect", number);
    write_file(w, name, buf_view(&text));
}

static void sign(const struct workshop *w, int number, struct span message, struct buf *to)
{
    struct dkim_options options = { .key = w->rsa, .at_utc_ms = 1790000000000 };
    struct error err;

    if (number % 5 == 1)
        options.header = DKIM_SIMPLE;
    if (number % 7 == 1)
        options.body = DKIM_SIMPLE;
    must(dkim_sign_message(w->signer, &options, message, to, &err), &err);
    if (number % 3 != 0)
        return;
    options.key = w->ed25519;
    must(dkim_sign_message(w->signer, &options, message, to, &err), &err);
}

static void write_mail(struct workshop *w, int number)
{
    struct mail m = { 0 };
    struct buf *const bufs[] = { &m.subject, &m.expected_subject, &m.text, &m.expected_text };
    CLEANUP(buf_fini) struct buf message;
    CLEANUP(buf_fini) struct buf signed_message;
    char name[40];

    for (size_t i = 0; i < ARRAY_LENGTH(bufs); i++)
        buf_init(bufs[i], MAIL_MOST);
    buf_init(&message, MAIL_MOST);
    buf_init(&signed_message, MAIL_MOST);
    fill_mail(w, number, &m);
    put_headers(&message, number, &m);
    put_body(&message, number, &m);
    sign(w, number, buf_view(&message), &signed_message);
    buf_put(&signed_message, buf_view(&message));
    (void)snprintf(name, sizeof name, "%03d.eml", number);
    write_file(w, name, buf_view(&signed_message));
    write_expected(w, number, &m);
    for (size_t i = 0; i < ARRAY_LENGTH(bufs); i++)
        buf_fini(bufs[i]);
}

int main(int argc, char **argv)
{
    struct workshop w = { 0 };

    if (argc != 2) {
        (void)fputs("usage: compose_torture FOLDER\n", stderr);
        return 64;
    }
    w.folder = argv[1];
    w.signer = dkim_signer_new();
    w.rsa = make_key(SIGN_RSA, "rsa");
    w.ed25519 = make_key(SIGN_ED25519, "ed");
    random_seed(&w.random, 20261124);
    write_keys(&w);
    for (int i = 0; i < MAILS; i++)
        write_mail(&w, i);
    dkim_signer_free(w.signer);
    dkim_key_free(w.rsa);
    dkim_key_free(w.ed25519);
    return 0;
}
