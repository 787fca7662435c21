"""What sending costs that does nothing but send: the floor, and the check that it is one."""

import contextlib
import os
import resource
import sqlite3
import subprocess

import exchanger
from measure import Meter

HEADROOM = 1.1  # a second run is often a little faster
BATCH = 1000  # rows between two syncs


def _children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(words, mails, sink):
    """A program that sends so many mails, from its start to its end."""
    cpu = _children_cpu()
    meter = Meter({"sink": sink.process.pid})
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return meter.read(mails, ended={"sender": _children_cpu() - cpu})


def _long_enough(options, words_for, sink):
    """Runs a sender with so many mails that it takes the seconds wanted."""
    mails = max(options.people // 5, 1)
    measured = _run(words_for(mails), mails, sink)
    while measured.seconds < options.seconds:
        mails = int(measured.rate * options.seconds * HEADROOM) + 1
        measured = _run(words_for(mails), mails, sink)
    return measured


def blaster(options, addresses, connections):
    """tools/mailblast into a sink of its own, one target an address."""
    with exchanger.taking(options.program, addresses=addresses) as sink:
        def words(mails):
            return [options.mailblast, "--to", f"{addresses[0]}:{sink.port}",
                    "--targets", str(len(addresses)), "--connections", str(connections),
                    "--mails", str(mails), "--size", str(options.size)]

        return _long_enough(options, words, sink)


def smtp_source(options, address, connections):
    """Postfix's smtp-source over kept connections into a sink of its own."""
    with exchanger.taking(options.program, addresses=[address]) as sink:
        def words(mails):
            return ["smtp-source", "-d", "-s", str(connections), "-m", str(mails),
                    "-l", str(options.size), "-f", "source@bench.example",
                    "-t", "person@d0.bench.example", f"{address}:{sink.port}"]

        return _long_enough(options, words, sink)


def bare_rows(path, rows):
    """The least that a store can do for a mail: a row of it, and what became of it, synced a
    thousand at a time."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as store:
        store.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                            "CREATE TABLE mail (id INTEGER PRIMARY KEY, person INTEGER,"
                            " address TEXT, message_id TEXT, state INTEGER);")
        meter = Meter({"sender": os.getpid()})
        for first in range(0, rows, BATCH):
            numbers = range(first, min(first + BATCH, rows))
            store.execute("BEGIN")
            store.executemany(
                "INSERT INTO mail (person, address, message_id, state) VALUES (?, ?, ?, 0)",
                [(i, f"p{i}@d0.bench.example", f"{i}.mail@bench.example") for i in numbers])
            store.execute("COMMIT")
            store.execute("BEGIN")
            store.executemany("UPDATE mail SET state = 1 WHERE id = ?",
                              [(i + 1,) for i in numbers])
            store.execute("COMMIT")
        return meter.read(rows)


def signature_cost(seconds):
    """CPU seconds of 1,000 bare RSA-2048 signatures, by openssl itself on one core."""
    done = subprocess.run(["openssl", "speed", "-mr", "-seconds", str(max(int(seconds), 1)),
                           "rsa2048"], check=True, capture_output=True, text=True)
    # +F2:number:bits:signatures a second:verifications a second
    line = next(line for line in done.stdout.splitlines() if line.startswith("+F2"))
    return 1000 / float(line.split(":")[3])
