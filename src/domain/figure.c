/*
 * The table of figures.
 */
#include "domain/figure.h"

#include <stddef.h>
#include <string.h>

#define MICROSECONDS 1000000

/* clang-format off */
static const struct figure_entry entries[FIGURES] = {
#define TRIED(index, outcome) \
    [index] = { "postroom_tries_total", "outcome=\"" outcome "\"", FIGURE_COUNTER, \
                "Tries of mails, by what they came to.", 1 }
    TRIED(FIGURE_DELIVERED, "delivered"),
    TRIED(FIGURE_DEFERRED, "deferred"),
    TRIED(FIGURE_FAILED, "failed"),
    TRIED(FIGURE_IN_DOUBT, "in_doubt"),

#define ENDED(index, stage) \
    [index] = { "postroom_tries_ended_total", "stage=\"" stage "\"", FIGURE_COUNTER, \
                "Tries that did not deliver, by where they ended.", 1 }
    ENDED(FIGURE_ENDED_DNS, "dns"),
    ENDED(FIGURE_ENDED_CONNECT, "connect"),
    ENDED(FIGURE_ENDED_GREETING, "greeting"),
    ENDED(FIGURE_ENDED_EHLO, "ehlo"),
    ENDED(FIGURE_ENDED_TLS, "tls"),
    ENDED(FIGURE_ENDED_MAIL, "mail"),
    ENDED(FIGURE_ENDED_RCPT, "rcpt"),
    ENDED(FIGURE_ENDED_DATA, "data"),
    ENDED(FIGURE_ENDED_CONTENT, "content"),
    ENDED(FIGURE_ENDED_DOT, "dot"),
    ENDED(FIGURE_ENDED_OTHER, "other"),

    [FIGURE_CLAIMS] = { "postroom_claims", "", FIGURE_GAUGE,
        "Mails in memory: waiting for a connection or under way.", 1 },
#define UNDER_WAY(index, stage) \
    [index] = { "postroom_mails_under_way", "stage=\"" stage "\"", FIGURE_GAUGE, \
                "Mails that somebody works for, by what is done.", 1 }
    UNDER_WAY(FIGURE_COMPOSING, "composing"),
    UNDER_WAY(FIGURE_LEAVING, "asking_leave"),
    UNDER_WAY(FIGURE_RECORDING, "recording"),
    UNDER_WAY(FIGURE_MAILINGS, "all"),

    [FIGURE_CONNECTED] = { "postroom_connections_made_total", "", FIGURE_COUNTER,
        "Connections made to mail servers.", 1 },
    [FIGURE_CONNECTIONS] = { "postroom_connections", "", FIGURE_GAUGE,
        "Connections to mail servers that are open.", 1 },
    [FIGURE_LOOKUPS] = { "postroom_lookups", "", FIGURE_GAUGE,
        "Recipient domains whose exchangers are being looked up.", 1 },
    [FIGURE_LOOKUPS_WAITING] = { "postroom_lookups_waiting", "", FIGURE_GAUGE,
        "Recipient domains that wait to be looked up.", 1 },
    [FIGURE_LANES] = { "postroom_lanes", "", FIGURE_GAUGE,
        "Lanes in memory: a stream's mail for one recipient domain.", 1 },
    [FIGURE_DOMAINS] = { "postroom_domains", "", FIGURE_GAUGE,
        "Recipient domains in memory.", 1 },
    [FIGURE_DOMAINS_ASLEEP] = { "postroom_domains_asleep", "", FIGURE_GAUGE,
        "Of these, left alone for a while since they could not be reached.", 1 },
    [FIGURE_SITES] = { "postroom_sites", "", FIGURE_GAUGE, "Sites in memory.", 1 },
    [FIGURE_SITES_ASLEEP] = { "postroom_sites_asleep", "", FIGURE_GAUGE,
        "Of these, left alone for a while since no host served.", 1 },
    [FIGURE_SITES_PAUSED] = { "postroom_sites_paused", "", FIGURE_GAUGE,
        "Of these, paused by the operator.", 1 },
    [FIGURE_SITES_BLOCKED] = { "postroom_sites_blocked", "", FIGURE_GAUGE,
        "Of these, not mailed for a while since they take nothing of a stream.", 1 },

    [FIGURE_JOBS] = { "postroom_ledger_jobs_total", "", FIGURE_COUNTER,
        "Jobs the ledger has answered.", 1 },
    [FIGURE_JOBS_WAITING] = { "postroom_ledger_jobs_waiting", "", FIGURE_GAUGE,
        "Jobs that were not answered when the last transaction was over.", 1 },
    [FIGURE_STALLED] = { "postroom_ledger_stalled", "", FIGURE_GAUGE,
        "1 while the store cannot be written: no mail leaves.", 1 },
#define COMMIT(index, label) \
    [index] = { "postroom_ledger_commit_seconds_bucket", "le=\"" label "\"", FIGURE_HISTOGRAM, \
                "How long commits took.", 1 }
    COMMIT(FIGURE_COMMIT_1MS, "0.001"),
    COMMIT(FIGURE_COMMIT_2MS, "0.002"),
    COMMIT(FIGURE_COMMIT_5MS, "0.005"),
    COMMIT(FIGURE_COMMIT_10MS, "0.01"),
    COMMIT(FIGURE_COMMIT_25MS, "0.025"),
    COMMIT(FIGURE_COMMIT_50MS, "0.05"),
    COMMIT(FIGURE_COMMIT_100MS, "0.1"),
    COMMIT(FIGURE_COMMIT_250MS, "0.25"),
    COMMIT(FIGURE_COMMIT_1S, "1"),
    COMMIT(FIGURE_COMMIT_5S, "5"),
    COMMIT(FIGURE_COMMIT_LONGER, "+Inf"),
    [FIGURE_COMMIT_US] = { "postroom_ledger_commit_seconds_sum", "", FIGURE_HISTOGRAM,
        "How long commits took.", MICROSECONDS },
    [FIGURE_COMMITS] = { "postroom_ledger_commit_seconds_count", "", FIGURE_HISTOGRAM,
        "How long commits took.", 1 },

    [FIGURE_OVERDUE] = { "postroom_overdue_total", "", FIGURE_COUNTER,
        "Mails and notices the watchdog found left behind: always 0, or a fault of postroom's.", 1 },
};

