/*
 * The letter of a submission: the bytes as they were taken in, behind our signature when the From
 * address is of our domain, or one below it. Mail from elsewhere leaves unsigned: a signature of
 * ours would say nothing about it. Nothing in it changes from try to try.
 */
#include "base/cleanup.h"
#include "domain/staging.h"
#include "protocol/mail/domain_name.h"
#include "services/compose/composer_internal.h"
#include "services/compose/letter_header.h"
#include "store/submission.h"

enum { SUBMITTED_MOST = 256 * 1024 * 1024 };

static bool sign(struct composer_worker *worker, const struct submission *s, struct span message,
                 struct letter *letter, struct error *err)
{
    const struct composer *c = worker->composer;
    const struct dkim_options options = { .key = c->dkim_key, .at_utc_ms = letter->date_ms };

    if (!domain_name_is_within(s->domain, span_of(c->options.settings->domain)))
        return true;
    if (composer_problem(c) != NULL) {
        *err = c->problem;
        return false;
    }
    return c->dkim_key == NULL ||
           dkim_sign_message(worker->signer, &options, message, &letter->bytes, err);
}

static bool put_together(struct composer_worker *worker, const struct submission *s,
                         struct span message, struct letter *letter, struct error *err)
{
    if (!sign(worker, s, message, letter, err))
        return false;
    buf_put(&letter->bytes, message);
    if (letter->bytes.overflown)
        return error_set(err, ERROR_LIMIT, "the letter is longer than %d bytes", SUBMITTED_MOST);
    digest_start(worker->digest);
    digest_add(worker->digest, buf_view(&letter->bytes));
    digest_end(worker->digest, letter->digest);
    return true;
}

static void set_facts(const struct submission *s, struct letter *letter)
{
    letter->date_ms = s->made_at - s->made_at % 1000;
    letter->needs_smtputf8 = s->needs_smtputf8;
    span_copy(s->sender, letter->sender, sizeof letter->sender);
    span_copy(s->subject, letter->subject, sizeof letter->subject);
}

/* A report has the null path, so that nobody answers it (RFC 3464, 2). */
static bool set_envelope(struct composer_worker *worker, const struct content_delivery *delivery,
                         const struct submission *s, struct letter *letter, struct error *err)
{
    if (!letter_envelope_set(worker, delivery, letter, err))
        return false;
    if (span_equal(s->via, SPAN("report")))
        letter->mail_from[0] = '\0';
    return true;
}

static bool write_letter(struct composer_worker *worker, const struct content_delivery *delivery,
                         const struct submission *s, struct db *db, struct letter *letter,
                         struct error *err)
{
    const struct settings *settings = worker->composer->options.settings;
    CLEANUP(buf_fini) struct buf message;
    struct error fault;

    buf_init(&message, SUBMITTED_MOST);
    buf_init(&letter->bytes, SUBMITTED_MOST);
    letter_header_put_staging(&message, settings->deliver, delivery->address);
    if (!submission_content_put(db, s->id, &message, err))
        return false;
    set_facts(s, letter);
    if (!set_envelope(worker, delivery, s, letter, &fault) ||
        !put_together(worker, s, buf_view(&message), letter, &fault))
        letter_breaks(letter, &fault);
    return true;
}

/* What was sent once is sent the same, or not at all (law 4). */
static bool hold_against_intent(struct composer_worker *worker, struct db *db,
                                const struct content_delivery *delivery, struct letter *letter,
                                struct error *err)
{
    struct span digest = { (const char *)letter->digest, sizeof letter->digest };
    struct content_intent intent;
    bool found;

    if (delivery->doubts == 0 || letter->verdict != LETTER_READY)
        return true;
    if (!content_read_intent(db, &worker->arena, delivery->id, &intent, &found, err))
        return false;
    if (!found)
        letter_breaks_as(letter,
                         "An attempt is in doubt, but nothing is on record of what it sent.");
    else if (!span_equal(digest, intent.digest))
        letter_breaks_as(letter, "An attempt is in doubt, and the mail does not come out as it "
                                 "was: it is signed with another key now.");
    return true;
}

bool submitted_letter_make(struct composer_worker *worker, struct db *db,
                           const struct content_delivery *delivery, struct letter *letter,
                           struct error *err)
{
    const struct settings *settings = worker->composer->options.settings;
    struct submission submission;
    bool found;

    if (!submission_load(db, &worker->arena, delivery->cause_id, &submission, &found, err))
        return false;
    if (!found || !submission.has_content) {
        letter_breaks_as(letter, "The message is not in the store any more.");
        return true;
    }
    if (!staging_allows(settings, delivery->normal, delivery->domain)) {
        letter_conclude(letter, LETTER_FORBIDDEN, STAGING_REASON);
        return true;
    }
    return write_letter(worker, delivery, &submission, db, letter, err) &&
           hold_against_intent(worker, db, delivery, letter, err);
}
