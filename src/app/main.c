/*
 * The entry of postroom.
 */
#include <signal.h>

#include "app/command.h"

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN); /* a peer that goes away is an error of the write */
    return command_main(argc, argv);
}
