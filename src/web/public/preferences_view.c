/*
 * Section by section. Each form changes one thing and posts to the page's own address.
 */
#include "web/public/preferences_view.h"

#include <jansson.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "services/compose/template_escape.h"
#include "store/kind.h"
#include "store/list_member.h"
#include "store/suppression.h"
#include "store/topic.h"
#include "store/watch.h"
#include "web/public/button_act.h"
#include "web/route.h"

enum { WATCHES_SHOWN = 50, LISTS_SHOWN = 20, BARS_SHOWN = 50, KINDS_MOST = 4000 };

struct view {
    const struct preferences_page *p;
    struct html_page page;
    struct error *err;
};

static struct db *db_of(const struct view *v)
{
    return web_reader(v->p->call->web);
}

static struct arena *arena_of(const struct view *v)
{
    return http_exchange_arena(v->p->call->exchange);
}

static void say(struct view *v, enum page_word word)
{
    page_say(&v->page, word, SPAN(""));
}

static void put_heading(struct view *v, enum page_word word)
{
    page_put(&v->page, "<h2>");
    say(v, word);
    page_put(&v->page, "</h2>\n");
}

static void put_button(struct view *v, const char *what, enum page_word word)
{
    buf_printf(&v->page.html, "<button name=\"do\" value=\"%s\">", what);
    say(v, word);
    page_put(&v->page, "</button>");
}

static void put_button_form(struct view *v, const char *what, enum page_word word)
{
    page_put(&v->page, "<form method=\"post\">");
    put_button(v, what, word);
    page_put(&v->page, "</form>\n");
}

/* A list of topics begins with the first of them. */
static void begin_list(struct view *v, enum page_word heading, bool *begun)
{
    if (*begun)
        return;
    put_heading(v, heading);
    page_put(&v->page, "<ul class=\"topics\">\n");
    *begun = true;
}

static void end_list(struct view *v, bool begun)
{
    if (begun)
        page_put(&v->page, "</ul>\n");
}

/* ---- topics ---- */

/* What to call a topic, with a link to where it is to be seen. */
static bool put_topic(struct view *v, int64_t id, struct span *ret_name)
{
    struct span key;
    struct topic topic = { .id = 0 };

    if (!page_topic_name(v->p->call, &v->p->person, id, ret_name, &key, v->err) ||
        (key.at != NULL && !topic_load(db_of(v), arena_of(v), id, &topic, v->err)))
        return false;
    page_put(&v->page, "<p class=\"topic\">");
    if (template_escape_url_safe(topic.url)) {
        page_put(&v->page, "<a href=\"");
        template_escape_put(&v->page.html, topic.url, ESCAPE_URL, LAYOUT_LINE);
        page_put(&v->page, "\">");
        page_put_text(&v->page, *ret_name);
        page_put(&v->page, "</a>");
    } else
        page_put_text(&v->page, *ret_name);
    page_put(&v->page, "</p>\n");
    return true;
}

static void put_modes(struct view *v, const struct watch *watch, struct span name)
{
    static const enum watch_mode modes[] = { WATCH_NOW, WATCH_HOURLY, WATCH_DAILY, WATCH_WEEKLY,
                                             WATCH_MUTE };

    buf_printf(&v->page.html, "<label class=\"hidden\" for=\"mode%lld\">", (long long)watch->topic);
    page_say(&v->page, WORD_HOW_OFTEN, name);
    buf_printf(&v->page.html, "</label><select id=\"mode%lld\" name=\"mode\">",
               (long long)watch->topic);
    for (size_t i = 0; i < ARRAY_LENGTH(modes); i++) {
        buf_printf(&v->page.html, "<option value=\"%s\"%s>", watch_mode_name(modes[i]),
                   modes[i] == watch->mode ? " selected" : "");
        say(v, (enum page_word)((unsigned)WORD_MODE_MUTE + (unsigned)modes[i]));
        page_put(&v->page, "</option>");
    }
    page_put(&v->page, "</select>");
}

