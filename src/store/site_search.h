/*
 * Looking for sites: by any name people know one by, in lists, and what goes there. Every reading
 * is a range of an index with a bound.
 */
#ifndef POSTROOM_STORE_SITE_SEARCH_H
#define POSTROOM_STORE_SITE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/delivery.h"
#include "store/delivery.h"

struct db;

enum { SITE_KEYS_MOST = 100 };

struct site_keys {
    char at[SITE_KEYS_MOST][DELIVERY_DOMAIN_ROOM];
    size_t n;
};

/* site_search_name gives the sites a name means, each once: a site's own key, one of its hosts, or
 * a recipient domain it serves; at most SITE_KEYS_MOST. */
MUST_USE bool site_search_name(struct db *db, struct span name, struct site_keys *ret_keys,
                               struct error *err);

/* site_search_host gives the sites that have a host, in order; at most SITE_KEYS_MOST. */
MUST_USE bool site_search_host(struct db *db, struct span host, struct site_keys *ret_keys,
                               struct error *err);

enum site_choice {
    SITES_ALL,
    SITES_PAUSED, /* wholly or for a stream, by the operator */
    SITES_BLOCKED /* a stream, by the site's own word */
};

/* site_search_page gives at most `room` sites (up to SITE_KEYS_MOST) after the key `after`, in
 * order: those of a choice, as it is at `now_ms`. */
struct site_page {
    enum site_choice choice;
    struct span after;
    int64_t now_ms;
    size_t room;
};

MUST_USE bool site_search_page(struct db *db, const struct site_page *page,
                               struct site_keys *ret_keys, struct error *err);

/* A recipient domain that goes to a site, and what waits for it by stream. */
struct site_domain {
    char name[DELIVERY_DOMAIN_ROOM];
    int64_t waiting[STREAM_MAILOUTS + 1];
    int64_t waiting_in_all;
};

struct site_domains {
    struct site_domain *at; /* the caller's, of `room` */
    size_t room;
    size_t n;
};

/* site_search_domains gives the first domains after `after`, in order, as many as there is room. */
MUST_USE bool site_search_domains(struct db *db, struct span key, struct span after,
                                  struct site_domains *domains, struct error *err);

/* What waits for a site, by stream; of its first SITE_LANES_SUMMED lanes. */
enum { SITE_LANES_SUMMED = 20000 };

struct site_waiting {
    int64_t of[STREAM_MAILOUTS + 1];
    int64_t all;
    bool has_more; /* there are more lanes */
};

MUST_USE bool site_search_waiting(struct db *db, struct span key, struct site_waiting *ret_waiting,
                                  struct error *err);

#endif
