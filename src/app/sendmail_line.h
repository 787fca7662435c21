/*
 * The command line of sendmail as forty years of programs write it: what it asks for. What is of
 * no meaning here is passed over; what would be misunderstood is refused.
 */
#ifndef POSTROOM_APP_SENDMAIL_LINE_H
#define POSTROOM_APP_SENDMAIL_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/error.h"

enum sendmail_mode {
    SENDMAIL_DELIVER, /* -bm, and what is usual */
    SENDMAIL_SESSION, /* -bs: SMTP on standard input and output */
    SENDMAIL_QUEUE,   /* -bp: show the queue */
    SENDMAIL_NOTHING  /* -q, -bi, -I: there is nothing to be done */
};

struct sendmail_line {
    enum sendmail_mode mode;
    const char *sender;      /* -f, -r; NULL: who calls */
    const char *sender_name; /* -F; NULL */
    const char *config_file; /* -C; NULL */
    const char *envid;       /* -V; NULL */
    const char *notify;      /* -N; NULL */
    const char *returns;     /* -R; NULL */
    bool dots_are_data;      /* -i, -oi: a line of a dot does not end the message */
    bool to_from_header;     /* -t */
    const char **to;         /* borrows argv; freed with sendmail_line_fini */
    size_t to_count;
};

/* sendmail_line_read takes the words after the program's name apart; texts are borrowed. */
MUST_USE bool sendmail_line_read(int argc, char *const *argv, struct sendmail_line *ret_line,
                                 struct error *err);
void sendmail_line_fini(struct sendmail_line *line);

#endif
