#!/usr/bin/python3
"""Law 2 under `kill -9`: while thousands of mails go to an exchanger that writes down each one it
takes, the daemon is killed again and again at random moments. In the end nobody is left out, and
nobody has got more copies than the store said it was in doubt about."""

import collections
import json
import os
import random
import tempfile
import time
from pathlib import Path

import exchanger
import nameserver
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
ZONE = "kill.test"
DOMAINS = 5
MAILS = 5000
RATE = 600  # the exchanger's: so the mail lasts while the daemon dies
KILLS = 8
LIFE_S = (0.05, 1.5)  # of a daemon once it serves
SEED = int(os.environ.get("POSTROOM_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
ROW = 500
DOUBT, DELIVERED = 3, 10  # states of a delivery


def settings(resolver, port):
    return {
        "domain": "example.org",
        "resolver": {"address": resolver},
        "smtp": {"port": port, "allow_loopback": True},
        "delivery": {"site_connections": 20, "retry_jitter": 0},
        "streams": {"notices": {"retry": ["1s"]}},
        "watching": {"window": "0s"},
    }


def records():
    for i in range(DOMAINS):
        yield f"d{i} MX 10 mx{i}"
        yield f"mx{i} A 127.0.0.1"


def rows():
    """People by some rows of the inbox, then the event."""
    for first in range(0, MAILS, ROW):
        numbers = range(first, first + ROW)
        yield {
            "topic": "issue/1",
            "kind": "joined",
            "silent": True,
            "people": [{"key": f"p{i}", "address": f"p{i}@d{i % DOMAINS}.{ZONE}"} for i in numbers],
            "watch": [{"person": f"p{i}", "topic": "issue/1"} for i in numbers],
        }
    yield {"topic": "issue/1", "kind": "commented", "text": "It does not close."}


def live_and_die(installation, moments):
    with installation.started() as daemon:
        time.sleep(moments.uniform(*LIFE_S))
        daemon.kill()
        daemon.wait()


def delivered(installation):
    return installation.value("SELECT count(*) FROM delivery_state WHERE state = ?", DELIVERED)


def copies(journal):
    """How many mails each recipient got."""
    lines = map(json.loads, journal.read_text().splitlines())
    return collections.Counter(to for line in lines if line["event"] == "taken"
                               for to in line["to"])


def check(installation, got):
    doubts = dict(installation.rows(
        "SELECT d.address, count(*) FROM attempt a JOIN delivery d ON d.id = a.delivery "
        "WHERE a.outcome = ? GROUP BY d.address", DOUBT))
    twice = {address: n - 1 for address, n in got.items() if n > 1}
    print(f"# {sum(twice.values())} mails came twice, {sum(doubts.values())} were in doubt")
    assert len(got) == MAILS, f"{MAILS - len(got)} people are left out"
    unknown = {address: n for address, n in twice.items() if n > doubts.get(address, 0)}
    assert not unknown, f"more copies than doubts: {unknown}"
    changed = installation.rows("SELECT delivery FROM intent GROUP BY delivery "
                                "HAVING count(DISTINCT digest) > 1")
    assert not changed, f"the second copy differs from the first: {changed}"


@tap.case
def nothing_is_lost_and_nothing_comes_twice_unknown():
    moments = random.Random(SEED)
    print(f"# POSTROOM_SEED={SEED}")
    with tempfile.TemporaryDirectory(prefix="postroom-kill-") as name:
        folder = Path(name)
        journal = folder / "journal"
        options = ["--journal", str(journal), "--rate", str(RATE)]
        with exchanger.taking(PROGRAM, *options) as sink, nameserver.serving(
            folder / "names", ZONE, records()
        ) as resolver:
            installation = Installation.new(PROGRAM, folder / "mail", settings(resolver, sink.port))
            installation.insert(*rows())
            for _ in range(KILLS):
                live_and_die(installation, moments)
            before = delivered(installation)
            with installation.serving():
                processes.until(lambda: delivered(installation) == MAILS, "all is delivered",
                                patience_s=120, every_s=0.2)
            sink.end()
        assert before < MAILS, "the mail was over before the last kill"
        check(installation, copies(journal))


tap.run()
