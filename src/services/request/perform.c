/*
 * Handlers say nothing of the audit, but what stood before (request_note_before); the rest is in
 * the arguments and the answer. Secrets and the words of messages are left out by the names of
 * their fields.
 */
#include "services/request/perform.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/audit.h"

enum { TEXT_MOST = 4000, SUBJECT_MOST = 200, STRING_MOST = 500 };

/* Never on record. */
static const char *const secret_fields[] = { "token", "password", "secret",  "text",
                                             "html",  "body",     "message", "message_base64",
                                             "data",  "source",   "now",     "sentences" };

/* What a request is about, the first that is there. */
static const char *const subject_fields[] = {
    "recurrence", "person", "topic", "key",   "target", "site",       "domain", "list",  "name",
    "delivery",   "event",  "id",    "alarm", "path",   "deliveries", "people", "label", "address"
};

static bool is_secret(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(secret_fields); i++)
        if (strcmp(name, secret_fields[i]) == 0)
            return true;
    return false;
}

/* A copy fit for the record: one level deep without what is secret or long. */
static char *recorded(const json_t *object)
{
    json_t *copy;
    const char *name;
    json_t *value;
    char *text;

    if (!json_is_object(object))
        return NULL;
    copy = json_object();
    json_object_foreach ((json_t *)(uintptr_t)object, name, value) {
        if (is_secret(name) || (json_is_string(value) && json_string_length(value) > STRING_MOST))
            continue;
        (void)json_object_set(copy, name, value);
    }
    text = json_object_size(copy) > 0 ? json_dumps(copy, JSON_COMPACT) : NULL;
    json_decref(copy);
    return text;
}

/* What is too long for the record is said to be so. */
static struct span bounded(const char *text)
{
    struct span all = span_of(text);

    if (text == NULL)
        return (struct span){ NULL, 0 };
    return all.n <= TEXT_MOST ? all : SPAN("{\"too_long\":true}");
}

static void put_subject(struct buf *to, const char *field, const json_t *value)
{
    buf_put_text(to, field);
    if (json_is_string(value))
        buf_printf(to, " %s", json_string_value(value));
    else if (json_is_integer(value))
        buf_printf(to, " %lld", (long long)json_integer_value(value));
    else if (json_array_size(value) == 1)
        put_subject(to, "", json_array_get(value, 0));
}

/* A bare name is one of what the request is about: "token" of token.add. */
static bool is_bare(const char *field)
{
    return strcmp(field, "name") == 0 || strcmp(field, "key") == 0 || strcmp(field, "id") == 0;
}

static void find_subject(struct buf *to, const char *request, const json_t *args)
{
    char noun[40];

    span_copy(span_first(span_of(request), span_index(span_of(request), '.')), noun, sizeof(noun));
    for (size_t i = 0; i < ARRAY_LENGTH(subject_fields) && to->n == 0; i++) {
        const json_t *value = json_object_get(args, subject_fields[i]);

        if (value != NULL && !json_is_null(value) && !json_is_object(value))
            put_subject(to, is_bare(subject_fields[i]) ? noun : subject_fields[i], value);
    }
}

static bool record(const struct request_entry *entry, struct db *db, const struct request *request,
                   const struct request_note *note, const json_t *answer, struct error *err)
{
    CLEANUP(buf_fini) struct buf subject;
    CLEANUP(cleanup_free) char *args = recorded(request->args);
    CLEANUP(cleanup_free) char *before = recorded(note->before);
    CLEANUP(cleanup_free) char *after = recorded(answer);
    struct audit_row row = { .at = request->now_ms,
                             .by = span_of(request->by),
                             .request = span_of(entry->name),
                             .args = bounded(args),
                             .before = bounded(before),
                             .after = bounded(after) };

    buf_init(&subject, SUBJECT_MOST);
    find_subject(&subject, entry->name, request->args);
    row.subject = buf_view(&subject);
    return audit_append(db, &row, err);
}

bool request_ready(const struct request_entry *entry, const struct request *request,
                   struct request_ahead **ret_ahead, struct error *err)
{
    *ret_ahead = NULL;
    return entry->readier == NULL || entry->readier(request, ret_ahead, err);
}

void request_ahead_free(struct request_ahead *ahead)
{
    if (ahead != NULL)
        ahead->free(ahead);
}

bool request_perform(const struct request_entry *entry, struct db *db,
                     const struct request *request, json_t **ret_answer, struct error *err)
{
    struct request_note note = { .before = NULL };
    struct request noted = *request;
    json_t *answer = NULL;
    bool ok;

    noted.note = &note;
    ok = entry->handler(db, &noted, &answer, err) &&
         (entry->is_own_record || record(entry, db, request, &note, answer, err));
    json_decref(note.before);
    if (!ok) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
