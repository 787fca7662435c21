/*
 * The entry of postroom.
 */
#include <signal.h>

#include "app/command.h"
#include "app/sendmail.h"

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN); /* a peer that goes away is an error of the write */
    if (argc > 0 && sendmail_is_name(argv[0]))
        return sendmail_main(NULL, true, argc - 1, argv + 1);
    return command_main(argc, argv);
}
