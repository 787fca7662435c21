/*
 * The letter itself: who it is from, its subject and date, header, body, signature, digest. After
 * an attempt in doubt these come from the intent of that attempt, so that the bytes are the same.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "protocol/mail/address.h"
#include "services/compose/composer_internal.h"
#include "services/compose/letter_files.h"
#include "services/compose/letter_header.h"
#include "services/compose/letter_links.h"
#include "services/compose/notice_values.h"
#include "services/compose/template_escape.h"

enum { NAME_MOST = 60 /* characters of a name in a header */ };

void letter_breaks(struct letter *letter, const struct error *err)
{
    letter->verdict = LETTER_BROKEN;
    (void)snprintf(letter->reason, sizeof(letter->reason), "broken");
    (void)snprintf(letter->problem, sizeof(letter->problem), "%s", err->text);
}

/* While a letter is written. */
struct writing {
    struct composer_worker *worker;
    const struct gathered *g;
    const struct settings *settings;
    struct letter *letter;
    struct span sender_name;
    struct span sender_address;
    struct notice_links links;
    struct digest_material material;
    const struct letter_body *body;
};

/* A name that looks like an address could pass for the sender's. */
static struct span clean_name(struct writing *w, struct span name, size_t most)
{
    CLEANUP(buf_fini) struct buf line;

    buf_init(&line, most);
    if (span_index(name, '@') == name.n)
        template_escape_put_title(&line, name, NAME_MOST);
    return arena_copy(&w->worker->arena, buf_view(&line));
}

/* letter->sender is "Name <address>", from which a later try takes both again. */
static void set_sender(struct writing *w)
{
    const struct gathered *g = w->g;
    struct span address = span_of(w->settings->sender_address);
    size_t most = sizeof(w->letter->sender) - address.n % 300 - sizeof(" <>");
    struct span name = SPAN("");

    if (!g->is_digest)
        name = clean_name(
            w, notice_senders(g->threads[0].thread, &g->threads[0].content, &w->worker->arena),
            most);
    if (name.n == 0)
        name = clean_name(w, span_of(w->settings->sender_name), most);
    w->sender_name = name;
    w->sender_address = address;
    (void)snprintf(w->letter->sender, sizeof(w->letter->sender), "%.*s%s<%.*s>", SPAN_ARGS(name),
                   name.n > 0 ? " " : "", SPAN_ARGS(address));
}

static void set_sender_again(struct writing *w)
{
    struct span sender = w->g->intent.sender;
    size_t open = span_last_index(sender, '<');
    struct span address = span_rest(sender, open + 1);

    w->sender_name = span_trim(span_first(sender, open));
    w->sender_address = span_first(address, span_last_index(address, '>'));
    span_copy(sender, w->letter->sender, sizeof(w->letter->sender));
}

static struct letter_body_order body_order(const struct writing *w)
{
    return (struct letter_body_order){
        .material = &w->material,
        .template = w->g->template,
        .generation = w->g->generation,
        .view = w->g->is_shared ? w->g->view : NULL,
        .fixed = w->g->again ? (const uint8_t *)w->g->intent.seed.at : NULL,
    };
}

static bool own_topic_secret(const struct writing *w)
{
    const struct notice_thread *thread = w->g->threads[0].thread;

    return thread->topics[thread->topic].secret;
}

static bool set_subject(struct writing *w, struct error *err)
{
    const struct letter_body_order order = body_order(w);
    struct span subject = w->g->delivery.subject;

    if (!w->g->is_digest && own_topic_secret(w))
        subject = SPAN(""); /* the first mail's may say what is secret by now */
    if (w->g->again)
        subject = w->g->intent.subject;
    else if (subject.n == 0 &&
             !letter_bodies_subject(w->worker->bodies, &order, &w->worker->arena, &subject, err))
        return false;
    span_copy(subject, w->letter->subject, sizeof(w->letter->subject));
    return true;
}

static bool make_body(struct writing *w, struct error *err)
{
    struct letter_body_order order = body_order(w);

    order.subject = span_of(w->letter->subject);
    if (!letter_bodies_make(w->worker->bodies, &order, &w->worker->arena, &w->body, err))
        return false;
    memcpy(w->letter->seed, w->body->seed, sizeof(w->letter->seed));
    return true;
}

/* Answers come back to an address that names the delivery. */
static struct span reply_address(struct writing *w)
{
    const struct token token = { TOKEN_REPLY, (uint64_t)w->letter->delivery, 0 };
    CLEANUP(buf_fini) struct buf address;

    buf_init(&address, ADDRESS_MOST);
    if (w->settings->reply_domain == NULL)
        return SPAN("");
    token_put(&address, w->worker->keys, &token);
    buf_printf(&address, "@%s", w->settings->reply_domain);
    return arena_copy(&w->worker->arena, buf_view(&address));
}

