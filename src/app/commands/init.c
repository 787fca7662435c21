/*
 * `init`: a folder with everything a new installation needs, and the DNS records to publish.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/config/config.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/random.h"
#include "crypto/sign.h"
#include "protocol/dkim/key_record.h"
#include "protocol/mail/domain_name.h"
#include "store/db.h"
#include "store/inbox_file.h"
#include "store/schema.h"

enum { PATH_LIMIT = 4096, PEM_LIMIT = 65536, TXT_LIMIT = 4096, PRIVATE = 0600, PUBLIC = 0644 };

static const char config_text[] =
    "# Settings of postroom: postroom.yaml(5), or `postroom config explain`.\n"
    "domain: %s\n"
    "dkim:\n"
    "  selector: postroom\n"
    "  key_file: dkim.pem\n"
    "inboxes:\n"
    "  - inbox.db # or the database of your application, if it is SQLite\n"
    "# http:\n"
    "#   listen: 127.0.0.1:8025 # the HTTP API\n";

static const char *const file_names[] = { "postroom.yaml", "postroom.secret", "dkim.pem",
                                          "postroom.db", "inbox.db" };

struct init {
    const char *folder;
    char domain[DOMAIN_NAME_MOST + 1];
    bool folder_is_ours;   /* made by this run */
    char path[PATH_LIMIT]; /* of the file at hand */
};

static const char *path_in(struct init *init, const char *name)
{
    (void)snprintf(init->path, sizeof(init->path), "%s/%s", init->folder, name);
    return init->path;
}

/* Writes a new file; an existing one is refused and stays as it is. */
static bool write_new(struct init *init, const char *name, mode_t mode, struct span text,
                      struct error *err)
{
    const char *path = path_in(init, name);
    CLEANUP(cleanup_descriptor)
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (descriptor < 0 && errno == EEXIST)
        return error_set(err, ERROR_CONFLICT, "%s exists already", path);
    if (descriptor < 0)
        return error_set_errno(err, errno, "making %s", path);
    while (text.n > 0) {
        ssize_t n = write(descriptor, text.at, text.n);

        if (n < 0)
            return error_set_errno(err, errno, "writing %s", path);
        text = span_rest(text, (size_t)n);
    }
    return fsync(descriptor) == 0 || error_set_errno(err, errno, "writing %s", path);
}

static bool refuse_old(struct init *init, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LENGTH(file_names); i++)
        if (access(path_in(init, file_names[i]), F_OK) == 0)
            return error_set(err, ERROR_CONFLICT, "%s exists already: nothing was changed",
                             init->path);
    return true;
}

/* In A-labels, as the DNS has it. */
static bool read_domain(struct init *init, const char *given, struct error *err)
{
    return domain_name_parse(span_of(given), init->domain, err) ||
           error_wrap(err, "--domain \"%.100s\"", given);
}

static bool make_folder(struct init *init, struct error *err)
{
    init->folder_is_ours = mkdir(init->folder, 0755) == 0;
    if (!init->folder_is_ours && errno != EEXIST)
        return error_set_errno(err, errno, "making %s", init->folder);
    return true;
}

/* One line a key: its number and 32 random bytes in hex; the first line makes new tokens. */
static bool write_secret(struct init *init, struct error *err)
{
    CLEANUP(buf_fini) struct buf text;
    char secret[32];

    random_secret(secret, sizeof(secret));
    buf_init(&text, 200);
    buf_put_text(&text, "1 ");
    hex_put(&text, (struct span){ secret, sizeof(secret) });
    buf_put_byte(&text, '\n');
    return write_new(init, "postroom.secret", PRIVATE, buf_view(&text), err);
}

static void free_sign_key(struct sign_key **key)
{
    sign_key_free(*key);
}

static void free_dkim_key(struct dkim_key **key)
{
    dkim_key_free(*key);
}

static bool write_dkim_key(struct init *init, struct buf *ret_record, struct error *err)
{
    CLEANUP(free_sign_key) struct sign_key *made = sign_key_generate(SIGN_RSA);
    CLEANUP(free_dkim_key) struct dkim_key *key = NULL;
    CLEANUP(buf_fini) struct buf pem;

    buf_init(&pem, PEM_LIMIT);
    sign_key_put_pem(made, &pem);
    if (!dkim_key_load(buf_view(&pem), span_of(init->domain), SPAN("postroom"), &key, err))
        return false;
    dkim_key_record_put_value(ret_record, key);
    return write_new(init, "dkim.pem", PRIVATE, buf_view(&pem), err);
}

static bool write_config(struct init *init, struct error *err)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 2000);
    buf_printf(&text, config_text, init->domain);
    return write_new(init, "postroom.yaml", PUBLIC, buf_view(&text), err);
}

static bool make_store(struct init *init, struct error *err)
{
    struct db *db;
    bool ok;

    if (!db_open(path_in(init, "postroom.db"), DB_CREATE, &db, err))
        return false;
    ok = schema_migrate(db, err);
    db_close(db);
    return ok;
}

static bool make_files(struct init *init, struct buf *ret_record, struct error *err)
{
    return write_config(init, err) && write_secret(init, err) &&
           write_dkim_key(init, ret_record, err) && make_store(init, err) &&
           inbox_file_make(path_in(init, "inbox.db"), err);
}

