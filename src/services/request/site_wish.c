/*
 * Names of the way out, found in the store.
 */
#include "services/request/site_wish.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "domain/mail_address.h"
#include "services/request/plain_text.h"
#include "store/site_search.h"

enum { NAME_LIMIT = 400, NAMED_MOST = 10, NAMES_LIMIT = 3000 };

bool request_domain(const struct request *request, const char *field, struct arena *arena,
                    struct span *ret_domain, struct error *err)
{
    struct mail_address address;
    struct span text;

    if (!request_text(request, field, &text, err))
        return false;
    if (text.at == NULL) {
        *ret_domain = text;
        return true;
    }
    if (!plain_line_check(text, field, NAME_LIMIT, err))
        return false;
    if (!mail_address_read(span_of(arena_printf(arena, "a@%.*s", SPAN_ARGS(text))), &address, err))
        return error_wrap(err, "%s: must be a domain", field);
    *ret_domain = arena_copy(arena, span_of(address.domain));
    return true;
}

/* Keys and hosts are in lower case; a domain may be written with letters of its own, too. */
static struct span in_lower_case(struct arena *arena, struct span name)
{
    struct mail_address address;
    struct error err;
    char *lower;

    if (mail_address_read(span_of(arena_printf(arena, "a@%.*s", SPAN_ARGS(name))), &address, &err))
        return arena_copy(arena, span_of(address.domain));
    lower = ARENA_ARRAY(arena, char, name.n + 1);
    for (size_t i = 0; i < name.n; i++)
        lower[i] = span_lower(name.at[i]);
    return (struct span){ lower, name.n };
}

static bool refuse_several(const char *field, struct span name, const struct site_keys *keys,
                           struct error *err)
{
    CLEANUP(buf_fini) struct buf names;

    buf_init(&names, NAMES_LIMIT);
    for (size_t i = 0; i < keys->n && i < NAMED_MOST; i++)
        buf_printf(&names, "%s%s", i > 0 ? " or " : "", keys->at[i]);
    if (keys->n > NAMED_MOST)
        buf_put_text(&names, " or another one");
    return error_set(err, ERROR_CONFLICT, "%s: \"%.*s\" means %zu sites: say %s", field,
                     SPAN_ARGS(name), keys->n, buf_text(&names));
}

bool request_site(struct db *db, const struct request *request, const char *field,
                  struct arena *arena, struct span *ret_key, struct error *err)
{
    struct site_keys *keys = ARENA_NEW(arena, struct site_keys);
    struct span text;

    if (!request_need_text(request, field, &text, err) ||
        !plain_line_check(text, field, NAME_LIMIT, err) ||
        !site_search_name(db, in_lower_case(arena, text), keys, err))
        return false;
    if (keys->n == 0)
        return error_set(err, ERROR_NOT_FOUND,
                         "%s: no site is known by \"%.*s\": one is from the first mail that is to "
                         "go there, and until then the settings and the shipped table hold; "
                         "`postroom site list` shows those known, `postroom route explain` which "
                         "one an address will go to",
                         field, SPAN_ARGS(text));
    if (keys->n > 1)
        return refuse_several(field, text, keys, err);
    *ret_key = span_of(keys->at[0]);
    return true;
}
