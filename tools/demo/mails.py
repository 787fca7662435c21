"""The mails that arrived, read back from the exchangers' files."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path


@dataclass(frozen=True)
class Mail:
    path: Path
    host: str  # of the exchanger that took it
    message: EmailMessage

    @property
    def recipient(self):
        return self.message["Delivered-To"]

    @property
    def is_encrypted(self):
        return " with ESMTPS " in self.message["Received"]

    def text(self):
        return self.message.get_body(("plain",)).get_content()


def arrived(inboxes):
    """All mails, in the order of their arrival at each exchanger."""
    found = []
    for path in sorted(inboxes.glob("*/*.eml")):
        with open(path, "rb") as file:
            message = email.message_from_binary_file(file, policy=email.policy.default)
        found.append(Mail(path, path.parent.name, message))
    return found


def keep(found, folder):
    """Copies the mails into the folder, named after who got them: ada-1.eml."""
    folder.mkdir(parents=True)
    numbers = {}
    for mail in found:
        person = mail.recipient.partition("@")[0]
        numbers[person] = numbers.get(person, 0) + 1
        (folder / f"{person}-{numbers[person]}.eml").write_bytes(mail.path.read_bytes())
