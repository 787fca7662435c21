/*
 * Every setting of postroom, once.
 */
#include "app/config/key.h"

#include "domain/attachment.h"
#include "domain/delivery.h"
#include "domain/settings.h"

#define AT(member) offsetof(struct settings, member)
#define DAYS INT64_C(86400000)
#define HOURS INT64_C(3600000)
#define MINUTES INT64_C(60000)
#define SECONDS INT64_C(1000)
#define LIVE true

/* clang-format off */
#define STREAM(name, index, schedule, expiry, doubt) \
    { "streams." name ".retry", KEY_DURATION_LIST, AT(streams[index].retry), 1, 30 * DAYS, schedule, NULL, \
      "Waits after the first, second, ... failure of a mail of this stream; the last one repeats." }, \
    { "streams." name ".expire_after", KEY_DURATION, AT(streams[index].expire_after), 1, 30 * DAYS, expiry, NULL, \
      "Give up a mail of this stream so long after it was first due." }, \
    { "streams." name ".in_doubt", KEY_CHOICE, AT(streams[index].in_doubt), 0, 0, doubt, "resend hold", \
      "A mail whose final reply never came: resend it after the full retry wait (at most twice), or hold it for the operator." }

#define TIMEOUT(name, member, value, text) \
    { "smtp.timeouts." name, KEY_DURATION, AT(timeouts.member), 1, 1 * HOURS, value, NULL, text }