static const int64_t bounds_us[] = { 1000, 2000, 5000, 10000, 25000, 50000, 100000, 250000, 1000000,
                                     5000000 };

static const struct {
    const char *stage; /* as outcomes have it */
    enum figure figure;
} stages[] = {
    { "dns", FIGURE_ENDED_DNS },
    { "connect", FIGURE_ENDED_CONNECT },
    { "greeting", FIGURE_ENDED_GREETING },
    { "ehlo", FIGURE_ENDED_EHLO },
    { "helo", FIGURE_ENDED_EHLO },
    { "starttls", FIGURE_ENDED_TLS },
    { "handshake", FIGURE_ENDED_TLS },
    { "mail", FIGURE_ENDED_MAIL },
    { "rcpt", FIGURE_ENDED_RCPT },
    { "data", FIGURE_ENDED_DATA },
    { "content", FIGURE_ENDED_CONTENT },
    { "dot", FIGURE_ENDED_DOT },
};
/* clang-format on */

const struct figure_entry *figure_entry(enum figure figure)
{
    return &entries[figure];
}

enum figure figure_of_commit(int64_t us)
{
    size_t i = 0;

    while (i < ARRAY_LENGTH(bounds_us) && us > bounds_us[i])
        i++;
    return (enum figure)(FIGURE_COMMIT_1MS + i);
}

static enum figure figure_of_stage(const char *stage)
{
    for (size_t i = 0; i < ARRAY_LENGTH(stages); i++)
        if (strcmp(stage, stages[i].stage) == 0)
            return stages[i].figure;
    return FIGURE_ENDED_OTHER;
}

void figure_add_outcome(struct figure_page *page, const struct outcome *outcome)
{
    static const enum figure figures[] = { [OUTCOME_DELIVERED] = FIGURE_DELIVERED,
                                           [OUTCOME_RETRY] = FIGURE_DEFERRED,
                                           [OUTCOME_FAILED] = FIGURE_FAILED,
                                           [OUTCOME_IN_DOUBT] = FIGURE_IN_DOUBT };

    figure_add(page, figures[outcome->class], 1);
    if (outcome->class != OUTCOME_DELIVERED)
        figure_add(page, figure_of_stage(outcome->stage), 1);
}

void figure_sums_add(struct figure_sums *sums, const struct figure_page *page)
{
    for (int i = 0; i < FIGURES; i++)
        sums->at[i] += shared_number_read(&page->at[i]);
}
