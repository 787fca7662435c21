/*
 * Weather between us and a domain: connections that break or fall silent, slow lines, a DNS that
 * fails.
 */
#ifndef POSTROOM_TESTS_SCENARIOS_WEATHER_H
#define POSTROOM_TESTS_SCENARIOS_WEATHER_H

#include "base/random.h"
#include "tests/scenarios/road.h"

/* A domain of story_domain. */
struct weather_place {
    const char *domain;
    const char *ip;
};

/* weather_turn changes something about the way to a domain, by chance to the better; weather_clear
 * makes all of it good. */
void weather_turn(struct road *r, struct weather_place place, struct random *chance);
void weather_clear(struct road *r, struct weather_place place);

#endif
