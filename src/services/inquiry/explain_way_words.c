/*
 * The findings of explain about the way, in sentences: why a domain or a site is left alone, and
 * which limits make a turn come late.
 */
#include "base/text.h"
#include "services/inquiry/explain_words_internal.h"
#include "services/inquiry/sentences.h"

enum { WORDS_MOST = 300 };

void explain_say(struct words *w)
{
    sentence_end(&w->text, w->sentences);
}

void explain_put_words(struct words *w, struct span words)
{
    text_put_visible(&w->text, span_first(words, WORDS_MOST));
}

static void say_asleep(struct words *w)
{
    const struct domain_row *domain = &w->e->domain;

    buf_printf(&w->text, "%s is left alone since ", domain->name);
    sentence_put_moment(&w->text, domain->seen_at);
    buf_put_text(&w->text, " until ");
    sentence_put_distance(&w->text, domain->asleep_until, w->e->now_ms);
    buf_printf(&w->text, ": the last %lld tries failed", (long long)domain->failures);
    if (domain->text[0] != '\0') {
        buf_put_text(&w->text, " (");
        explain_put_words(w, span_of(domain->text));
        buf_put_byte(&w->text, ')');
    }
    buf_put_byte(&w->text, '.');
    explain_say(w);
}

static void say_domain_paused(struct words *w)
{
    const struct domain_row *domain = &w->e->domain;

    buf_printf(&w->text, "All mail to %s is paused since ", domain->name);
    sentence_put_distance(&w->text, domain->paused_at, w->e->now_ms);
    if (domain->paused_until != DOMAIN_PAUSED_FOR_GOOD) {
        buf_put_text(&w->text, " until ");
        sentence_put_distance(&w->text, domain->paused_until, w->e->now_ms);
    }
    buf_put_text(&w->text, " (");
    explain_put_words(w, span_of(domain->paused_words));
    buf_printf(&w->text, "); `postroom domain set %s --resume` lets it go on.", domain->name);
    explain_say(w);
}

/* Of a pause and a sleep the one that lasts longer. */
void explain_say_left_alone(struct words *w)
{
    const struct domain_row *domain = &w->e->domain;

    if (domain->paused_until > w->e->now_ms && domain->paused_until >= domain->asleep_until)
        say_domain_paused(w);
    else
        say_asleep(w);
}

static void put_site_words(struct words *w, struct span text)
{
    if (text.n > 0) {
        buf_put_text(&w->text, " (");
        explain_put_words(w, text);
        buf_put_byte(&w->text, ')');
    }
    buf_put_byte(&w->text, '.');
}

/* " since T until T (words)." of a word about the site */
static void put_word(struct words *w, const struct site_word *word)
{
    buf_put_text(&w->text, " since ");
    sentence_put_moment(&w->text, word->since);
    if (word->until != 0) {
        buf_put_text(&w->text, " until ");
        sentence_put_distance(&w->text, word->until, w->e->now_ms);
    }
    put_site_words(w, word->text);
    explain_say(w);
}

static void say_resume(struct words *w)
{
    const struct site_word *stop = w->e->stop;

    if (stop->site.n > 0 && stop->site.at[0] == '@')
        buf_printf(&w->text, "`postroom domain set %s --resume` lets it go on.", w->e->row.domain);
    else
        buf_printf(&w->text, "`postroom site resume %s` lets it go on.", w->e->lane.site);
    explain_say(w);
}

void explain_say_stopped(struct words *w)
{
    const struct explain *e = w->e;

    if (span_equal(e->stop->about, SPAN(SITE_WORD_PAUSE)))
        buf_printf(&w->text, "All mail to the servers of %s is paused", e->lane.site);
    else if (span_equal(e->stop->by, SPAN("operator")))
        buf_printf(&w->text, "Mail of the stream %s to the servers of %s is paused",
                   stream_name(e->row.stream), e->lane.site);
    else if (e->stop->site.n > 0 && e->stop->site.at[0] == '@')
        buf_printf(&w->text, "%s takes no mail of the stream %s from us; none goes there",
                   e->row.domain, stream_name(e->row.stream));
    else
        buf_printf(&w->text,
                   "The servers of %s take no mail of the stream %s from us; none goes there",
                   e->lane.site, stream_name(e->row.stream));
    put_word(w, e->stop);
    say_resume(w);
}

static const char *unit_of(enum site_limit_kind kind, int64_t value)
{
    switch (kind) {
    case LIMIT_CONNECTIONS:
        return value == 1 ? "connection at a time" : "connections at a time";
    case LIMIT_NEW_CONNECTIONS:
        return value == 1 ? "new connection a minute" : "new connections a minute";
    case LIMIT_MAILS:
        return value == 1 ? "mail a minute" : "mails a minute";
    case LIMIT_CONNECTION_MAILS:
    case LIMIT_CONNECTION_MS:
    case LIMIT_IDLE_MS:
    case SITE_LIMIT_KINDS:
        break;
    }
    return NULL;
}

static const char *verb_of(enum limit_origin origin)
{
    switch (origin) {
    case LIMIT_OF_SERVER:
        return "want";
    case LIMIT_LEARNED:
        return "bear";
    case LIMIT_OF_OPERATOR:
    case LIMIT_SHIPPED:
    case LIMIT_OF_SETTING:
    case LIMIT_ORIGINS:
        break;
    }
    return "get";
}

/* Who says so. */
static void put_origin(struct words *w, enum limit_origin origin)
{
    switch (origin) {
    case LIMIT_OF_OPERATOR:
        buf_put_text(&w->text, ", by order");
        break;
    case LIMIT_OF_SERVER:
        buf_put_text(&w->text, ", as they said");
        break;
    case LIMIT_LEARNED:
        buf_put_text(&w->text, ", as was learned");
        break;
    case LIMIT_SHIPPED:
        buf_printf(&w->text, ", by the shipped table (%.*s)",
                   SPAN_ARGS(w->e->bounds.provider->name));
        break;
    case LIMIT_OF_SETTING:
        buf_put_text(&w->text, ", by the settings");
        break;
    case LIMIT_ORIGINS:
        break;
    }
}

static void say_limit(struct words *w, const struct site_bound *bound, const char *unit)
{
    buf_printf(&w->text, "The servers of %s %s at most %lld %s", w->e->lane.site,
               verb_of(bound->origin), (long long)bound->value, unit);
    put_origin(w, bound->origin);
    if (bound->since != 0) {
        buf_put_text(&w->text, " since ");
        sentence_put_moment(&w->text, bound->since);
    }
    if (bound->until != 0) {
        buf_put_text(&w->text, ", until ");
        sentence_put_distance(&w->text, bound->until, w->e->now_ms);
    }
    put_site_words(w, span_of(bound->words));
    explain_say(w);
}

/* What makes a turn come late: of each kind the limit that binds. */
void explain_say_limits(struct words *w)
{
    const struct explain *e = w->e;

    for (int kind = 0; e->has_bounds && kind < SITE_LIMIT_KINDS; kind++) {
        struct site_bound bound =
            site_bounds_binding(&e->bounds, (enum site_limit_kind)kind, e->now_ms);
        const char *unit = unit_of((enum site_limit_kind)kind, bound.value);

        if (unit != NULL && bound.value != 0)
            say_limit(w, &bound, unit);
    }
}
