/*
 * One message. The order is that of price: what can be refused without looking at the bytes is.
 */
#include "services/intake/submission_take.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/random.h"
#include "protocol/mail/date.h"
#include "protocol/mail/domain_name.h"
#include "protocol/mail/message_id.h"
#include "protocol/mail/repair.h"
#include "store/delivery.h"
#include "store/submission.h"
#include "store/submission_report.h"
#include "store/suppression.h"

enum { NAME_BYTES = 12, REASON_ROOM = 100, TRACE_MOST = 4000 };

/* ---- recipients ---- */

bool submission_read_address(struct span text, const struct settings *settings,
                             struct mail_address *ret_address, struct error *err)
{
    CLEANUP(buf_fini) struct buf whole;

    buf_init(&whole, 2 * (size_t)MAIL_ADDRESS_ROOM);
    buf_put(&whole, text);
    if (text.n > 0 && span_last_index(text, '@') == text.n)
        buf_printf(&whole, "@%s", settings->domain);
    return mail_address_read(buf_view(&whole), ret_address, err) ||
           error_wrap(err, "%.*s", SPAN_ARGS(span_first(text, 100)));
}

bool submission_may_be_from(const struct settings *settings, struct span domain)
{
    const struct text_list *domains = &settings->submission.domains;

    if (domains->count == 0)
        return domain_name_is_within(domain, span_of(settings->domain));
    for (size_t i = 0; i < domains->count; i++)
        if (span_equal(span_of(domains->at[i]), SPAN("*")) ||
            domain_name_is_within(domain, span_of(domains->at[i])))
            return true;
    return false;
}

static int by_normal(const void *a, const void *b)
{
    const struct submission_recipient *left = a;
    const struct submission_recipient *right = b;

    return strcmp(left->address->normal, right->address->normal);
}

static void drop_repeated(struct submission_ready *r)
{
    size_t n = 0;

    qsort(r->to, r->to_count, sizeof r->to[0], by_normal);
    for (size_t i = 0; i < r->to_count; i++)
        if (n == 0 || strcmp(r->to[n - 1].address->normal, r->to[i].address->normal) != 0)
            r->to[n++] = r->to[i];
    r->to_count = n;
}

static bool add_recipient(struct submission_ready *r, struct span text,
                          const struct smtp_recipient_wish *wish, const struct settings *settings,
                          struct arena *arena, struct error *err)
{
    struct mail_address *address = ARENA_NEW(arena, struct mail_address);

    if (!submission_read_address(text, settings, address, err))
        return error_wrap(err, "to");
    r->to[r->to_count++] = (struct submission_recipient){ address, *wish };
    return true;
}

static bool read_recipients(struct submission_ready *r, const struct mailbox_list *named,
                            const struct settings *settings, struct arena *arena, struct error *err)
{
    const struct submission_draft *d = &r->draft;
    size_t count = d->to_count + named->n;

    if (count > (size_t)settings->message_recipient_limit)
        return error_set(err, ERROR_LIMIT,
                         "to: more than %d recipients (limits.message_recipients)",
                         settings->message_recipient_limit);
    r->to = ARENA_ARRAY(arena, struct submission_recipient, count + 1);
    for (size_t i = 0; i < d->to_count; i++)
        if (!add_recipient(r, d->to[i], d->wishes != NULL ? &d->wishes[i] : &d->wish, settings,
                           arena, err))
            return false;
    for (size_t i = 0; i < named->n; i++)
        if (!add_recipient(r, named->at[i].address, &d->wish, settings, arena, err))
            return false;
    drop_repeated(r);
    return r->to_count > 0 || error_set(err, ERROR_INVALID, "to: no recipient is named");
}

/* ---- the message ---- */

static struct span random_name(struct arena *arena)
{
    unsigned char bytes[NAME_BYTES];
    CLEANUP(buf_fini) struct buf text;

