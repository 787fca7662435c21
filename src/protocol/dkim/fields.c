/*
 * Which header fields a signature covers (RFC 6376 section 5.4). A name stands in h= once for each
 * of its fields, the last one first, and once more if nobody may add another.
 */
#include "protocol/dkim/fields.h"

#include <string.h>

/* clang-format off */
static const struct {
    struct span name;
    bool closed; /* nobody may add one */
} signed_fields[] = {
    { { "From", 4 }, true },
    { { "To", 2 }, true },
    { { "Cc", 2 }, true },
    { { "Subject", 7 }, true },
    { { "Date", 4 }, true },
    { { "Reply-To", 8 }, true },
    { { "Sender", 6 }, false },
    { { "Message-ID", 10 }, false },
    { { "In-Reply-To", 11 }, false },
    { { "References", 10 }, false },
    { { "MIME-Version", 12 }, false },
    { { "Content-Type", 12 }, false },
    { { "Content-Transfer-Encoding", 25 }, false },
    { { "Auto-Submitted", 14 }, false },
    { { "List-Id", 7 }, false },
    { { "List-Unsubscribe", 16 }, false },
    { { "List-Unsubscribe-Post", 21 }, false },
    { { "List-Help", 9 }, false },
    { { "List-Subscribe", 14 }, false },
    { { "List-Post", 9 }, false },
    { { "List-Owner", 10 }, false },
    { { "List-Archive", 12 }, false },
};
/* clang-format on */

/* The fields of a header as they stand. */
struct header {
    struct span name[DKIM_FIELDS_MOST];
    struct span field[DKIM_FIELDS_MOST];
    size_t n;
};

/* Takes the next field with its continuation lines and its CRLF. */
static struct span take_field(struct span *header)
{
    struct span field = *header;
    size_t n = 0;

    do {
        struct span rest = span_rest(*header, n);
        size_t end = span_index(rest, '\n');

        n += end < rest.n ? end + 1 : rest.n;
    } while (n < header->n && (header->at[n] == ' ' || header->at[n] == '\t'));
    field = span_first(field, n);
    *header = span_rest(*header, n);
    return field;
}

static bool take_header(struct header *h, struct span header)
{
    h->n = 0;
    while (header.n > 0 && header.at[0] != '\r') {
        struct span field = take_field(&header);

        if (h->n == DKIM_FIELDS_MOST)
            return false;
        h->name[h->n] = span_trim(span_first(field, span_index(field, ':')));
        h->field[h->n++] = field;
    }
    return true;
}

static bool add(struct dkim_fields *f, struct span name, struct span field)
{
    if (f->n == DKIM_FIELDS_MOST)
        return false;
    f->name[f->n] = name;
    f->field[f->n++] = field;
    return true;
}

bool dkim_fields_take(struct dkim_fields *f, struct span header)
{
    struct header h;

    f->n = 0;
    if (!take_header(&h, header))
        return false;
    for (size_t i = 0; i < ARRAY_LENGTH(signed_fields); i++) {
        struct span name = signed_fields[i].name;

        for (size_t j = h.n; j > 0; j--)
            if (span_equal_nocase(h.name[j - 1], name) && !add(f, name, h.field[j - 1]))
                return false;
        if (signed_fields[i].closed && !add(f, name, SPAN("")))
            return false;
    }
    return true;
}

void dkim_fields_put_names(const struct dkim_fields *f, struct fold *fold)
{
    fold_word(fold, SPAN("h="));
    for (size_t i = 0; i < f->n; i++) {
        char name[32];
        size_t n = f->name[i].n;

        memcpy(name, f->name[i].at, n);
        name[n++] = i + 1 < f->n ? ':' : ';';
        fold_join(fold, (struct span){ name, n });
    }
}

void dkim_fields_put_canonical(const struct dkim_fields *f, struct buf *to,
                               enum dkim_canonical canonical)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->field[i].n == 0)
            continue;
        dkim_field_put(to, f->field[i], canonical);
        buf_put(to, SPAN("\r\n"));
    }
}
