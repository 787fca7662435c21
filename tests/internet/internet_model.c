/*
 * The outcome model: the world of the long run without engine, ledger or wires. Each receiver is a
 * store of mails that drains as fast as connections, its limits and the sender as a whole allow;
 * its troubles delay it as they delay the engine. It says when so many of a hundred mails will have
 * been taken, for worlds too large to be run.
 *
 *     internet_model RECIPIENTS [SEED]
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "tests/internet/long_world.h"

/* What was read off long runs, and the engine's own numbers. */
#define STEP_S 5.0
#define WINDOW_S 120.0         /* until an event's notices are due */
#define ROUND_TRIPS 1.4        /* of a mail on a standing connection, */
#define LEAVE_S 0.05           /* until the intent is durable */
#define ROUND_TRIPS_SLOW 2.0   /* and how often it meets a receiver's delay */
#define SENDER_A_SECOND 1700.0 /* mails the sender composes and records, over all */
#define SITE_CONNECTIONS 10.0  /* of the setting */
#define SHARED_CONNECTIONS                                                                         \
    875.0                       /* above which each site has its share of all, an eighth is spare */
#define THROTTLED_S 1800.0      /* how long a rate is obeyed that a receiver spoke of, */
#define THROTTLED_A_MINUTE 10.0 /* and how many mails a minute that is */
#define FIRST_RETRY_S 300.0     /* of a greylisted mail, and the one after it */
#define SECOND_RETRY_S 1200.0
#define LATE_S 450.0          /* what passes on average until an end of trouble is noticed */
#define BLOCKED_LATE_S 1800.0 /* likewise of a block, */
#define BLOCKED_AN_HOUR 16.0  /* and how many mails each hour of it costs */
#define STALL_S 600.0         /* what a final dot without an answer costs a connection */
#define END_S (49.0 * 3600.0)

struct store {
    const struct receiver *receiver;
    double mails;
    double shift_s; /* between the first try and the mail's being taken */
    double a_second;
    double seconds; /* of a connection, for a mail */
    double tokens;  /* of the rate */
    double throttled_until;
};

/* One of those a site has is kept for what is urgent. */
static double connections_of(const struct receiver *r)
{
    return r->connections_max > 0 && r->connections_max < SITE_CONNECTIONS
               ? r->connections_max - 1.0
               : SITE_CONNECTIONS - 1.0;
}

static double seconds_a_mail(const struct internet_size *size, const struct receiver *r)
{
    double seconds = ROUND_TRIPS * 2.0 * (double)size->latency_ms / 1000.0 + LEAVE_S +
                     ROUND_TRIPS_SLOW * (double)r->delay_ms / 1000.0;

    if (r->messages_max > 0) /* a connection's beginning and end */
        seconds += 4.0 * 2.0 * (double)size->latency_ms / 1000.0 / r->messages_max;
    if (r->end == END_STALLS)
        seconds += STALL_S / r->end_every;
    return seconds;
}

/* Whether a receiver's trouble keeps the sender away at a moment. */
static bool keeps_away(const struct period *period, double late_s, double now_s)
{
    return period->to > 0 && now_s >= (double)period->from / 1000.0 &&
           now_s < (double)period->to / 1000.0 + late_s;
}

static bool is_away(const struct receiver *r, double now_s)
{
    return now_s < WINDOW_S || keeps_away(&r->no_dns, LATE_S, now_s) ||
           keeps_away(&r->down, LATE_S, now_s) || keeps_away(&r->blocked, BLOCKED_LATE_S, now_s);
}

static struct store store_of(const struct internet_size *size, const struct receiver *r)
{
    struct store s = { .receiver = r, .tokens = r->rate };
    double greylist_s = (double)r->greylist_ms / 1000.0;

    s.seconds = seconds_a_mail(size, r);
    s.a_second = connections_of(r) / s.seconds;
    if (greylist_s > 0.0)
        s.shift_s = greylist_s <= FIRST_RETRY_S ? FIRST_RETRY_S : SECOND_RETRY_S;
    return s;
}

/* What a block refuses for good in a step, before the engine stops for an hour again. */
static double lost_of_block(const struct store *s)
{
    double lost = BLOCKED_AN_HOUR * STEP_S / 3600.0;

    return lost < s->mails ? lost : s->mails;
}

/* Mails a receiver would take in a step, were it alone. */
static double wish_of(struct store *s, double now_s)
{
    double wish = s->a_second * STEP_S;

    if (keeps_away(&s->receiver->blocked, 0.0, now_s))
        s->mails -= lost_of_block(s);
    if (is_away(s->receiver, now_s))
        return 0.0;
    if (s->receiver->rate > 0) {
        s->tokens += s->receiver->rate * STEP_S / 60.0;
        s->tokens = s->tokens > s->receiver->rate ? s->receiver->rate : s->tokens;
        if (now_s < s->throttled_until) {
            wish = THROTTLED_A_MINUTE * STEP_S / 60.0;
        } else if (wish > s->tokens) {
            wish = s->tokens;
            s->throttled_until = now_s + THROTTLED_S;
        }
    }
    return wish < s->mails ? wish : s->mails;
}

/* ---- the whole ---- */

