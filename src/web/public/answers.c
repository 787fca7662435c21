/*
 * Asked, answered, withdrawn or too late. Opening the page changes nothing: programs that look at
 * all links of a mail answer no question.
 */
#include "web/public/answers.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "domain/mail_button.h"
#include "services/request/answer.h"
#include "store/approval.h"
#include "store/event.h"
#include "store/grant.h"
#include "store/topic.h"
#include "web/public/form.h"
#include "web/public/page.h"
#include "web/public/page_job.h"

struct answer_page {
    struct web_call *call;
    struct answer_link link;
    struct page_person person;
    struct event event;
    struct question question;
    struct span topic; /* what to call what it is about */
    struct span said;  /* by the event, when that may be shown */
};

/* ---- reading ---- */

/* What is secret is not shown on a page that a mail opens. */
static bool read_about(struct answer_page *p, bool *ret_found, struct error *err)
{
    struct span key;
    bool granted;
    bool secret;

    if (!grant_exists(web_reader(p->call->web), p->event.label, p->person.row.id, &granted, err) ||
        !page_topic_name(p->call, &p->person, p->event.topic, &p->topic, &key, err) ||
        !topic_is_secret(web_reader(p->call->web), p->event.topic, &secret, err))
        return false;
    *ret_found = granted && key.at != NULL;
    if (!secret && p->event.title.n > 0)
        p->topic = p->event.title;
    if (!secret)
        p->said = p->event.text;
    return true;
}

/* *ret_found is false when there is no such question to that person. */
static bool read_page(struct answer_page *p, bool *ret_found, struct error *err)
{
    struct db *db = web_reader(p->call->web);
    struct arena *arena = http_exchange_arena(p->call->exchange);
    int64_t event = p->link.event;

    if (!page_person_load(p->call, p->link.person, &p->person, ret_found, err))
        return false;
    if (*ret_found && !question_find(db, arena, event, &p->question, ret_found, err))
        return false;
    if (*ret_found && !approval_is_asked(db, p->person.row.id, event, ret_found, err))
        return false;
    return !*ret_found ||
           (event_load(db, arena, event, &p->event, err) && read_about(p, ret_found, err));
}

/* NULL when it has been answered: there is no such page. */
static struct answer_page *open_page(struct web_call *call)
{
    struct answer_page *p = ARENA_NEW(http_exchange_arena(call->exchange), struct answer_page);
    struct error err;
    bool found;

    p->call = call;
    if (!answer_link_read(call->match.parts[0], web_token_keys(call->web), &p->link)) {
        page_lost(call);
        return NULL;
    }
    if (!read_page(p, &found, &err)) {
        page_refuse(call, 503, WORD_NOT_NOW);
        return NULL;
    }
    if (!found) {
        page_lost(call);
        return NULL;
    }
    return p;
}

/* ---- showing ---- */

static bool is_late(const struct answer_page *p)
{
    return p->question.until_ms != 0 && p->question.until_ms <= web_now_ms(p->call->web);
}

static enum page_word title_of(const struct answer_page *p)
{
    if (p->question.closed_at != 0)
        return p->question.person != 0 ? WORD_ANSWER_GIVEN : WORD_ANSWER_WITHDRAWN;
    return is_late(p) ? WORD_ANSWER_LATE : WORD_ANSWER_ASK;
}

static struct span name_of(const struct answer_page *p)
{
    struct person who;
    struct error err;

    if (p->question.person == p->person.row.id)
        return span_of(page_word(p->person.language, WORD_ANSWER_YOU));
    if (!person_load(web_reader(p->call->web), http_exchange_arena(p->call->exchange),
                     p->question.person, &who, &err))
        return SPAN("?");
    return who.name.n > 0 ? who.name : who.key;
}

