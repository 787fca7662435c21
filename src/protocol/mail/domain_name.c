/*
 * Domain names: syntax here, other scripts through libidn2. Nothing is looked up. An underscore
 * is refused (RFC 5321's sub-domain has none); a name of digits alone is a name like any other,
 * which no registry has.
 */
#include "protocol/mail/domain_name.h"

#include <idn2.h>
#include <string.h>

#include "base/text.h"

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool check_label(struct span label, struct error *err)
{
    if (label.n == 0)
        return error_set(err, ERROR_INVALID, "empty label in the domain");
    if (label.n > DOMAIN_LABEL_MOST)
        return error_set(err, ERROR_INVALID, "label over 63 octets in the domain");
    if (label.at[0] == '-' || label.at[label.n - 1] == '-')
        return error_set(err, ERROR_INVALID, "hyphen at the edge of a label in the domain");
    for (size_t i = 0; i < label.n; i++)
        if (!is_letter_or_digit(label.at[i]) && label.at[i] != '-')
            return error_set(err, ERROR_INVALID, "character not allowed in the domain");
    return true;
}

static bool check_labels(struct span name, struct error *err)
{
    if (name.n == 0)
        return error_set(err, ERROR_INVALID, "empty domain");
    if (name.at[name.n - 1] == '.')
        return error_set(err, ERROR_INVALID, "dot at the end of the domain");
    while (name.n > 0) {
        struct span label = span_take_until(&name, '.');

        if (!check_label(label, err))
            return false;
    }
    return true;
}

static bool take_ascii(struct span text, char *ret_name, struct error *err)
{
    if (!check_labels(text, err))
        return false;
    if (text.n > DOMAIN_NAME_MOST)
        return error_set(err, ERROR_INVALID, "domain over 253 octets");
    for (size_t i = 0; i < text.n; i++)
        ret_name[i] = span_lower(text.at[i]);
    ret_name[text.n] = '\0';
    return true;
}

static bool take_other_script(struct span text, char *ret_name, struct error *err)
{
    char zero_ended[4 * DOMAIN_NAME_MOST + 1];
    uint8_t *ascii = NULL;
    int status;
    bool taken;

    if (text.n >= sizeof zero_ended)
        return error_set(err, ERROR_INVALID, "domain over 253 octets");
    memcpy(zero_ended, text.at, text.n);
    zero_ended[text.n] = '\0';
    status =
        idn2_lookup_u8((const uint8_t *)zero_ended, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (status == IDN2_TOO_BIG_LABEL || status == IDN2_PUNYCODE_BIG_OUTPUT)
        return error_set(err, ERROR_INVALID, "label over 63 octets in the domain");
    if (status == IDN2_TOO_BIG_DOMAIN)
        return error_set(err, ERROR_INVALID, "domain over 253 octets");
    if (status != IDN2_OK)
        return error_set(err, ERROR_INVALID, "not an international domain name");
    taken = take_ascii(span_of((const char *)ascii), ret_name, err);
    idn2_free(ascii);
    return taken;
}

bool domain_name_parse(struct span text, char ret_name[DOMAIN_NAME_MOST + 1], struct error *err)
{
    if (text_has_control(text))
        return error_set(err, ERROR_INVALID, "control character in the domain");
    if (text_is_ascii(text))
        return take_ascii(text, ret_name, err);
    if (!text_is_utf8(text))
        return error_set(err, ERROR_INVALID, "not UTF-8");
    return take_other_script(text, ret_name, err);
}

void domain_name_put_display(struct buf *to, const char *name)
{
    char *unicode = NULL;

    if (strstr(name, "xn--") == NULL || idn2_to_unicode_8z8z(name, &unicode, 0) != IDN2_OK) {
        buf_put_text(to, name);
        return;
    }
    buf_put_text(to, unicode);
    idn2_free(unicode);
}

bool domain_name_is_within(struct span name, struct span of)
{
    return span_ends(name, of) && of.n > 0 && (name.n == of.n || name.at[name.n - of.n - 1] == '.');
}
