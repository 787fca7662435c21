/*
 * All commands, in the order `postroom help` shows them.
 */
#include "app/commands/list.h"

static const struct command *const lists[] = {
    init_commands, serve_commands, config_commands, manual_commands, check_address_commands, NULL,
};

const struct command *const *command_table(void)
{
    return lists;
}
