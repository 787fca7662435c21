/*
 * Header fields of notices and digests. A thread holds together in mail programs by three things: a
 * subject that never changes, a root identity that all mails of the thread name first in References
 * though no mail has it, and the person's last mail of the thread after it. The root is made from
 * the topic's key, so that it outlives a move of the database. A mail of several threads answers
 * none of them: naming their roots would make one thread of all in mail programs.
 */
#include "services/compose/letter_header.h"

#include "base/encodings.h"
#include "crypto/digest.h"
#include "protocol/mail/header.h"
#include "protocol/mail/list_headers.h"
#include "protocol/mail/message_id.h"

enum {
    ROOT_BYTES = 15,  /* of the digest in a root's identity */
    KINDS_MOST = 20,  /* in X-Postroom-Kind */
    EVENTS_MOST = 20, /* in X-Postroom-Event, the newest */
    SCOPES_MOST = 20, /* in X-Postroom-Scope */
    TOPICS_MOST = 50, /* in X-Postroom-Topic of a digest */
    FIELD_VALUE_MOST = 4000
};

static struct span identity(struct arena *arena, struct span bare)
{
    return span_of(arena_printf(arena, "<%.*s>", SPAN_ARGS(bare)));
}

static const struct notice_topic *own_topic(const struct notice_material *m)
{
    return &m->thread->topics[m->thread->topic];
}

static struct span thread_root(const struct letter_header *h, struct arena *arena)
{
    unsigned char digest[DIGEST_SIZE];
    struct buf left;
    struct buf id;
    struct span copy;

    digest_sha256(own_topic(&h->material->threads[0])->key, digest);
    buf_init(&left, 64);
    buf_init(&id, MESSAGE_ID_MOST + 2);
    buf_put_text(&left, "thread.");
    base32_put(&left, (struct span){ (const char *)digest, ROOT_BYTES });
    message_id_put(&id, buf_view(&left), h->domain);
    copy = arena_copy(arena, buf_view(&id));
    buf_fini(&left);
    buf_fini(&id);
    return copy;
}

static bool put_mailbox(struct buf *to, const char *field, struct span name, struct span address,
                        struct error *err)
{
    struct address parsed;
    struct mailbox mailbox = { name, &parsed };

    if (!address_parse(address, &parsed, err))
        return error_wrap(err, "%s: %.*s", field, SPAN_ARGS(address));
    header_put_mailboxes(to, field, &mailbox, 1);
    return true;
}

static void put_threading(struct buf *to, const struct letter_header *h, struct arena *arena)
{
    struct span ids[2] = { thread_root(h, arena) };
    struct span own = identity(arena, h->delivery->message_id);
    size_t n = 1;

    if (h->is_digest) {
        header_put_message_ids(to, "Message-ID", &own, 1);
        return;
    }
    if (h->delivery->last_message_id.n > 0)
        ids[n++] = identity(arena, h->delivery->last_message_id);
    header_put_message_ids(to, "Message-ID", &own, 1);
    header_put_message_ids(to, "In-Reply-To", &ids[n - 1], 1);
    header_put_message_ids(to, "References", ids, n);
}

/* Words divided by commas; what would make a field too long is left out whole. */
static void add_word(struct buf *to, struct span word)
{
    if (word.n == 0 || to->n + word.n + 2 > to->limit)
        return;
    if (to->n > 0)
        buf_put_text(to, ", ");
    buf_put(to, word);
}

static void put_words(struct buf *to, const char *field, struct buf *words)
{
    if (words->n > 0)
        header_put_text(to, field, buf_view(words));
    buf_clear(words);
}

static bool kind_seen(const struct notice_material *m, size_t told)
{
    const struct notice_event *events = m->thread->events;

    for (size_t i = 0; i < told; i++)
        if (span_equal(events[m->content->told[i]].kind, events[m->content->told[told]].kind))
            return true;
    return false;
}

static void add_kinds(struct buf *words, const struct notice_material *m)
{
    size_t n = 0;

    for (size_t i = 0; i < m->content->told_count && n < KINDS_MOST; i++) {
        if (m->thread->events[m->content->told[i]].secret || kind_seen(m, i))
            continue;
        add_word(words, m->thread->events[m->content->told[i]].kind);
        n++;
    }
}

static void add_events(struct buf *words, const struct notice_material *m, struct arena *arena)
{
    size_t n = m->content->told_count;

    for (size_t i = n > EVENTS_MOST ? n - EVENTS_MOST : 0; i < n; i++)
        add_word(words, span_of(arena_printf(
                            arena, "%lld", (long long)m->thread->events[m->content->told[i]].id)));
}