    random_secret(bytes, sizeof bytes);
    buf_init(&text, 100);
    base32_put(&text, (struct span){ (const char *)bytes, sizeof bytes });
    return arena_copy(arena, buf_view(&text));
}

static struct span message_id_of(struct arena *arena, struct span name, const char *domain)
{
    CLEANUP(buf_fini) struct buf id;

    buf_init(&id, MESSAGE_ID_MOST);
    message_id_put(&id, name, span_of(domain));
    return arena_copy(arena, buf_view(&id));
}

/* RFC 5321, section 4.4: who gave it to us, how, and when. */
static struct span trace(const struct submission_draft *d, const struct settings *settings,
                         struct arena *arena, struct span name)
{
    CLEANUP(buf_fini) struct buf field;

    buf_init(&field, TRACE_MOST);
    buf_put_text(&field, "Received: ");
    if (d->trace_from.n > 0)
        buf_printf(&field, "%.*s\r\n\t", SPAN_ARGS(d->trace_from));
    buf_printf(&field, "by %s (postroom)", settings->hostname);
    if (d->trace_with.n > 0)
        buf_printf(&field, " with %.*s", SPAN_ARGS(d->trace_with));
    buf_printf(&field, "\r\n\tid %.*s;\r\n\t", SPAN_ARGS(name));
    date_put(&field, d->now_ms, 0);
    buf_put_text(&field, "\r\n");
    return arena_copy(arena, buf_view(&field));
}

static bool repair(struct submission_ready *r, struct span lines, const struct settings *settings,
                   struct arena *arena, struct error *err)
{
    struct span name = random_name(arena);
    const struct repair_facts facts = {
        .domain = span_of(settings->domain),
        .sender = r->draft.sender.n > 0 ? r->draft.sender : span_of(settings->sender_address),
        .sender_name = r->draft.sender_name,
        .message_id = message_id_of(arena, name, settings->domain),
        .trace = trace(&r->draft, settings, arena, name),
        .now_ms = r->draft.now_ms,
    };
    struct repaired repaired;

    if (!repair_message(lines, &facts, arena, &r->content, &repaired, err))
        return false;
    r->from = repaired.from;
    r->from_domain = repaired.from_domain;
    r->subject = repaired.subject;
    r->message_id = span_rest(span_first(repaired.message_id, repaired.message_id.n - 1), 1);
    r->needs_smtputf8 = repaired.needs_smtputf8;
    return true;
}

static bool prepare(struct submission_ready *r, const struct settings *settings,
                    struct arena *arena, struct error *err)
{
    CLEANUP(buf_fini) struct buf lines;
    struct mailbox_list named = { .n = 0 };

    buf_init(&lines, MESSAGE_MOST);
    return repair_lines(r->draft.message, &lines, err) &&
           (!r->draft.to_from_header || repair_recipients(buf_view(&lines), arena, &named, err)) &&
           read_recipients(r, &named, settings, arena, err) &&
           repair(r, buf_view(&lines), settings, arena, err);
}

/* The sender in the form of envelopes. */
static bool read_sender(struct submission_ready *r, const struct settings *settings,
                        struct arena *arena, struct error *err)
{
    struct mail_address *address = ARENA_NEW(arena, struct mail_address);

    if (r->draft.sender.n == 0)
        return true;
    if (!submission_read_address(r->draft.sender, settings, address, err))
        return error_wrap(err, "from");
    r->draft.sender = span_of(address->address);
    r->sender_domain = span_of(address->domain);
    return true;
}

bool submission_prepare(const struct submission_draft *draft, const struct settings *settings,
                        struct arena *arena, struct submission_ready *ret_ready, struct error *err)
{
    struct submission_ready ready = { .draft = *draft };

    if (draft->message.n > settings->message_size_limit)
        return error_set(err, ERROR_LIMIT,
                         "message: it has %zu bytes, more than %zu (limits.message_size)",
                         draft->message.n, settings->message_size_limit);
    buf_init(&ready.content, MESSAGE_MOST);
    if (!read_sender(&ready, settings, arena, err) || !prepare(&ready, settings, arena, err)) {
        submission_ready_fini(&ready);
        return false;
    }
    *ret_ready = ready;
    return true;
}

