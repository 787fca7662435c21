#!/usr/bin/python3
"""The torture set as Python's email package reads it, and its signatures as python3-dkim does."""

import email
import email.header
import email.policy
import re
import sys

import dkim

import mails
import tap

folder = mails.compose(sys.argv[1])
paths = mails.paths(folder.name)
keys = mails.keys(folder.name)


def lines(text):
    """Text as it was before its lines were ended by CRLF."""
    return text.replace("\r\n", "\n")


def display_name(message, field):
    """The name of the first mailbox. The new parser of Python 3.11 makes a space of what stands
    between two encoded-words of a name, and one space of several: so names of encoded-words are
    read by the older one, too."""
    name = message[field].addresses[0].display_name
    source = dict(message.raw_items())[field]
    if not source.startswith("=?"):
        return name
    phrase = re.sub(r"\r?\n(?=[ \t])", "", source).partition(" <")[0]
    older = str(email.header.make_header(email.header.decode_header(phrase)))
    assert name.replace(" ", "") == older.replace(" ", ""), (name, older)
    return older


def values(message):
    """The values a mail holds, by the names that its .expect file has."""
    found = {"subject": str(message["Subject"])}
    found["from"] = display_name(message, "From")
    found["to"] = display_name(message, "To")
    for part in message.walk():
        if part.is_multipart():
            continue
        if part.get_content_disposition() == "attachment":
            found["file-name"] = part.get_filename()
            found["file"] = part.get_content()
        elif part.get_content_type() == "text/html":
            found["html"] = lines(part.get_content())
        else:
            found["text"] = lines(part.get_content())
    return found


@tap.case
def every_mail_parses_without_defects_to_what_went_in():
    faults = []
    for path in paths:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        expected = mails.expected(path)
        for part in message.walk():
            faults += [f"{path.name}: {defect!r}" for defect in part.defects]
            for name, value in part.items():
                faults += [f"{path.name}: {name}: {defect!r}" for defect in value.defects]
        for name, value in values(message).items():
            if value != expected.get(name):
                faults.append(f"{path.name}: {name}: {value!r}, expected {expected.get(name)!r}")
        if set(values(message)) != set(expected):
            faults.append(f"{path.name}: {set(values(message)) ^ set(expected)}")
    assert not faults, "\n".join(fault[:1000] for fault in faults[:20])


def lookup(name, timeout=5):
    del timeout
    return keys[name.decode().rstrip(".")].encode()


@tap.case
def every_signature_verifies():
    failed = []
    for path in paths:
        message = path.read_bytes()
        count = len(re.findall(rb"^DKIM-Signature:", message.partition(b"\r\n\r\n")[0], re.M))
        assert count == (2 if int(path.stem) % 3 == 0 else 1), path.name
        for index in range(count):
            if not dkim.DKIM(message).verify(idx=index, dnsfunc=lookup):
                failed.append(f"{path.name} {index}")
    assert not failed, "\n".join(failed[:20])


@tap.case
def signatures_break_when_the_mail_is_changed():
    message = paths[0].read_bytes()
    assert dkim.verify(message, dnsfunc=lookup)
    head, _, body = message.partition(b"\r\n\r\n")
    for changed in [
        message.replace(b"Subject:", b"Subject: x", 1),
        message + b"x\r\n",
        head + b"\r\nFrom: x@example.org\r\n\r\n" + body,
        head + b"\r\nSubject: x\r\n\r\n" + body,
        head + b"\r\nCc: x@example.org\r\n\r\n" + body,
        head + b"\r\nReply-To: x@example.org\r\n\r\n" + body,
        head + b"\r\nDate: Tue, 24 Nov 2026 18:00:00 +0000\r\n\r\n" + body,
    ]:
        assert not dkim.verify(changed, dnsfunc=lookup), changed[:2000]


tap.run()
