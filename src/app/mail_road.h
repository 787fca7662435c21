/*
 * The way out: the delivery engine with all that it borrows, made from the settings. The resolver
 * and the TLS context are nobody else's.
 */
#ifndef POSTROOM_APP_MAIL_ROAD_H
#define POSTROOM_APP_MAIL_ROAD_H

#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"
#include "services/delivery/letter_source.h"
#include "services/delivery/sight_source.h"

struct db;
struct delivery_engine;
struct figure_sums;
struct ledger;
struct mail_road;

/* All of it is borrowed and outlives the road. */
struct mail_road_options {
    const struct settings *settings;
    struct letter_source letters;
    struct sight_source sight;
    struct db *db; /* the writer */
    struct ledger *ledger;
};

/* mail_road_new makes the engine and notes this start in the store. Before the ledger's loop
 * runs. */
MUST_USE struct mail_road *mail_road_new(const struct mail_road_options *options,
                                         struct error *err);

/* mail_road_start begins to send; the ledger's loop runs. */
void mail_road_start(struct mail_road *road);

/* mail_road_stop returns when all that servers answered is committed; the ledger still runs. */
void mail_road_stop(struct mail_road *road);

/* mail_road_use takes over what of settings that were read anew concerns it. */
void mail_road_use(struct mail_road *road, const struct settings *settings);

/* mail_road_engine gives the engine. */
MUST_USE struct delivery_engine *mail_road_engine(const struct mail_road *road);

/* mail_road_figures adds what its threads have counted; from any thread. */
void mail_road_figures(const struct mail_road *road, struct figure_sums *sums);

/* mail_road_free ends it, stopped or never started; NULL is allowed. */
void mail_road_free(struct mail_road *road);

#endif
