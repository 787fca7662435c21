"""A daemon with public pages whose mail is really sent, and what it was: for tests of the buttons
in it. Nobody is looked up: the recipients' domain is an address."""

import contextlib
import email
import email.policy
import http.client
import re
import tempfile
import urllib.parse
from pathlib import Path

import exchanger
import processes
from installation import Installation

DOMAIN = "[127.0.0.1]"


def address(name):
    return f"{name}@{DOMAIN}"


class Correspondent:
    """`url` is where its pages are; a setting of None is left out."""

    def __init__(self, program, folder, port, smtp, **settings):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.taken = folder / "taken"
        settings = {
            "domain": "example.org",
            "sender": {"name": "Tracker"},
            "public_url": self.url,
            "http": {"listen": f"127.0.0.1:{port}"},
            "smtp": {"port": smtp, "allow_loopback": True},
            "watching": {"window": "0s", "busy_window": "0s"},
            **settings}
        self.mail = Installation.new(program, folder / "mail", {
            name: value for name, value in settings.items() if value is not None})

    def letters(self):
        """What was taken by the exchanger, in the order of its coming."""
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                for path in sorted(self.taken.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)]

    def letter_to(self, name, count=1):
        """The count-th mail to somebody, once it has come."""
        def find():
            found = [one for one in self.letters() if address(name) in str(one["To"])]
            return found[count - 1] if len(found) >= count else None
        return processes.until(find, f"mail {count} to {name} has come")

    def tell(self, topic="issue/12", kind="commented", **fields):
        """Takes an event in, and gives its id."""
        words = [word for name, value in fields.items() for word in (f"--{name}", value)]
        return self.mail.need("event", topic, kind, *words)["event"]

    def ask(self, method, url, body=None, **fields):
        """Status, fields and text of an answer; `url` is absolute or a path."""
        path = urllib.parse.urlsplit(url)
        target = path.path + (f"?{path.query}" if path.query else "")
        fields = {name.replace("_", "-"): value for name, value in fields.items()}
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
            fields.setdefault("Content-Type", "application/x-www-form-urlencoded")
        with contextlib.closing(http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=processes.PATIENCE_S)) as peer:
            peer.request(method, target, body, fields)
            answer = peer.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    def need(self, method, url, body=None, **fields):
        status, _, text = self.ask(method, url, body, **fields)
        assert status == 200, f"{method} {url}: {status}: {text}"
        return text


def buttons(letter):
    """The links at the end of a mail's plain part, by the words before them."""
    text = plain(letter)
    return dict(re.findall(r"^(.+):\n  (http\S+)$", text[text.rindex("\n-- \n"):], re.M))


def plain(letter):
    return letter.get_body(("plain",)).get_content().replace("\r\n", "\n")


@contextlib.contextmanager
def corresponding(program, **settings):
    with tempfile.TemporaryDirectory(prefix="postroom-pages-") as name:
        folder = Path(name)
        (folder / "taken").mkdir()
        with exchanger.taking(program, "--folder", folder / "taken") as peer:
            made = Correspondent(program, folder, processes.free_port(), peer.port, **settings)
            with made.mail.serving():
                yield made
