/*
 * What happens in a scenario, in the words of a tracker: people who watch project/x, issues in it
 * of which something is told, domains with an exchanger each.
 */
#ifndef POSTROOM_TESTS_SCENARIOS_STORY_H
#define POSTROOM_TESTS_SCENARIOS_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "tests/scenarios/road.h"

/* story_domain gives a domain one MX at `ip`, with an exchanger that takes everything. */
void story_domain(struct road *r, const char *domain, const char *ip);

/* story_watcher adds a person, KEY@DOMAIN, who watches project/x. */
void story_watcher(struct road *r, const char *key, const char *domain);

/* story_tell lets something happen to an issue of project/x, told with `word`; an urgent one waits
 * for no window. Gives the event. */
int64_t story_tell(struct road *r, const char *issue, const char *word);
int64_t story_tell_urgently(struct road *r, const char *issue, const char *word);

/* story_begin makes the common case: a running road with ann@one.example behind 192.0.2.1. */
void story_begin(struct road *r, uint64_t seed);

/* story_tells is true when a mail holds the word. */
MUST_USE bool story_tells(const struct exchange_mail *mail, const char *word);

/* story_times_told counts the mails to an address that hold the word. */
MUST_USE size_t story_times_told(const struct road *r, const char *to, const char *word);

/* One attempt, as the ledger has it. */
struct story_attempt {
    int64_t at;
    char host[64];
    char ip[48];
    char source[48];
    char stage[16];
    int64_t code;
    enum delivery_state led_to;
};

/* story_attempts counts them; story_attempt gives the n-th, from 0. */
MUST_USE int64_t story_attempts(struct road *r, int64_t delivery);
MUST_USE struct story_attempt story_attempt(struct road *r, int64_t delivery, int n);

/* story_reason gives the reason a delivery stands where it stands. */
MUST_USE const char *story_reason(struct road *r, int64_t delivery);

#endif
