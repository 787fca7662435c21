/*
 * From a form to requests.
 */
#include "web/public/preferences.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/zone.h"
#include "services/request/answer.h"
#include "web/public/button_act.h"
#include "web/public/form.h"
#include "web/public/preferences_view.h"

static void show(const struct preferences_page *p)
{
    struct error err;

    if (!preferences_put(p, &err))
        page_refuse(p->call, 503, WORD_NOT_NOW);
}

/* NULL when it has been answered: there is no such person. */
static struct preferences_page *open_page(struct web_call *call)
{
    struct preferences_page *p =
        ARENA_NEW(http_exchange_arena(call->exchange), struct preferences_page);
    struct error err;
    int64_t person;
    bool found;

    p->call = call;
    p->status = 200;
    if (!settings_token_read(call->match.parts[0], web_token_keys(call->web), &person)) {
        page_lost(call);
        return NULL;
    }
    if (!page_person_load(call, person, &p->person, &found, &err)) {
        page_refuse(call, 503, WORD_NOT_NOW);
        return NULL;
    }
    if (found)
        return p;
    page_lost(call);
    return NULL;
}

void preferences_show(struct web_call *call)
{
    const struct preferences_page *p = open_page(call);

    if (p != NULL)
        show(p);
}

/* ---- what they watch ---- */

/* Finds the topic that the form names by its number. */
static bool read_topic(struct preferences_page *p, const struct form *form,
                       struct button_act_terms *terms, struct error *err)
{
    struct span name;

    if (!text_to_integer(form_find(form, "topic"), 1, INT64_MAX, &terms->button.topic))
        return error_set(err, ERROR_INVALID, "topic: must be a number");
    if (!page_topic_name(p->call, &p->person, terms->button.topic, &name, &terms->key, err))
        return false;
    return terms->key.at != NULL || error_set(err, ERROR_INVALID, "topic: is unknown");
}

static bool plan_mode(const struct button_act_terms *terms, const struct form *form,
                      struct page_plan *plan, struct error *err)
{
    enum watch_mode mode;

    if (!watch_mode_find(form_find(form, "mode"), &mode))
        return error_set(err, ERROR_INVALID, "mode: is unknown");
    return button_plan_mode(terms, mode, plan, err);
}

static bool plan_topic(struct preferences_page *p, const struct form *form, struct page_plan *plan,
                       struct error *err)
{
    struct span what = form_find(form, "do");
    struct button_act_terms terms = { .call = p->call,
                                      .person = &p->person,
                                      .button = { p->person.row.id, BUTTON_STOP, 0 } };

    if (!read_topic(p, form, &terms, err))
        return false;
    if (span_equal(what, SPAN(DO_WATCH)))
        return plan_mode(&terms, form, plan, err);
    if (span_equal(what, SPAN(DO_END)))
        return button_plan_press(&terms, plan, err);
    terms.button.act = BUTTON_UNSUBSCRIBE;
    return button_plan_undo(&terms, 0, plan, err);
}

static bool plan_all(struct preferences_page *p, bool off, struct page_plan *plan,
                     struct error *err)
{
    const struct button_act_terms terms = { .call = p->call,
                                            .person = &p->person,
                                            .button = { p->person.row.id, BUTTON_UNSUBSCRIBE, 0 } };

    return off ? button_plan_press(&terms, plan, err) : button_plan_undo(&terms, 0, plan, err);
}

/* ---- language, zone, quiet hours ---- */

static bool is_of(const json_t *tag, struct span language)
{
    struct span text = span_of(json_string_value(tag));

    return span_equal_nocase(text, language) ||
           span_equal_nocase(span_first(text, span_index(text, '-')), language);
}

