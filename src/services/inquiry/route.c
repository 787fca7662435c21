/*
 * From the settings and the store: the DNS is the asker's affair, since it takes its time.
 */
#include "services/inquiry/route.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "domain/mail_address.h"
#include "domain/staging.h"
#include "services/inquiry/sentences.h"
#include "services/inquiry/site_bounds.h"
#include "services/inquiry/site_json.h"
#include "services/request/answer.h"
#include "store/domain.h"
#include "store/site_word.h"
#include "store/store_lock.h"
#include "store/suppression.h"

struct route {
    struct db *db;
    const struct request *request;
    struct mail_address address;
    struct span site; /* at == NULL: none */
    json_t *answer;
    json_t *stopped_by;
    struct buf sentence;
};

static void say(struct route *r)
{
    sentence_end(&r->sentence, r->stopped_by);
}

static void put_words(struct route *r, struct span words)
{
    if (words.n == 0)
        return;
    buf_put_text(&r->sentence, " (");
    text_put_visible(&r->sentence, span_first(words, 300));
    buf_put_byte(&r->sentence, ')');
}

static void put_until(struct route *r, int64_t until)
{
    if (until == 0)
        return;
    buf_put_text(&r->sentence, " until ");
    sentence_put_distance(&r->sentence, until, r->request->now_ms);
}

/* ---- what the settings say ---- */

static void put_staging(struct route *r)
{
    const struct settings *s = r->request->settings;

    switch (s->deliver) {
    case DELIVER_ALL:
        answer_string(r->answer, "deliver", "all");
        break;
    case DELIVER_ONLY:
        answer_string(r->answer, "deliver", "only");
        if (staging_allows(s, span_of(r->address.normal), span_of(r->address.domain)))
            break;
        buf_put_text(&r->sentence, STAGING_SENTENCE);
        say(r);
        break;
    case DELIVER_REDIRECT:
        answer_string(r->answer, "deliver", "redirect");
        answer_string(r->answer, "deliver_to", s->deliver_redirect);
        break;
    }
}

static void put_settings(struct route *r)
{
    const struct settings *s = r->request->settings;
    json_t *sources = json_array();

    for (size_t i = 0; i < s->sources.count; i++)
        (void)json_array_append_new(sources, json_string(s->sources.at[i]));
    answer_take(r->answer, "sources", sources);
    answer_string(r->answer, "helo", s->hostname);
    answer_number(r->answer, "port", s->smtp_port);
    answer_string(r->answer, "tls", "opportunistic");
    put_staging(r);
}

/* ---- what the store says ---- */

static bool put_suppression(struct route *r, struct error *err)
{
    char reason[100];
    bool bars;

    if (!suppression_bars(r->db, span_of(r->address.normal), span_of(r->address.domain),
                          r->request->now_ms, &bars, reason, sizeof reason, err))
        return false;
    if (!bars)
        return true;
    answer_string(r->answer, "suppressed_by", reason);
    buf_printf(&r->sentence, "The address is suppressed (%s); `postroom suppress list` shows it.",
               reason);
    say(r);
    return true;
}

static void say_domain(struct route *r, const struct domain_row *row)
{
    if (row->paused_until > r->request->now_ms) {
        buf_printf(&r->sentence, "All mail to %s is paused", row->name);
        put_until(r, row->paused_until == DOMAIN_PAUSED_FOR_GOOD ? 0 : row->paused_until);
        put_words(r, span_of(row->paused_words));
        buf_printf(&r->sentence, "; `postroom domain set %s --resume` lets it go on.", row->name);
        say(r);
    }
    if (row->asleep_until > r->request->now_ms) {
        buf_printf(&r->sentence, "%s is left alone", row->name);
        put_until(r, row->asleep_until);
        buf_printf(&r->sentence, ": the last %lld tries failed", (long long)row->failures);
        put_words(r, span_of(row->text));
        buf_printf(&r->sentence, "; `postroom domain recheck %s` tries it now.", row->name);
        say(r);
    }
}

