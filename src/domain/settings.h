/*
 * The settings as the services see them: plain values, filled by app/config from postroom.yaml,
 * an immutable snapshot that is replaced whole on reload. Durations are milliseconds. Texts live
 * as long as the snapshot.
 */
#ifndef POSTROOM_DOMAIN_SETTINGS_H
#define POSTROOM_DOMAIN_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_list {
    const char **at;
    size_t count;
};

struct duration_list {
    int64_t *at;
    size_t count;
};

enum doubt_policy { DOUBT_RESEND, DOUBT_HOLD };

/* One class of mail (stream_id indexes it). */
struct stream_settings {
    struct duration_list retry; /* after the first, second, ... failure; the last one repeats */
    int64_t expire_after;       /* give up so long after the first due time */
    enum doubt_policy in_doubt;
};

/* Patience of the SMTP client, RFC 5321 section 4.5.3.2. */
struct smtp_timeout_settings {
    int64_t connect;
    int64_t greeting;
    int64_t ehlo;
    int64_t starttls;
    int64_t mail;
    int64_t rcpt;
    int64_t data;
    int64_t block;
    int64_t dot;
    int64_t quit;
    int64_t idle; /* how long a connection without work is kept */
};

/* The HTTP server. */
struct http_settings {
    const char *listen; /* "127.0.0.1:8025"; NULL: no HTTP */
    int threads;
    size_t body_size;
    int connections;
    int address_connections; /* of one address */
    int64_t patience;        /* for a whole request */
    const char *certificate; /* NULL: no TLS */
    const char *key;
    struct text_list trusted_proxies;
};

/* The submission port. */
struct submission_settings {
    const char *listen;     /* with STARTTLS; NULL: no port */
    const char *listen_tls; /* under TLS from the start; NULL: none */
    const char *certificate;
    const char *key;
    struct text_list networks; /* that need no AUTH: "192.0.2.0/24" */
    struct text_list domains;  /* senders may be of; empty: our own */
    int connections;
    int address_connections;
    int rate;     /* messages a minute of one user; 0: no bound */
    bool reports; /* senders hear of what could not be delivered */
    int64_t patience;
};

enum chunking_policy { CHUNKING_NEVER, CHUNKING_WHEN_LARGE };

enum deliver_mode { DELIVER_ALL, DELIVER_ONLY, DELIVER_REDIRECT };

/* When digests are due, on the clocks of each person. */
struct digest_settings {
    int hour;       /* of daily and weekly ones, 0 to 23 */
    int weekday;    /* of weekly ones, 0 to 6 from Sunday */
    int64_t spread; /* they leave over so long a time, each person's at their own moment of it */
    int64_t oldest; /* what was older when the digest fell due is left out */
};

/* What is kept for others to hear of, beside what a webhook wants. */
struct change_settings {
    bool events;
    bool deliveries;
    bool suppressions;
    bool watches;
    int64_t keep;
};

struct webhook_settings {
    int64_t timeout; /* of a call */
    int64_t give_up; /* a webhook that fails so long is disabled */
};

/* Who the application is asked about what a person may see. */
struct visibility_settings {
    const char *url;    /* over HTTP; NULL: not */
    const char *secret; /* shown there; NULL: none */
    const char *module; /* a shared object; NULL: none */
    int64_t timeout;
    int64_t cache; /* an answer counts so long */
    int batch;     /* events in one question, about */
};

struct settings {
    /* who we are */
    const char *domain;             /* the organisation's mail domain */
    const char *hostname;           /* our name in EHLO */
    const char *sender_name;        /* display name when no actor has one */
    const char *sender_address;     /* From of notices */
    const char *return_path_domain; /* bounces come back to tokens there */
    const char *reply_domain;       /* answers come back to tokens there */
    const char *public_url;         /* NULL: none */
    const char *secret_file;        /* keys of tokens */
    const char *dkim_selector;
    const char *dkim_key_file; /* NULL: mail leaves unsigned */

    /* where things are */
    const char *database;
    const char *control_socket;
    const char *template_folder; /* NULL: only the built-in ones */
    struct text_list inboxes;
    struct http_settings http;

    /* ready-made messages */
    size_t message_size_limit;   /* octets of one as handed in */
    int message_recipient_limit; /* of one */
    int64_t keep_messages;       /* after the last delivery has ended */
    struct submission_settings submission;

    /* watching */
    int64_t window;
    int64_t urgent_window;
    int64_t busy_window;    /* instead, when a mail of the thread left for the person within */
    int64_t busy_time;      /* the last so long */
    int64_t sliding_window; /* each event begins the window anew; 0: none does */
    int64_t sliding_limit;  /* but not for longer than this in all */
    int person_rate;        /* mails an hour to one person, but for urgent ones; 0: any number */
    int roundup;            /* threads due at once come in one mail when they are more; 0: never */
    int storm_watchers;     /* an event with more watchers is held, */
    int storm_directs;      /* and one that addresses more; 0: none is */
    int thread_rate;        /* mails an hour to one person about one thread; 0: any number */
    struct digest_settings digest;
    struct change_settings changes;
    struct webhook_settings webhooks;
    size_t event_size_limit;       /* bytes of one event's JSON without its attachments, */
    int attachment_limit;          /* how many it has of those, */
    size_t attachment_size_limit;  /* bytes of one, */
    size_t attachments_size_limit; /* and of all of them */
    int scope_depth_limit;
    struct visibility_settings visibility;

    /* delivery */
    struct stream_settings streams[4];
    struct duration_list greylist_retry;
    struct duration_list full_retry;        /* the mailbox is full */
    struct duration_list unreachable_retry; /* no host of the domain could be reached */
    struct duration_list aside_retry;       /* the mail breaks sessions */
    int hard_refusals;                      /* so many within */
    int64_t hard_refusal_time;              /* suppress the address */
    int retry_jitter;                       /* per cent */
    struct smtp_timeout_settings timeouts;
    int smtp_port;
    int64_t race_delay;   /* between connecting to one address and to the next */
    const char *resolver; /* "127.0.0.1@5353"; NULL: from the roots */
    int64_t resolver_timeout;
    const char *extra_ca_file; /* NULL: none */
    struct text_list sources;  /* local addresses to send from; empty: the system's choice */
    bool allow_loopback;       /* MX addresses on loopback */
    bool one_at_a_time;        /* no mail begins before the one in front has its answer */
    enum chunking_policy chunking;
    bool allow_private;      /* and in private networks */
    int connections;         /* in all */
    int site_connections;    /* to one site */
    int connection_messages; /* mails over one connection, */
    int64_t connection_time; /* and how long it is used; 0: without end */
    enum deliver_mode deliver;
    struct text_list deliver_only; /* addresses and domains, in the forms they are compared in */
    const char *deliver_redirect;  /* wire form, */
    const char *deliver_redirect_domain; /* and its domain, as mail_address.h has it */
    int64_t keep_dialogues;              /* of tries that failed or are in doubt; 0: none */
};

#endif