void submission_ready_fini(struct submission_ready *ready)
{
    buf_fini(&ready->content);
}

/* ---- the store ---- */

/* Drops those that mail is suppressed for, by name. */
static bool part_suppressed(struct db *db, const struct submission_ready *r, struct arena *arena,
                            bool *is_barred, struct submission_taken *taken, struct error *err)
{
    taken->refused = ARENA_ARRAY(arena, struct submission_refusal, r->to_count);
    for (size_t i = 0; i < r->to_count; i++) {
        char reason[REASON_ROOM];

        const struct mail_address *to = r->to[i].address;

        if (!suppression_bars(db, span_of(to->normal), span_of(to->domain), r->draft.now_ms,
                              &is_barred[i], reason, sizeof reason, err))
            return false;
        if (is_barred[i])
            taken->refused[taken->refused_count++] =
                (struct submission_refusal){ span_of(to->address),
                                             arena_copy(arena, span_of(reason)) };
    }
    if (taken->refused_count == r->to_count)
        return error_set(err, ERROR_CONFLICT, "mail to %.*s is suppressed: %.*s",
                         SPAN_ARGS(taken->refused[0].address), SPAN_ARGS(taken->refused[0].reason));
    return true;
}

/* The arena of what is ready may be gone before the report: the wish is written down. */
static bool make_delivery(struct db *db, struct delivery_new *made,
                          const struct submission_recipient *to, struct error *err)
{
    int64_t id;

    made->address = span_of(to->address->address);
    made->normal = span_of(to->address->normal);
    made->domain = span_of(to->address->domain);
    return delivery_make(db, made, &id, err) && ((to->wish.notify == 0 && to->wish.orcpt.n == 0) ||
                                                 submission_wish_put(db, id, &to->wish, err));
}

static bool make_deliveries(struct db *db, const struct submission_ready *r, int64_t submission,
                            const bool *is_barred, struct error *err)
{
    struct delivery_new made = { .stream = STREAM_SUBMISSIONS,
                                 .cause = CAUSE_SUBMISSION,
                                 .cause_id = submission,
                                 .deadline = r->draft.deadline,
                                 .due_at = r->draft.now_ms,
                                 .now_ms = r->draft.now_ms,
                                 .message_id = r->message_id };

    for (size_t i = 0; i < r->to_count; i++)
        if (!is_barred[i] && !make_delivery(db, &made, &r->to[i], err))
            return false;
    return true;
}

bool submission_store(struct db *db, const struct submission_ready *ready, struct arena *arena,
                      struct submission_taken *ret_taken, struct error *err)
{
    struct submission row = { .via = ready->draft.via,
                              .by = ready->draft.by,
                              .mail_from =
                                  ready->draft.sender.n > 0 ? ready->draft.sender : SPAN(""),
                              .sender = ready->from,
                              .domain = ready->from_domain,
                              .subject = ready->subject,
                              .message_id = ready->message_id,
                              .envid = ready->draft.envid,
                              .returns = ready->draft.returns,
                              .needs_smtputf8 = ready->needs_smtputf8,
                              .made_at = ready->draft.now_ms };
    struct submission_taken taken = { .id = 0 };
    bool *is_barred = ARENA_ARRAY(arena, bool, ready->to_count);

    if (!part_suppressed(db, ready, arena, is_barred, &taken, err))
        return false;
    taken.deliveries = (int64_t)(ready->to_count - taken.refused_count);
    row.recipients = taken.deliveries;
    if (!submission_add(db, &row, buf_view(&ready->content), &taken.id, err) ||
        !make_deliveries(db, ready, taken.id, is_barred, err))
        return false;
    *ret_taken = taken;
    return true;
}