static const struct key keys[] = {
    /* who we are */
    { "domain", KEY_DOMAIN, AT(domain), 0, 0, "localhost", NULL,
      "The organisation's mail domain; other names have defaults made of it." },
    { "hostname", KEY_DOMAIN, AT(hostname), 0, 0, NULL, NULL,
      "Our name in EHLO; should match the reverse DNS of the sending address. Default: the machine's name, with the domain after it when it has none." },
    { "sender.name", KEY_TEXT, AT(sender_name), 0, 0, "postroom", NULL,
      "Display name of mails in whose events nobody acted.", LIVE },
    { "sender.address", KEY_ADDRESS, AT(sender_address), 0, 0, NULL, NULL,
      "Address in the From field of notices. Default: notify@ the domain.", LIVE },
    { "return_path_domain", KEY_DOMAIN, AT(return_path_domain), 0, 0, NULL, NULL,
      "Where bounces return to, at token addresses; needs an MX of its own. Default: bounce. before the domain.", LIVE },
    { "reply_domain", KEY_DOMAIN, AT(reply_domain), 0, 0, NULL, NULL,
      "Where answers return to, at token addresses. Default: reply. before the domain.", LIVE },
    { "public_url", KEY_URL, AT(public_url), 0, 0, NULL, NULL,
      "Where the pages behind the buttons of mails are reached: postroom-pages(7). Without it mails have none.", LIVE },
    { "secret_file", KEY_PATH, AT(secret_file), 0, 0, "postroom.secret", NULL,
      "The key of the tokens in return paths, Reply-To addresses and links, made by init." },
    { "dkim.selector", KEY_TEXT, AT(dkim_selector), 0, 0, "postroom", NULL,
      "DKIM selector: the key is published at SELECTOR._domainkey.DOMAIN.", LIVE },
    { "dkim.key_file", KEY_PATH, AT(dkim_key_file), 0, 0, NULL, NULL,
      "PEM file of the private DKIM key; without one, mail leaves unsigned.", LIVE },

    /* where things are */
    { "database", KEY_PATH, AT(database), 0, 0, "postroom.db", NULL, "The store." },
    { "control_socket", KEY_PATH, AT(control_socket), 0, 0, NULL, NULL,
      "Unix socket by which commands reach the daemon. Default: the database's path with .sock after it." },
    { "templates", KEY_PATH, AT(template_folder), 0, 0, NULL, NULL,
      "Folder of templates that go before the built-in ones: postroom-template(5).", LIVE },
    { "inboxes", KEY_PATH_LIST, AT(inboxes), 0, 0, "", NULL,
      "SQLite files with an inbox table, each written by an application in its own transactions." },

    /* HTTP */
    { "http.listen", KEY_ENDPOINT, AT(http.listen), 0, 0, NULL, NULL,
      "Where the HTTP server listens; without it there is none. Beyond loopback use TLS, or a proxy that does: tokens travel with each request." },
    { "http.threads", KEY_INTEGER, AT(http.threads), 1, 16, "2", NULL,
      "Threads that answer HTTP." },
    { "http.body_size", KEY_SIZE, AT(http.body_size), 1024, 64 << 20, "1M", NULL,
      "Largest body of a request; a larger one is answered 413." },
    { "http.connections", KEY_INTEGER, AT(http.connections), 1, 20000, "1000", NULL,
      "Open HTTP connections in all." },
    { "http.address_connections", KEY_INTEGER, AT(http.address_connections), 1, 20000, "100", NULL,
      "Open HTTP connections of one IPv4 address or IPv6 /64; trusted proxies have no such bound." },
    { "http.patience", KEY_DURATION, AT(http.patience), 1 * SECONDS, 10 * MINUTES, "30s", NULL,
      "A connection is closed when its next request is not whole by then, or its answer not taken." },
    { "http.certificate", KEY_PATH, AT(http.certificate), 0, 0, NULL, NULL,
      "PEM file of the server's certificate and its chain, for TLS; with http.key. A changed "
      "file is taken up within a minute, or at once with SIGHUP." },
    { "http.key", KEY_PATH, AT(http.key), 0, 0, NULL, NULL,
      "PEM file of the certificate's private key." },
    { "http.trusted_proxies", KEY_IP_LIST, AT(http.trusted_proxies), 0, 0, "", NULL,
      "Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed." },

    /* watching */
    { "watching.window", KEY_DURATION, AT(window), 0, 7 * DAYS, "2m", NULL,
      "How long a notice waits for more events of its thread.", LIVE },
    { "watching.urgent_window", KEY_DURATION, AT(urgent_window), 0, 1 * DAYS, "0", NULL,
      "The same for urgent events.", LIVE },
    { "watching.busy_window", KEY_DURATION, AT(busy_window), 0, 7 * DAYS, "15m", NULL,
      "The window of a busy thread: one of which a mail left for the person within watching.busy_time. It lengthens a window that is not 0, and never the delay of a watch.", LIVE },
    { "watching.busy_time", KEY_DURATION, AT(busy_time), 0, 7 * DAYS, "1h", NULL,
      "How long a thread is busy after a mail of it left.", LIVE },
    { "watching.sliding_window", KEY_DURATION, AT(sliding_window), 0, 1 * DAYS, "0", NULL,
      "When set, a notice that is due waits until its thread was quiet for so long.", LIVE },
    { "watching.sliding_limit", KEY_DURATION, AT(sliding_limit), 0, 7 * DAYS, "10m", NULL,
      "How long it waits for that at most, from its first event on.", LIVE },
    { "watching.person_rate", KEY_INTEGER, AT(person_rate), 0, 10000, "60", NULL,
      "How many mails a person gets within an hour: then notices that are not urgent wait, and what happens meanwhile joins them. 0: any number.", LIVE },
    { "watching.thread_rate", KEY_INTEGER, AT(thread_rate), 0, 1000, "20", NULL,
      "The same for mails of one thread to one person, urgent ones too: more are taken for a loop, and an alarm tells of it. 0: any number.", LIVE },
    { "watching.roundup", KEY_INTEGER, AT(roundup), 0, 1000, "5", NULL,
      "When news of more threads than this is due for a person at once, or within a quarter of watching.window, one mail tells of them all. 0: each thread has mails of its own.", LIVE },
    { "watching.storm_watchers", KEY_INTEGER, AT(storm_watchers), 0, 1000000000, "0", NULL,
      "An event whose topics have more watches is held until event release lets it go; an alarm tells of it. 0: none is held.", LIVE },
    { "watching.storm_addressed", KEY_INTEGER, AT(storm_directs), 0, 1000000000, "1000", NULL,
      "The same for people whom an event addresses directly.", LIVE },
    { "watching.digest.hour", KEY_INTEGER, AT(digest.hour), 0, 23, "8", NULL,
      "The hour at which daily and weekly digests are due, on the clocks of each person's time zone. A change counts after each person's next digest.", LIVE },
    { "watching.digest.weekday", KEY_CHOICE, AT(digest.weekday), 0, 0, "monday", "sunday monday tuesday wednesday thursday friday saturday",
      "The day of weekly digests.", LIVE },
    { "watching.digest.spread", KEY_DURATION, AT(digest.spread), 0, 30 * MINUTES, "5m", NULL,
      "Digests that are due at one moment leave over so long a time, each person's always at the same moment of it. What happened after the hour is left to the next.", LIVE },
    { "watching.digest.oldest", KEY_DURATION, AT(digest.oldest), 1 * HOURS, 90 * DAYS, "14d", NULL,
      "After downtime or failures one digest tells all that is owed, but for what happened longer ago than this.", LIVE },
    { "watching.scope_depth", KEY_INTEGER, AT(scope_depth_limit), 1, 64, "16", NULL,
      "How many levels of parents an event reaches." },
    /* telling others */
    { "changes.events", KEY_FLAG, AT(changes.events), 0, 0, "false", NULL,
      "Keep a record of events for those who ask for changes. What a webhook wants is kept anyway." },
    { "changes.deliveries", KEY_FLAG, AT(changes.deliveries), 0, 0, "false", NULL,
      "The same of mails that have reached their end: a row each." },
    { "changes.suppressions", KEY_FLAG, AT(changes.suppressions), 0, 0, "false", NULL,
      "The same of suppressions that begin or end." },
    { "changes.watches", KEY_FLAG, AT(changes.watches), 0, 0, "false", NULL,
      "The same of watches that begin, change or end." },
    { "changes.keep", KEY_DURATION, AT(changes.keep), 1 * HOURS, 3650 * DAYS, "14d", NULL,
      "How long changes are kept, for those who ask and for webhooks that are behind: not shorter than webhooks.give_up." },
    { "webhooks.timeout", KEY_DURATION, AT(webhooks.timeout), 100, 5 * MINUTES, "15s", NULL,
      "Patience for the answer of a webhook." },
    { "webhooks.give_up", KEY_DURATION, AT(webhooks.give_up), 1 * SECONDS, 365 * DAYS, "5d", NULL,
      "A webhook that fails for so long is disabled, and an alarm tells of it; one that answers 410 is at once." },


    /* who may see what */
    { "visibility.url", KEY_URL, AT(visibility.url), 0, 0, NULL, NULL,
      "Where the application is asked, before each mail is made, which of its events its person may see: postroom-visibility(7)." },
    { "visibility.secret", KEY_TEXT, AT(visibility.secret), 0, 0, NULL, NULL,
      "What it knows postroom by: sent as a bearer token." },
    { "visibility.module", KEY_PATH, AT(visibility.module), 0, 0, NULL, NULL,
      "A shared object with a function that is asked instead." },
    { "visibility.timeout", KEY_DURATION, AT(visibility.timeout), 100, 1 * MINUTES, "5s", NULL,
      "How long visibility.url has to answer; then the mail waits." },
    { "visibility.cache", KEY_DURATION, AT(visibility.cache), 1 * SECONDS, 1 * HOURS, "1m", NULL,
      "How long an answer counts: for a mail that leaves later it is asked again. Twice as long each time that the mail's server was slower." },
    { "visibility.batch", KEY_INTEGER, AT(visibility.batch), 1, 10000, "500", NULL,
      "About how many events of one or several mails visibility.url is asked about at once." },
    { "limits.event_size", KEY_SIZE, AT(event_size_limit), 1024, 64 << 20, "1M", NULL,
      "Largest JSON of one event, contents of attachments not counted." },
    { "limits.attachments", KEY_INTEGER, AT(attachment_limit), 0, ATTACHMENT_COUNT_LIMIT, "10", NULL,
      "Attachments of one event." },
    { "limits.attachment_size", KEY_SIZE, AT(attachment_size_limit), 0, ATTACHMENTS_SIZE_LIMIT, "1M", NULL,
      "Largest attachment of an event. Over HTTP a request is bounded by http.body_size as well, and base64 makes four bytes of three." },
    { "limits.attachments_size", KEY_SIZE, AT(attachments_size_limit), 0, ATTACHMENTS_SIZE_LIMIT, "2M", NULL,
      "All attachments of one event together." },

    { "limits.message_size", KEY_SIZE, AT(message_size_limit), 1024, 100 << 20, "25M", NULL,
      "Largest ready-made message that is taken in." },
    { "limits.message_recipients", KEY_INTEGER, AT(message_recipient_limit), 1, 10000, "1000", NULL,
      "Recipients of one ready-made message." },
    { "submission.listen", KEY_ENDPOINT, AT(submission.listen), 0, 0, NULL, NULL,
      "Where programs hand in ready-made messages by SMTP, such as 127.0.0.1:587; without it there is no such port. AUTH takes a token with the scope submit as the password, under TLS alone; the user's name is not looked at." },
    { "submission.listen_tls", KEY_ENDPOINT, AT(submission.listen_tls), 0, 0, NULL, NULL,
      "The same under TLS from the start, such as 127.0.0.1:465." },
    { "submission.certificate", KEY_PATH, AT(submission.certificate), 0, 0, NULL, NULL,
      "PEM file of the port's certificate and its chain; with submission.key. Without them nobody can log in." },
    { "submission.key", KEY_PATH, AT(submission.key), 0, 0, NULL, NULL,
      "PEM file of the certificate's private key." },
    { "submission.networks", KEY_TEXT_LIST, AT(submission.networks), 0, 0, "", NULL,
      "Networks and addresses that hand in without AUTH, such as 127.0.0.1 and 192.0.2.0/24." },
    { "submission.domains", KEY_TEXT_LIST, AT(submission.domains), 0, 0, "", NULL,
      "Domains that senders and From addresses may be of, on the port and by a token of the API, with those below them; * stands for any. Default: the domain." },
    { "submission.connections", KEY_INTEGER, AT(submission.connections), 1, 10000, "50", NULL,
      "Open connections to the port; each may hold a message of limits.message_size in memory." },
    { "submission.address_connections", KEY_INTEGER, AT(submission.address_connections), 1, 10000, "20", NULL,
      "Open connections of one address." },
    { "submission.rate", KEY_INTEGER, AT(submission.rate), 0, 1000000, "0", NULL,
      "Messages a minute of one token, over the port and HTTP taken together, or of one address of the networks; more are answered 452, over HTTP 429. 0: no bound." },
    { "submission.reports", KEY_FLAG, AT(submission.reports), 0, 0, "true", NULL,
      "Senders of ready-made messages hear of what could not be delivered (RFC 3464), as NOTIFY, RET and ENVID say." },
    { "submission.patience", KEY_DURATION, AT(submission.patience), 1 * SECONDS, 1 * HOURS, "5m", NULL,
      "A connection that is silent for so long is closed (RFC 5321 section 4.5.3.2.7)." },
    { "submission.keep", KEY_DURATION, AT(keep_messages), 0, 3650 * DAYS, "7d", NULL,
      "How long the bytes of a ready-made message are kept after its last mail has ended." },

    /* delivery */
    { "deliver", KEY_DELIVER, AT(deliver), 0, 0, "all", NULL,
      "Who really gets mail: all; only LIST, addresses and domains divided by commas, and other mail is cancelled; redirect ADDRESS, which gets all of it. For staging: each mail says so in a field, X-Postroom-Deliver or X-Postroom-Redirected." },
    STREAM("urgent", STREAM_URGENT, "1m 5m 15m 30m 1h", "1d", "resend"),
    STREAM("notices", STREAM_NOTICES, "2m 5m 15m 30m 1h 2h 4h", "2d", "resend"),
    STREAM("submissions", STREAM_SUBMISSIONS, "5m 15m 30m 1h 2h 4h", "5d", "resend"),
    STREAM("mailouts", STREAM_MAILOUTS, "10m 30m 1h 2h 4h", "4d", "hold"),
    { "delivery.greylist_retry", KEY_DURATION_LIST, AT(greylist_retry), 1, 1 * DAYS, "5m 15m", NULL,
      "Waits after a reply that says greylisting, from the same source; then the stream's own." },
    { "delivery.full_retry", KEY_DURATION_LIST, AT(full_retry), 1, 7 * DAYS, "1h 4h 12h 1d", NULL,
      "Waits while a mailbox is full, whether that is said with 4xx or 5xx; the last one repeats until the stream's expire_after." },
    { "delivery.unreachable_retry", KEY_DURATION_LIST, AT(unreachable_retry), 1, 7 * DAYS, "5m 15m 30m 1h 2h", NULL,
      "Waits of a mail when no host of its domain could be reached; other mails of the site are not tried meanwhile." },
    { "delivery.aside_retry", KEY_DURATION_LIST, AT(aside_retry), 1, 7 * DAYS, "2h 6h 12h", NULL,
      "Waits of a mail in whose midst the connection was lost, or ended by 421, three times: it is set aside and delays no other." },
    { "delivery.hard_refusals", KEY_INTEGER, AT(hard_refusals), 1, 1000, "3", NULL,
      "Suppress an address after so many refusals for good that are about it (a disabled mailbox, its syntax) within hard_refusal_time. An unknown user is suppressed at once; a refusal about us, our content or their rules never counts." },
    { "delivery.hard_refusal_time", KEY_DURATION, AT(hard_refusal_time), 1, 365 * DAYS, "30d", NULL,
      "How long a refusal for good counts." },
    { "delivery.retry_jitter", KEY_INTEGER, AT(retry_jitter), 0, 50, "10", NULL,
      "Waits differ by at most so many per cent either way." },
    { "delivery.connections", KEY_INTEGER, AT(connections), 1, 20000, "500", NULL,
      "Open connections in all." },
    { "delivery.site_connections", KEY_INTEGER, AT(site_connections), 1, 1000, "10", NULL,
      "Open connections to the exchangers of one site.", LIVE },
    { "delivery.connection_messages", KEY_INTEGER, AT(connection_messages), 1, 100000, "100", NULL,
      "Mails over one connection before it is closed.", LIVE },
    { "delivery.connection_time", KEY_DURATION, AT(connection_time), 1 * SECONDS, 1 * DAYS, "5m", NULL,
      "How long one connection is used before it is closed: a slow exchanger would keep it for ever.", LIVE },
    { "delivery.keep_dialogues", KEY_DURATION, AT(keep_dialogues), 0, 365 * DAYS, "3d", NULL,
      "How long trace shows the dialogue with the server, of tries that failed or are in doubt; 0: never. Those of one domain or site, delivered mail too, can be kept by `trace keep`." },

    /* the way out */
    { "smtp.port", KEY_INTEGER, AT(smtp_port), 1, 65535, "25", NULL,
      "Port of the recipients' exchangers." },
    { "smtp.sources", KEY_IP_LIST, AT(sources), 0, 0, "", NULL,
      "Local addresses to send from; none: the system's choice." },
    { "smtp.allow_loopback", KEY_FLAG, AT(allow_loopback), 0, 0, "false", NULL,
      "Deliver to exchangers on loopback addresses: for tests." },
    { "smtp.allow_private", KEY_FLAG, AT(allow_private), 0, 0, "false", NULL,
      "Deliver to exchangers on private addresses." },
    { "smtp.extra_ca_file", KEY_PATH, AT(extra_ca_file), 0, 0, NULL, NULL,
      "PEM file of certificate authorities trusted beside the system's." },
    { "smtp.race_delay", KEY_DURATION, AT(race_delay), 10, 30 * SECONDS, "250ms", NULL,
      "So long after one address of a host the next one is tried as well; the first to answer is used, the others are dropped (RFC 8305)." },
    { "smtp.one_at_a_time", KEY_FLAG, AT(one_at_a_time), 0, 0, "false", NULL,
      "Begin a mail over a connection only when the one before has its answer. Otherwise its commands follow the content at once where the exchanger offers PIPELINING and has taken a mail over that connection (RFC 2920)." },
    { "smtp.chunking", KEY_CHOICE, AT(chunking), 0, 0, "never", "never when_large",
      "Send content by BDAT where the exchanger offers CHUNKING (RFC 3030): never, or when it has a megabyte or more." },
    TIMEOUT("connect", connect, "30s", "Patience for a TCP connection."),
    TIMEOUT("greeting", greeting, "5m", "Patience for the greeting (RFC 5321 section 4.5.3.2.1)."),
    TIMEOUT("ehlo", ehlo, "5m", "Patience for the reply to EHLO."),
    TIMEOUT("starttls", starttls, "2m", "Patience for the reply to STARTTLS and the handshake."),
    TIMEOUT("mail", mail, "5m", "Patience for the reply to MAIL (section 4.5.3.2.2)."),
    TIMEOUT("rcpt", rcpt, "5m", "Patience for the reply to RCPT (section 4.5.3.2.3)."),
    TIMEOUT("data", data, "2m", "Patience for the reply to DATA (section 4.5.3.2.4)."),
    TIMEOUT("block", block, "3m", "Patience for the peer to take a block of data (section 4.5.3.2.5)."),
    TIMEOUT("dot", dot, "10m", "Patience for the reply to the final dot (section 4.5.3.2.6)."),
    TIMEOUT("quit", quit, "5s", "Patience for the reply to QUIT."),
    TIMEOUT("idle", idle, "5s", "How long a connection without work is kept."),
    { "resolver.address", KEY_SERVER, AT(resolver), 0, 0, NULL, NULL,
      "DNS server to ask, as ADDRESS or ADDRESS@PORT. Default: resolve from the roots, validating." },
    { "resolver.timeout", KEY_DURATION, AT(resolver_timeout), 100, 5 * MINUTES, "10s", NULL,
      "A lookup unanswered for so long counts as a temporary failure." },
};
/* clang-format on */

