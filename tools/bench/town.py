"""A town to send to: domains with an exchanger address each, their nameserver, and an installation
whose people live there and watch one project."""

import contextlib
import shutil
import time

import nameserver
import processes
from installation import Installation

ZONE = "bench.example"
KIND = "commented"  # of what all are told; its mail goes behind urgent mail and notices
PROJECT = {"key": "project/x", "kind": "project", "title": "Project X"}
PEOPLE_A_ROW = 500
REST_OCTETS = 3370  # of a mail whose event has no text; the text is in it twice
SENTENCE = "The door of the east wing does not close when it rains, whoever pushes. "


def addresses(domains):
    """Loopback addresses from 127.1.0.1 on, one a domain."""
    return [f"127.1.{i // 256}.{i % 256}" for i in range(1, domains + 1)]


def records(domains):
    for i, address in enumerate(addresses(domains)):
        yield f"d{i} MX 10 mx{i}"
        yield f"mx{i} A {address}"


def serving_names(folder, domains):
    """The nameserver of the town; yields what resolver.address is set to."""
    return nameserver.serving(folder, ZONE, records(domains))


def settings(options, resolver="127.0.0.1@53", port=25, signed=False):
    """Of an installation that sends to the town."""
    return {
        "domain": ZONE,
        "hostname": f"mail.{ZONE}",
        "resolver": {"address": resolver},
        "smtp": {"port": port, "allow_loopback": True},
        "delivery": {
            "connections": options.connections_most,
            "site_connections": options.connections,
            "connection_messages": 100000,
        },
        "watching": {"window": options.window},
        **({"dkim": {"key_file": "dkim.pem"}} if signed else {}),
    }


def _watch_project(_number):
    """What a person watches unless the benchmark says otherwise."""
    return [{"topic": PROJECT["key"]}]


def _arrival(numbers, domains, watches):
    """One row of an inbox: these people come to town and watch what they watch."""
    return {
        "topic": PROJECT,
        "kind": "joined",
        "silent": True,
        "people": [{"key": f"p{i}", "address": f"p{i}@d{i % domains}.{ZONE}",
                    "name": f"Person {i}"} for i in numbers],
        "watch": [{"person": f"p{i}", **watch} for i in numbers for watch in watches(i)],
    }


def populate(installation, people, domains, watches=_watch_project):
    """People come in by rows of the inbox, as from any application; gives seconds it took.
    `watches` gives the watches of a person by number."""
    rows = [_arrival(range(first, min(first + PEOPLE_A_ROW, people)), domains, watches)
            for first in range(0, people, PEOPLE_A_ROW)]
    count = sum(len(row["watch"]) for row in rows)
    with installation.serving():
        installation.need("kind", "add", KIND, "--stream", "mailouts")
        begin = time.monotonic()
        installation.insert(*rows)
        processes.until(
            lambda: installation.value("SELECT count(*) FROM watch") == count,
            "all people watch the project", patience_s=600, every_s=0.2)
        return time.monotonic() - begin


def event(number, octets, **more):
    """Something happens to an issue of the project; its mail has about so many octets."""
    octets = max((octets - REST_OCTETS) // 2, 100)
    text = f"Case {number}. " + SENTENCE * (octets // len(SENTENCE) + 1)
    return {
        "topic": {"key": f"issue/{number}", "kind": "issue", "title": f"Case {number}",
                  "parents": [PROJECT["key"]]},
        "kind": KIND,
        "text": text[:octets],
        **more,
    }


@contextlib.contextmanager
def copied(installation, folder):
    """The installation once more, in another folder, for as long as the block runs."""
    shutil.copytree(installation.folder, folder)
    try:
        yield Installation(installation.program, folder)
    finally:
        shutil.rmtree(folder)
