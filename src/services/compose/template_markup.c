/*
 * The states of HTML's tokenizer (WHATWG HTML, section 13.2.5) as far as the escaping of values
 * depends on them.
 */
#include "services/compose/template_markup.h"

#include <string.h>

void template_markup_init(struct template_markup *markup)
{
    *markup = (struct template_markup){ .state = MARKUP_TEXT };
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f';
}

static bool is_letter(char c)
{
    return span_lower(c) >= 'a' && span_lower(c) <= 'z';
}

static void name_add(char name[16], char c)
{
    size_t n = strlen(name);

    if (n + 1 < 16) {
        name[n] = span_lower(c);
        name[n + 1] = '\0';
    }
}

static void tail_add(struct template_markup *m, char c)
{
    memmove(m->tail, m->tail + 1, sizeof(m->tail) - 2);
    m->tail[sizeof(m->tail) - 2] = span_lower(c);
}

static bool tail_ends(const struct template_markup *m, const char *text)
{
    size_t n = strlen(text);

    return n < sizeof(m->tail) && memcmp(m->tail + sizeof(m->tail) - 1 - n, text, n) == 0;
}

static void tag_ends(struct template_markup *m)
{
    bool raw = !m->closing && (strcmp(m->name, "style") == 0 || strcmp(m->name, "script") == 0);

    m->state = raw ? MARKUP_RAW : MARKUP_TEXT;
}

static void after_open(struct template_markup *m, char c)
{
    if (c == '/' && !m->closing) {
        m->closing = true;
    } else if (is_letter(c) || c == '!' || c == '?') {
        m->state = MARKUP_NAME;
        name_add(m->name, c);
    } else {
        m->state = MARKUP_TEXT; /* a lone "<" is text */
    }
}

static void in_name(struct template_markup *m, char c)
{
    if (c == '>')
        tag_ends(m);
    else if (is_blank(c) || c == '/')
        m->state = MARKUP_TAG;
    else
        name_add(m->name, c);
    if (strcmp(m->name, "!--") == 0)
        m->state = MARKUP_COMMENT;
}

static void between_attributes(struct template_markup *m, char c)
{
    if (c == '>') {
        tag_ends(m);
    } else if (c == '=') {
        m->state = MARKUP_EQUALS;
        m->begun = false;
    } else if (!is_blank(c) && c != '/') {
        m->state = MARKUP_ATTRIBUTE;
        m->attribute[0] = '\0';
        name_add(m->attribute, c);
    }
}

static void in_attribute(struct template_markup *m, char c)
{
    if (is_blank(c) || c == '/' || c == '>' || c == '=') {
        m->state = MARKUP_TAG;
        between_attributes(m, c);
    } else {
        name_add(m->attribute, c);
    }
}

static void after_equals(struct template_markup *m, char c)
{
    if (c == '"')
        m->state = MARKUP_DOUBLE;
    else if (c == '\'')
        m->state = MARKUP_SINGLE;
    else if (c == '>')
        tag_ends(m);
    else if (!is_blank(c))
        m->state = MARKUP_BARE;
}

static void in_value(struct template_markup *m, char c, char quote)
{
    m->begun = true;
    if (c == quote)
        m->state = MARKUP_TAG;
}

static void in_bare_value(struct template_markup *m, char c)
{
    if (c == '>')
        tag_ends(m);
    else if (is_blank(c))
        m->state = MARKUP_TAG;
}

static void in_text(struct template_markup *m, char c)
{
    if (c != '<')
        return;
    m->state = MARKUP_OPEN;
    m->closing = false;
    m->name[0] = '\0';
    m->attribute[0] = '\0';
}

static void step(struct template_markup *m, char c)
{
    switch (m->state) {
    case MARKUP_TEXT:
        in_text(m, c);
        break;
    case MARKUP_OPEN:
        after_open(m, c);
        break;
    case MARKUP_NAME:
        in_name(m, c);
        break;
    case MARKUP_TAG:
        between_attributes(m, c);
        break;
    case MARKUP_ATTRIBUTE:
        in_attribute(m, c);
        break;
    case MARKUP_EQUALS:
        after_equals(m, c);
        break;
    case MARKUP_BARE:
        in_bare_value(m, c);
        break;
    case MARKUP_DOUBLE:
        in_value(m, c, '"');
        break;
    case MARKUP_SINGLE:
        in_value(m, c, '\'');
        break;
    case MARKUP_COMMENT:
        if (tail_ends(m, "-->"))
            m->state = MARKUP_TEXT;
        break;
    case MARKUP_RAW:
        if (tail_ends(m, "</style>") || tail_ends(m, "/script>"))
            m->state = MARKUP_TEXT;
        break;
    }
}

void template_markup_feed(struct template_markup *markup, struct span literal)
{
    for (size_t i = 0; i < literal.n; i++) {
        tail_add(markup, literal.at[i]);
        step(markup, literal.at[i]);
    }
}

static bool holds_code(const char *attribute)
{
    return strcmp(attribute, "style") == 0 || strcmp(attribute, "srcdoc") == 0 ||
           strncmp(attribute, "on", 2) == 0;
}

static bool holds_url(const char *attribute)
{
    static const char *const names[] = { "href",     "src",    "action",     "formaction", "cite",
                                         "longdesc", "poster", "background", "data",       "srcset",
                                         "ping",     "usemap", "manifest",   "xlink:href" };

    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        if (strcmp(attribute, names[i]) == 0)
            return true;
    return false;
}

static bool quoted_value(struct template_markup *m, enum template_escape *ret_escape,
                         struct error *err)
{
    if (holds_code(m->attribute))
        return error_set(err, ERROR_INVALID, "no value can stand in the attribute %s: it is code",
                         m->attribute);
    if (holds_url(m->attribute))
        *ret_escape = m->begun ? ESCAPE_URL_PART : ESCAPE_URL;
    else
        *ret_escape = ESCAPE_HTML;
    m->begun = true;
    return true;
}

bool template_markup_value(struct template_markup *markup, enum template_escape *ret_escape,
                           struct error *err)
{
    switch (markup->state) {
    case MARKUP_TEXT:
        *ret_escape = ESCAPE_HTML;
        return true;
    case MARKUP_DOUBLE:
    case MARKUP_SINGLE:
        return quoted_value(markup, ret_escape, err);
    case MARKUP_EQUALS:
    case MARKUP_BARE:
        return error_set(err, ERROR_INVALID, "the value of the attribute %s needs quotes",
                         markup->attribute);
    case MARKUP_COMMENT:
        return error_set(err, ERROR_INVALID, "no value can stand in a comment");
    case MARKUP_RAW:
        return error_set(err, ERROR_INVALID, "no value can stand in a style sheet or script");
    case MARKUP_OPEN:
    case MARKUP_NAME:
    case MARKUP_TAG:
    case MARKUP_ATTRIBUTE:
        return error_set(err, ERROR_INVALID,
                         "no value can stand inside a tag but in a quoted attribute");
    }
    return false;
}

bool template_markup_same(const struct template_markup *a, const struct template_markup *b)
{
    return a->state == b->state &&
           (a->state == MARKUP_TEXT || strcmp(a->attribute, b->attribute) == 0);
}
