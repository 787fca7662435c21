/*
 * An exchanger of our name or one of our addresses is this host. The mail domain is no host: it may
 * well have an exchanger of the same name elsewhere.
 */
#include "app/mail_rules.h"

#include "base/alloc.h"
#include "base/span.h"

void mail_rules_init(struct mail_rules *rules, const struct settings *settings)
{
    rules->own_name = alloc_text(settings->hostname);
    for (char *at = rules->own_name; *at != '\0'; at++)
        *at = span_lower(*at);
    rules->own_addresses = alloc_array(settings->sources.count, sizeof(struct ip));
    rules->rules = (struct mx_rules){
        .internal_allowed = settings->allow_private,
        .loopback_allowed = settings->allow_loopback,
        .own_names = (const char *const *)&rules->own_name,
        .own_name_count = 1,
        .own_addresses = rules->own_addresses,
    };
    for (size_t i = 0; i < settings->sources.count; i++)
        if (ip_parse(span_of(settings->sources.at[i]),
                     &rules->own_addresses[rules->rules.own_address_count]))
            rules->rules.own_address_count++;
}

void mail_rules_fini(struct mail_rules *rules)
{
    alloc_free(rules->own_name);
    alloc_free(rules->own_addresses);
}
