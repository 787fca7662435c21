/*
 * From rows to MIME parts. Contents are read for each letter and not remembered: they are large,
 * and the store has them in its pages.
 */
#include "services/compose/letter_files.h"

#include "base/alloc.h"
#include "base/cleanup.h"
#include "store/event_attachment.h"

/* Calls with rising `*from` give the told events that bring files, but for secret ones. */
static const struct notice_event *next_with_files(const struct letter_thread *t, size_t *from)
{
    while (*from < t->content.told_count) {
        const struct notice_event *event = &t->thread->events[t->content.told[(*from)++]];

        if (!event->secret && event->attachments.n > 0)
            return event;
    }
    return NULL;
}

/* How many there are; 0 when they are too large together. */
static size_t count_files(const struct letter_thread *t)
{
    const struct notice_event *event;
    int64_t size = 0;
    size_t n = 0;
    size_t from = 0;

    while ((event = next_with_files(t, &from)) != NULL) {
        n += event->attachments.n;
        for (size_t i = 0; i < event->attachments.n; i++)
            size += event->attachments.at[i].size;
    }
    return size <= ATTACHMENTS_SIZE_LIMIT ? n : 0;
}

static bool read_file(struct composer_worker *worker, struct db *db,
                      const struct notice_event *event, size_t position, struct notice_file *file,
                      struct error *err)
{
    const struct attachment *attachment = &event->attachments.at[position];

    *file = (struct notice_file){
        .event = event,
        .attachment = attachment,
        .type = arena_text(&worker->arena, attachment->type),
        .content_id =
            span_of(arena_printf(&worker->arena, "file.%lld.%zu@%s", (long long)event->id,
                                 position + 1, worker->composer->options.settings->domain)),
    };
    return event_attachment_content(db, &worker->arena, event->id, (int64_t)position,
                                    &file->content, err);
}

bool letter_files_read(struct composer_worker *worker, struct db *db, struct gathered *gathered,
                       struct error *err)
{
    const struct letter_thread *t = gathered->threads;
    size_t count =
        gathered->verdict == LETTER_READY && gathered->thread_count == 1 && !gathered->is_digest
            ? count_files(t)
            : 0;
    struct notice_file *files = ARENA_ARRAY(&worker->arena, struct notice_file, count);
    const struct notice_event *event;
    size_t n = 0;
    size_t from = 0;

    while (count > 0 && (event = next_with_files(t, &from)) != NULL)
        for (size_t i = 0; i < event->attachments.n; i++)
            if (!read_file(worker, db, event, i, &files[n++], err))
                return false;
    gathered->files = (struct notice_file_list){ files, n };
    return true;
}

static bool is_told(const struct letter_thread *t, const struct notice_event *event)
{
    for (size_t i = 0; i < t->content.told_count; i++)
        if (&t->thread->events[t->content.told[i]] == event)
            return true;
    return false;
}

struct notice_file_list letter_files_told(const struct gathered *gathered,
                                          const struct letter_thread *thread, struct arena *arena)
{
    struct notice_file *files = ARENA_ARRAY(arena, struct notice_file, gathered->files.n);
    size_t n = 0;

    for (size_t i = 0; i < gathered->files.n; i++)
        if (is_told(thread, gathered->files.at[i].event))
            files[n++] = gathered->files.at[i];
    return (struct notice_file_list){ files, n };
}

/* While the tree grows: the page with what it shows, and the whole with what is attached. */
struct tree {
    struct mime_body *bodies; /* of files */
    size_t body_count;
    struct mime_part *shown; /* the page first */
    size_t shown_count;
    struct mime_part *all; /* what is read first */
    size_t all_count;
};

static void tree_fini(struct tree *tree)
{
    for (size_t i = 0; i < tree->body_count; i++)
        mime_body_fini(&tree->bodies[i]);
    alloc_free(tree->bodies);
    alloc_free(tree->shown);
    alloc_free(tree->all);
}

static bool page_shows(const struct letter_parts *parts, const struct notice_file *file)
{
    CLEANUP(buf_fini) struct buf url;

    buf_init(&url, file->content_id.n + 5);
    if (parts->html == NULL || !file->attachment->is_inline)
        return false;
    buf_put(&url, SPAN("cid:"));
    buf_put(&url, file->content_id);
    buf_put_byte(&url, '"');
    return span_find(parts->page, buf_view(&url)) < parts->page.n;
}

static void add_file(struct tree *tree, const struct letter_parts *parts,
                     const struct notice_file *file)
{
    struct mime_body *body = &tree->bodies[tree->body_count++];
    bool shown = page_shows(parts, file);
    const struct mime_part part = {
        .kind = shown ? MIME_INLINE : MIME_ATTACHMENT,
        .type = file->type,
        .body = body,
        .file_name = file->attachment->name,
        .content_id = shown ? file->content_id : (struct span){ NULL, 0 },
    };

    mime_body_init(body);
    mime_body_set_file(body, file->content);
    if (shown)
        tree->shown[tree->shown_count++] = part;
    else
        tree->all[tree->all_count++] = part;
}

void letter_files_put_parts(struct buf *to, const struct letter_parts *parts, struct span seed)
{
    size_t n = parts->files.n;
    CLEANUP(tree_fini)
    struct tree tree = {
        .bodies = alloc_array(n + 1, sizeof(struct mime_body)),
        .shown = alloc_array(n + 1, sizeof(struct mime_part)),
        .shown_count = 1,
        .all = alloc_array(n + 1, sizeof(struct mime_part)),
        .all_count = 1,
    };
    struct mime_part forms[2] = {
        { .kind = MIME_TEXT, .type = "text/plain", .body = parts->text }
    };
    struct mime_part whole = { .kind = MIME_MIXED, .parts = tree.all };

    for (size_t i = 0; i < n; i++)
        add_file(&tree, parts, &parts->files.at[i]);
    tree.shown[0] =
        (struct mime_part){ .kind = MIME_TEXT, .type = "text/html", .body = parts->html };
    forms[1] = tree.shown[0];
    if (tree.shown_count > 1)
        forms[1] = (struct mime_part){ .kind = MIME_RELATED,
                                       .parts = tree.shown,
                                       .part_count = tree.shown_count };
    tree.all[0] = forms[0];
    if (parts->html != NULL)
        tree.all[0] =
            (struct mime_part){ .kind = MIME_ALTERNATIVE, .parts = forms, .part_count = 2 };
    whole.part_count = tree.all_count;
    mime_put(to, tree.all_count > 1 ? &whole : &tree.all[0], seed);
}