/* What else the newest event concerns, but for what is hidden from the reader. */
static void add_scopes(struct buf *words, const struct notice_material *m)
{
    size_t newest = m->content->told[m->content->told_count - 1];
    const struct notice_event *event = &m->thread->events[newest];

    for (size_t i = 0; i < event->scope_count && i < SCOPES_MOST; i++) {
        const struct notice_topic *topic = &m->thread->topics[event->scopes[i].topic];

        if (event->scopes[i].topic != m->thread->topic && topic->label == 0)
            add_word(words, topic->key);
    }
}

static struct span reason(const struct notice_content *content)
{
    return why_rank(content->why) < REASON_WATCH ? content->reason_word : SPAN("watching");
}

static void put_of_thread(struct buf *to, const struct notice_material *m, struct buf *words,
                          struct arena *arena)
{
    add_word(words, reason(m->content));
    put_words(to, "X-Postroom-Reason", words);
    add_word(words, own_topic(m)->key);
    put_words(to, "X-Postroom-Topic", words);
    add_scopes(words, m);
    put_words(to, "X-Postroom-Scope", words);
    add_kinds(words, m);
    put_words(to, "X-Postroom-Kind", words);
    add_events(words, m, arena);
    put_words(to, "X-Postroom-Event", words);
}

static struct span digest_name(enum watch_mode mode)
{
    return mode == WATCH_NOW ? SPAN("roundup") : span_of(watch_mode_name(mode));
}

static void put_of_digest(struct buf *to, const struct digest_material *m, struct buf *words)
{
    add_word(words, SPAN("digest"));
    put_words(to, "X-Postroom-Reason", words);
    add_word(words, digest_name(m->mode));
    put_words(to, "X-Postroom-Digest", words);
    for (size_t i = 0; i < m->count && i < TOPICS_MOST; i++)
        add_word(words, own_topic(&m->threads[i])->key);
    put_words(to, "X-Postroom-Topic", words);
}

static void put_for_filters(struct buf *to, const struct letter_header *h, struct arena *arena)
{
    struct buf words;

    buf_init(&words, FIELD_VALUE_MOST);
    if (h->is_digest)
        put_of_digest(to, h->material, &words);
    else
        put_of_thread(to, &h->material->threads[0], &words, arena);
    buf_fini(&words);
}

void letter_header_put_staging(struct buf *to, enum deliver_mode deliver, struct span address)
{
    if (deliver == DELIVER_ONLY)
        header_put_text(to, "X-Postroom-Deliver", SPAN("only"));
    if (deliver == DELIVER_REDIRECT)
        header_put_text(to, "X-Postroom-Redirected", address);
}

static const struct notice_topic *list_topic(const struct notice_material *m)
{
    size_t container;

    if (notice_container(m->thread, &container) && !m->container_hidden)
        return &m->thread->topics[container];
    return own_topic(m);
}

static void put_list(struct buf *to, const struct letter_header *h, struct arena *arena)
{
    if (h->is_digest) {
        struct span name = digest_name(h->material->mode);

        list_headers_put_id(
            to, SPAN(""), span_of(arena_printf(arena, "digest/%.*s", SPAN_ARGS(name))), h->domain);
    } else {
        const struct notice_topic *topic = list_topic(&h->material->threads[0]);

        list_headers_put_id(to, topic->title, topic->key, h->domain);
    }
    if (h->unsubscribe.n > 0)
        list_headers_put_unsubscribe(to, h->unsubscribe, SPAN(""));
    list_headers_put_automatic(to);
}

bool letter_header_put(struct buf *to, const struct letter_header *header, struct arena *arena,
                       struct error *err)
{
    if (!put_mailbox(to, "From", header->sender_name, header->sender_address, err) ||
        !put_mailbox(to, "To", header->delivery->name, header->delivery->address, err) ||
        (header->reply_to.n > 0 &&
         !put_mailbox(to, "Reply-To", header->sender_name, header->reply_to, err)))
        return false;
    header_put_text(to, "Subject", header->subject);
    header_put_date(to, "Date", header->date_ms, 0);
    put_threading(to, header, arena);
    put_list(to, header, arena);
    put_for_filters(to, header, arena);
    letter_header_put_staging(to, header->deliver, header->delivery->address);
    return true;
}
