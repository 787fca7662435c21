/*
 * One change at a time.
 */
#include "tests/scenarios/weather.h"

#include <stdio.h>

enum { NEVER = -1, TALK_BYTES = 3000, SLOW_MS = 2000 };

static void set_dns(struct road *r, const char *domain, const char *failure)
{
    char mx[300];

    (void)snprintf(mx, sizeof mx, "10 mx.%s", domain);
    sim_dns_set(r->sim, domain, DNS_MX, failure != NULL ? failure : mx);
}

void weather_clear(struct road *r, struct weather_place place)
{
    struct ip ip = exchange_ip(place.ip);

    sim_net_black_hole(r->sim, &ip, false);
    sim_net_reset_after(r->sim, &ip, NEVER, NEVER);
    sim_net_latency(r->sim, &ip, 1);
    set_dns(r, place.domain, NULL);
}

void weather_turn(struct road *r, struct weather_place place, struct random *chance)
{
    struct ip ip = exchange_ip(place.ip);
    int64_t bytes = (int64_t)random_below(chance, TALK_BYTES);

    switch (random_below(chance, 8)) {
    case 0:
        sim_net_cut(r->sim, &ip);
        break;
    case 1:
        sim_net_black_hole(r->sim, &ip, true);
        break;
    case 2:
        sim_net_reset_after(r->sim, &ip, bytes, NEVER);
        break;
    case 3:
        sim_net_reset_after(r->sim, &ip, NEVER, bytes / 5);
        break;
    case 4:
        sim_net_latency(r->sim, &ip, (int64_t)random_below(chance, SLOW_MS));
        break;
    case 5:
        set_dns(r, place.domain, random_below(chance, 2) == 0 ? "servfail" : "timeout");
        break;
    default:
        weather_clear(r, place);
    }
}
