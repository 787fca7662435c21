/*
 * The lists of commands, one a file in this folder.
 */
#ifndef POSTROOM_APP_COMMANDS_COMMANDS_INTERNAL_H
#define POSTROOM_APP_COMMANDS_COMMANDS_INTERNAL_H

#include "app/command.h"

extern const struct command alarms_commands[];
extern const struct command approvals_commands[];
extern const struct command audit_commands[];
extern const struct command check_address_commands[];
extern const struct command classify_commands[];
extern const struct command config_commands[];
extern const struct command domains_commands[];
extern const struct command lists_commands[];
extern const struct command mail_commands[];
extern const struct command suppress_commands[];
extern const struct command manual_commands[];
extern const struct command events_commands[];
extern const struct command git_hook_commands[];
extern const struct command import_commands[];
extern const struct command init_commands[];
extern const struct command people_commands[];
extern const struct command queue_orders_commands[];
extern const struct command recurrences_commands[];
extern const struct command route_commands[];
extern const struct command sendmail_commands[];
extern const struct command serve_commands[];
extern const struct command sink_commands[];
extern const struct command sites_commands[];
extern const struct command templates_commands[];
extern const struct command tokens_commands[];
extern const struct command webhooks_commands[];
extern const struct command changes_commands[];
extern const struct command topics_commands[];
extern const struct command trace_commands[];
extern const struct command watches_commands[];
extern const struct command why_commands[];

/* events_shape turns the texts of an event's line into its fields. */
MUST_USE bool events_shape(json_t *args, struct error *err);

/* events_shape_id makes the number of the field "id", given as text. */
MUST_USE bool events_shape_id(json_t *args, struct error *err);

/* mail_shape_delivery makes the number of the field "delivery", given as text. */
MUST_USE bool mail_shape_delivery(json_t *args, struct error *err);

/* queue_orders_shape turns the words of an order's line into numbers of deliveries. */
MUST_USE bool queue_orders_shape(json_t *args, struct error *err);
void queue_orders_print(FILE *out, const json_t *answer);

/* queue_now_run is `queue now`, which may wait for the servers' answers. */
MUST_USE int queue_now_run(const struct invocation *call);

/* shape_kinds turns "kinds": "a,b" of the line into a list. */
MUST_USE bool shape_kinds(json_t *args, struct error *err);

#endif
