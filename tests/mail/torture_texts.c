/*
 * The texts, and more of them by chance.
 */
#include "tests/mail/torture_texts.h"

#define T(literal)                                                                                 \
    {                                                                                              \
        { "" literal, sizeof(literal) - 1 },                                                       \
        {                                                                                          \
            NULL, 0                                                                                \
        }                                                                                          \
    }
#define G(literal, seen)                                                                           \
    {                                                                                              \
        { "" literal, sizeof(literal) - 1 },                                                       \
        {                                                                                          \
            "" seen, sizeof(seen) - 1                                                              \
        }                                                                                          \
    }
#define A10 "aaaaaaaaaa"
#define A50 A10 A10 A10 A10 A10
#define HAN10 "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57"

/* clang-format off */
const struct torture_text torture_names[] = {
    T("Ann"),
    T("Ann Smith"),
    T("Dr. Ann Smith"),
    T("Smith, Ann"),
    T("Ann \"The Pen\" Smith"),
    T("Ann \\ Smith"),
    T("Ann\\"),
    T("\"Ann\""),
    T("\""),
    T("\\\""),
    T("Ann <ann@evil.example>"),
    T("ann@evil.example"),
    T("Ann (Sales)"),
    T("Ann [Sales]; Bob: x"),
    T("Ann's Office"),
    T("Ann & Bob"),
    T("Ann@Work"),
    T("Ann, Bob, Carl"),
    T("=?utf-8?Q?Ann?="),
    T("x =?utf-8?Q?Ann?= y"),
    T("=?"),
    T("?="),
    T("J\u00fcrgen M\u00fcller"),
    T("M\u00fcller, J\u00fcrgen"),
    T("J\u00fcrgen \"JJ\" M\u00fcller"),
    T("Fran\u00e7ois L\u00e9vy-Dupr\u00e9"),
    T("\u00d8ystein \u00c6rlig \u00c5s"),
    T("\u0141ukasz \u017b\u00f3\u0142\u0107"),
    T("\u0412\u043b\u0430\u0434\u0438\u043c\u0438\u0440 \u041f\u0435\u0442\u0440\u043e\u0432"),
    T("\u0391\u03bb\u03ad\u03be\u03b1\u03bd\u03b4\u03c1\u03bf\u03c2"),
    T("\u05d3\u05d5\u05d3 \u05dc\u05d5\u05d9"),
    T("\u0645\u062d\u0645\u062f \u0639\u0644\u064a"),
    T("\u5c71\u7530\u592a\u90ce"),
    T("\uae40\ucca0\uc218"),
    T("\u738b\u5c0f\u660e"),
    T("\u0e2a\u0e21\u0e0a\u0e32\u0e22"),
    T("\u0930\u093e\u091c\u0947\u0936 \u0915\u0941\u092e\u093e\u0930"),
    T("a" HAN10 HAN10 HAN10),
    T("ab" HAN10 HAN10 HAN10),
    T("abc" HAN10 HAN10 HAN10),
    T("Ann \U0001f4ec"),
    T("\U0001f468\u200d\U0001f469\u200d\U0001f467 Family"),
    T("e\u0301combining"),
    T("\u200eAnn\u200f"),
    T("\ufeffAnn"),
    T("Ann  Smith"),
    T("Ann   J\u00fcrgen    Smith"),
    T(A50 A50),
    T(A50 " " A50 " " A50),
    T("Ann Smith of the Very Long Department of Very Long Names and Titles, Ltd. (Worldwide)"),
    T("1234567890"),
    T("."),
    T("..."),
    T("A. B. C."),
    T("a_b-c+d"),
    T("a=b"),
    T("Ann, =?utf-8?B?QW5u?="),
    T("\u00ab\u00bb"),
    T("100% Ann"),
    G("Ann\r\nBcc: evil@example.org", "Ann Bcc: evil@example.org"),
    G("Ann\nSubject: evil", "Ann Subject: evil"),
    G("Ann\rX: evil", "Ann X: evil"),
    G("Ann\0Smith", "Ann Smith"),
    G("Ann\tSmith", "Ann Smith"),
    G("  Ann  ", "Ann"),
    G("\x7f" "Ann\x01", "Ann"),
    G("J\xfcrgen", "J\ufffdrgen"),
    G("Ann\xe2\x80\xa8" "X: evil", "Ann X: evil"),
    G("Ann\xc2\x85" "X: evil", "Ann X: evil"),
    T(""),
};
const size_t torture_name_count = sizeof torture_names / sizeof torture_names[0];