static bool put_kinds(struct view *v, int64_t kinds)
{
    CLEANUP(buf_fini) struct buf names;

    buf_init(&names, KINDS_MOST);
    if (kinds == WATCH_ALL_KINDS)
        return true;
    if (!kind_mask_put(db_of(v), &names, kinds, v->err))
        return false;
    page_put(&v->page, "<p class=\"quiet\">");
    page_say(&v->page, WORD_SOME_KINDS, buf_view(&names));
    page_put(&v->page, "</p>\n");
    return true;
}

static bool put_watch(struct view *v, const struct watch *watch)
{
    struct span name;

    page_put(&v->page, "<li>");
    if (!put_topic(v, watch->topic, &name) || !put_kinds(v, watch->kinds))
        return false;
    buf_printf(&v->page.html,
               "<form method=\"post\" class=\"row\">"
               "<input type=\"hidden\" name=\"topic\" value=\"%lld\">",
               (long long)watch->topic);
    put_modes(v, watch, name);
    put_button(v, DO_WATCH, WORD_SAVE);
    put_button(v, DO_END, WORD_STOP_PRESS);
    page_put(&v->page, "</form></li>\n");
    return true;
}

static int64_t read_after(const struct view *v)
{
    struct span query = v->p->call->request->query;
    struct span name;
    struct span value;
    int64_t after = 0;

    while (query_next(&query, arena_of(v), &name, &value))
        if (name.at == NULL || !span_equal(name, SPAN("after")) ||
            !text_to_integer(value, 0, INT64_MAX, &after))
            continue;
    return after;
}

static bool is_over(const struct view *v, const struct watch *watch)
{
    return watch->until != 0 && watch->until <= web_now_ms(v->p->call->web);
}

static bool put_watches(struct view *v)
{
    const struct page page = { read_after(v), WATCHES_SHOWN };
    struct watch_list list;
    bool begun = false;

    if (!watch_page_of_person(db_of(v), arena_of(v), v->p->person.row.id, page, &list, v->err))
        return false;
    for (size_t i = 0; i < list.n; i++) {
        if (is_over(v, &list.at[i]))
            continue;
        begin_list(v, WORD_WATCHED, &begun);
        if (!put_watch(v, &list.at[i]))
            return false;
    }
    end_list(v, begun);
    if (!begun) {
        put_heading(v, WORD_WATCHED);
        page_put_paragraph(&v->page, WORD_WATCHES_NOTHING, SPAN(""));
    }
    if (list.n < WATCHES_SHOWN)
        return true;
    buf_printf(&v->page.html, "<p><a href=\"?after=%lld\">", (long long)list.at[list.n - 1].topic);
    say(v, WORD_MORE);
    page_put(&v->page, "</a></p>\n");
    return true;
}

/* ---- through lists ---- */

/* A watch of their own of the same topic stands before that of a list. */
static bool put_listed_watch(struct view *v, const struct watch *watch, bool *begun)
{
    struct watch own;
    bool found;

    if (!watch_find(db_of(v), watch->topic, v->p->person.row.id, &own, &found, v->err))
        return false;
    if (is_over(v, watch) || (found && !is_over(v, &own)))
        return true;
    begin_list(v, WORD_THROUGH_LISTS, begun);
    return put_watch(v, watch);
}

static bool put_list(struct view *v, int64_t list, bool *begun)
{
    const struct page page = { 0, WATCHES_SHOWN };
    struct watch_list watches;

    if (!watch_page_of_person(db_of(v), arena_of(v), who_of_list(list), page, &watches, v->err))
        return false;
    for (size_t i = 0; i < watches.n; i++)
        if (!put_listed_watch(v, &watches.at[i], begun))
            return false;
    return true;
}

