/*
 * The torture set as GMime reads it: no warnings, and all values as they went in.
 *
 *     gmime_test COMPOSE_TORTURE
 *     gmime_test FOLDER           mails of another origin, each .eml with its .expect
 */
#include <glib/gstdio.h>
#include <gmime/gmime.h>
#include <stdlib.h>

/* What a reader found in one mail, or must find. */
struct values {
    char *subject;
    char *from;
    char *to;
    char *text;
    char *html;
    char *file_name;
    GByteArray *file;
};

static int faults;

static void fault(const char *path, const char *name, const char *found, const char *expected)
{
    if (faults++ < 20)
        g_print("# %s: %s: '%.300s', expected '%.300s'\n", path, name, found ? found : "(none)",
                expected ? expected : "(none)");
}

static void on_warning(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer path)
{
    (void)item;
    if (faults++ < 20)
        g_print("# %s: warning %d at %" G_GINT64_FORMAT "\n", (const char *)path, (int)code,
                offset);
}

/* The text of a part with LF for its line ends, as it went in. */
static char *text_of(const GByteArray *bytes)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < bytes->len; i++)
        if (bytes->data[i] != '\r' || i + 1 == bytes->len || bytes->data[i + 1] != '\n')
            g_string_append_c(text, (char)bytes->data[i]);
    return g_string_free(text, FALSE);
}

static GByteArray *content_of(GMimePart *part)
{
    GMimeStream *stream = g_mime_stream_mem_new();
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GByteArray *bytes = g_byte_array_new();
    GByteArray *of_stream;

    if (content != NULL)
        g_mime_data_wrapper_write_to_stream(content, stream);
    of_stream = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    g_byte_array_append(bytes, of_stream->data, of_stream->len);
    g_object_unref(stream);
    return bytes;
}

static void take_part(GMimeObject *parent, GMimeObject *object, gpointer data)
{
    struct values *found = data;
    GByteArray *bytes;
    char *text;

    (void)parent;
    if (!GMIME_IS_PART(object))
        return;
    bytes = content_of(GMIME_PART(object));
    if (g_mime_part_is_attachment(GMIME_PART(object))) {
        found->file_name = g_strdup(g_mime_part_get_filename(GMIME_PART(object)));
        found->file = bytes;
        return;
    }
    text = text_of(bytes);
    g_byte_array_free(bytes, TRUE);
    if (g_mime_content_type_is_type(g_mime_object_get_content_type(object), "text", "html"))
        found->html = text;
    else
        found->text = text;
}

static char *first_name(InternetAddressList *list)
{
    return g_strdup(internet_address_get_name(internet_address_list_get_address(list, 0)));
}

static void read_mail(const char *path, struct values *found)
{
    GMimeStream *stream = g_mime_stream_file_open(path, "rb", NULL);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeParserOptions *options = g_mime_parser_options_new();
    GMimeMessage *message;

    g_mime_parser_options_set_warning_callback(options, on_warning, (gpointer)path);
    message = g_mime_parser_construct_message(parser, options);
    found->subject = g_strdup(g_mime_message_get_subject(message));
    found->from = first_name(g_mime_message_get_from(message));
    found->to = first_name(g_mime_message_get_to(message));
    g_mime_message_foreach(message, take_part, found);
    if (!GMIME_IS_MULTIPART(g_mime_message_get_mime_part(message)) && found->text == NULL)
        take_part(NULL, g_mime_message_get_mime_part(message), found);
    g_object_unref(message);
    g_mime_parser_options_free(options);
    g_object_unref(parser);
    g_object_unref(stream);
}

