/*
 * Types of configuration values. One reader and one writer a type.
 */
#include "app/config/value.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/ip.h"
#include "base/text.h"
#include "domain/mail_address.h"
#include "io/endpoint.h"
#include "protocol/mail/address.h"
#include "protocol/mail/domain_name.h"

enum { VALUE_SHOWN = 60, VALUE_PROBE = 400 };

static void *place_of(struct settings *settings, const struct key *key)
{
    return (char *)settings + key->offset;
}

static bool refuse(const struct key *key, struct span text, struct error *err)
{
    CLEANUP(buf_fini) struct buf range;

    buf_init(&range, 300);
    value_put_range(&range, key);
    return error_set(err, ERROR_INVALID, "%s must be %s, got \"%.*s\"", key->name, buf_text(&range),
                     SPAN_ARGS(span_first(text, VALUE_SHOWN)));
}

static const char *path_text(struct span text, const char *folder, struct arena *arena)
{
    if (span_starts(text, SPAN("/")) || folder[0] == '\0')
        return arena_text(arena, text);
    return arena_printf(arena, "%s/%.*s", folder, SPAN_ARGS(text));
}

static bool read_size(struct span text, const struct key *key, size_t *ret_size)
{
    int64_t scale = 1;
    int64_t value;

    if (span_ends(text, SPAN("k")))
        scale = 1 << 10;
    else if (span_ends(text, SPAN("M")))
        scale = 1 << 20;
    if (scale > 1)
        text.n--;
    if (!text_to_integer(text, 0, key->most / scale, &value) || value * scale < key->least)
        return false;
    *ret_size = (size_t)(value * scale);
    return true;
}

static bool read_duration(struct span text, const struct key *key, int64_t *ret_ms)
{
    int64_t ms;

    if (!text_to_duration(text, &ms) || ms < key->least || ms > key->most)
        return false;
    *ret_ms = ms;
    return true;
}

static bool read_flag(struct span text, bool *ret_flag)
{
    bool yes = span_equal(text, SPAN("true")) || span_equal(text, SPAN("yes"));
    bool no = span_equal(text, SPAN("false")) || span_equal(text, SPAN("no"));

    if (yes || no)
        *ret_flag = yes;
    return yes || no;
}

static bool read_choice(struct span text, const struct key *key, int *ret_choice)
{
    struct span rest = span_of(key->choices);

    for (int i = 0; rest.n > 0; i++) {
        if (span_equal(span_take_until(&rest, ' '), text)) {
            *ret_choice = i;
            return true;
        }
    }
    return false;
}

/* In A-labels: it goes into EHLO, envelopes and headers. */
static bool read_domain(const char **to, struct span text, struct arena *arena)
{
    char name[DOMAIN_NAME_MOST + 1];
    struct error why;

    if (!domain_name_parse(text, name, &why))
        return false;
    *to = arena_text(arena, span_of(name));
    return true;
}

static bool is_address(struct span text)
{
    struct address address;
    struct error why;

    return address_parse(text, &address, &why);
}

/* An address, or a domain alone, in the form it is compared in. */
static bool read_recipients(struct span text, struct arena *arena, const char **ret_entry)
{
    CLEANUP(buf_fini) struct buf probe;
    struct mail_address address;
    struct error why;
    bool is_domain = span_index(text, '@') == text.n;

    buf_init(&probe, VALUE_PROBE);
    if (is_domain)
        buf_put_text(&probe, "a@");
    buf_put(&probe, text);
    if (probe.overflown || !mail_address_read(buf_view(&probe), &address, &why))
        return false;
    *ret_entry = arena_text(arena, span_of(is_domain ? address.domain : address.normal));
    return true;
}

static bool read_only(struct settings *settings, struct span rest, struct arena *arena)
{
    struct text_list only = { .at = ARENA_ARRAY(arena, const char *, rest.n) };

    if (rest.n == 0)
        return false;
    while (rest.n > 0)
        if (!read_recipients(span_trim(span_take_until(&rest, ',')), arena, &only.at[only.count++]))
            return false;
    settings->deliver = DELIVER_ONLY;
    settings->deliver_only = only;
    return true;
}

static bool read_redirect(struct settings *settings, struct span rest, struct arena *arena)
{
    struct mail_address address;
    struct error why;

    if (!mail_address_read(rest, &address, &why))
        return false;
    settings->deliver = DELIVER_REDIRECT;
    settings->deliver_redirect = arena_text(arena, span_of(address.address));
    settings->deliver_redirect_domain = arena_text(arena, span_of(address.domain));
    return true;
}

/* "all", "only LIST" or "redirect ADDRESS". */
static bool read_deliver(struct settings *settings, struct span text, struct arena *arena)
{
    struct span rest = text;
    struct span word = span_take_until(&rest, ' ');

    rest = span_trim(rest);
    if (span_equal(word, SPAN("only")))
        return read_only(settings, rest, arena);
    if (span_equal(word, SPAN("redirect")))
        return read_redirect(settings, rest, arena);
    if (!span_equal(word, SPAN("all")) || rest.n > 0)
        return false;
    settings->deliver = DELIVER_ALL;
    return true;
}