struct model {
    struct internet net;
    struct store *stores;
    double *wishes;
    double *needs; /* connections */
    size_t busy;   /* stores that have mails stand first */
    double *taken; /* in each step */
    size_t steps;
    double all;
};

/* The share of each when all together want too much: those who want less get it. */
static double fair_share(const double *wants, size_t n, double most)
{
    double low = 0.0;
    double high = most;

    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2.0;
        double sum = 0.0;

        for (size_t k = 0; k < n; k++)
            sum += wants[k] < middle ? wants[k] : middle;
        if (sum > most)
            high = middle;
        else
            low = middle;
    }
    return low;
}

/* Those that are empty leave the ranks. */
static void muster(struct model *m)
{
    size_t busy = 0;

    for (size_t k = 0; k < m->busy; k++)
        if (m->stores[k].mails > 0.001)
            m->stores[busy++] = m->stores[k];
    m->busy = busy;
}

static double sum_of(const double *numbers, size_t n)
{
    double sum = 0.0;

    for (size_t k = 0; k < n; k++)
        sum += numbers[k];
    return sum;
}

/* When all connections are in use, each site has its share of them. */
static void share_connections(struct model *m)
{
    double share;

    for (size_t k = 0; k < m->busy; k++)
        m->needs[k] = m->wishes[k] * m->stores[k].seconds / STEP_S;
    if (sum_of(m->needs, m->busy) <= SHARED_CONNECTIONS)
        return;
    share = fair_share(m->needs, m->busy, SHARED_CONNECTIONS);
    for (size_t k = 0; k < m->busy; k++)
        if (m->needs[k] > share)
            m->wishes[k] = share * STEP_S / m->stores[k].seconds;
}

static void take_step(struct model *m, size_t step)
{
    const double most = SENDER_A_SECOND * STEP_S;
    double share = most;

    for (size_t k = 0; k < m->busy; k++)
        m->wishes[k] = wish_of(&m->stores[k], (double)step * STEP_S);
    share_connections(m);
    if (sum_of(m->wishes, m->busy) > most)
        share = fair_share(m->wishes, m->busy, most);
    for (size_t k = 0; k < m->busy; k++) {
        struct store *s = &m->stores[k];
        double mails = m->wishes[k] < share ? m->wishes[k] : share;
        size_t at = step + (size_t)(s->shift_s / STEP_S);

        s->mails -= mails;
        s->tokens -= mails;
        if (at < m->steps)
            m->taken[at] += mails;
    }
}

static void fill(struct model *m)
{
    m->busy = m->net.receiver_count;
    for (uint32_t k = 0; k < m->net.receiver_count; k++)
        m->stores[k] = store_of(&m->net.size, &m->net.receivers[k]);
    for (uint32_t i = 0; i < m->net.size.recipients; i++) {
        uint32_t receiver = m->net.domains[m->net.recipients[i].domain].receiver;

        if (m->net.recipients[i].nature == MAILBOX_GOOD && !m->net.receivers[receiver].is_nowhere)
            m->stores[receiver].mails += 1.0;
    }
}

/* How many there are after each ten minutes of the first two hours, and after each hour. */
static void say_curve(const struct model *m)
{
    const size_t hour = (size_t)(3600.0 / STEP_S);
    double done = 0.0;

    for (size_t step = 0; step < m->steps; step++) {
        done += m->taken[step];
        if ((step + 1) % hour == 0 || (step < 2 * hour && (step + 1) % (hour / 6) == 0))
            (void)printf("%6.2f h: %.0f taken\n", (double)(step + 1) / (double)hour, done);
    }
}

static void say(const struct model *m)
{
    static const double parts[] = { 10.0, 50.0, 90.0, 95.0, 99.0, 99.9 };
    double all = 0.0;
    double done = 0.0;
    size_t next = 0;

    for (size_t step = 0; step < m->steps; step++)
        all += m->taken[step];
    for (size_t step = 0; step < m->steps; step++) {
        done += m->taken[step];
        for (; next < ARRAY_LENGTH(parts) && done * 100.0 >= parts[next] * all; next++)
            (void)printf("%.1f of 100 mails were taken after %.1f minutes\n", parts[next],
                         (double)(step + 1) * STEP_S / 60.0);
    }
    (void)printf("%.0f mails were taken in all\n", all);
}

int main(int argc, char **argv)
{
    uint32_t recipients = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    const struct internet_size size =
        long_world(recipients, argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
    struct model m = { .steps = (size_t)(END_S / STEP_S) };

    internet_draw(&m.net, &size);
    m.stores = alloc_array(m.net.receiver_count, sizeof(struct store));
    m.wishes = alloc_array(m.net.receiver_count, sizeof(double));
    m.needs = alloc_array(m.net.receiver_count, sizeof(double));
    m.taken = alloc_array(m.steps, sizeof(double));
    fill(&m);
    for (size_t step = 0; step < m.steps; step++) {
        muster(&m);
        take_step(&m, step);
    }
    say(&m);
    say_curve(&m);
    internet_erase(&m.net);
    alloc_free(m.stores);
    alloc_free(m.wishes);
    alloc_free(m.needs);
    alloc_free(m.taken);
    return 0;
}