const struct torture_text torture_subjects[] = {
    T("Hello"),
    T("Issue 12: fix the thing"),
    T("Re: Issue 12"),
    T(""),
    T("a"),
    T(":"),
    T("x: y: z"),
    T("Gr\u00fc\u00dfe aus K\u00f6ln"),
    T("\u20ac 100 off"),
    T("one \u00fc two"),
    T("\u00fc two three"),
    T("one two \u00fc"),
    T("one \u00fc two three four five six seven eight \u00fc nine"),
    T("\u6f22\u5b57"),
    T("a" HAN10 HAN10 HAN10 HAN10),
    T("ab" HAN10 HAN10 HAN10 HAN10),
    T(HAN10 HAN10 HAN10 HAN10 HAN10 HAN10),
    T("x " HAN10 " a " HAN10 HAN10 " ab " HAN10 HAN10),
    T("a" HAN10 "b" HAN10 "c" HAN10 "\u00fc" HAN10),
    T("\U0001f389\U0001f389\U0001f389\U0001f389\U0001f389\U0001f389\U0001f389\U0001f389\U0001f389"),
    T("\u00fc\U0001f389\u6f22\u00fc\U0001f389\u6f22\u00fc\U0001f389\u6f22\u00fc\U0001f389\u6f22"),
    T("=?utf-8?Q?not_encoded?="),
    T("=?utf-8?B?"),
    T("a=?b"),
    T("what =? that ?="),
    T("=?"),
    T("?="),
    T("= ? _ ="),
    T("under_score and spaces"),
    T("under_score \u00fc spaces_"),
    T("question? equals= \u00fc"),
    T("two  spaces"),
    T("three   spaces   here"),
    T("a  b \u00fc  c"),
    T("many                                                                        spaces"),
    T("[project/x] \"quoted\" <tag> (comment) \\ backslash"),
    T("semi; colon, comma. stop"),
    T("<b>bold</b> &amp;"),
    T("{{name}} ${var} %s %n"),
    T("0"),
    T(A50 A50 A50 A50),
    T("https://example.org/" A50 A50 "/x?y=z&a=b"),
    T("see https://example.org/" A50 A10 " and more"),
    T("word " A50 " word " A50 " word " A50),
    T(A10 " " A10 " " A10 " " A10 " " A10 " " A10 " " A10 " " A10 " " A10 " " A10 " " A10 " " A10),
    T("aaaaaaa aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b"),
    T("aaaaaaaa aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b"),
    T("\u0420\u0443\u0441\u0441\u043a\u0438\u0439 \u0442\u0435\u043a\u0441\u0442, \u043a\u043e\u0442"
      "\u043e\u0440\u044b\u0439 \u0434\u043b\u0438\u043d\u043d\u0435\u0435 \u043e\u0434\u043d\u043e"
      "\u0439 \u0441\u0442\u0440\u043e\u043a\u0438 \u0438 \u0434\u043e\u043b\u0436\u0435\u043d \u0431"
      "\u044b\u0442\u044c \u0441\u043b\u043e\u0436\u0435\u043d"),
    T("\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd"),
    T("\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645"),
    T("e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301"),
    T("zero\u200bwidth"),
    T("no\u00a0break"),
    T("\u202eright to left"),
    T("\ufeffmark"),
    G("line\r\nBcc: evil@example.org", "line Bcc: evil@example.org"),
    G("line\r\n\r\nbody", "line  body"),
    G("line\nX-Evil: 1", "line X-Evil: 1"),
    G("line\rX-Evil: 1", "line X-Evil: 1"),
    G("line\r\n folded", "line  folded"),
    G("nul\0byte", "nul byte"),
    G("tab\there", "tab here"),
    G("  spaces around  ", "spaces around"),
    G("\r\n", ""),
    G("latin1 \xfc\xe4", "latin1 \ufffd\ufffd"),
    G("cut \xe2\x82", "cut \ufffd\ufffd"),
    G("overlong \xc0\xaf", "overlong \ufffd\ufffd"),
    G("escape \x1b[31m", "escape  [31m"),
    G("line separator\xe2\x80\xa8X: 1", "line separator X: 1"),
    G("next line\xc2\x85X: 1", "next line X: 1"),
};
const size_t torture_subject_count = sizeof torture_subjects / sizeof torture_subjects[0];