static void read_expected(const char *path, struct values *expected)
{
    char *expect = g_strndup(path, strlen(path) - strlen("eml"));
    char *name = g_strconcat(expect, "expect", NULL);
    char *all = NULL;
    char **lines;

    if (!g_file_get_contents(name, &all, NULL, NULL))
        exit(1); /* NOLINT(concurrency-mt-unsafe): one thread */
    lines = g_strsplit(all, "\n", -1);
    for (char **line = lines; *line != NULL && **line != '\0'; line++) {
        char **pair = g_strsplit(*line, " ", 2);
        gsize n = 0;
        guchar *value = g_base64_decode(pair[1], &n);
        char *text = g_strndup((const char *)value, n);

        if (strcmp(pair[0], "subject") == 0)
            expected->subject = text;
        else if (strcmp(pair[0], "from") == 0)
            expected->from = text;
        else if (strcmp(pair[0], "to") == 0)
            expected->to = text;
        else if (strcmp(pair[0], "text") == 0)
            expected->text = text;
        else if (strcmp(pair[0], "html") == 0)
            expected->html = text;
        else if (strcmp(pair[0], "file-name") == 0)
            expected->file_name = text;
        else {
            g_free(text);
            expected->file = g_byte_array_new();
            g_byte_array_append(expected->file, value, (guint)n);
        }
        g_free(value);
        g_strfreev(pair);
    }
    g_strfreev(lines);
    g_free(all);
    g_free(name);
    g_free(expect);
}

static void compare(const char *path, const char *name, const char *found, const char *expected)
{
    /* No name and an empty name are the same. */
    if (g_strcmp0(found ? found : "", expected ? expected : "") != 0)
        fault(path, name, found, expected);
}

static gboolean same_bytes(const GByteArray *a, const GByteArray *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void free_values(struct values *v)
{
    g_free(v->subject);
    g_free(v->from);
    g_free(v->to);
    g_free(v->text);
    g_free(v->html);
    g_free(v->file_name);
    if (v->file != NULL)
        g_byte_array_free(v->file, TRUE);
}

static void check_mail(const char *path)
{
    struct values found = { 0 };
    struct values expected = { 0 };

    read_mail(path, &found);
    read_expected(path, &expected);
    compare(path, "subject", found.subject, expected.subject);
    compare(path, "from", found.from, expected.from);
    compare(path, "to", found.to, expected.to);
    compare(path, "text", found.text, expected.text);
    compare(path, "html", found.html, expected.html);
    compare(path, "file-name", found.file_name, expected.file_name);
    if (!same_bytes(found.file, expected.file))
        fault(path, "file", NULL, NULL);
    free_values(&found);
    free_values(&expected);
}

static int check_folder(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;
    int mails = 0;

    while ((name = g_dir_read_name(dir)) != NULL) {
        char *path = g_build_filename(folder, name, NULL);

        if (g_str_has_suffix(name, ".eml")) {
            check_mail(path);
            mails++;
        }
        g_free(path);
    }
    g_dir_close(dir);
    return mails;
}

static void remove_folder(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir)) != NULL) {
        char *path = g_build_filename(folder, name, NULL);

        g_unlink(path);
        g_free(path);
    }
    g_dir_close(dir);
    g_rmdir(folder);
}

/* The torture set in a folder of its own; NULL when it cannot be made. */
static char *compose(char *program)
{
    char *folder = g_dir_make_tmp("postroom-torture-XXXXXX", NULL);
    char *command[] = { program, folder, NULL };
    gint status = 1;

    if (g_spawn_sync(NULL, command, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL) &&
        status == 0)
        return folder;
    g_free(folder);
    return NULL;
}

int main(int argc, char **argv)
{
    gboolean given = argc == 2 && g_file_test(argv[1], G_FILE_TEST_IS_DIR);
    char *folder = argc != 2 ? NULL : given ? g_strdup(argv[1]) : compose(argv[1]);
    int least = given ? 1 : 400;
    int mails;

    if (folder == NULL)
        return 1;
    g_mime_init();
    mails = check_folder(folder);
    g_mime_shutdown();
    if (!given)
        remove_folder(folder);
    g_free(folder);
    g_print("1..2\n");
    g_print("%sok 1 - there are mails enough\n", mails >= least ? "" : "not ");
    g_print("%sok 2 - every mail parses without warnings to what went in\n",
            faults == 0 ? "" : "not ");
    return mails >= least && faults == 0 ? 0 : 1;
}
