#!/usr/bin/python3
"""From a row of the inbox to a mail in a real mailbox: a real nameserver, and Postfix with TLS as
the recipients' exchanger. What arrives is then read by parsers and verifiers that are not ours."""

import base64
import contextlib
import email
import email.policy
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import dkim
import dns.resolver

import nameserver
import postfix
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
MAIL_TESTS = Path(os.environ["POSTROOM_SOURCE"]) / "tests/mail"
SENDER, TOWN, HOST = "example.test", "town.test", "mx1.town.test"

EVENT = {
    "topic": {"key": "issue/12", "kind": "issue", "title": "Die Tür klemmt – schon wieder",
              "url": "https://tracker.example.test/issue/12", "parents": ["project/x"]},
    "kind": "commented",
    "actor": "fred",
    "text": "Seit gestern schließt sie gar nicht mehr.\n\n.\n.. und keiner weiß, warum. 🚪",
    "changes": [{"field": "status", "old": "new", "new": "accepted"}],
    "people": [
        {"key": "fred", "address": f"fred@{TOWN}", "name": "Fred Öztürk"},
        {"key": "ana", "address": f"ana@{TOWN}", "name": "Ana \"Anička\" Nováková"},
        {"key": "brian", "address": f"brian@{TOWN}"},
        {"key": "gone", "address": f"gone@{TOWN}"},
    ],
    "watch": [{"person": who, "topic": "project/x"} for who in ("fred", "ana", "brian", "gone")],
}
READERS = ("ana", "brian")


def settings(port):
    return {
        "domain": SENDER,
        "hostname": f"mail.{SENDER}",
        "dkim": {"selector": "postroom", "key_file": "dkim.pem"},
        "smtp": {"port": port, "allow_loopback": True},
        "watching": {"window": "300ms"},
    }


def published(folder):
    """The TXT record of the DKIM key, as `init` told the operator to publish it."""
    done = subprocess.run([PROGRAM, "init", folder, "--domain", SENDER], check=True,
                          capture_output=True, text=True)
    text = re.search(r"_domainkey\S*\s+TXT\s+(.*)", done.stdout)[1]
    assert all(len(part) <= 255 for part in re.findall(r'"([^"]*)"', text)), text
    return text


class Post:
    """The whole scene, and what came of it."""

    def __init__(self, installation, office, resolver):
        self.installation = installation
        self.office = office
        self.resolver = resolver

    def mail(self, reader):
        """The mail as Postfix keeps it, with the line ends it came with."""
        (bytes_kept,) = self.office.mails(reader)
        return bytes_kept.replace(b"\n", b"\r\n")

    def delivery(self, reader):
        (found,) = self.installation.need("deliveries", "--to", f"{reader}@{TOWN}")["deliveries"]
        return found

    def trace(self, reader):
        return self.installation.need("trace", str(self.delivery(reader)["delivery"]))

    def keys(self, name, timeout=5):
        """TXT records, asked of the nameserver."""
        del timeout
        asker = dns.resolver.Resolver(configure=False)
        address, _, port = self.resolver.partition("@")
        asker.nameservers, asker.port = [address], int(port)
        answer = asker.resolve(name.decode() if isinstance(name, bytes) else name, "TXT")
        return b"".join(answer[0].strings)


def insert_from_another_process(folder, event):
    """As any program would: the sqlite3 shell."""
    quoted = json.dumps(event).replace("'", "''")
    subprocess.run(["sqlite3", folder / "inbox.db"], check=True, text=True,
                   input=f".timeout 10000\nINSERT INTO inbox (payload) VALUES ('{quoted}');\n")


