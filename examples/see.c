/*
 * Who may see what: a function that postroom calls before it makes a mail.
 *
 *     cc -shared -fPIC -o see.so see.c -I$(pkg-config --variable=includedir libpostroom)
 *
 * and in postroom.yaml
 *
 *     visibility: {module: ./see.so}
 *
 * A real one asks the application's own tables. This one knows people of the staff by their keys.
 */
#include <stdio.h>
#include <string.h>

#include <postroom_see.h>

static void answer(struct postroom_see_item *item)
{
    int is_staff = strncmp(item->person, "staff-", 6) == 0;

    if (strcmp(item->label, "staff") == 0 && !is_staff) {
        item->see = POSTROOM_SEE_NO;
    } else if (strcmp(item->kind, "typo-fixed") == 0) {
        item->see = POSTROOM_SEE_NOT_NEEDED;
    } else if (strcmp(item->kind, "rebuilt") == 0) { /* wait for the tests */
        item->see = POSTROOM_SEE_LATER;
        item->seconds = 60;
    } else {
        item->see = POSTROOM_SEE_YES;
        /* more for the template, which has it as data.role */
        item->fields = is_staff ? "{\"role\": \"staff\"}" : "{\"role\": \"member\"}";
    }
}

int postroom_see(struct postroom_see_item *items, unsigned long count, char *why)
{
    for (unsigned long i = 0; i < count; i++) {
        if (strcmp(items[i].topic, "no/database") == 0) {
            (void)snprintf(why, POSTROOM_SEE_WHY, "the database is away");
            return 1;
        }
        answer(&items[i]);
    }
    return 0;
}