const struct key *key_table(size_t *ret_count)
{
    *ret_count = ARRAY_LENGTH(keys);
    return keys;
}

const struct key *key_find(struct span name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
        if (span_equal(name, span_of(keys[i].name)))
            return &keys[i];
    return NULL;
}

bool key_has_range(const struct key *key)
{
    return key->least != key->most || key->choices != NULL;
}

const char *key_type_name(enum key_type type)
{
    static const char *const names[] = {
        [KEY_TEXT] = "text",
        [KEY_PATH] = "path",
        [KEY_DOMAIN] = "domain name",
        [KEY_ADDRESS] = "mail address",
        [KEY_SERVER] = "server as ADDRESS or ADDRESS@PORT",
        [KEY_ENDPOINT] = "address and port such as 127.0.0.1:8025 or [::1]:8025",
        [KEY_URL] = "URL with http:// or https://",
        [KEY_INTEGER] = "number",
        [KEY_SIZE] = "size",
        [KEY_DURATION] = "duration",
        [KEY_FLAG] = "true or false",
        [KEY_CHOICE] = "choice",
        [KEY_TEXT_LIST] = "list of texts",
        [KEY_PATH_LIST] = "list of paths",
        [KEY_IP_LIST] = "list of IP addresses",
        [KEY_DURATION_LIST] = "list of durations",
        [KEY_DELIVER] = "all, only LIST or redirect ADDRESS",
    };

    return names[type];
}
