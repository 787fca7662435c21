/*
 * Counting by minutes.
 */
#include "web/pace.h"

bool pace_allow(struct pace *pace, uint64_t who, int64_t now_ms)
{
    struct pace_slot *slot = &pace->slots[who % PACE_SLOTS];
    int64_t minute = now_ms / 60000;

    if (slot->minute != minute) {
        slot->minute = minute;
        slot->count = 0;
    }
    if (slot->count >= PACE_MOST)
        return false;
    slot->count++;
    return true;
}
