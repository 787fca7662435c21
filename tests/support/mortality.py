"""Mail that goes out while its daemon is killed or stopped again and again: what must hold in the
end, whatever the moments were. Law 2: nobody is left out, and nobody has got more copies than the
store says it was in doubt about."""

import collections
import contextlib
import json
import time

import exchanger
import nameserver
import processes
from installation import Installation

ZONE = "mortal.test"
ROW = 500
DOUBT, HELD, DELIVERED = 3, 4, 10  # states of a delivery
PATIENCE_S = 300


def _settings(resolver, port):
    return {
        "domain": "example.org",
        "resolver": {"address": resolver},
        "smtp": {"port": port, "allow_loopback": True},
        "delivery": {"site_connections": 20, "retry_jitter": 0},
        "streams": {"notices": {"retry": ["1s"]}},
        "watching": {"window": "0s"},
    }


def _records(domains):
    for i in range(domains):
        yield f"d{i} MX 10 mx{i}"
        yield f"mx{i} A 127.0.0.1"


def _rows(mails, domains):
    """People by some rows of the inbox, then the event."""
    for first in range(0, mails, ROW):
        numbers = range(first, min(first + ROW, mails))
        yield {
            "topic": "issue/1",
            "kind": "joined",
            "silent": True,
            "people": [{"key": f"p{i}", "address": f"p{i}@d{i % domains}.{ZONE}"} for i in numbers],
            "watch": [{"person": f"p{i}", "topic": "issue/1"} for i in numbers],
        }
    yield {"topic": "issue/1", "kind": "commented", "text": "It does not close."}


class Mailing:
    """So many mails on their way to an exchanger that writes down each one it takes."""

    def __init__(self, installation, journal, mails):
        self.installation = installation
        self.journal = journal
        self.mails = mails

    def live(self, seconds, end, into_mail=True):
        """The daemon serves until `seconds` after its first mail, or after its start when not
        `into_mail`; then `end` is done to it. Gives its exit code."""
        with self.installation.started() as daemon:
            before = self.written()
            if into_mail:
                processes.until(lambda: self.written() > before, "a mail is on its way",
                                patience_s=PATIENCE_S)
            time.sleep(seconds)
            end(daemon)
            return daemon.wait(processes.PATIENCE_S)

    def written(self):
        """Octets of the exchanger's journal: they grow with each mail."""
        return self.journal.stat().st_size if self.journal.exists() else 0

    def delivered(self):
        return self.installation.value("SELECT count(*) FROM delivery_state WHERE state = ?",
                                       DELIVERED)

    def finish(self):
        """The daemon lives until all is delivered; who was in doubt three times is held, and an
        operator has it sent once more."""
        with self.installation.serving():
            processes.until(self._is_all_delivered, "all is delivered", patience_s=PATIENCE_S,
                            every_s=0.5)

    def _is_all_delivered(self):
        held = self.installation.rows(
            "SELECT delivery FROM delivery_state WHERE state = ? LIMIT 100", HELD)
        if held:
            self.installation.need("queue", "resolve", *(str(one) for (one,) in held), "resend")
        return self.delivered() == self.mails

    def copies(self):
        """How many mails each recipient got."""
        with open(self.journal, encoding="utf-8") as lines:
            taken = (line for line in map(json.loads, lines) if line["event"] == "taken")
            return collections.Counter(to for line in taken for to in line["to"])

    def check(self):
        """Gives (mails that came twice, mails that were in doubt). The doubt after which a mail is
        held stands in its attempt as that."""
        got = self.copies()
        doubts = dict(self.installation.rows(
            "SELECT d.address, count(*) FROM attempt a JOIN delivery d ON d.id = a.delivery "
            "WHERE a.outcome IN (?, ?) GROUP BY d.address", DOUBT, HELD))
        twice = {address: n - 1 for address, n in got.items() if n > 1}
        assert len(got) == self.mails, f"{self.mails - len(got)} people are left out"
        unknown = {address: n for address, n in twice.items() if n > doubts.get(address, 0)}
        assert not unknown, f"more copies than doubts: {unknown}"
        changed = self.installation.rows("SELECT delivery FROM intent GROUP BY delivery "
                                         "HAVING count(DISTINCT digest) > 1")
        assert not changed, f"the second copy differs from the first: {changed}"
        return sum(twice.values()), sum(doubts.values())


@contextlib.contextmanager
def mailing(program, folder, mails, domains, rate):
    """`rate` is the exchanger's, so that the mail lasts while the daemon dies."""
    journal = folder / "journal"
    options = ["--journal", str(journal), "--rate", str(rate)]
    with exchanger.taking(program, *options) as sink, nameserver.serving(
        folder / "names", ZONE, _records(domains)
    ) as resolver:
        made = Installation.new(program, folder / "mail", _settings(resolver, sink.port))
        made.insert(*_rows(mails, domains))
        yield Mailing(made, journal, mails)