static bool put_lists(struct view *v)
{
    const struct page page = { 0, LISTS_SHOWN };
    struct list_member_page lists;
    bool begun = false;

    if (!list_member_page_of(db_of(v), arena_of(v), v->p->person.row.id, page, &lists, v->err))
        return false;
    for (size_t i = 0; i < lists.n; i++)
        if (!put_list(v, lists.at[i].list, &begun))
            return false;
    end_list(v, begun);
    return true;
}

/* ---- what they unsubscribed ---- */

static bool put_bar(struct view *v, const struct suppression *bar, bool *begun)
{
    struct span name;
    int64_t topic;

    if (!span_equal(bar->reason, SPAN("unsubscribed")) || suppression_is_of_topics(bar->scope))
        return true;
    if (!topic_find(db_of(v), bar->scope, &topic, v->err))
        return false;
    if (topic == 0)
        return true;
    begin_list(v, WORD_SILENCED, begun);
    page_put(&v->page, "<li>");
    if (!put_topic(v, topic, &name))
        return false;
    buf_printf(&v->page.html,
               "<form method=\"post\"><input type=\"hidden\" name=\"topic\" value=\"%lld\">",
               (long long)topic);
    put_button(v, DO_ALLOW, WORD_ALLOW);
    page_put(&v->page, "</form></li>\n");
    return true;
}

/* All addresses are barred together, so the first one's bars are those of all. */
static bool put_bars(struct view *v)
{
    const struct span target = span_of(v->p->person.addresses[0].normal);
    const struct suppression_key from = { target, SPAN("") };
    struct suppression_list bars;
    bool begun = false;

    if (!suppression_page(db_of(v), arena_of(v), &from, BARS_SHOWN, &bars, v->err))
        return false;
    for (size_t i = 0; i < bars.n && span_equal(bars.at[i].target, target); i++)
        if (!put_bar(v, &bars.at[i], &begun))
            return false;
    end_list(v, begun);
    return true;
}

/* ---- language, zone, quiet hours ---- */

static void put_language(struct view *v, const char *tag, const char *name, bool selected)
{
    page_put(&v->page, "<option value=\"");
    page_put_text(&v->page, span_of(tag));
    page_put(&v->page, selected ? "\" selected>" : "\">");
    page_put_text(&v->page, span_of(name));
    page_put(&v->page, "</option>");
}

/* Templates may be in languages that the pages do not speak: what they have stays to be chosen. */
static void put_languages(struct view *v)
{
    struct span languages = v->p->person.row.languages;
    json_t *list = json_loadb(languages.at, languages.n, 0, NULL);
    const char *own = json_string_value(json_array_get(list, 0));
    enum page_language known = v->page.language;
    bool foreign = own != NULL && !page_language_find(span_of(own), &known);

    page_put(&v->page, "<div class=\"field\"><label for=\"language\">");
    say(v, WORD_LANGUAGE);
    page_put(&v->page, "</label><select id=\"language\" name=\"language\">");
    if (foreign)
        put_language(v, own, own, true);
    for (size_t i = 0; i < PAGE_LANGUAGES; i++) {
        enum page_language one = (enum page_language)i;

        put_language(v, page_language_tag(one), page_language_name(one), !foreign && one == known);
    }
    page_put(&v->page, "</select></div>\n");
    json_decref(list);
}

static void put_zone(struct view *v)
{
    page_put(&v->page, "<div class=\"field\"><label for=\"timezone\">");
    say(v, WORD_TIMEZONE);
    page_put(&v->page, "</label><input id=\"timezone\" name=\"timezone\" maxlength=\"60\" "
                       "autocomplete=\"off\" spellcheck=\"false\" "
                       "aria-describedby=\"zone-hint\" value=\"");
    page_put_text(&v->page, v->p->person.row.timezone);
    page_put(&v->page, "\"><div class=\"hint\" id=\"zone-hint\">");
    say(v, WORD_TIMEZONE_HINT);
    page_put(&v->page, "</div></div>\n");
}

