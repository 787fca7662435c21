"""script/bench stuck-site: what a site that hangs, with much waiting for it, costs the others."""

import contextlib
import socket
import threading

import exchanger
import processes
import town
from installation import Installation
from measure import Meter

COLUMNS = (
    ("what", "what", "s", -34),
    ("mails", "mails", ",d", 9),
    ("seconds", "s", ".1f", 6),
    ("rate", "mails/s", ",d", 8),
    ("cpu", "CPU s/1000", ".4f", 10),
    ("waiting", "stuck", ",d", 8),
    ("open", "held open", "d", 9),
    ("others", "others", ".2f", 6),
)
STUCK = {"key": "project/stuck", "kind": "project", "title": "Project Stuck"}
KEPT = 0.9  # of the rate, at least


def add_arguments(parser):
    parser.add_argument("--domains", type=int, default=1000, help="healthy sites")
    parser.add_argument("--people", type=int, default=100000, help="at them, and at the stuck one")
    parser.add_argument("--seconds", type=float, default=30, help="of each leg, at least")
    parser.add_argument("--size", type=int, default=4096, help="octets of a mail, about")
    parser.add_argument("--connections", type=int, default=50, help="to a site, at most")
    parser.add_argument("--connections-most", type=int, default=1000, help="in all, at most")


class Hanging:
    """Greets and answers EHLO, MAIL and RCPT, then says nothing any more."""

    GREETING = b"220 stuck.bench.example ESMTP\r\n"

    def __init__(self, address, port):
        self._listener = socket.create_server((address, port), backlog=1024)
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError):
            connection.sendall(self.GREETING)
            for line in connection.makefile("rb"):
                word = line[:4].upper()
                if word == b"DATA":
                    return  # it stays open, and silent
                connection.sendall(b"250 stuck.bench.example\r\n")

    def held(self):
        return len(self._open)

    def close(self):
        self._listener.close()
        for connection in self._open:
            connection.close()


def _watch_the_stuck(installation, people, domain):
    """As many people at one more domain watch a project of their own."""
    rows = []
    for first in range(0, people, town.PEOPLE_A_ROW):
        numbers = range(first, min(first + town.PEOPLE_A_ROW, people))
        rows.append({
            "topic": STUCK, "kind": "joined", "silent": True,
            "people": [{"key": f"s{i}", "address": f"s{i}@{domain}", "name": f"Stuck {i}"}
                       for i in numbers],
            "watch": [{"person": f"s{i}", "topic": STUCK["key"]} for i in numbers],
        })
    before = installation.value("SELECT count(*) FROM watch")
    with installation.serving():
        installation.insert(*rows)
        processes.until(lambda: installation.value("SELECT count(*) FROM watch") == before + people,
                        "the others watch theirs", patience_s=600, every_s=0.2)


def _waiting(installation, domain):
    return installation.value(
        "SELECT coalesce(sum(waiting), 0) FROM lane WHERE stream = 3 AND domain = ?", domain)


def _healthy_done(installation, domain):
    """Delivered to all but the stuck domain."""
    return (installation.value("SELECT coalesce(sum(n), 0) FROM counter WHERE scope = 'all' AND"
                               " state = 'delivered'")
            - installation.value("SELECT coalesce(sum(n), 0) FROM counter WHERE scope = 'domain'"
                                 " AND key = ? AND state = 'delivered'", domain))


def _leg(options, home, resolver, stuck_domain, is_stuck):
    """One leg on a copy of `home`: what was measured, and how the stuck site stood."""
    domains = options.domains
    addresses = town.addresses(domains + 1)
    with contextlib.ExitStack() as stack:
        installation = stack.enter_context(town.copied(home, options.folder / "leg"))
        sink = stack.enter_context(exchanger.taking(options.program, addresses=addresses[:domains]))
        hanging = Hanging(addresses[domains], sink.port)
        stack.callback(hanging.close)
        installation.configure(town.settings(options, resolver, sink.port))
        daemon = stack.enter_context(installation.serving())
        if is_stuck:
            event = town.event(1, options.size)
            event["topic"] = {"key": "issue/stuck", "kind": "issue", "parents": [STUCK["key"]]}
            installation.insert(event)
            processes.until(lambda: _waiting(installation, stuck_domain) == options.people,
                            "mail waits for the stuck site", patience_s=600, every_s=0.2)
            processes.until(lambda: hanging.held() > 0, "it has connections", patience_s=60)
        meter = Meter({"sender": daemon.pid})
        sent = 0
        done = 0
        while meter.elapsed() < options.seconds or done < sent:
            done = _healthy_done(installation, stuck_domain)
            if meter.elapsed() < options.seconds and sent - done < options.people / 2:
                sent += options.people
                installation.insert(town.event(1 + sent // options.people, options.size))
            threading.Event().wait(0.1)
        measured = meter.read(done)
        row = {"waiting": _waiting(installation, stuck_domain), "open": hanging.held()}
        hanging.close()  # so that the daemon need not wait for the dialogues that hang
        return measured, row


def run(options, table):
    options.window = "0s"
    stuck_domain = f"d{options.domains}.{town.ZONE}"
    home = Installation.new(options.program, options.folder / "town", town.settings(options))
    town.populate(home, options.people, options.domains)
    _watch_the_stuck(home, options.people, stuck_domain)
    rates = {}
    with town.serving_names(options.folder / "names", options.domains + 1) as resolver:
        for what, is_stuck in (("healthy sites alone", False), ("beside a stuck one", True),
                               ("healthy sites alone, again", False)):
            measured, row = _leg(options, home, resolver, stuck_domain, is_stuck)
            rates[what] = measured.rate
            table.tell({"what": what, "mails": measured.mails,
                        "seconds": round(measured.seconds, 2), "rate": round(measured.rate),
                        "cpu": round(measured.per_1000("sender"), 4),
                        "others": round(measured.others, 2), **row})
    alone = (rates["healthy sites alone"] + rates["healthy sites alone, again"]) / 2
    kept = round(rates["beside a stuck one"] / alone, 3)
    table.judge("rate kept beside a stuck site", kept, KEPT, kept >= KEPT)