static bool read_text_list(struct text_list *to, const struct key *key,
                           const struct value_source *from, struct arena *arena, struct error *err)
{
    struct text_list list = { .at = ARENA_ARRAY(arena, const char *, from->count),
                              .count = from->count };

    for (size_t i = 0; i < from->count; i++) {
        struct span text = from->texts[i];
        struct ip ip;

        if (text.n == 0 || (key->type == KEY_IP_LIST && !ip_parse(text, &ip)))
            return refuse(key, text, err);
        list.at[i] = key->type == KEY_PATH_LIST ? path_text(text, from->folder, arena)
                                                : arena_text(arena, text);
    }
    *to = list;
    return true;
}

static bool read_duration_list(struct duration_list *to, const struct key *key,
                               const struct value_source *from, struct arena *arena,
                               struct error *err)
{
    struct duration_list list = { .at = ARENA_ARRAY(arena, int64_t, from->count),
                                  .count = from->count };

    for (size_t i = 0; i < from->count; i++)
        if (!read_duration(from->texts[i], key, &list.at[i]))
            return refuse(key, from->texts[i], err);
    if (from->count == 0)
        return error_set(err, ERROR_INVALID, "%s must have at least one entry", key->name);
    *to = list;
    return true;
}

static bool read_integer(struct span text, const struct key *key, int *ret_value)
{
    int64_t value;

    if (!text_to_integer(text, key->least, key->most, &value))
        return false;
    *ret_value = (int)value;
    return true;
}

static bool is_server(struct span text)
{
    struct span address = span_first(text, span_index(text, '@'));
    struct ip ip;
    int64_t port;

    return ip_parse(address, &ip) &&
           (address.n == text.n ||
            text_to_integer(span_rest(text, address.n + 1), 1, UINT16_MAX, &port));
}

static bool is_endpoint(struct span text)
{
    struct endpoint endpoint;
    struct error err;

    return endpoint_parse(text, &endpoint, &err) && endpoint.ip.version != 0;
}

static bool is_url(struct span text)
{
    size_t scheme = span_starts(text, SPAN("https://")) ? 8 : 7;

    return (scheme == 8 || span_starts(text, SPAN("http://"))) && text.n > scheme &&
           text_is_ascii(text) && span_index(text, ' ') == text.n;
}

static bool is_of_type(enum key_type type, struct span text)
{
    return !(type == KEY_ADDRESS && !is_address(text)) &&
           !(type == KEY_SERVER && !is_server(text)) &&
           !(type == KEY_ENDPOINT && !is_endpoint(text)) && !(type == KEY_URL && !is_url(text));
}

static bool read_string(const char **to, const struct key *key, struct span text,
                        const char *folder, struct arena *arena)
{
    if (text.n == 0 || !text_is_utf8(text) || text_has_control(text))
        return false;
    if (key->type == KEY_DOMAIN)
        return read_domain(to, text, arena);
    if (!is_of_type(key->type, text))
        return false;
    *to = key->type == KEY_PATH ? path_text(text, folder, arena) : arena_text(arena, text);
    return true;
}

static bool read_single(struct settings *settings, const struct key *key, struct span text,
                        const char *folder, struct arena *arena)
{
    void *place = place_of(settings, key);

    switch (key->type) {
    case KEY_TEXT:
    case KEY_PATH:
    case KEY_DOMAIN:
    case KEY_ADDRESS:
    case KEY_SERVER:
    case KEY_ENDPOINT:
    case KEY_URL:
        return read_string(place, key, text, folder, arena);
    case KEY_INTEGER:
        return read_integer(text, key, place);
    case KEY_SIZE:
        return read_size(text, key, place);
    case KEY_DURATION:
        return read_duration(text, key, place);
    case KEY_FLAG:
        return read_flag(text, place);
    case KEY_CHOICE:
        return read_choice(text, key, place);
    case KEY_DELIVER:
        return read_deliver(settings, text, arena);
    case KEY_TEXT_LIST:
    case KEY_PATH_LIST:
    case KEY_IP_LIST:
    case KEY_DURATION_LIST:
        return false;
    }
    return false;
}

bool value_read(struct settings *settings, const struct key *key, const struct value_source *from,
                struct arena *arena, struct error *err)
{
    if (key->type == KEY_DURATION_LIST)
        return read_duration_list(place_of(settings, key), key, from, arena, err);
    if (key->type == KEY_TEXT_LIST || key->type == KEY_PATH_LIST || key->type == KEY_IP_LIST)
        return read_text_list(place_of(settings, key), key, from, arena, err);
    if (from->is_list)
        return error_set(err, ERROR_INVALID, "%s takes one value, not a list", key->name);
    if (!read_single(settings, key, from->texts[0], from->folder, arena))
        return refuse(key, from->texts[0], err);
    return true;
}

static void put_text_list(struct buf *to, const struct text_list *list, const char *separator)
{
    for (size_t i = 0; i < list->count; i++)
        buf_printf(to, "%s%s", i > 0 ? separator : "", list->at[i]);
}

