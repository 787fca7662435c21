/*
 * `postroom sendmail`, also when the program is called by that name: a drop-in for
 * /usr/sbin/sendmail. The exit codes are those of sysexits.h, and 0 only when the message is
 * stored.
 */
#ifndef POSTROOM_APP_SENDMAIL_H
#define POSTROOM_APP_SENDMAIL_H

#include <stdbool.h>

#include "base/compiler.h"

/* sendmail_main runs it with the words after its name; `config_file` may be NULL: then -C names it,
 * or, when the program was called as sendmail, $POSTROOM_CONFIG, or it lies in /etc. Gives the exit
 * code. */
MUST_USE int sendmail_main(const char *config_file, bool by_name, int argc, char *const *argv);

/* sendmail_is_name tells whether the program was called as sendmail. */
MUST_USE bool sendmail_is_name(const char *program);

#endif