static bool put_domain(struct route *r, struct error *err)
{
    struct domain_row row;
    json_t *facts;
    bool found;

    if (!domain_find(r->db, span_of(r->address.domain), &row, &found, err) || !found)
        return !found;
    facts = json_object();
    answer_take(r->answer, "domain_facts", facts);
    answer_number(facts, "failures", row.failures);
    if (row.asleep_until > r->request->now_ms)
        answer_moment(facts, "asleep_until", row.asleep_until);
    answer_flag(facts, "paused", row.paused_until > r->request->now_ms);
    if (row.text[0] != '\0')
        answer_string(facts, "text", row.text);
    say_domain(r, &row);
    return true;
}

static void say_word(struct route *r, const struct site_word *word)
{
    bool is_pause = span_equal(word->about, SPAN(SITE_WORD_PAUSE));
    enum stream_id stream;

    if (!is_pause && !stream_find(word->about, &stream))
        return;
    if (is_pause)
        buf_printf(&r->sentence, "All mail to the site %.*s is paused", SPAN_ARGS(r->site));
    else if (span_equal(word->by, SPAN("operator")))
        buf_printf(&r->sentence, "Mail of the stream %.*s to the site %.*s is paused",
                   SPAN_ARGS(word->about), SPAN_ARGS(r->site));
    else
        buf_printf(&r->sentence, "The servers of %.*s take no mail of the stream %.*s from us",
                   SPAN_ARGS(r->site), SPAN_ARGS(word->about));
    put_until(r, word->until);
    put_words(r, word->text);
    buf_printf(&r->sentence, "; `postroom site resume %.*s` lets it go on.", SPAN_ARGS(r->site));
    say(r);
}

static bool say_words(struct route *r, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct site_word_list words;

    arena_init(&arena);
    if (!site_word_list_read(r->db, &arena, r->site, r->request->now_ms, &words, err))
        return false;
    for (size_t i = 0; i < words.n; i++)
        say_word(r, &words.at[i]);
    return true;
}

static bool put_site(struct route *r, struct error *err)
{
    struct site_bounds bounds;

    if (r->site.at == NULL)
        return true;
    answer_text(r->answer, "site", r->site);
    if (!site_bounds_read(r->db, r->request->settings, r->site, &bounds, err))
        return false;
    if (bounds.provider != NULL)
        answer_text(r->answer, "provider", bounds.provider->name);
    site_json_put_limits(r->answer, &bounds, r->request->now_ms);
    site_bounds_fini(&bounds);
    return site_json_put_stops(r->db, r->answer, r->site, r->request->now_ms, err) &&
           site_json_put_hosts(r->db, r->answer, r->site, r->request->now_ms, err) &&
           say_words(r, err);
}

static bool put_daemon(struct route *r, struct error *err)
{
    struct store_lock_holder holder;
    json_t *daemon;

    if (!store_lock_look(r->request->settings->database, &holder, err))
        return false;
    daemon = json_object();
    answer_take(r->answer, "daemon", daemon);
    answer_flag(daemon, "running", holder.held && strcmp(holder.who, STORE_LOCK_DAEMON) == 0);
    return true;
}

static bool find_out(struct route *r, struct error *err)
{
    struct span text;

    if (!request_allow(r->request, "address site", err) ||
        !request_need_text(r->request, "address", &text, err) ||
        !request_text(r->request, "site", &r->site, err))
        return false;
    if (!mail_address_read(text, &r->address, err))
        return error_wrap(err, "address");
    answer_string(r->answer, "address", r->address.address);
    answer_string(r->answer, "normal", r->address.normal);
    answer_string(r->answer, "domain", r->address.domain);
    put_settings(r);
    return put_daemon(r, err) && put_suppression(r, err) && put_domain(r, err) && put_site(r, err);
}

bool route_explain(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    struct route r = { .db = db, .request = request, .answer = json_object() };
    bool ok;

    buf_init(&r.sentence, SENTENCE_LIMIT);
    r.stopped_by = json_array();
    answer_take(r.answer, "stopped_by", r.stopped_by);
    ok = find_out(&r, err);
    buf_fini(&r.sentence);
    if (ok)
        *ret_answer = r.answer;
    else
        json_decref(r.answer);
    return ok;
}