static void put_deliver(struct buf *to, const struct settings *settings)
{
    switch (settings->deliver) {
    case DELIVER_ALL:
        buf_put_text(to, "all");
        break;
    case DELIVER_ONLY:
        buf_put_text(to, "only ");
        put_text_list(to, &settings->deliver_only, ",");
        break;
    case DELIVER_REDIRECT:
        buf_printf(to, "redirect %s", settings->deliver_redirect);
        break;
    }
}

static void put_choice(struct buf *to, const struct key *key, int choice)
{
    struct span rest = span_of(key->choices);

    struct span name = span_take_until(&rest, ' ');

    for (int i = 0; i < choice; i++)
        name = span_take_until(&rest, ' ');
    buf_put(to, name);
}

static void put_duration_list(struct buf *to, const struct duration_list *list)
{
    buf_put_byte(to, '[');
    for (size_t i = 0; i < list->count; i++) {
        buf_put_text(to, i > 0 ? ", " : "");
        text_put_duration(to, list->at[i]);
    }
    buf_put_byte(to, ']');
}

void value_put(struct buf *to, const struct settings *settings, const struct key *key)
{
    const void *place = (const char *)settings + key->offset;
    const char *text;

    switch (key->type) {
    case KEY_TEXT:
    case KEY_PATH:
    case KEY_DOMAIN:
    case KEY_ADDRESS:
    case KEY_SERVER:
    case KEY_ENDPOINT:
    case KEY_URL:
        text = *(const char *const *)place;
        buf_put_text(to, text != NULL ? text : "");
        break;
    case KEY_INTEGER:
        buf_printf(to, "%d", *(const int *)place);
        break;
    case KEY_SIZE:
        buf_printf(to, "%zu", *(const size_t *)place);
        break;
    case KEY_DURATION:
        text_put_duration(to, *(const int64_t *)place);
        break;
    case KEY_FLAG:
        buf_put_text(to, *(const bool *)place ? "true" : "false");
        break;
    case KEY_CHOICE:
        put_choice(to, key, *(const int *)place);
        break;
    case KEY_TEXT_LIST:
    case KEY_PATH_LIST:
    case KEY_IP_LIST:
        buf_put_byte(to, '[');
        put_text_list(to, place, ", ");
        buf_put_byte(to, ']');
        break;
    case KEY_DURATION_LIST:
        put_duration_list(to, place);
        break;
    case KEY_DELIVER:
        put_deliver(to, settings);
        break;
    }
}

static size_t size_of(const struct key *key)
{
    switch (key->type) {
    case KEY_TEXT:
    case KEY_PATH:
    case KEY_DOMAIN:
    case KEY_ADDRESS:
    case KEY_SERVER:
    case KEY_ENDPOINT:
    case KEY_URL:
        return sizeof(const char *);
    case KEY_INTEGER:
    case KEY_CHOICE:
    case KEY_DELIVER:
        return sizeof(int);
    case KEY_SIZE:
        return sizeof(size_t);
    case KEY_DURATION:
        return sizeof(int64_t);
    case KEY_FLAG:
        return sizeof(bool);
    case KEY_TEXT_LIST:
    case KEY_PATH_LIST:
    case KEY_IP_LIST:
        return sizeof(struct text_list);
    case KEY_DURATION_LIST:
        return sizeof(struct duration_list);
    }
    return 0;
}

void value_copy(struct settings *to, const struct settings *from, const struct key *key)
{
    memcpy(place_of(to, key), (const char *)from + key->offset, size_of(key));
    if (key->type != KEY_DELIVER)
        return;
    to->deliver_only = from->deliver_only;
    to->deliver_redirect = from->deliver_redirect;
    to->deliver_redirect_domain = from->deliver_redirect_domain;
}

void value_put_range(struct buf *to, const struct key *key)
{
    struct span rest = span_of(key->choices != NULL ? key->choices : "");

    switch (key->type) {
    case KEY_INTEGER:
    case KEY_SIZE:
        buf_printf(to, "%lld-%lld", (long long)key->least, (long long)key->most);
        break;
    case KEY_DURATION:
    case KEY_DURATION_LIST:
        text_put_duration(to, key->least);
        buf_put_byte(to, '-');
        text_put_duration(to, key->most);
        break;
    case KEY_CHOICE:
        while (rest.n > 0) {
            buf_put(to, span_take_until(&rest, ' '));
            buf_put_text(to, rest.n > 0 ? " or " : "");
        }
        break;
    case KEY_TEXT:
    case KEY_PATH:
    case KEY_DOMAIN:
    case KEY_ADDRESS:
    case KEY_SERVER:
    case KEY_ENDPOINT:
    case KEY_URL:
    case KEY_TEXT_LIST:
    case KEY_PATH_LIST:
    case KEY_IP_LIST:
        buf_printf(to, "a %s", key_type_name(key->type));
        break;
    case KEY_FLAG:
    case KEY_DELIVER:
        buf_put_text(to, key_type_name(key->type));
        break;
    }
}
