/*
 * A delivery in an answer: as it stands, what its intents fixed, what came of its tries.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_DELIVERY_JSON_H
#define POSTROOM_SERVICES_INQUIRY_DELIVERY_JSON_H

#include <jansson.h>

#include "base/compiler.h"

struct attempt_row;
struct delivery_order_list;
struct delivery_row;
struct intent_row;

/* delivery_json_put sets what a delivery's row says. */
void delivery_json_put(json_t *object, const struct delivery_row *row);

/* delivery_json_orders gives a new array of the orders by hand. */
MUST_USE json_t *delivery_json_orders(const struct delivery_order_list *orders);

/* delivery_json_intent and delivery_json_try give a new object each. */
MUST_USE json_t *delivery_json_intent(const struct intent_row *intent);
MUST_USE json_t *delivery_json_try(const struct attempt_row *attempt);

#endif
