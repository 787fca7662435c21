/*
 * Stories are told through the services' requests, as commands and applications do it.
 */
#include "tests/scenarios/story.h"

#include <stdio.h>
#include <string.h>

#include "services/directory/people.h"
#include "services/directory/watches.h"
#include "services/intake/events.h"
#include "store/db.h"
#include "tests/support/cmocka.h"

void story_domain(struct road *r, const char *domain, const char *ip)
{
    const struct smtp_sink_options options = exchange_options();
    char host[100];
    char mx[110];

    (void)snprintf(host, sizeof host, "mx.%s", domain);
    (void)snprintf(mx, sizeof mx, "10 %s", host);
    sim_dns_set(r->sim, domain, DNS_MX, mx);
    sim_dns_set(r->sim, host, DNS_A, ip);
    exchange_open(r->exchange, ip, &options);
}

void story_watcher(struct road *r, const char *key, const char *domain)
{
    road_ask(r, people_add, "{'key': '%s', 'address': '%s@%s'}", key, key, domain);
    road_ask(r, watches_set, "{'person': '%s', 'topic': 'project/x'}", key);
}

static int64_t tell(struct road *r, const char *issue, const char *word, const char *urgent)
{
    json_t *answer = road_ask(r, events_add,
                              "{'topic': {'key': '%s', 'title': 'Issue', 'parents': "
                              "['project/x']}, 'kind': 'commented', 'title': 'Issue', "
                              "'text': 'It says %s today.', 'urgent': %s}",
                              issue, word, urgent);

    return json_integer_value(json_object_get(answer, "event"));
}

int64_t story_tell(struct road *r, const char *issue, const char *word)
{
    return tell(r, issue, word, "false");
}

int64_t story_tell_urgently(struct road *r, const char *issue, const char *word)
{
    return tell(r, issue, word, "true");
}

void story_begin(struct road *r, uint64_t seed)
{
    road_open(r, seed);
    road_start(r);
    story_domain(r, "one.example", "192.0.2.1");
    story_watcher(r, "ann", "one.example");
}

bool story_tells(const struct exchange_mail *mail, const char *word)
{
    return strstr(mail->content, word) != NULL;
}

size_t story_times_told(const struct road *r, const char *to, const char *word)
{
    size_t times = 0;

    for (size_t i = 0; i < exchange_count(r->exchange); i++) {
        const struct exchange_mail *mail = exchange_mail(r->exchange, i);

        times += strcmp(mail->to, to) == 0 && story_tells(mail, word) ? 1 : 0;
    }
    return times;
}

int64_t story_attempts(struct road *r, int64_t delivery)
{
    return road_number(r, SQL("SELECT count(*) FROM attempt WHERE delivery = $1"),
                       db_int(delivery));
}

/* The id of the n-th attempt. */
static int64_t find_attempt(struct road *r, int64_t delivery, int n)
{
    return road_number(
        r, SQL("SELECT id FROM attempt WHERE delivery = $1 ORDER BY id LIMIT 1 OFFSET $2"),
        db_int(delivery), db_int(n));
}

#define COPY_TEXT(r, to, column, id)                                                               \
    (void)snprintf(                                                                                \
        (to), sizeof(to), "%s",                                                                    \
        road_text((r), SQL("SELECT " column " FROM attempt WHERE id = $1"), db_int(id)))

struct story_attempt story_attempt(struct road *r, int64_t delivery, int n)
{
    int64_t id = find_attempt(r, delivery, n);
    struct story_attempt attempt = {
        .at = road_number(r, SQL("SELECT at FROM attempt WHERE id = $1"), db_int(id)),
        .code =
            road_number(r, SQL("SELECT coalesce(code, 0) FROM attempt WHERE id = $1"), db_int(id)),
        .led_to = (enum delivery_state)road_number(
            r, SQL("SELECT outcome FROM attempt WHERE id = $1"), db_int(id)),
    };

    COPY_TEXT(r, attempt.host, "host", id);
    COPY_TEXT(r, attempt.ip, "ip", id);
    COPY_TEXT(r, attempt.source, "source", id);
    COPY_TEXT(r, attempt.stage, "stage", id);
    return attempt;
}

const char *story_reason(struct road *r, int64_t delivery)
{
    return road_text(r, SQL("SELECT reason FROM delivery_state WHERE delivery = $1"),
                     db_int(delivery));
}