@contextlib.contextmanager
def scene():
    if os.geteuid() != 0:
        raise tap.Skip("Postfix starts as root alone")
    with tempfile.TemporaryDirectory(prefix="postroom-mta-") as name, contextlib.ExitStack() as to:
        folder = Path(name)
        folder.chmod(0o755)  # Postfix gives up root for an account of its own
        key = published(folder / "mail")
        office = to.enter_context(postfix.serving(folder / "mx", HOST, TOWN, ["fred", *READERS]))
        installation = Installation(PROGRAM, folder / "mail")
        resolver = to.enter_context(nameserver.serving(folder / "names", "test", [
            f"{TOWN}. MX 10 {HOST}.", f"{HOST}. A 127.0.0.1",
            f"postroom._domainkey.{SENDER}. TXT {key}"]))
        installation.configure({**settings(office.port), "resolver": {"address": resolver}})
        to.enter_context(installation.serving())
        yield Post(installation, office, resolver)


def deliver(post):
    insert_from_another_process(post.installation.folder, EVENT)
    try:
        processes.until(lambda: all(post.office.mails(reader) for reader in READERS),
                        "both mails are in their mailboxes")
        processes.until(lambda: post.installation.rows(
            "SELECT 1 FROM delivery_state WHERE state = 11"), "the third one has failed")
    except AssertionError as late:
        raise AssertionError(f"{late}\n{post.office.log()}\n{post.installation.log.read_text()}")


def check_trace(post):
    for reader in READERS:
        said = json.dumps(post.trace(reader))
        for word in (HOST, "127.0.0.1", "TLSv1.3", "queued as"):
            assert word in said, f"{reader}: no {word} in {said}"
        assert b"using TLSv1.3" in post.mail(reader), "Postfix saw no TLS"


def check_refusal(post):
    delivery = post.delivery("gone")
    assert delivery["state"] == "failed", delivery
    assert "User unknown in virtual mailbox table" in json.dumps(delivery), delivery
    assert not post.office.mails("gone") and not post.office.mails("fred"), "who must get nothing"


def check_python(post):
    for reader in READERS:
        message = email.message_from_bytes(post.mail(reader), policy=email.policy.default)
        faults = [fault for part in message.walk() for fault in part.defects]
        faults += [fault for part in message.walk() for value in part.values()
                   for fault in value.defects]
        assert not faults, faults
        text = message.get_body(["plain"]).get_content()
        html = message.get_body(["html"]).get_content()
        for word in ("Seit gestern schließt sie", "🚪", "accepted"):
            assert word in text and word in html, (word, text, html)
        assert "Die Tür klemmt – schon wieder" in message["Subject"], message["Subject"]
        assert dkim.verify(post.mail(reader), dnsfunc=post.keys), "the signature is broken"


def expectation(message):
    """What other parsers must find, as tests/mail has it."""
    values = {
        "subject": message["Subject"],
        "from": message["From"].addresses[0].display_name,
        "to": message["To"].addresses[0].display_name,
        "text": message.get_body(["plain"]).get_content().replace("\r\n", "\n"),
        "html": message.get_body(["html"]).get_content().replace("\r\n", "\n"),
    }
    return "".join(f"{name} {base64.b64encode(str(value).encode()).decode()}\n"
                   for name, value in values.items())


def check_perl_and_gmime(post):
    name = f"postroom._domainkey.{SENDER}"
    with tempfile.TemporaryDirectory(prefix="postroom-mta-") as folder:
        for number, reader in enumerate(READERS, 1):
            path = Path(folder, f"{number:04}.eml")
            path.write_bytes(post.mail(reader))
            message = email.message_from_bytes(post.mail(reader), policy=email.policy.default)
            path.with_suffix(".expect").write_text(expectation(message), "ascii")
        Path(folder, "keys.txt").write_text(f"{name} {post.keys(name).decode()}\n", "ascii")
        for words in ([MAIL_TESTS / "perl_test.pl"], [os.environ["POSTROOM_GMIME_TEST"]]):
            done = subprocess.run([*words, folder], capture_output=True, text=True, check=False)
            assert done.returncode == 0 and "not ok" not in done.stdout, done.stdout + done.stderr


@tap.case
def a_row_of_another_process_becomes_a_mail_in_a_real_mailbox():
    with scene() as post:
        deliver(post)
        check_trace(post)
        check_refusal(post)
        check_python(post)
        check_perl_and_gmime(post)


tap.run()
