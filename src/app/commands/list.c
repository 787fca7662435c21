/*
 * All commands, in the order `postroom help` shows them.
 */
#include "app/commands/commands_internal.h"

/* clang-format off */
static const struct command *const lists[] = {
    init_commands,
    serve_commands,
    config_commands,
    people_commands,
    lists_commands,
    topics_commands,
    trace_commands,
    watches_commands,
    events_commands,
    recurrences_commands,
    approvals_commands,
    git_hook_commands,
    why_commands,
    mail_commands,
    queue_orders_commands,
    sites_commands,
    domains_commands,
    route_commands,
    alarms_commands,
    templates_commands,
    tokens_commands,
    audit_commands,
    suppress_commands,
    webhooks_commands,
    changes_commands,
    sendmail_commands,
    import_commands,
    classify_commands,
    check_address_commands,
    sink_commands,
    manual_commands,
    NULL,
};
/* clang-format on */

const struct command *const *command_table(void)
{
    return lists;
}
