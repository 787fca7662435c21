/*
 * The review of one person's notices, a page at a time. Of each the law is asked that composing
 * will ask (domain/notice_content.h), so that a notice goes exactly when its mail would not be
 * made, and stays when anything else makes the person hear of its thread. Each page is whole in
 * the ledger's transaction with its cursor; done again after a crash it finds nothing more.
 */
#include "services/fanout/pending_review.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "domain/notice_content.h"
#include "store/content_thread.h"
#include "store/db.h"
#include "store/event_range.h"
#include "store/heard.h"
#include "store/list_member.h"
#include "store/notice.h"
#include "store/person.h"
#include "store/review.h"
#include "store/skip.h"
#include "store/thread_window.h"

enum { NOTICES_A_PAGE = 16, PEOPLE_A_STEP = 500 };

struct page_of_person {
    struct db *db;
    int64_t now_ms;
    struct arena arena;             /* of one notice */
    struct content_delivery reader; /* the person, as one who would get a mail */
};

static bool read_person(struct page_of_person *p, int64_t id, struct error *err)
{
    struct person person;

    if (!person_load(p->db, &p->arena, id, &person, err))
        return false;
    p->reader = (struct content_delivery){ .person = id,
                                           .inactive = person.status == PERSON_INACTIVE,
                                           .self_notify = person.self_notify };
    return true;
}

/* A watch that has become a digest's overtook the notice: the digest tells of it. */
static bool goes_to_a_digest(const struct notice_reader *reader)
{
    for (size_t i = 0; i < reader->watch_count; i++)
        if (reader->watches[i].mode >= WATCH_HOURLY)
            return true;
    return false;
}

static bool let_go(struct page_of_person *p, const struct notice *notice, const struct skip *skip,
                   bool to_digest, struct error *err)
{
    return (to_digest ? heard_owe(p->db, skip->person, skip->thread, skip->from_seq, err)
                      : skip_add(p->db, skip, err)) &&
           heard_passed(p->db, skip->person, skip->thread, skip->to_seq, err) &&
           notice_drop(p->db, notice, err) &&
           thread_window_passed(p->db, skip->thread, skip->to_seq, err);
}

static bool ask_law(struct page_of_person *p, const struct notice_due *due, struct error *err)
{
    const struct notice *notice = &due->notice;
    struct event_range range;
    struct notice_thread thread;
    struct notice_reader reader;
    struct notice_content content;
    struct skip skip;
    int64_t from;

    if (!event_range_begin(p->db, notice, &due->heard, p->now_ms, &from, err) ||
        !event_range_read(p->db, notice->thread, from, p->now_ms, &range, err))
        return false;
    p->reader.thread = notice->thread;
    p->reader.from_seq = from;
    p->reader.to_seq = range.to_seq;
    if (!content_read_thread(p->db, &p->arena, &p->reader, &thread, err) ||
        !content_read_reader(p->db, &p->arena, &p->reader, &thread, p->now_ms, &reader, err))
        return false;
    reader.time = (struct notice_time){ .date = p->now_ms };
    notice_content_make(&thread, &reader, &p->arena, &content);
    if (content.verdict != LETTER_FORBIDDEN)
        return true;
    if (goes_to_a_digest(&reader) && due->heard.delivery != 0)
        return true; /* first the end of the mail that is under way */
    skip = (struct skip){ notice->person, notice->thread, from,
                          range.to_seq,   content.reason, p->now_ms };
    return let_go(p, notice, &skip, goes_to_a_digest(&reader), err);
}

static bool review_page(struct page_of_person *p, const struct review *review, struct error *err)
{
    struct notice_due due[NOTICES_A_PAGE];
    size_t count;

    if (!notice_page_after(p->db, review->subject, review->cursor, NOTICES_A_PAGE, due, &count,
                           err) ||
        (count > 0 && !read_person(p, review->subject, err)))
        return false;
    for (size_t i = 0; i < count; i++) {
        arena_reset(&p->arena);
        if (!ask_law(p, &due[i], err))
            return false;
    }
    return count < NOTICES_A_PAGE
               ? review_end(p->db, review, err)
               : review_advance(p->db, review, due[count - 1].notice.thread, err);
}

static bool review_person(struct db *db, const struct review *review, int64_t now_ms,
                          struct error *err)
{
    struct page_of_person page = { .db = db, .now_ms = now_ms };
    bool fine;

    arena_init(&page.arena);
    fine = review_page(&page, review, err);
    arena_fini(&page.arena);
    return fine ||
           error_wrap(err, "reviewing what waits for person %lld", (long long)review->subject);
}

static bool review_ended(struct db *db, const struct review *review, int64_t now_ms,
                         struct error *err)
{
    bool more;

    return list_member_clear(db, review->subject, PEOPLE_A_STEP, now_ms, &more, err) &&
           (more || review_end(db, review, err));
}

bool pending_review_step(struct db *db, int64_t now_ms, bool *ret_idle, struct error *err)
{
    struct review review;
    bool found;

    if (!review_next(db, &review, &found, err))
        return error_wrap(err, "reviews");
    *ret_idle = !found;
    if (!found)
        return true;
    switch (review.of) {
    case REVIEW_PERSON:
        return review_person(db, &review, now_ms, err);
    case REVIEW_ENDED:
        return review_ended(db, &review, now_ms, err);
    case REVIEW_LIST:
    case REVIEW_TOPIC:
        break;
    }
    return review_spread(db, &review, PEOPLE_A_STEP, err);
}
