/*
 * Which exchangers' addresses mail may go to, from the settings.
 */
#ifndef POSTROOM_APP_MAIL_RULES_H
#define POSTROOM_APP_MAIL_RULES_H

#include "domain/mx_hosts.h"
#include "domain/settings.h"

struct mail_rules {
    struct mx_rules rules; /* points into this struct's memory */
    char *own_name;        /* lower case */
    struct ip *own_addresses;
};

/* mail_rules_init fills it in place: it does not move. */
void mail_rules_init(struct mail_rules *rules, const struct settings *settings);
void mail_rules_fini(struct mail_rules *rules);

#endif