static bool make_header(struct writing *w, struct error *err)
{
    struct content_delivery to = w->g->delivery;
    const struct letter_header header = {
        .delivery = &to,
        .material = &w->material,
        .is_digest = w->g->is_digest,
        .sender_name = w->sender_name,
        .sender_address = w->sender_address,
        .reply_to = reply_address(w),
        .unsubscribe = w->links.one_click,
        .subject = span_of(w->letter->subject),
        .date_ms = w->letter->date_ms,
        .domain = span_of(w->settings->domain),
        .deliver = w->settings->deliver,
    };
    struct buf *bytes = &w->worker->header;

    to.name = clean_name(w, to.name, 4 * (size_t)NAME_MOST);
    buf_clear(bytes);
    if (!letter_header_put(bytes, &header, &w->worker->arena, err))
        return false;
    buf_put(bytes, span_first(buf_view(&w->body->bytes), w->body->header_length));
    return !bytes->overflown ||
           error_set(err, ERROR_LIMIT, "the header is longer than %d bytes", LETTER_HEADER_MOST);
}

static bool sign(struct writing *w, struct error *err)
{
    const struct composer *c = w->worker->composer;
    const struct dkim_options options = { .key = c->dkim_key, .at_utc_ms = w->letter->date_ms };

    if (composer_problem(c) != NULL) {
        *err = c->problem;
        return false;
    }
    return c->dkim_key == NULL ||
           dkim_sign(w->worker->signer, &options, buf_view(&w->worker->header), w->body->hash,
                     &w->letter->bytes, err);
}

static bool put_together(struct writing *w, struct error *err)
{
    struct buf *bytes = &w->letter->bytes;

    if (!sign(w, err))
        return false;
    buf_put(bytes, buf_view(&w->worker->header));
    buf_put(bytes, span_rest(buf_view(&w->body->bytes), w->body->header_length));
    if (bytes->overflown)
        return error_set(err, ERROR_LIMIT, "the letter is longer than %d bytes", LETTER_MOST);
    digest_start(w->worker->digest);
    digest_add(w->worker->digest, buf_view(bytes));
    digest_end(w->worker->digest, w->letter->digest);
    return true;
}

static struct notice_material material_of(const struct writing *w, const struct letter_thread *t)
{
    return (struct notice_material){
        .delivery = &w->g->delivery,
        .part = &t->part,
        .thread = t->thread,
        .content = &t->content,
        .sights = t->reader.sights,
        .language = span_of(w->g->template->language),
        .zone = zone_cache_find(w->worker->zones, w->g->delivery.timezone),
        .container_hidden = t->container_hidden,
        .items_most = NOTICE_ITEMS_MOST,
        .text_budget = NOTICE_TEXT_BUDGET_BYTES,
        .diff_budget = NOTICE_DIFF_LINES_MOST,
        .site_name = w->settings->sender_name,
        .site_url = w->settings->public_url,
        .links = &w->links,
        .files = letter_files_told(w->g, t, &w->worker->arena),
    };
}

/* Of a section, the more the fewer there are. */
static size_t items_of_section(size_t sections)
{
    size_t n = DIGEST_ITEMS_ALL / sections;

    return n < DIGEST_ITEMS_MOST ? n : DIGEST_ITEMS_MOST;
}

/* The threads of a digest share the room for items and texts. */
static struct digest_material material_of_all(const struct writing *w)
{
    const struct gathered *g = w->g;
    size_t shown = g->thread_count < DIGEST_SECTIONS_MOST ? g->thread_count : DIGEST_SECTIONS_MOST;
    struct notice_material *threads =
        ARENA_ARRAY(&w->worker->arena, struct notice_material, g->thread_count);

    for (size_t i = 0; i < g->thread_count; i++) {
        threads[i] = material_of(w, &g->threads[i]);
        if (!g->is_digest)
            continue;
        threads[i].items_most = items_of_section(shown);
        threads[i].text_budget = NOTICE_TEXT_BUDGET_BYTES / shown;
        threads[i].diff_budget = NOTICE_DIFF_LINES_MOST / shown;
    }
    return (struct digest_material){ threads, g->thread_count, g->mode };
}

int64_t letter_date(const struct gathered *gathered, int64_t now_ms)
{
    return gathered->again ? gathered->intent.date_ms : now_ms - now_ms % 1000;
}

void letter_write(struct composer_worker *worker, const struct gathered *gathered, int64_t now_ms,
                  struct letter *letter)
{
    struct writing w = {
        .worker = worker,
        .g = gathered,
        .settings = worker->composer->options.settings,
        .letter = letter,
    };
    struct error err;

    letter->date_ms = letter_date(gathered, now_ms);
    letter_links_make(worker, gathered, letter->date_ms, &w.links);
    w.material = material_of_all(&w);
    letter->template_revision = gathered->template->revision;
    if (gathered->again)
        set_sender_again(&w);
    else
        set_sender(&w);
    if (!letter_envelope_set(worker, &gathered->delivery, letter, &err) || !set_subject(&w, &err) ||
        !make_body(&w, &err) || !make_header(&w, &err) || !put_together(&w, &err))
        letter_breaks(letter, &err);
}

bool letter_write_part(struct composer_worker *worker, const struct gathered *gathered,
                       const struct letter *letter, bool html, struct buf *to, struct error *err)
{
    struct writing w = {
        .worker = worker,
        .g = gathered,
        .settings = worker->composer->options.settings,
    };
    struct letter_body_order order;

    w.material = material_of_all(&w);
    order = body_order(&w);
    order.subject = span_of(letter->subject);
    return letter_body_render(&order, &worker->arena, html, to, err);
}
