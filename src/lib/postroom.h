/*
 * libpostroom: tell postroom that something happened, from any program.
 *
 *     struct postroom *p = postroom_open("/srv/mail/inbox.db", "/srv/mail/postroom.db.sock");
 *     char why[POSTROOM_WHY];
 *
 *     if (postroom_event(p, "{\"topic\": \"issue/12\", \"kind\": \"closed\"}", NULL, why) < 0)
 *         fprintf(stderr, "%s\n", why);
 *
 * The daemon is asked first, and its answer is final: the event is taken in, or it is refused and
 * the text says why. While the daemon is away, or does not answer in time, the event is kept as a
 * row of the inbox, which the daemon reads when it is back; by its key, which it is given unless it
 * has one, it is the same event, so nothing is told twice. Events that wait are never overtaken by
 * later ones.
 *
 * A handle holds names and a time-out, no connection: it may be shared by threads and used after
 * fork(). Nothing here writes to standard output or error, changes signals or ends the process.
 */
#ifndef POSTROOM_LIB_POSTROOM_H
#define POSTROOM_LIB_POSTROOM_H

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct postroom;

enum {
    POSTROOM_WHY = 512,         /* room for a reason */
    POSTROOM_TIMEOUT_MS = 2000, /* unless postroom_set_timeout says another */
    POSTROOM_EVENT_LIMIT =
        1 << 26 /* bytes of an event; the daemon has a smaller limit of its own */
};

/* What became of an event: negative when it is not on record. */
enum {
    POSTROOM_TAKEN = 0,    /* the daemon has it */
    POSTROOM_KEPT = 1,     /* it is in the inbox, for the daemon to take in */
    POSTROOM_REFUSED = -1, /* there is something wrong with the event */
    POSTROOM_FAILED = -2 /* it could not be kept, and the daemon has not said that it has it: it may
                          * all the same, when its answer did not come in time. Trying again tells
                          * nothing twice when the event has a key of its own; without one each
                          * call makes another. */
};

/* postroom_open makes a handle for an inbox (a file that `postroom init` has made, or that of an
 * application) and the daemon's control socket; without a socket (NULL) events go to the inbox
 * straight away. Touches neither. NULL when there is no memory, or no inbox named. */
struct postroom *postroom_open(const char *inbox, const char *socket);

/* postroom_close frees the handle; NULL is allowed. */
void postroom_close(struct postroom *p);

/* postroom_set_timeout sets how many milliseconds a call may wait: for the daemon's answer, and as
 * long again for the inbox when others write to it. */
void postroom_set_timeout(struct postroom *p, int ms);

/* postroom_event records an event: a JSON object as postroom-event(5) has it. *ret_event is the
 * event's number when it was taken in and 0 when it was kept; NULL is allowed. `why` has room for
 * POSTROOM_WHY bytes, or is NULL; it is "" unless the result is negative. */
int postroom_event(struct postroom *p, const char *json, long long *ret_event, char *why);

/* What most events say. NULL: nothing, but for topic and kind. */
struct postroom_fields {
    const char *topic; /* a key */
    const char *kind;
    const char *actor; /* a person's key or address */
    const char *title;
    const char *text;
    const char *url;
    const char *key; /* by which the application knows the event */
};

/* postroom_tell records an event of these fields, without JSON; else as postroom_event. */
int postroom_tell(struct postroom *p, const struct postroom_fields *fields, long long *ret_event,
                  char *why);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