const struct torture_text torture_bodies[] = {
    T("Hello\n"),
    T(""),
    T("\n"),
    T("\n\n\n"),
    T("Hello\n\n\n"),
    T("\n\nHello\n"),
    G("no end", "no end\n"),
    T(".\n"),
    T("..\n.\n...\n.a\n"),
    T("Hello\n.\nQUIT\n"),
    T("From me\nFrom \nFrom you\n"),
    T(">From me\n"),
    T("trailing space \ntrailing tab\t\n \n\t\n"),
    T("-- \nsignature\n"),
    T("--\n--=_x\n--=_0123456789abcdef.0\n--=_0123456789abcdef.0--\n"),
    T("--boundary\n--boundary--\n"),
    T("a = b\n=20\n=\n==\n"),
    T("soft=\nbreak\n"),
    T("tab\tin\tthe middle\n"),
    T("Gr\u00fc\u00dfe aus K\u00f6ln\n"),
    T("\u6f22\u5b57\n"),
    T(HAN10 HAN10 HAN10 HAN10 HAN10 HAN10 HAN10 HAN10 HAN10 HAN10 HAN10 HAN10 HAN10 HAN10 "\n"),
    T("\U0001f4ec mail\n"),
    T(A50 A10 A10 "aaaaa\n"),                 /* 75 */
    T(A50 A10 A10 "aaaaaa\n"),                /* 76 */
    T(A50 A10 A10 "aaaaaaa\n"),               /* 77 */
    T(A50 A10 A10 "aaaaaaaa\n"),              /* 78 */
    T(A50 A10 A10 "aaaaaaaaa\n"),             /* 79 */
    T("\u00fc" A50 A10 "aaaaaaaaa\n"),        /* 75 in quoted-printable */
    T("\u00fc" A50 A10 A10 "\n"),             /* 76 */
    T("\u00fc" A50 A10 A10 "a\n"),            /* 77 */
    T(A50 A10 A10 "aaaa\u00fc\n"),
    T(A50 A10 A10 "aa\u00fc\n"),
    T(A50 A10 A10 "aaaa =\n"),
    T("\u00fc" A50 A10 "aaaaaaaa \n"),
    T("\u00fc" A50 A10 "aaaaaaa \n"),
    T("\u00fc" A50 A10 "aaaa From the start of a line\n"),
    T("\u00fc" A50 A10 "aaaaaaaa From \u00fc\n"),
    T("\u00fc" A50 A10 "aaaaaaaaFrom x\n"),
    T(A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 A50 "\n"),
    T("<!DOCTYPE html>\n<p style=\"color: red\">Hello</p>\n"),
    T("begin 644 x\nend\n"),
    T("%s %n %d\n"),
    G("bare\rcr", "bare\ncr\n"),
    G("crlf\r\nlines\r\n", "crlf\nlines\n"),
    G("mixed\r\n\n\r\rends\n\r", "mixed\n\n\n\nends\n\n"),
    G("a\n.\r\nb\r.\nc\r\n", "a\n.\nb\n.\nc\n"),
    G("nul\0byte\n", "nulbyte\n"),
    G("latin1 \xfc\n", "latin1 \ufffd\n"),
    G("cut \xe2\x82", "cut \ufffd\ufffd\n"),
    T("bell \x07 escape \x1b[31m delete \x7f\n"),
    T("form\x0c" "feed and vertical\x0b" "tab\n"),
};
const size_t torture_body_count = sizeof torture_bodies / sizeof torture_bodies[0];

const struct torture_text torture_files[] = {
    T("report.pdf"),
    T("Annual Report 2026.pdf"),
    T("B\u00e4richt \u20ac.pdf"),
    T("\u5831\u544a\u66f8.pdf"),
    T("a\"quote\".txt"),
    T("back\\slash.txt"),
    T("semi;colon=equals.txt"),
    T("it's 100% *new*.txt"),
    T("=?utf-8?Q?x?=.txt"),
    T(A50 A50 ".txt"),
    T(HAN10 HAN10 HAN10 HAN10 ".txt"),
    T("\U0001f4ce.bin"),
    T("no extension"),
    T(".hidden"),
    T("a'b'c\u00fc.txt"),
    T("a%41\u00fc.txt"),
    G("evil\r\nX: 1.txt", "evil X: 1.txt"),
    G("nul\0.txt", "nul .txt"),
};
const size_t torture_file_count = sizeof torture_files / sizeof torture_files[0];

static const char *const letters[] = {
    "a", "b", "e", "n", "o", "r", "s", "t", "A", "Z", "0", "9", "-", "_", ".", ",", "=", "?", "\"",
    "\\", "(", ")", "<", ">", "@", ":", ";", "'", "*", "%", "#", "&", "\u00fc", "\u00e9", "\u00df",
    "\u0416", "\u0434", "\u05d0", "\u0639", "\u6f22", "\u5b57", "\ud55c", "\u20ac", "\U0001f389",
    "\u0301",
};
/* clang-format on */

struct span torture_expected(const struct torture_text *text)
{
    return text->expected.at != NULL ? text->expected : text->given;
}

/* Most words are of one kind of letters, so that runs of all widths come about. */
static void put_word(struct buf *to, struct random *r)
{
    size_t n = 1 + random_below(r, random_below(r, 20) == 0 ? 90 : 9);
    size_t from = random_below(r, sizeof letters / sizeof letters[0]);
    size_t width = 1 + random_below(r, sizeof letters / sizeof letters[0] - from);

    for (size_t i = 0; i < n; i++)
        buf_put_text(to, letters[from + random_below(r, width)]);
}

void torture_put_line(struct buf *to, struct random *r, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        if (i > 0)
            buf_put_text(to, random_below(r, 12) == 0 ? "  " : " ");
        put_word(to, r);
    }
}

void torture_put_body(struct buf *to, struct random *r, size_t lines)
{
    for (size_t i = 0; i < lines; i++) {
        if (random_below(r, 4) != 0)
            torture_put_line(to, r, random_below(r, 30));
        buf_put_byte(to, '\n');
    }
}
