/*
 * Making bodies. What decides how a body reads is summed into a key; the same sum gives the same
 * body, and the boundary comes from it, so that even signing the body is work done once. A person's
 * own name, address and links count only for templates that show them.
 */
#include "services/compose/letter_body.h"

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "protocol/mail/mime.h"
#include "services/compose/letter_files.h"
#include "services/compose/notice_model.h"
#include "services/compose/template_escape.h"
#include "services/compose/text_wrap.h"

/* What many share may be larger. */
enum { SLOTS = 64, REMEMBERED_MOST = 64 * 1024, SHARED_MOST = 1024 * 1024 };

struct slot {
    bool used;
    uint64_t generation;
    unsigned char key[DIGEST_SIZE];
    struct letter_body body;
};

/* Subjects are remembered likewise: a person's first mail of a thread needs one. */
struct subject_slot {
    bool used;
    uint64_t generation;
    unsigned char key[DIGEST_SIZE];
    struct buf line;
};

struct letter_bodies {
    struct dkim_signer *signer;
    struct digest *digest;
    struct slot slots[SLOTS];
    struct subject_slot subjects[SLOTS];
    struct letter_body scratch; /* what is not to be remembered */
};

struct letter_bodies *letter_bodies_new(struct dkim_signer *signer)
{
    struct letter_bodies *bodies = NEW(struct letter_bodies);

    bodies->signer = signer;
    bodies->digest = digest_new();
    for (size_t i = 0; i < SLOTS; i++) {
        buf_init(&bodies->slots[i].body.bytes, LETTER_BODY_MOST);
        buf_init(&bodies->subjects[i].line, (LETTER_SUBJECT_MOST + 1) * 4);
    }
    buf_init(&bodies->scratch.bytes, LETTER_BODY_MOST);
    return bodies;
}

void letter_bodies_free(struct letter_bodies *bodies)
{
    if (bodies == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++) {
        buf_fini(&bodies->slots[i].body.bytes);
        buf_fini(&bodies->subjects[i].line);
    }
    buf_fini(&bodies->scratch.bytes);
    digest_free(bodies->digest);
    alloc_free(bodies);
}

static void add_number(struct digest *d, int64_t number)
{
    char bytes[8];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)((uint64_t)number >> (8 * i) & 0xff);
    digest_add(d, (struct span){ bytes, sizeof(bytes) });
}

static void add_text(struct digest *d, struct span text)
{
    add_number(d, (int64_t)text.n);
    digest_add(d, text);
}

