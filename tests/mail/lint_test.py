#!/usr/bin/python3
"""Every mail of the torture set by the letter of RFC 5322, 2045 and 2047: what no parser tells."""

import re
import sys

import mails
import tap

folder = mails.compose(sys.argv[1])
paths = mails.paths(folder.name)

ENCODED_WORD = re.compile(rb"=\?[^?\s]+\?[QqBb]\?[^?\s]*\?=")
ONCE = ["from", "to", "subject", "date", "message-id", "mime-version", "content-type", "list-id"]
NO_ENCODED_WORDS = re.compile(rb"(list-.*|message-id|content-.*|mime-version|date|dkim-.*)$")


def each(check):
    """Runs a check over all mails; the first few faults make the failure."""
    faults = []
    for path in paths:
        message = path.read_bytes()
        head, _, body = message.partition(b"\r\n\r\n")
        faults += [f"{path.name}: {fault}" for fault in check(head + b"\r\n", body)]
    assert not faults, "\n".join(faults[:20])


def fields(head):
    """The header's fields as (lower-case name, whole field)."""
    for field in re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", head):
        yield field.partition(b":")[0].lower(), field


@tap.case
def bytes_are_ascii_and_lines_end_in_crlf():
    def check(head, body):
        message = head + b"\r\n" + body
        if re.search(rb"[^\t\r\n\x20-\x7e]", message):
            yield "a byte that is not printable ASCII"
        if re.search(rb"\r(?!\n)|(?<!\r)\n", message):
            yield "a CR or LF alone"
        if not message.endswith(b"\r\n"):
            yield "the last line is not ended"

    each(check)


@tap.case
def lines_are_short():
    def check(head, body):
        for line in body.split(b"\r\n"):
            if len(line) > 78:
                yield f"a body line of {len(line)}"
        for line in head.split(b"\r\n"):
            if len(line) > 76 and b" " in line.strip().partition(b": ")[2]:
                yield f"a header line of {len(line)}: {line}"
            if not line.strip() and line:
                yield "a header line of white space"
            if line.endswith((b" ", b"\t")):
                yield f"white space at the end of {line}"

    each(check)


@tap.case
def fields_are_there_once_and_nothing_else():
    def check(head, body):
        names = [name for name, _ in fields(head)]
        for name in ONCE:
            if names.count(name.encode()) != 1:
                yield f"{name} stands {names.count(name.encode())} times"
        known = ONCE + ["content-transfer-encoding", "list-unsubscribe", "auto-submitted"]
        for name in names:
            if name.decode() not in known + ["list-unsubscribe-post", "dkim-signature"]:
                yield f"a field {name}"
        if b"".join(field for _, field in fields(head)) != head:
            yield "the header is not made of fields"

    each(check)


@tap.case
def encoded_words_keep_the_rules():
    def check(head, body):
        for name, field in fields(head):
            words = ENCODED_WORD.findall(field)
            if words and NO_ENCODED_WORDS.match(name):
                yield f"an encoded-word in {name}"
            for word in words:
                if len(word) > 75:
                    yield f"an encoded-word of {len(word)}"
            if words and re.search(rb'"[^"\r\n]*=\?[^"\r\n]*"', field):
                yield f"an encoded-word in quotes: {field}"
            for word, after in zip(words, words[1:]):
                if b"=?=" in word and b"?B?" in word and word + b"\r\n " + after in field:
                    yield f"padding before another word: {field}"
                if b"=?=" in word and b"?B?" in word and word + b" " + after in field:
                    yield f"padding before another word: {field}"
            for word in words:
                decode_alone(word)

    each(check)


def decode_alone(word):
    """Whole characters in each word: it must decode on its own."""
    import base64
    import quopri

    _, _, kind, text, _ = word.split(b"?")
    if kind.upper() == b"B":
        base64.b64decode(text, validate=True).decode()
    else:
        quopri.decodestring(text, header=True).decode()


@tap.case
def quoted_printable_keeps_its_rules():
    def check(head, body):
        parts = re.split(rb"\r\n--=_[^\r\n]*\r\n", b"\r\n" + head + b"\r\n" + body)
        for part in parts:
            part_head, _, part_body = part.partition(b"\r\n\r\n")
            if b"quoted-printable" not in part_head:
                continue
            for line in part_body.split(b"\r\n"):
                if len(line) > 76:
                    yield f"a line of {len(line)}"
                if line.endswith((b" ", b"\t")):
                    yield "white space at the end of a line"
                if re.search(rb"=(?![0-9A-F]{2}|$)", line):
                    yield f"a wrong escape: {line}"

    each(check)


tap.run()
