/*
 * E. W. Myers, An O(ND) Difference Algorithm and Its Variations, 1986: the greedy search, keeping
 * how far each diagonal came with each number of edits, so that the way can be walked back. Lines
 * that both texts begin or end with are set aside first, which is most of them in most changes.
 */
#include "domain/line_diff.h"

#include <stdint.h>
#include <string.h>

#include "base/table.h"

struct line {
    struct span text;
    uint64_t hash;
};

struct lines {
    struct line *at;
    size_t n;
};

struct diffing {
    struct arena *arena;
    struct lines old;
    struct lines new;
    size_t start;   /* lines that both begin with */
    size_t old_end; /* where the lines that both end with begin */
    size_t new_end;
    bool *went; /* of each old line */
    bool *came; /* of each new line */
    size_t most;
    struct line_diff diff;
    struct line_diff_line *out;
    size_t skipped; /* lines that stayed and were not shown since the last one that was */
};

static struct lines split(struct span text, struct arena *arena)
{
    struct lines lines = { ARENA_ARRAY(arena, struct line, LINE_DIFF_LINES_MOST), 0 };

    while (text.n > 0 && lines.n < LINE_DIFF_LINES_MOST) {
        struct span line = span_take_until(&text, '\n');

        if (line.n > 0 && line.at[line.n - 1] == '\r')
            line.n--;
        lines.at[lines.n++] = (struct line){ line, table_hash(line) };
    }
    return lines;
}

static bool same(const struct diffing *d, size_t old, size_t new)
{
    return d->old.at[old].hash ==
           d->new.at[new].hash &&span_equal(d->old.at[old].text, d->new.at[new].text);
}

static void set_ends_aside(struct diffing *d)
{
    d->old_end = d->old.n;
    d->new_end = d->new.n;
    while (d->start < d->old_end && d->start < d->new_end && same(d, d->start, d->start))
        d->start++;
    while (d->old_end > d->start && d->new_end > d->start &&
           same(d, d->old_end - 1, d->new_end - 1)) {
        d->old_end--;
        d->new_end--;
    }
}

/* How far each diagonal (k = old - new) came: k in -edits..edits lies at edits + k. */
struct frontier {
    int32_t *at;
    int32_t edits;
};

static bool from_above(const struct frontier *before, int32_t k)
{
    int32_t e = before->edits + 1;

    return k == -e ||
           (k != e && before->at[before->edits + k - 1] < before->at[before->edits + k + 1]);
}

/* The end on diagonal k after one more edit, before any lines that are the same. */
static int32_t step(const struct frontier *before, int32_t k)
{
    return from_above(before, k) ? before->at[before->edits + k + 1]
                                 : before->at[before->edits + k - 1] + 1;
}

/* Fills the frontier with one more edit; true when it reached the end. */
static bool advance(const struct diffing *d, const struct frontier *before, struct frontier *next)
{
    int32_t old_count = (int32_t)(d->old_end - d->start);
    int32_t new_count = (int32_t)(d->new_end - d->start);

    for (int32_t k = -next->edits; k <= next->edits; k += 2) {
        int32_t x = next->edits == 0 ? 0 : step(before, k);
        int32_t y = x - k;

        while (x < old_count && y < new_count && y >= 0 &&
               same(d, d->start + (size_t)x, d->start + (size_t)y)) {
            x++;
            y++;
        }
        next->at[next->edits + k] = x;
        if (x >= old_count && y >= new_count)
            return true;
    }
    return false;
}

/* Walks from the end to the beginning, marking what went and what came. */
static void walk_back(struct diffing *d, const struct frontier *frontiers, int32_t edits)
{
    int32_t x = (int32_t)(d->old_end - d->start);
    int32_t y = (int32_t)(d->new_end - d->start);

    for (int32_t e = edits; e > 0; e--) {
        const struct frontier *before = &frontiers[e - 1];
        int32_t k = x - y;

        x = step(before, k);
        y = x - k;
        if (from_above(before, k))
            d->came[d->start + (size_t)--y] = true;
        else
            d->went[d->start + (size_t)--x] = true;
    }
}

static void mark_all(struct diffing *d)
{
    for (size_t i = d->start; i < d->old_end; i++)
        d->went[i] = true;
    for (size_t i = d->start; i < d->new_end; i++)
        d->came[i] = true;
}

static void search(struct diffing *d)
{
    struct frontier *frontiers = ARENA_ARRAY(d->arena, struct frontier, LINE_DIFF_EDITS_MOST + 1);

    for (int32_t e = 0; e <= LINE_DIFF_EDITS_MOST; e++) {
        frontiers[e] = (struct frontier){ ARENA_ARRAY(d->arena, int32_t, 2 * (size_t)e + 1), e };
        if (advance(d, e > 0 ? &frontiers[e - 1] : NULL, &frontiers[e])) {
            walk_back(d, frontiers, e);
            return;
        }
    }
    mark_all(d);
}

static void put(struct diffing *d, enum line_diff_mark mark, struct span text)
{
    bool changes = mark == LINE_WENT || mark == LINE_CAME;

    if (d->diff.count < d->most)
        d->out[d->diff.count++] = (struct line_diff_line){ mark, text };
    else
        d->diff.more += changes;
}

/* A line that stayed is shown near a change alone. */
static void put_stayed(struct diffing *d, size_t old, size_t since, size_t until)
{
    if (since >= LINE_DIFF_CONTEXT && until >= LINE_DIFF_CONTEXT) {
        d->skipped++;
        return;
    }
    if (d->skipped > 0 && d->diff.count > 0)
        put(d, LINE_GAP, SPAN(""));
    d->skipped = 0;
    put(d, LINE_STAYED, d->old.at[old].text);
}

/* How many lines stay from here on until one does not; far when none follows. */
static size_t stay_until_change(const struct diffing *d, size_t old, size_t new)
{
    size_t n = 0;

    while (old + n < d->old.n && new + n < d->new.n && !d->went[old + n] && !d->came[new + n])
        n++;
    return old + n < d->old.n || new + n < d->new.n ? n : LINE_DIFF_LINES_MOST;
}

static void put_changed(struct diffing *d, size_t *old, size_t *new)
{
    while (*old < d->old.n && d->went[*old])
        put(d, LINE_WENT, d->old.at[(*old)++].text);
    while (*new < d->new.n && d->came[*new])
        put(d, LINE_CAME, d->new.at[(*new)++].text);
}

static void put_all(struct diffing *d)
{
    size_t old = 0;
    size_t new = 0;
    size_t since = LINE_DIFF_LINES_MOST; /* the last change */

    while (old < d->old.n || new < d->new.n) {
        size_t stay = stay_until_change(d, old, new);
        size_t ahead = stay;

        for (; ahead > 0 && old < d->old.n && new < d->new.n; ahead--, old++, new ++)
            put_stayed(d, old, since++, ahead - 1);
        if (stay == LINE_DIFF_LINES_MOST)
            return;
        put_changed(d, &old, &new);
        since = 0;
        d->skipped = 0;
    }
}

void line_diff_make(struct span old, struct span new, size_t most, struct arena *arena,
                    struct line_diff *ret_diff)
{
    struct diffing d = { .arena = arena, .old = split(old, arena), .new = split(new, arena) };

    d.went = ARENA_ARRAY(arena, bool, d.old.n + 1);
    d.came = ARENA_ARRAY(arena, bool, d.new.n + 1);
    d.most = most;
    d.out = ARENA_ARRAY(arena, struct line_diff_line, most);
    set_ends_aside(&d);
    search(&d);
    put_all(&d);
    d.diff.lines = d.out;
    *ret_diff = d.diff;
}