/* Of files that were not there before: a full disk leaves nothing that stops the next try. */
static void take_back(struct init *init)
{
    static const char *const beside[] = { "postroom.db-wal", "postroom.db-shm", "inbox.db-wal",
                                          "inbox.db-shm" };

    for (size_t i = 0; i < ARRAY_LENGTH(file_names); i++)
        (void)unlink(path_in(init, file_names[i]));
    for (size_t i = 0; i < ARRAY_LENGTH(beside); i++)
        (void)unlink(path_in(init, beside[i]));
    if (init->folder_is_ours)
        (void)rmdir(init->folder);
}

static bool make_all(struct init *init, struct buf *ret_record, struct error *err)
{
    if (!make_folder(init, err) || !refuse_old(init, err))
        return false;
    if (make_files(init, ret_record, err))
        return true;
    take_back(init);
    return false;
}

/* A TXT record's strings hold 255 bytes each (RFC 1035 section 3.3): a key takes two. */
static void put_strings(struct buf *to, struct span value)
{
    while (value.n > 0) {
        struct span part = span_first(value, 255);

        buf_printf(to, "%s\"%.*s\"", to->n > 0 ? " " : "", SPAN_ARGS(part));
        value = span_rest(value, part.n);
    }
}

static void print_records(const struct invocation *call, const struct init *init, const char *dkim)
{
    CLEANUP(buf_fini) struct buf key;
    const char *domain = init->domain;

    buf_init(&key, TXT_LIMIT);
    put_strings(&key, span_of(dkim));
    (void)fprintf(call->out,
                  "%s is ready: settings in postroom.yaml, the store in postroom.db.\n\n"
                  "Publish in DNS (HOST is this machine's name, ADDRESS its public address):\n\n"
                  "  %s.  TXT  \"v=spf1 a:HOST ~all\"\n"
                  "  postroom._domainkey.%s.  TXT  %s\n"
                  "  _dmarc.%s.  TXT  \"v=DMARC1; p=none\"\n"
                  "  bounce.%s.  MX  10 HOST.\n"
                  "  bounce.%s.  TXT  \"v=spf1 a:HOST ~all\"\n"
                  "  reply.%s.  MX  10 HOST.\n"
                  "  ADDRESS must resolve back to HOST, and HOST to ADDRESS.\n\n"
                  "Then: postroom --config %s/postroom.yaml serve\n",
                  init->folder, domain, domain, buf_text(&key), domain, domain, domain, domain,
                  init->folder);
}

static void print_records_json(const struct invocation *call, const struct init *init,
                               const char *dkim)
{
    const char *d = init->domain;
    json_t *records =
        json_pack("[{s:s,s:s,s:s}, {s:o,s:s,s:s}, {s:o,s:s,s:s}, {s:o,s:s,s:s}, {s:o,s:s,s:s}]",
                  "name", d, "type", "TXT", "value", "v=spf1 a:HOST ~all", "name",
                  json_sprintf("postroom._domainkey.%s", d), "type", "TXT", "value", dkim, "name",
                  json_sprintf("_dmarc.%s", d), "type", "TXT", "value", "v=DMARC1; p=none", "name",
                  json_sprintf("bounce.%s", d), "type", "MX", "value", "10 HOST.", "name",
                  json_sprintf("reply.%s", d), "type", "MX", "value", "10 HOST.");
    json_t *answer = json_pack("{s:s, s:o}", "folder", init->folder, "dns", records);

    (void)json_dumpf(answer, call->out, JSON_INDENT(2));
    (void)fputc('\n', call->out);
    json_decref(answer);
}

static int run_init(const struct invocation *call)
{
    CLEANUP(buf_fini) struct buf record;
    const char *folder = json_string_value(json_object_get(call->args, "folder"));
    const char *domain = json_string_value(json_object_get(call->args, "domain"));
    struct init init = { .folder = folder != NULL ? folder : "." };
    struct error err;

    buf_init(&record, 2000);
    if (domain == NULL) {
        (void)error_set(&err, ERROR_INVALID, "--domain is missing: the domain mail comes from");
        (void)command_fail(call, &err);
        return EX_USAGE;
    }
    if (!read_domain(&init, domain, &err) || !make_all(&init, &record, &err))
        return command_fail(call, &err);
    if (call->json)
        print_records_json(call, &init, buf_text(&record));
    else
        print_records(call, &init, buf_text(&record));
    return EX_OK;
}

static const struct option init_options[] = {
    { "DIR", OPTION_MAY_OPERAND, NULL, "folder", NULL },
    { "domain", OPTION_TEXT, "DOMAIN", "domain", "the domain mail comes from" },
    { NULL },
};

const struct command init_commands[] = {
    { .name = "init",
      .summary = "make a new installation and show the DNS records to publish",
      .details = "Makes DIR (default: here) with postroom.yaml, the store, an inbox, the token\n"
                 "secret and a DKIM key. Existing files are never touched.",
      .options = init_options,
      .run = run_init,
      .without_config = true },
    { 0 },
};
