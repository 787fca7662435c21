/*
 * What the ledger costs: mails a second and CPU a mail for the least a notice does to the store,
 * which is a state row updated twice, an intent and an attempt appended, what the person heard
 * updated, three counters moved. `ledger_floor FOLDER [CLIENTS [MAILS]]` keeps CLIENTS mails under
 * way, each asking leave, then telling its outcome, and measures
 *
 *   direct   the same statements without a ledger, CLIENTS mails a transaction: the floor
 *   ledger   through the ledger, from another thread
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "store/db.h"
#include "store/ledger.h"
#include "store/schema.h"

enum {
    DEFAULT_CLIENTS = 50,
    DEFAULT_MAILS = 50000,
    DOMAINS = 20,
    QUEUED = 0,
    SENDING = 2,
    DONE = 3
};

static const char digest[] = "0123456789abcdef0123456789abcdef";

static void need(bool ok, const struct error *err)
{
    if (ok)
        return;
    (void)fprintf(stderr, "ledger_floor: %s\n", err->text);
    exit(1);
}

/* ---- what a mail writes ---- */

static void move_counters(struct db *db, int64_t mail, const char *from, const char *to)
{
    char domain[32];

    (void)snprintf(domain, sizeof domain, "d%d.example", (int)(mail % DOMAINS));
    db_count(db, "all", "", from, -1);
    db_count(db, "all", "", to, 1);
    db_count(db, "stream", "notices", from, -1);
    db_count(db, "stream", "notices", to, 1);
    db_count(db, "domain", domain, from, -1);
    db_count(db, "domain", domain, to, 1);
}

static bool move_state(struct db *db, int64_t mail, int from, int to, struct error *err)
{
    return db_run(db, err,
                  SQL("UPDATE delivery_state SET state = $1, epoch = epoch + 1 "
                      "WHERE delivery = $2 AND state = $3"),
                  db_int(to), db_int(mail), db_int(from));
}

static bool write_intent(struct db *db, int64_t mail, struct error *err)
{
    int64_t id;

    move_counters(db, mail, "queued", "sending");
    return db_next_id(db, "intent", &id, err) && move_state(db, mail, QUEUED, SENDING, err) &&
           db_run(db, err,
                  SQL("INSERT INTO intent (id, delivery, node, at, mail_from, sender, subject, "
                      "date, seed, size, digest) "
                      "VALUES ($1, $2, 1, $3, $4, $5, $6, $3, $7, 4096, $8)"),
                  db_int(id), db_int(mail), db_int(1700000000000 + mail),
                  db_string("r0123456789abcdefghijkl@bounce.example.org"),
                  db_string("Tracker <tracker@example.org>"),
                  db_string("[project] Issue 12: the door does not close any more"),
                  db_blob((struct span){ digest, 16 }), db_blob((struct span){ digest, 32 }));
}

static bool write_outcome(struct db *db, int64_t mail, struct error *err)
{
    int64_t id;

    move_counters(db, mail, "sending", "delivered");
    return db_next_id(db, "attempt", &id, err) && move_state(db, mail, SENDING, DONE, err) &&
           db_run(db, err,
                  SQL("INSERT INTO attempt (id, delivery, at, host, ip, tls, stage, code, status, "
                      "text, ms, outcome) "
                      "VALUES ($1, $2, $3, $4, $5, $6, 'body', 250, '2.0.0', $7, 80, 3)"),
                  db_int(id), db_int(mail), db_int(1700000000000 + mail),
                  db_string("mx1.example.org"), db_string("192.0.2.1"), db_string("TLSv1.3"),
                  db_string("250 2.0.0 Ok: queued as 4D6F2A1B3C")) &&
           db_run(db, err,
                  SQL("UPDATE heard SET through_seq = made_seq, delivery = NULL, "
                      "last_message_id = $3 WHERE person = $1 AND thread = $2"),
                  db_int(mail), db_int(12), db_string("81723.mzxw6ytboi@example.org"));
}

/* ---- measuring ---- */

struct measure {
    int64_t began_us;
    int64_t cpu_us;
};

