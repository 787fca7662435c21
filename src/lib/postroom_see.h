/*
 * Who may see what: the function that a shared object named by visibility.module gives postroom.
 *
 *     #include <postroom_see.h>
 *
 *     int postroom_see(struct postroom_see_item *items, unsigned long count, char *why)
 *     {
 *         for (unsigned long i = 0; i < count; i++)
 *             items[i].see = may_see(items[i].person, items[i].topic) ? POSTROOM_SEE_YES
 *                                                                     : POSTROOM_SEE_NO;
 *         return 0;
 *     }
 *
 * Build it with `cc -shared -fPIC -o see.so see.c`. It runs inside the daemon, on several threads
 * at the same time, for each mail once before it is made: it should be quick, must not change
 * signals or end the process, and when it crashes, the daemon does.
 */
#ifndef POSTROOM_LIB_POSTROOM_SEE_H
#define POSTROOM_LIB_POSTROOM_SEE_H

#ifdef __cplusplus
extern "C" {
#endif

enum { POSTROOM_SEE_WHY = 512 /* room for a reason */ };

/* Answers. What is none of them counts as NO. */
enum {
    POSTROOM_SEE_UNANSWERED = 0,
    POSTROOM_SEE_YES = 1,
    POSTROOM_SEE_NO = 2,
    POSTROOM_SEE_NOT_NEEDED = 3, /* they may see it, but need not be told */
    POSTROOM_SEE_LATER = 4       /* ask again in `seconds` */
};

/* An event that a person is to be told of. Texts are never NULL; what there is none of is "". All
 * items of a call are of one person. */
struct postroom_see_item {
    const char *person;  /* key */
    const char *address; /* the mail goes to */
    const char *topic;   /* key of the topic it happened to */
    const char *thread;  /* key of the thread's topic */
    const char *kind;
    const char *label;
    const char *key; /* the application's own of the event */
    long long event; /* its number */

    /* the answer; zeros before the call */
    int see;
    long seconds;       /* with LATER: 1 to 604800 */
    const char *fields; /* NULL, or a JSON object of more for the template; read before the next
                         * call on this thread */
};

/* postroom_see answers all items and returns 0. Anything else says that it cannot now, and in
 * `why`, which has room for POSTROOM_SEE_WHY bytes, the reason: the mail waits then. */
__attribute__((visibility("default"))) int postroom_see(struct postroom_see_item *items,
                                                        unsigned long count, char *why);

#ifdef __cplusplus
}
#endif

#endif