static void put_hour(struct view *v, const char *name, enum page_word word, int minute, bool any)
{
    buf_printf(&v->page.html, "<div><label for=\"%s\">", name);
    say(v, word);
    buf_printf(&v->page.html, "</label><input type=\"time\" id=\"%s\" name=\"%s\" value=\"", name,
               name);
    if (any)
        buf_printf(&v->page.html, "%02d:%02d", minute / 60, minute % 60);
    page_put(&v->page, "\"></div>");
}

static void put_quiet(struct view *v)
{
    struct quiet_hours quiet = v->p->person.row.quiet;
    bool any = quiet.from != quiet.to;

    page_put(&v->page, "<fieldset class=\"field\" aria-describedby=\"quiet-hint\"><legend>");
    say(v, WORD_QUIET_HOURS);
    page_put(&v->page, "</legend><div class=\"row wide\">");
    put_hour(v, "quiet_from", WORD_QUIET_FROM, quiet.from, any);
    put_hour(v, "quiet_to", WORD_QUIET_TO, quiet.to, any);
    page_put(&v->page, "</div><div class=\"hint\" id=\"quiet-hint\">");
    say(v, WORD_QUIET_HINT);
    page_put(&v->page, "</div></fieldset>\n");
}

static void put_reading(struct view *v)
{
    put_heading(v, WORD_READING);
    page_put(&v->page, "<form method=\"post\">\n");
    put_languages(v);
    put_zone(v);
    put_quiet(v);
    put_button(v, DO_READING, WORD_SAVE);
    page_put(&v->page, "</form>\n");
}

/* ---- all of it ---- */

static void put_news(struct view *v)
{
    const struct preferences_page *p = v->p;

    if (!p->tells)
        return;
    buf_printf(&v->page.html, "<p class=\"%s\" role=\"%s\">", p->status == 200 ? "done" : "wrong",
               p->status == 200 ? "status" : "alert");
    say(v, p->word);
    page_put(&v->page, "</p>\n");
}

static bool read_off(struct view *v, bool *ret_off)
{
    const struct button_act_terms terms = {
        .call = v->p->call,
        .person = &v->p->person,
        .button = { v->p->person.row.id, BUTTON_UNSUBSCRIBE, 0 },
    };
    struct button_state state;

    if (!button_state_read(&terms, &state, v->err))
        return false;
    *ret_off = state.done;
    return true;
}

static bool put_sections(struct view *v)
{
    bool off;

    if (!read_off(v, &off))
        return false;
    if (v->p->person.row.status != PERSON_ACTIVE)
        page_put_paragraph(&v->page, WORD_SUSPENDED, SPAN(""));
    if (off) {
        page_put_paragraph(&v->page, WORD_ALL_OFF_DONE, SPAN(""));
        put_button_form(v, DO_ON, WORD_TURN_ON);
    }
    if (!put_watches(v) || !put_lists(v) || !put_bars(v))
        return false;
    put_reading(v);
    if (off)
        return true;
    put_heading(v, WORD_ALL_OFF_PRESS);
    page_put_paragraph(&v->page, WORD_ALL_OFF_MEANS, SPAN(""));
    put_button_form(v, DO_OFF, WORD_ALL_OFF_PRESS);
    return true;
}

bool preferences_put(const struct preferences_page *p, struct error *err)
{
    struct view v = { .p = p, .err = err };

    page_begin(&v.page, p->call, p->person.language, WORD_SETTINGS_TITLE, SPAN(""));
    put_news(&v);
    page_put(&v.page, "<p class=\"quiet\">");
    page_put_text(&v.page, span_of(p->person.addresses[0].address));
    page_put(&v.page, "</p>\n");
    if (!put_sections(&v)) {
        buf_fini(&v.page.html);
        return false;
    }
    page_answer(&v.page, p->status);
    return true;
}
