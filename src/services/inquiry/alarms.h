/*
 * Requests about alarms, what a person must look at: alarms.list, alarms.clear.
 */
#ifndef POSTROOM_SERVICES_INQUIRY_ALARMS_H
#define POSTROOM_SERVICES_INQUIRY_ALARMS_H

#include "services/request/request.h"

/* alarms_list gives {"alarms": [{"alarm", "severity", "cause", "text", "since", "last", "times",
 * "until"}], "next": id}, the latest first, before the id `before`: the open ones, or with `all`
 * the ended ones, too. Reads. */
request_handler alarms_list;

/* alarms_clear ends an `alarm`: somebody has looked. It opens anew when its cause comes again. */
request_handler alarms_clear;

#endif
