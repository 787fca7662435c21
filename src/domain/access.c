/*
 * The table of scopes and the table of roles.
 */
#include "domain/access.h"

/* The bits; they are never stored. */
enum scope {
    EVENTS_READ,
    EVENTS_WRITE,
    PEOPLE_READ,
    PEOPLE_WRITE,
    TOPICS_READ,
    TOPICS_WRITE,
    WATCHES_READ,
    WATCHES_WRITE,
    GRANTS_READ,
    GRANTS_WRITE,
    LISTS_READ,
    LISTS_WRITE,
    TEMPLATES_READ,
    TEMPLATES_WRITE,
    MAIL_READ,
    MAIL_WRITE,
    SUPPRESSIONS_READ,
    SUPPRESSIONS_WRITE,
    CHANGES_READ,
    SITES_READ,
    SITES_WRITE,
    SUBMIT,
    APPROVE,
    ADMIN_READ,
    ADMIN_WRITE,
    SCOPE_COUNT
};

#define BIT(scope) (UINT64_C(1) << (scope))
#define BOTH(subject) (BIT(subject##_READ) | BIT(subject##_WRITE))

/* clang-format off */
static const struct {
    const char *name;
    uint64_t stands_for;
} scopes[SCOPE_COUNT] = {
    [EVENTS_READ] = { "events:read", BIT(EVENTS_READ) },
    [EVENTS_WRITE] = { "events:write", BOTH(EVENTS) },
    [PEOPLE_READ] = { "people:read", BIT(PEOPLE_READ) },
    [PEOPLE_WRITE] = { "people:write", BOTH(PEOPLE) },
    [TOPICS_READ] = { "topics:read", BIT(TOPICS_READ) },
    [TOPICS_WRITE] = { "topics:write", BOTH(TOPICS) },
    [WATCHES_READ] = { "watches:read", BIT(WATCHES_READ) },
    [WATCHES_WRITE] = { "watches:write", BOTH(WATCHES) },
    [GRANTS_READ] = { "grants:read", BIT(GRANTS_READ) },
    [GRANTS_WRITE] = { "grants:write", BOTH(GRANTS) },
    [LISTS_READ] = { "lists:read", BIT(LISTS_READ) },
    [LISTS_WRITE] = { "lists:write", BOTH(LISTS) },
    [TEMPLATES_READ] = { "templates:read", BIT(TEMPLATES_READ) },
    [TEMPLATES_WRITE] = { "templates:write", BOTH(TEMPLATES) },
    [MAIL_READ] = { "mail:read", BIT(MAIL_READ) },
    [MAIL_WRITE] = { "mail:write", BOTH(MAIL) },
    [SUPPRESSIONS_READ] = { "suppressions:read", BIT(SUPPRESSIONS_READ) },
    [SUPPRESSIONS_WRITE] = { "suppressions:write", BOTH(SUPPRESSIONS) },
    [CHANGES_READ] = { "changes:read", BIT(CHANGES_READ) },
    [SITES_READ] = { "sites:read", BIT(SITES_READ) },
    [SITES_WRITE] = { "sites:write", BOTH(SITES) },
    [SUBMIT] = { "submit", BIT(SUBMIT) },
    [APPROVE] = { "approve", BIT(APPROVE) },
    [ADMIN_READ] = { "admin:read", BIT(ADMIN_READ) },
    [ADMIN_WRITE] = { "admin:write", BOTH(ADMIN) },
};

#define READS                                                                                      \
    (BIT(EVENTS_READ) | BIT(PEOPLE_READ) | BIT(TOPICS_READ) | BIT(WATCHES_READ) |                  \
     BIT(GRANTS_READ) | BIT(LISTS_READ) | BIT(TEMPLATES_READ) | BIT(MAIL_READ) |                   \
     BIT(SUPPRESSIONS_READ) | BIT(CHANGES_READ) | BIT(SITES_READ))
#define WRITES_OF_AUTHORS                                                                          \
    (BIT(EVENTS_WRITE) | BIT(PEOPLE_WRITE) | BIT(TOPICS_WRITE) | BIT(WATCHES_WRITE) |              \
     BIT(LISTS_WRITE) | BIT(TEMPLATES_WRITE) | BIT(SUBMIT))
#define WRITES_OF_OPERATORS                                                                        \
    (BIT(GRANTS_WRITE) | BIT(MAIL_WRITE) | BIT(SUPPRESSIONS_WRITE) | BIT(SITES_WRITE))

static const struct {
    const char *name;
    uint64_t scopes;
} roles[ROLE_COUNT] = {
    [ROLE_READER] = { "reader", READS },
    [ROLE_AUTHOR] = { "author", READS | WRITES_OF_AUTHORS },
    [ROLE_APPROVER] = { "approver", READS | WRITES_OF_AUTHORS | BIT(APPROVE) },
    [ROLE_OPERATOR] = { "operator",
                        READS | WRITES_OF_AUTHORS | BIT(APPROVE) | WRITES_OF_OPERATORS },
    [ROLE_ADMINISTRATOR] = { "administrator", BIT(SCOPE_COUNT) - 1 },
};
/* clang-format on */

uint64_t access_scope(struct span name)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (span_equal(name, span_of(scopes[i].name)))
            return scopes[i].stands_for;
    return 0;
}

const char *access_scope_name(size_t n)
{
    return n < SCOPE_COUNT ? scopes[n].name : NULL;
}

static bool is_implied(uint64_t set, size_t scope)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (i != scope && (set & BIT(i)) != 0 && (scopes[i].stands_for & BIT(scope)) != 0)
            return true;
    return false;
}

void access_put_scopes(struct buf *to, uint64_t set)
{
    const char *between = "";

    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if ((set & BIT(i)) != 0 && !is_implied(set, i)) {
            buf_printf(to, "%s%s", between, scopes[i].name);
            between = ",";
        }
}

uint64_t access_read_scopes(struct span names, struct span *ret_unknown)
{
    uint64_t set = 0;

    *ret_unknown = (struct span){ NULL, 0 };
    while (names.n > 0) {
        struct span name = span_trim(span_take_until(&names, ','));
        uint64_t found = access_scope(name);

        if (found == 0 && ret_unknown->at == NULL)
            *ret_unknown = name;
        set |= found;
    }
    return set;
}

bool access_role_find(struct span name, enum access_role *ret_role)
{
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (span_equal(name, span_of(roles[i].name))) {
            *ret_role = (enum access_role)i;
            return true;
        }
    return false;
}

const char *access_role_name(enum access_role role)
{
    return roles[role].name;
}

uint64_t access_role_scopes(enum access_role role)
{
    return roles[role].scopes;
}
