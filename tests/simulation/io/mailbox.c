/*
 * The simulated mailbox: what is posted arrives a moment later, perhaps together.
 */
#include "io/mailbox.h"

#include "base/alloc.h"
#include "io/loop.h"
#include "tests/simulation/world_internal.h"

enum { DELAY_MOST_US = 200 };

struct mailbox {
    struct mortal mortal;
    struct loop *loop;
    void (*receive)(void *owner, struct list *posted);
    void *owner;
    struct list posted;
    struct occurrence arrival;
};

void mailbox_flush(struct mailbox *box)
{
    struct list posted;

    list_init(&posted);
    LIST_EACH (&box->posted, link) {
        list_remove(link);
        list_append(&posted, link);
    }
    if (!list_empty(&posted))
        box->receive(box->owner, &posted);
}

static void arrive(void *owner)
{
    mailbox_flush(owner);
}

static void mailbox_die(struct mortal *mortal, enum sim_death death)
{
    (void)death;
    occurrence_cancel(&CONTAINER_OF(mortal, struct mailbox, mortal)->arrival);
}

struct mailbox *mailbox_new(struct loop *loop, void (*receive)(void *owner, struct list *posted),
                            void *owner)
{
    struct mailbox *box = NEW(struct mailbox);

    mortal_init(&box->mortal, loop, mailbox_die);
    box->loop = loop;
    box->receive = receive;
    box->owner = owner;
    list_init(&box->posted);
    occurrence_init(&box->arrival, "mail", loop, arrive, box);
    return box;
}

void mailbox_post(struct mailbox *box, struct list *item)
{
    const struct loop *sender = world()->serving;
    int64_t busy_us = sender != NULL ? loop_busy_us(sender) : 0;

    list_append(&box->posted, item);
    if (!occurrence_planned(&box->arrival))
        occurrence_plan(&box->arrival,
                        busy_us + (int64_t)random_below(&world()->random, DELAY_MOST_US));
}

static void free_box(void *memory)
{
    alloc_free(memory);
}

void mailbox_free(struct mailbox *box)
{
    if (box == NULL)
        return;
    occurrence_cancel(&box->arrival);
    mortal_end(&box->mortal);
    loop_defer(box->loop, free_box, box);
}