static void add_indexes(struct digest *d, const size_t *at, size_t n)
{
    add_number(d, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        add_number(d, (int64_t)at[i]);
}

static bool uses(const struct notice_template *t, size_t field)
{
    return template_uses(t->subject, field) || template_uses(t->text, field) ||
           (t->html != NULL && template_uses(t->html, field));
}

static size_t person_field(const struct notice_template *t)
{
    return t->is_digest ? (size_t)DIGEST_PERSON : (size_t)NOTICE_PERSON;
}

static size_t link_field(const struct notice_template *t)
{
    return t->is_digest ? (size_t)DIGEST_LINKS : (size_t)NOTICE_LINKS;
}

static void add_links(struct digest *d, const struct notice_links *links)
{
    add_text(d, links->settings);
    add_number(d, links->more_questions);
    for (size_t i = 0; i < links->question_count; i++) {
        add_number(d, links->questions[i].event);
        add_number(d, links->questions[i].days);
        add_number(d, (int64_t)links->questions[i].answer_count);
    }
}

static void add_person(struct digest *d, const struct letter_body_order *order)
{
    const struct content_delivery *delivery = order->material->threads[0].delivery;

    for (size_t i = 0; i < delivery->language_count; i++)
        add_text(d, delivery->languages[i]);
    add_text(d, delivery->timezone);
    if (uses(order->template, link_field(order->template)))
        add_links(d, order->material->threads[0].links);
    if (!uses(order->template, person_field(order->template)))
        return;
    add_text(d, delivery->name);
    add_text(d, delivery->address);
}

/* What the application added for this reader. */
static void add_fields(struct digest *d, const struct notice_material *m)
{
    for (size_t i = 0; i < m->content->told_count && m->sights != NULL; i++) {
        const struct sight_answer *answer = m->sights[m->content->told[i]];

        add_number(d, (int64_t)answer->field_count);
        for (size_t f = 0; f < answer->field_count; f++) {
            add_text(d, answer->fields[f].name);
            add_text(d, answer->fields[f].value);
        }
    }
}

static void add_thread(struct digest *d, const struct notice_material *m)
{
    const struct notice_content *content = m->content;

    add_number(d, m->part->thread);
    add_number(d, m->part->from_seq);
    add_number(d, m->part->to_seq);
    add_number(d, m->part->last_message_id.n > 0);
    add_number(d, m->part->owed);
    add_indexes(d, content->told, content->told_count);
    add_indexes(d, content->watched, content->watched_count);
    add_number(d, content->why);
    add_text(d, content->reason_word);
    add_number(d, m->container_hidden);
    add_number(d, (int64_t)m->files.n);
    add_fields(d, m);
}

static void add_threads(struct digest *d, const struct letter_body_order *order)
{
    const struct digest_material *m = order->material;

    add_number(d, (int64_t)m->mode);
    if (order->view != NULL)
        digest_add(d, (struct span){ (const char *)order->view, DIGEST_SIZE });
    for (size_t i = 0; i < m->count && order->view == NULL; i++)
        add_thread(d, &m->threads[i]);
}

/* All that can make one body read otherwise than another. */
static void sum_key(struct digest *d, const struct letter_body_order *order,
                    unsigned char ret_key[DIGEST_SIZE])
{
    digest_start(d);
    digest_add(d, (struct span){ (const char *)order->template->digest, DIGEST_SIZE });
    add_text(d, order->subject);
    add_threads(d, order);
    add_person(d, order);
    digest_end(d, ret_key);
}

/* The root record, with a place for the subject. */
static struct value *make_values(const struct letter_body_order *order, struct arena *arena,
                                 struct value **ret_subject)
{
    struct value *root = order->template->is_digest
                             ? digest_values_make(order->material, arena)
                             : notice_values_make(&order->material->threads[0], arena);

    *ret_subject =
        &root[order->template->is_digest ? (size_t)DIGEST_SUBJECT : (size_t)NOTICE_SUBJECT];
    return root;
}

static bool render(const struct template *t, const struct value *root, struct buf *to,
                   struct error *err)
{
    buf_init(to, TEMPLATE_OUTPUT_MOST);
    return template_render(t, root, to, err);
}

static bool put_text(const struct notice_template *t, const struct value *root, struct buf *to,
                     struct error *err)
{
    CLEANUP(buf_fini) struct buf text;

    if (!render(t->text, root, &text, err))
        return false;
    text_wrap_put(to, buf_view(&text), TEXT_WRAP_COLUMNS);
    return true;
}

static bool make_text(const struct notice_template *t, const struct value *root,
                      struct mime_body *ret_body, struct error *err)
{
    CLEANUP(buf_fini) struct buf wrapped;

    buf_init(&wrapped, 2 * (size_t)TEMPLATE_OUTPUT_MOST);
    if (!put_text(t, root, &wrapped, err))
        return false;
    mime_body_set_text(ret_body, buf_view(&wrapped));
    return true;
}

/* `page` is what it is before it is encoded; empty when there is none. */
static bool make_html(const struct notice_template *t, const struct value *root, struct buf *page,
                      struct mime_body *ret_body, struct error *err)
{
    buf_init(page, TEMPLATE_OUTPUT_MOST);
    if (t->html == NULL)
        return true;
    if (!template_render(t->html, root, page, err))
        return false;
    mime_body_set_text(ret_body, buf_view(page));
    return true;
}

bool letter_body_render(const struct letter_body_order *order, struct arena *arena, bool html,
                        struct buf *to, struct error *err)
{
    struct value *subject;
    const struct value root = { .fields = make_values(order, arena, &subject) };
    const struct notice_template *t = order->template;

    subject->text = order->subject;
    if (!html)
        return put_text(t, &root, to, err);
    return t->html == NULL || template_render(t->html, &root, to, err);
}

static bool fill(struct letter_bodies *bodies, const struct letter_body_order *order,
                 struct arena *arena, struct letter_body *body, struct error *err)
{
    CLEANUP(mime_body_fini) struct mime_body text;
    CLEANUP(mime_body_fini) struct mime_body html;
    CLEANUP(buf_fini) struct buf page = { .at = NULL };
    struct value *subject;
    const struct value root = { .fields = make_values(order, arena, &subject) };
    const struct notice_template *t = order->template;
    struct letter_parts parts = { .text = &text, .files = order->material->threads[0].files };
    struct span whole;

    mime_body_init(&text);
    mime_body_init(&html);
    subject->text = order->subject;
    if (!make_text(t, &root, &text, err) || !make_html(t, &root, &page, &html, err))
        return false;
    buf_clear(&body->bytes);
    parts.html = t->html != NULL ? &html : NULL;
    parts.page = buf_view(&page);
    letter_files_put_parts(&body->bytes, &parts,
                           (struct span){ (const char *)body->seed, LETTER_SEED_SIZE });
    if (body->bytes.overflown)
        return error_set(err, ERROR_LIMIT, "the body is longer than %d bytes", LETTER_BODY_MOST);
    whole = buf_view(&body->bytes);
    body->header_length = span_find(whole, SPAN("\r\n\r\n")) + 2;
    dkim_signer_hash_body(bodies->signer, span_rest(whole, body->header_length + 2), DKIM_RELAXED,
                          body->hash);
    return true;
}

/* A body that must come out as before has its seed given, and is too rare to be remembered; one
 * with files is too large. */
/* NOLINTNEXTLINE(readability-function-size): one more than letter_bodies_make */
static bool make_once(struct letter_bodies *bodies, const struct letter_body_order *order,
                      const uint8_t *seed, struct arena *arena, const struct letter_body **ret_body,
                      struct error *err)
{
    memcpy(bodies->scratch.seed, seed, LETTER_SEED_SIZE);
    if (!fill(bodies, order, arena, &bodies->scratch, err))
        return false;
    *ret_body = &bodies->scratch;
    return true;
}

bool letter_bodies_make(struct letter_bodies *bodies, const struct letter_body_order *order,
                        struct arena *arena, const struct letter_body **ret_body, struct error *err)
{
    unsigned char key[DIGEST_SIZE];
    struct slot *slot;

    if (order->fixed != NULL)
        return make_once(bodies, order, order->fixed, arena, ret_body, err);
    sum_key(bodies->digest, order, key);
    if (order->material->threads[0].files.n > 0)
        return make_once(bodies, order, key, arena, ret_body, err);
    slot = &bodies->slots[key[DIGEST_SIZE - 1] % SLOTS];
    if (slot->used && slot->generation == order->generation &&
        memcmp(slot->key, key, DIGEST_SIZE) == 0) {
        *ret_body = &slot->body;
        return true;
    }
    memcpy(slot->body.seed, key, LETTER_SEED_SIZE);
    memcpy(slot->key, key, DIGEST_SIZE);
    slot->generation = order->generation;
    slot->used = false;
    if (!fill(bodies, order, arena, &slot->body, err))
        return false;
    slot->used =
        slot->body.bytes.n <= (order->view != NULL ? (size_t)SHARED_MOST : (size_t)REMEMBERED_MOST);
    *ret_body = &slot->body;
    return true;
}

static struct span first_topic(const struct digest_material *m)
{
    const struct notice_thread *thread = m->threads[0].thread;

    return thread->topics[thread->topic].key;
}

static bool fill_subject(const struct letter_body_order *order, struct arena *arena,
                         struct buf *line, struct error *err)
{
    CLEANUP(buf_fini) struct buf text;
    struct value *subject;
    const struct value root = { .fields = make_values(order, arena, &subject) };

    if (!render(order->template->subject, &root, &text, err))
        return false;
    buf_clear(line);
    template_escape_put_title(line, buf_view(&text), LETTER_SUBJECT_MOST);
    if (line->n == 0)
        template_escape_put_title(line, first_topic(order->material), LETTER_SUBJECT_MOST);
    return true;
}

bool letter_bodies_subject(struct letter_bodies *bodies, const struct letter_body_order *order,
                           struct arena *arena, struct span *ret_subject, struct error *err)
{
    struct letter_body_order unnamed = *order;
    unsigned char key[DIGEST_SIZE];
    struct subject_slot *slot;

    unnamed.subject = (struct span){ "", 0 };
    sum_key(bodies->digest, &unnamed, key);
    slot = &bodies->subjects[key[DIGEST_SIZE - 1] % SLOTS];
    if (!slot->used || slot->generation != order->generation ||
        memcmp(slot->key, key, DIGEST_SIZE) != 0) {
        slot->used = false;
        if (!fill_subject(order, arena, &slot->line, err))
            return false;
        memcpy(slot->key, key, DIGEST_SIZE);
        slot->generation = order->generation;
        slot->used = true;
    }
    *ret_subject = buf_view(&slot->line);
    return true;
}
