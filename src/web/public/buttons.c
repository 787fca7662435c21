/*
 * One page for all buttons: asked, done, undone.
 */
#include "web/public/buttons.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "web/public/button_act.h"
#include "web/public/form.h"
#include "web/public/page.h"

struct button_page {
    struct button_act_terms terms;
    struct page_person person;
    struct span topic; /* what to call it */
    bool undone;
};

/* What each act says, from its first word on. */
enum { ASK, MEANS, PRESS, DONE };

static enum page_word word(const struct button_page *p, unsigned which)
{
    static const enum page_word first[] = {
        [BUTTON_MUTE] = WORD_MUTE_ASK,
        [BUTTON_STOP] = WORD_STOP_ASK,
        [BUTTON_DAILY] = WORD_DAILY_ASK,
        [BUTTON_UNSUBSCRIBE] = WORD_NO_MAIL_ASK,
    };
    struct mail_button button = p->terms.button;
    unsigned base = button.topic == 0 ? WORD_ALL_OFF_ASK : first[button.act];

    return (enum page_word)(base + which);
}

static void put_form(struct html_page *page, const struct button_page *p,
                     const struct button_state *state)
{
    page_put(page, "<form method=\"post\">");
    if (state->done)
        buf_printf(&page->html, "<input type=\"hidden\" name=\"undo\" value=\"%lld\">",
                   (long long)state->undo);
    buf_printf(&page->html, "<button name=\"do\" value=\"%s\"%s>", state->done ? "undo" : "press",
               state->done ? "" : " class=\"main\"");
    page_say(page, state->done ? WORD_UNDO : word(p, PRESS), SPAN(""));
    page_put(page, "</button></form>\n");
}

static void put_foot(struct html_page *page, const struct button_page *p)
{
    page_put(page, "<footer><p>");
    page_put_text(page, span_of(p->person.addresses[0].address));
    page_put(page, " · <a href=\"../p/");
    settings_token_put(&page->html, web_token_keys(page->call->web), p->person.row.id);
    page_put(page, "\">");
    page_say(page, WORD_ALL_SETTINGS, SPAN(""));
    page_put(page, "</a></p></footer>\n");
}

static void show(const struct button_page *p)
{
    struct button_state state;
    struct html_page page;
    struct error err;

    if (!button_state_read(&p->terms, &state, &err)) {
        page_refuse(p->terms.call, 503, WORD_NOT_NOW);
        return;
    }
    page_begin(&page, p->terms.call, p->person.language, word(p, state.done ? DONE : ASK),
               p->topic);
    if (p->undone) {
        page_put(&page, "<p class=\"done\" role=\"status\">");
        page_say(&page, WORD_UNDONE, SPAN(""));
        page_put(&page, "</p>\n");
    }
    if (!state.done)
        page_put_paragraph(&page, word(p, MEANS), p->topic);
    if (!state.done || state.undo != 0)
        put_form(&page, p, &state);
    put_foot(&page, p);
    page_answer(&page, 200);
}

/* NULL when it has been answered: there is no such button, person or topic. */
static struct button_page *open_page(struct web_call *call)
{
    struct button_page *p = ARENA_NEW(http_exchange_arena(call->exchange), struct button_page);
    struct mail_button *button = &p->terms.button;
    struct error err;
    bool found;
    bool fine;

    if (!mail_button_read(call->match.parts[0], web_token_keys(call->web), button)) {
        page_lost(call);
        return NULL;
    }
    p->terms.call = call;
    p->terms.person = &p->person;
    fine = page_person_load(call, button->person, &p->person, &found, &err);
    if (fine && found && button->topic != 0) {
        fine = page_topic_name(call, &p->person, button->topic, &p->topic, &p->terms.key, &err);
        found = p->terms.key.at != NULL;
    }
    if (fine && found)
        return p;
    if (fine)
        page_lost(call);
    else
        page_refuse(call, 503, WORD_NOT_NOW);
    return NULL;
}

void buttons_show(struct web_call *call)
{
    const struct button_page *p = open_page(call);

    if (p != NULL)
        show(p);
}

static void pressed(void *context, const struct error *err)
{
    const struct button_page *p = context;

    if (err == NULL)
        show(p);
    else
        page_refuse(p->terms.call, 503, WORD_NOT_NOW);
}

/* A mail program presses the button itself, or somebody does on the page. */
static bool is_press(const struct form *form)
{
    return span_equal(form_find(form, "List-Unsubscribe"), SPAN("One-Click")) ||
           span_equal(form_find(form, "do"), SPAN("press"));
}

static void press(struct button_page *p, const struct form *form)
{
    struct page_plan plan = { .n = 0 };
    struct error err;
    int64_t undo = 0;
    bool fine;

    p->undone = span_equal(form_find(form, "do"), SPAN("undo"));
    if ((!p->undone && !is_press(form)) ||
        (p->undone && !text_to_integer(form_find(form, "undo"), 1, INT64_MAX, &undo))) {
        page_refuse(p->terms.call, 400, WORD_BAD_FORM);
        return;
    }
    fine = p->undone ? button_plan_undo(&p->terms, undo, &plan, &err)
                     : button_plan_press(&p->terms, &plan, &err);
    if (fine && plan.n > 0) {
        page_job_submit(p->terms.call, &p->person, &plan, pressed, p);
        return;
    }
    page_plan_drop(&plan);
    pressed(p, fine ? NULL : &err);
}

void buttons_press(struct web_call *call)
{
    struct button_page *p = open_page(call);
    struct form form;

    if (p == NULL)
        return;
    if (form_read(http_exchange_header(call->exchange, "Content-Type"), call->request->body,
                  http_exchange_arena(call->exchange), &form))
        press(p, &form);
    else
        page_refuse(call, 400, WORD_BAD_FORM);
}
