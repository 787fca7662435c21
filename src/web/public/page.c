/*
 * Head, style and foot of a page. The style is in the page, named to the browser by its digest, so
 * that no other is taken.
 */
#include "web/public/page.h"

#include "base/cleanup.h"
#include "base/encodings.h"
#include "crypto/digest.h"
#include "domain/settings.h"
#include "services/compose/template_escape.h"
#include "web/answer_http.h"

enum { PAGE_MOST = 512 * 1024, POLICY_MOST = 300 };

static const char style[] =
    ":root{color-scheme:light dark;--ground:#f4f5f7;--paper:#fff;--ink:#1c2127;--quiet:#57606a;"
    "--line:#d5dae0;--accent:#0b57b0;--on-accent:#fff;--good:#e6f4ea;--good-ink:#14532d;"
    "--bad:#fdecea;--bad-ink:#7f1d1d}"
    "@media(prefers-color-scheme:dark){:root{--ground:#121518;--paper:#1b1f24;--ink:#e6e9ec;"
    "--quiet:#a0a9b3;--line:#3a424b;--accent:#7fb6ff;--on-accent:#0b1621;--good:#1d3527;"
    "--good-ink:#bfe8cc;--bad:#3d1f1f;--bad-ink:#f6c7c3}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:1rem/1.55 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}"
    "main{max-width:40rem;margin:0 auto;padding:2rem 1.5rem;background:var(--paper);"
    "overflow-wrap:anywhere}"
    "@media(min-width:44rem){body{background:var(--ground)}main{margin:3rem auto;padding:2.5rem "
    "3rem;border-radius:.75rem;"
    "box-shadow:0 1px 3px rgba(0,0,0,.12)}}"
    "header,footer{color:var(--quiet);font-size:.875rem}"
    "header{margin-bottom:1.25rem}"
    "footer{margin-top:2.5rem;padding-top:1rem;border-top:1px solid var(--line)}"
    "h1{font-size:1.5rem;line-height:1.3;margin:0 0 1rem;font-weight:650}"
    "h2{font-size:1.125rem;margin:2.25rem 0 .75rem;font-weight:650}"
    "p{margin:0 0 1rem}"
    "a{color:var(--accent)}"
    "form{margin:0}"
    "button,select,input{font:inherit;color:inherit;min-height:2.75rem;border-radius:.5rem;"
    "border:1px solid var(--line);background:var(--paper);padding:.5rem .875rem;max-width:100%}"
    "button{cursor:pointer;font-weight:600;color:var(--accent);border-color:var(--accent)}"
    "button.main{background:var(--accent);color:var(--on-accent)}"
    "button:hover{text-decoration:underline}"
    ":focus-visible{outline:3px solid var(--accent);outline-offset:2px}"
    "label{display:block;font-weight:600;margin:0 0 .25rem}"
    ".row{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end}"
    ".row.wide{gap:1rem}"
    ".field{margin:0 0 1rem}"
    "fieldset{border:0;padding:0;min-width:0}"
    "legend{font-weight:600;padding:0;margin:0 0 .25rem}"
    "footer p,li .quiet{margin:0}"
    "fieldset label{font-weight:400}"
    ".hint{margin-top:.25rem}"
    ".hint,.quiet{color:var(--quiet);font-size:.875rem;font-weight:400}"
    ".done{background:var(--good);color:var(--good-ink);border-radius:.5rem;"
    "padding:.75rem 1rem;margin:0 0 1.25rem}"
    ".wrong{background:var(--bad);color:var(--bad-ink);border-radius:.5rem;"
    "padding:.75rem 1rem;margin:0 0 1.25rem}"
    "ul.topics{list-style:none;margin:0;padding:0}"
    "ul.topics li{padding:.875rem 0;border-top:1px solid var(--line)}"
    "ul.topics .topic{font-weight:600;margin:0 0 .5rem}"
    ".hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);"
    "white-space:nowrap}";

void page_put(struct html_page *page, const char *html)
{
    buf_put_text(&page->html, html);
}

void page_put_text(struct html_page *page, struct span text)
{
    template_escape_put(&page->html, text, ESCAPE_HTML, LAYOUT_LINE);
}

void page_say(struct html_page *page, enum page_word word, struct span topic)
{
    struct span text = span_of(page_word(page->language, word));
    size_t hole = span_find(text, SPAN("{}"));

    buf_put(&page->html, span_first(text, hole));
    if (hole == text.n)
        return;
    page_put_text(page, topic);
    buf_put(&page->html, span_rest(text, hole + 2));
}

void page_put_paragraph(struct html_page *page, enum page_word word, struct span topic)
{
    page_put(page, "<p>");
    page_say(page, word, topic);
    page_put(page, "</p>\n");
}

void page_begin(struct html_page *page, struct web_call *call, enum page_language language,
                enum page_word title, struct span topic)
{
    page->call = call;
    page->language = language;
    buf_init(&page->html, PAGE_MOST);
    buf_printf(&page->html,
               "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"robots\" content=\"noindex\">\n<title>",
               page_language_tag(language));
    page_say(page, title, topic);
    page_put(page, "</title>\n<style>");
    page_put(page, style);
    page_put(page, "</style>\n</head>\n<body>\n<main>\n<header>");
    page_put_text(page, span_of(web_settings(call->web)->sender_name));
    page_put(page, "</header>\n<h1>");
    page_say(page, title, topic);
    page_put(page, "</h1>\n");
}

/* Only the style of that digest, and forms that post to us. */
static void put_policy(struct buf *to)
{
    unsigned char digest[DIGEST_SIZE];

    digest_sha256(span_of(style), digest);
    buf_put_text(to, "default-src 'none'; style-src 'sha256-");
    base64_put(to, (struct span){ (const char *)digest, sizeof(digest) });
    buf_put_text(to, "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
}

void page_answer(struct html_page *page, int status)
{
    CLEANUP(buf_fini) struct buf policy;
    struct http_field fields[] = {
        { "Content-Security-Policy", NULL },
        { "Referrer-Policy", "no-referrer" },
        { "X-Robots-Tag", "noindex" },
        { "Content-Language", page_language_tag(page->language) },
        { NULL, NULL },
    };

    buf_init(&policy, POLICY_MOST);
    put_policy(&policy);
    fields[0].value = buf_text(&policy);
    page_put(page, "</main>\n</body>\n</html>\n");
    web_answer(page->call, status, "text/html; charset=utf-8", buf_view(&page->html), fields);
    buf_fini(&page->html);
}

void page_refuse(struct web_call *call, int status, enum page_word word)
{
    struct span accept = http_exchange_header(call->exchange, "Accept-Language");
    struct html_page page;

    page_begin(&page, call, page_language_accepted(accept),
               word == WORD_LOST ? WORD_LOST_TITLE : WORD_PROBLEM_TITLE, SPAN(""));
    page_put_paragraph(&page, word, SPAN(""));
    page_answer(&page, status);
}

void page_lost(struct web_call *call)
{
    page_refuse(call, 404, WORD_LOST);
}
