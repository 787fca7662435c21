"""An installation beside an exchanger that keeps the mails it gets."""

import contextlib
import email
import email.policy
import os
import re
import tempfile
from pathlib import Path

import exchanger
import processes
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]


class Office:
    """An installation beside an exchanger, which keeps what it gets."""

    def __init__(self, folder, port, settings):
        self.got = folder / "got"
        self.settings = {
            "domain": "example.org",
            "watching": {"window": "200ms", "busy_window": "0s"},
            "smtp": {"port": port, "allow_loopback": True},
            **settings,
        }
        self.mail = Installation.new(PROGRAM, folder / "mail", self.settings)

    def watcher(self, key, address):
        self.mail.need("person", "add", key, "--address", address)
        self.mail.need("watch", key, "issue/12")

    def happen(self, text):
        self.mail.need("event", "issue/12", "commented", "--text", text)

    def letters(self, count):
        """The first so many mails that came."""
        files = processes.until(lambda: len(found := sorted(self.got.glob("*.eml"))) >= count
                                and found, f"{count} mails come")
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                for file in files]

    def states(self):
        return {row["to"]: (row["state"], row.get("reason"))
                for row in self.mail.need("deliveries")["deliveries"]}

    def logged(self, event):
        """The fields of the last line of an event, or None."""
        found = re.findall(rf" {event}( .*)?$", self.mail.log.read_text(), re.MULTILINE)
        return found[-1] if found else None


@contextlib.contextmanager
def office(**settings):
    with tempfile.TemporaryDirectory(prefix="postroom-office-") as name:
        folder = Path(name)
        (folder / "got").mkdir()
        with exchanger.taking(PROGRAM, "--folder", folder / "got") as sink:
            yield Office(folder, sink.port, settings)
