/*
 * What was said last about each delivery is read from its attempts.
 */
#include "services/intake/submission_reports.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "protocol/mail/repair.h"
#include "services/intake/report_text.h"
#include "services/intake/submission_take.h"
#include "store/attempt.h"
#include "store/delivery.h"
#include "store/submission_report.h"

enum {
    GATHER_MS = 2000, /* what ends meanwhile is told by the same report */
    TOLD_MOST = 100,  /* deliveries of one report */
    STATUS_ROOM = 12,
    REPORT_MOST = 1024 * 1024
};

/* RFC 3463: what the end says by itself. */
static const char *status_of_end(const struct delivery_row *row)
{
    if (row->state == DELIVERY_DELIVERED)
        return "2.0.0";
    if (row->state == DELIVERY_EXPIRED)
        return "4.4.7";
    return row->state == DELIVERY_SUPPRESSED ? "5.7.1" : "5.0.0";
}

static const char *words_of_end(const struct delivery_row *row)
{
    if (row->state == DELIVERY_EXPIRED)
        return row->text[0] != '\0' ? row->text : "It could not be delivered in time.";
    return row->state == DELIVERY_SUPPRESSED ? "Mail to this address is suppressed." : row->text;
}

/* What our own side has said is no diagnostic of a server. */
static void add_last_words(struct arena *arena, const struct attempt_row *last,
                           const struct delivery_row *row, struct report_recipient *told)
{
    told->host = last->host;
    if (last->local || last->code == 0)
        return;
    told->diagnostic = span_of(arena_printf(arena, "%lld %.*s%s%.*s", (long long)last->code,
                                            SPAN_ARGS(last->status), last->status.n > 0 ? " " : "",
                                            SPAN_ARGS(last->text)));
    if (row->state == DELIVERY_FAILED && last->status.n > 0 && last->status.n < STATUS_ROOM)
        told->status = arena_text(arena, last->status);
}

static bool read_recipient(struct db *db, struct arena *arena, const struct submission_owed *owed,
                           struct report_recipient *told, struct error *err)
{
    struct delivery_row *row = ARENA_NEW(arena, struct delivery_row);
    struct attempt_list tries;
    bool found;

    if (!delivery_load(db, owed->delivery, row, &found, err) ||
        !attempt_list_read(db, arena, owed->delivery, 1, &tries, err))
        return false;
    if (!found || row->address[0] == '\0')
        return true;
    told->address = span_of(row->address);
    told->orcpt = owed->orcpt;
    told->is_relayed = row->state == DELIVERY_DELIVERED;
    told->status = status_of_end(row);
    told->text = span_of(words_of_end(row));
    told->at = owed->at;
    if (tries.n > 0)
        add_last_words(arena, &tries.at[0], row, told);
    return true;
}

static bool read_recipients(struct db *db, struct arena *arena,
                            const struct submission_owed_list *owed, struct report *report,
                            struct error *err)
{
    struct report_recipient *all = ARENA_ARRAY(arena, struct report_recipient, owed->n);

    for (size_t i = 0; i < owed->n; i++) {
        struct report_recipient told = { .status = NULL };

        if (!read_recipient(db, arena, &owed->at[i], &told, err))
            return false;
        if (told.status != NULL)
            all[report->count++] = told;
    }
    report->recipients = all;
    return true;
}

/* As if somebody had handed it in, with the null path. */
static bool hand_in(struct db *db, const struct report *report, struct arena *arena, int64_t now_ms,
                    struct error *err)
{
    CLEANUP(buf_fini) struct buf text;
    struct span to = report->about->mail_from;
    struct submission_draft draft = {
        .to = &to, .to_count = 1, .via = SPAN("report"), .by = SPAN("postroom"), .now_ms = now_ms
    };
    struct submission_ready ready;
    struct submission_taken taken;
    bool ok;

    buf_init(&text, REPORT_MOST);
    report_text_put(&text, report);
    draft.message = buf_view(&text);
    if (!submission_prepare(&draft, report->settings, arena, &ready, err))
        return false;
    ok = submission_store(db, &ready, arena, &taken, err);
    if (ok)
        log_info("report-made", log_number("submission", report->about->id),
                 log_number("report", taken.id), log_number("recipients", (int64_t)report->count));
    submission_ready_fini(&ready);
    return ok;
}

static bool is_refused(const struct error *err)
{
    return err->kind == ERROR_INVALID || err->kind == ERROR_CONFLICT || err->kind == ERROR_LIMIT;
}

static bool make(struct db *db, struct report *report, struct arena *arena, int64_t now_ms,
                 struct error *err)
{
    CLEANUP(buf_fini) struct buf content;

    buf_init(&content, MESSAGE_MOST);
    if (!submission_content_put(db, report->about->id, &content, err))
        return false;
    report->content = buf_view(&content);
    if (hand_in(db, report, arena, now_ms, err))
        return true;
    if (!is_refused(err))
        return false;
    log_warning("report-dropped", log_number("submission", report->about->id),
                log_text("reason", err->text));
    return true;
}

static bool tell(struct db *db, const struct settings *settings, int64_t now_ms,
                 const struct submission_owed_list *owed, struct arena *arena, struct error *err)
{
    struct submission about;
    struct report report = { .settings = settings, .about = &about };
    bool found;

    if (!settings->submission.reports)
        return true;
    if (!submission_load(db, arena, owed->submission, &about, &found, err) ||
        !read_recipients(db, arena, owed, &report, err))
        return false;
    if (!found || report.count == 0)
        return true;
    report.returns = about.returns;
    return make(db, &report, arena, now_ms, err);
}

bool submission_reports_turn(struct db *db, const struct settings *settings, int64_t now_ms,
                             bool *ret_any, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct submission_owed_list owed;
    int64_t submission;

    arena_init(&arena);
    if (!submission_report_due(db, now_ms - GATHER_MS, &submission, err))
        return false;
    *ret_any = submission != 0;
    if (!*ret_any)
        return true;
    if (!submission_report_owed(db, &arena, submission, TOLD_MOST, &owed, err) ||
        !tell(db, settings, now_ms, &owed, &arena, err))
        return error_wrap(err, "reporting on submission %lld", (long long)submission);
    for (size_t i = 0; i < owed.n; i++)
        if (!submission_report_settle(db, owed.at[i].delivery, err))
            return false;
    return true;
}

bool submission_reports_next_due(struct db *db, int64_t *ret_due_at, struct error *err)
{
    int64_t first;

    if (!submission_report_first(db, &first, err))
        return false;
    *ret_due_at = first != 0 ? first + GATHER_MS : 0;
    return true;
}