static int64_t cpu_us(void)
{
    struct rusage used;

    (void)getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * INT64_C(1000000) +
           used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

static struct measure measure_begin(void)
{
    return (struct measure){ clock_monotonic_us(), cpu_us() };
}

static void measure_print(const struct measure *m, const char *name, int mails,
                          int64_t transactions)
{
    double wall = (double)(clock_monotonic_us() - m->began_us);
    double cpu = (double)(cpu_us() - m->cpu_us);

    (void)printf(
        "%-8s %8.0f mails/s  %6.1f us CPU a mail  %7.0f transactions/s  %6.1f mails each\n", name,
        mails * 1e6 / wall, cpu / mails, (double)transactions * 1e6 / wall,
        (double)mails / (double)transactions);
}

static struct db *make_store(const char *folder, const char *name, int mails)
{
    char path[4096];
    struct db *db = NULL;
    struct error err;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    need(db_open(path, DB_CREATE, &db, &err) && schema_migrate(db, &err) && db_begin(db, &err),
         &err);
    for (int mail = 1; mail <= mails; mail++)
        need(db_run(db, &err,
                    SQL("INSERT INTO delivery_state (delivery, state, due_at) VALUES ($1, 0, 0)"),
                    db_int(mail)) &&
                 db_run(db, &err,
                        SQL("INSERT INTO heard (person, thread, made_seq, delivery, subject) "
                            "VALUES ($1, 12, 7, $1, $2)"),
                        db_int(mail),
                        db_string("[project] Issue 12: the door does not close any more")),
             &err);
    need(db_commit(db, &err), &err);
    return db;
}

static void measure_direct(const char *folder, int clients, int mails)
{
    struct db *db = make_store(folder, "direct.db", mails);
    struct measure m = measure_begin();
    int64_t transactions = 0;
    struct error err;

    for (int first = 1; first <= mails; first += clients) {
        int last = first + clients <= mails ? first + clients : mails + 1;

        need(db_begin(db, &err), &err);
        for (int mail = first; mail < last; mail++)
            need(write_intent(db, mail, &err), &err);
        need(db_commit(db, &err) && db_begin(db, &err), &err);
        for (int mail = first; mail < last; mail++)
            need(write_outcome(db, mail, &err), &err);
        need(db_commit(db, &err), &err);
        transactions += 2;
    }
    measure_print(&m, "direct", mails, transactions);
    db_close(db);
}

/* The log's file never shrinks while the store is open, so this is the longest it has been. */
static void print_log(const char *folder, const char *name)
{
    char path[4096];
    struct stat is;

    (void)snprintf(path, sizeof path, "%s/%s-wal", folder, name);
    if (stat(path, &is) == 0)
        (void)printf("%-8s %8.1f MB of log at most\n", "", (double)is.st_size / 1e6);
}

/* ---- through the ledger ---- */

struct clients {
    struct loop *loop;
    struct mailbox *answers;
    struct ledger *ledger;
    int mails;
    int next;
    int done;
    int64_t transactions; /* as seen by the first job of each: the ledger's own thread writes it */
};

struct client {
    struct ledger_job job;
    struct clients *all;
    int64_t mail;
};

static bool run_client(struct ledger_job *job, struct db *db, struct error *err)
{
    const struct client *client = CONTAINER_OF(job, struct client, job);

    db_tell(db, "floor", SPAN("")); /* once a transaction */
    return job->rank == LEDGER_INTENT ? write_intent(db, client->mail, err)
                                      : write_outcome(db, client->mail, err);
}

static void begin_mail(struct clients *all, struct client *client)
{
    if (all->next > all->mails)
        return;
    client->mail = all->next++;
    client->job.rank = LEDGER_INTENT;
    ledger_submit(all->ledger, &client->job);
}

static void on_answers(void *owner, struct list *posted)
{
    struct clients *all = owner;

    while (!list_empty(posted)) {
        struct client *client = CONTAINER_OF(posted->next, struct client, job.link);

        list_remove(posted->next);
        need(client->job.ok, &client->job.error);
        if (client->job.rank == LEDGER_INTENT) {
            client->job.rank = LEDGER_OUTCOME;
            ledger_submit(all->ledger, &client->job);
        } else {
            all->done++;
            begin_mail(all, client);
        }
    }
    if (all->done == all->mails)
        loop_stop(all->loop);
}

static void on_news(void *owner, struct list *posted)
{
    struct clients *all = owner;

    while (!list_empty(posted)) {
        all->transactions++;
        ledger_news_free(CONTAINER_OF(posted->next, struct ledger_news, link));
    }
}

static void measure_ledger(const char *folder, int count, int mails)
{
    struct db *db = make_store(folder, "ledger.db", mails);
    struct loop *ledger_loop = loop_new("ledger");
    struct clients all = { .loop = loop_new("clients"), .mails = mails, .next = 1 };
    struct mailbox *news = mailbox_new(all.loop, on_news, &all);
    struct client *clients = alloc_array((size_t)count, sizeof(struct client));
    struct measure m;

    all.answers = mailbox_new(all.loop, on_answers, &all);
    all.ledger = ledger_new(&(struct ledger_options){
        .loop = ledger_loop, .db = db, .hold_ms = 5, .hold_changes = 1000 });
    ledger_listen(all.ledger, "floor", news);
    loop_start(ledger_loop);
    m = measure_begin();
    for (int i = 0; i < count; i++) {
        clients[i] =
            (struct client){ .job = { .name = "mail", .run = run_client, .answers = all.answers },
                             .all = &all };
        begin_mail(&all, &clients[i]);
    }
    loop_run(all.loop);
    measure_print(&m, "ledger", mails, all.transactions);
    print_log(folder, "ledger.db");
    loop_stop(ledger_loop);
    loop_join(ledger_loop);
    ledger_free(all.ledger);
    mailbox_free(all.answers);
    mailbox_free(news);
    loop_free(ledger_loop);
    loop_free(all.loop);
    alloc_free(clients);
    db_close(db);
}

int main(int argc, char **argv)
{
    int clients = argc > 2 ? (int)strtol(argv[2], NULL, 10) : DEFAULT_CLIENTS;
    int mails = argc > 3 ? (int)strtol(argv[3], NULL, 10) : DEFAULT_MAILS;

    if (argc < 2 || clients < 1 || mails < 1) {
        (void)fprintf(stderr, "usage: ledger_floor FOLDER [CLIENTS [MAILS]]\n");
        return 64;
    }
    measure_direct(argv[1], clients, mails);
    measure_ledger(argv[1], clients, mails);
    return 0;
}
