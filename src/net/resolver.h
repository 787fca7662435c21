/*
 * Questions to the domain name system. Two link-time twins: libunbound through its event API on
 * one `dns` thread (Debian's libunbound must never be asked for its own threads: it forks), and
 * the simulated one over a zone in memory. What the answers mean for mail is domain/mx_plan's
 * business.
 */
#ifndef POSTROOM_NET_RESOLVER_H
#define POSTROOM_NET_RESOLVER_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/list.h"
#include "domain/dns_answer.h"

struct loop;
struct mailbox;
struct resolver;

struct resolver_options {
    const char *forward_to; /* "127.0.0.1@5353": ask this server; NULL: resolve from the roots */
    int timeout_ms;         /* a question unanswered for so long is DNS_TIMEOUT */
};

/* A question, first member of the asker's struct; posted back through `answers` with `answer`
 * filled. The asker owns it again from then on and calls dns_answer_fini. */
struct dns_question {
    struct list link;
    char name[256]; /* absolute, A-labels, without the last dot */
    enum dns_type type;
    struct mailbox *answers;
    struct dns_answer answer;
};

/* resolver_new starts the dns thread (in the simulation: nothing). */
MUST_USE struct resolver *resolver_new(struct loop *loop, const struct resolver_options *options,
                                       struct error *err);

/* resolver_ask sends a question; from any thread. Every question is answered, at the latest
 * after timeout_ms. */
void resolver_ask(struct resolver *r, struct dns_question *question);

/* resolver_free ends the thread; open questions are answered DNS_TIMEOUT first. */
void resolver_free(struct resolver *r);

#endif