/* Who, what and when. */
static void put_given(struct html_page *page, const struct answer_page *p)
{
    CLEANUP(buf_fini) struct buf when;

    buf_init(&when, 100);
    text_put_time(&when, p->question.closed_at);
    page_put(page, "<p class=\"done\">");
    page_put_text(page, name_of(p));
    page_put(page, ": <strong>");
    page_put_text(page, p->question.answer);
    page_put(page, "</strong> <span class=\"quiet\">");
    page_put_text(page, buf_view(&when));
    page_put(page, "</span></p>\n");
    if (p->question.text.n == 0)
        return;
    page_put(page, "<p>");
    page_put_text(page, p->question.text);
    page_put(page, "</p>\n");
}

/* The answer whose link was followed stands out. */
static void put_answers(struct html_page *page, const struct answer_page *p)
{
    struct span answers = p->question.answers;

    for (int number = 1; answers.n > 0; number++) {
        struct span answer = span_take_until(&answers, ',');

        page_put(page, "<button name=\"answer\" value=\"");
        page_put_text(page, answer);
        page_put(page, number == p->link.number ? "\" class=\"main\">" : "\">");
        page_put_text(page, answer);
        page_put(page, "</button>\n");
    }
}

static void put_form(struct html_page *page, const struct answer_page *p)
{
    if (p->said.n > 0) {
        page_put(page, "<p>");
        page_put_text(page, p->said);
        page_put(page, "</p>\n");
    }
    page_put(page, "<form method=\"post\"><div class=\"field\"><label for=\"text\">");
    page_say(page, WORD_ANSWER_TEXT, SPAN(""));
    page_put(page, "</label><input id=\"text\" name=\"text\" maxlength=\"1000\"></div>\n"
                   "<div class=\"row\">");
    put_answers(page, p);
    page_put(page, "</div></form>\n");
}

static void show(const struct answer_page *p)
{
    struct html_page page;

    page_begin(&page, p->call, p->person.language, title_of(p), p->topic);
    if (p->question.closed_at != 0 && p->question.person != 0)
        put_given(&page, p);
    else if (p->question.closed_at == 0 && !is_late(p))
        put_form(&page, p);
    page_answer(&page, 200);
}

void answers_show(struct web_call *call)
{
    const struct answer_page *p = open_page(call);

    if (p != NULL)
        show(p);
}

/* ---- answering ---- */

/* Somebody else may have been faster: then the page tells of them. */
static void given(void *context, const struct error *err)
{
    struct answer_page *p = context;
    struct error fault;
    bool found;

    if ((err == NULL || err->kind == ERROR_CONFLICT) && read_page(p, &found, &fault) && found)
        show(p);
    else
        page_refuse(p->call, 503, WORD_NOT_NOW);
}

static bool may_answer(struct span answers, struct span answer)
{
    while (answers.n > 0)
        if (span_equal(span_take_until(&answers, ','), answer))
            return true;
    return false;
}

static void give(struct answer_page *p, const struct form *form)
{
    struct page_plan plan = { .n = 0 };
    struct span answer = form_find(form, "answer");
    struct span text = form_find(form, "text");
    json_t *args;

    if (!may_answer(p->question.answers, answer)) {
        page_refuse(p->call, 400, WORD_BAD_FORM);
        return;
    }
    args =
        json_pack("{s:o, s:I, s:s%}", "person", json_sprintf("#%lld", (long long)p->person.row.id),
                  "id", (json_int_t)p->link.event, "answer", answer.at, answer.n);
    if (text.n > 0)
        answer_text(args, "text", text);
    page_plan_add(&plan, "approval.answer", args);
    page_job_submit(p->call, &p->person, &plan, given, p);
}

void answers_give(struct web_call *call)
{
    struct answer_page *p = open_page(call);
    struct form form;

    if (p == NULL)
        return;
    if (p->question.closed_at != 0 || is_late(p))
        show(p);
    else if (form_read(http_exchange_header(call->exchange, "Content-Type"), call->request->body,
                       http_exchange_arena(call->exchange), &form))
        give(p, &form);
    else
        page_refuse(call, 400, WORD_BAD_FORM);
}