/* The chosen language first, then what else they read; "de-AT" stays when they choose German. */
static json_t *languages_of(const struct page_person *person, struct span chosen)
{
    json_t *languages = json_loadb(person->row.languages.at, person->row.languages.n, 0, NULL);
    json_t *first = NULL;
    json_t *tag;
    size_t i;

    if (languages == NULL)
        languages = json_array();
    json_array_foreach (languages, i, tag) {
        if (is_of(tag, chosen)) {
            first = json_incref(tag);
            (void)json_array_remove(languages, i);
            break;
        }
    }
    if (first == NULL)
        first = json_stringn(chosen.at, chosen.n);
    (void)json_array_insert_new(languages, 0, first);
    return languages;
}

static json_t *quiet_of(const struct form *form)
{
    struct span from = form_find(form, "quiet_from");
    struct span to = form_find(form, "quiet_to");

    if (from.n == 0 || to.n == 0 || span_equal(from, to))
        return json_string("");
    return json_sprintf("%.*s-%.*s", SPAN_ARGS(from), SPAN_ARGS(to));
}

static bool plan_reading(struct preferences_page *p, const struct form *form,
                         struct page_plan *plan, struct error *err)
{
    struct span zone = span_trim(form_find(form, "timezone"));
    struct span language = form_find(form, "language");
    json_t *args;

    if (zone.at == NULL || language.n == 0)
        return error_set(err, ERROR_INVALID, "language, timezone: are missing");
    if (zone.n > 0 && !zone_known(zone)) {
        p->tells = true;
        p->word = WORD_BAD_TIMEZONE;
        p->status = 400;
        return true;
    }
    args =
        json_pack("{s:o, s:s%, s:o}", "person", json_sprintf("#%lld", (long long)p->person.row.id),
                  "timezone", zone.at, zone.n, "quiet", quiet_of(form));
    answer_take(args, "languages", languages_of(&p->person, language));
    page_plan_add(plan, "person.set", args);
    return true;
}

/* ---- all of it ---- */

static bool make_plan(struct preferences_page *p, const struct form *form, struct page_plan *plan,
                      struct error *err)
{
    static const char *const of_topics[] = { DO_WATCH, DO_END, DO_ALLOW };
    struct span what = form_find(form, "do");

    for (size_t i = 0; i < ARRAY_LENGTH(of_topics); i++)
        if (span_equal(what, span_of(of_topics[i])))
            return plan_topic(p, form, plan, err);
    if (span_equal(what, SPAN(DO_READING)))
        return plan_reading(p, form, plan, err);
    if (span_equal(what, SPAN(DO_OFF)) || span_equal(what, SPAN(DO_ON)))
        return plan_all(p, span_equal(what, SPAN(DO_OFF)), plan, err);
    return error_set(err, ERROR_INVALID, "do: is unknown");
}

static void refuse(const struct preferences_page *p, const struct error *err)
{
    bool bad = err->kind == ERROR_INVALID;

    page_refuse(p->call, bad ? 400 : 503, bad ? WORD_BAD_FORM : WORD_NOT_NOW);
}

/* The person is read anew, in what may be another language. */
static void changed(void *context, const struct error *err)
{
    struct preferences_page *p = context;

    if (err != NULL) {
        refuse(p, err);
        return;
    }
    p = open_page(p->call);
    if (p == NULL)
        return;
    p->tells = true;
    p->word = WORD_SAVED;
    show(p);
}

void preferences_change(struct web_call *call)
{
    struct preferences_page *p = open_page(call);
    struct page_plan plan = { .n = 0 };
    struct form form;
    struct error err;

    if (p == NULL)
        return;
    if (!form_read(http_exchange_header(call->exchange, "Content-Type"), call->request->body,
                   http_exchange_arena(call->exchange), &form)) {
        page_refuse(call, 400, WORD_BAD_FORM);
        return;
    }
    if (!make_plan(p, &form, &plan, &err)) {
        page_plan_drop(&plan);
        refuse(p, &err);
    } else if (plan.n > 0)
        page_job_submit(call, &p->person, &plan, changed, p);
    else
        show(p);
}
